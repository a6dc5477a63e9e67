import { PAYLOAD_LIMIT, readBody } from "../../body.ts";
import type { Call } from "../../call.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { BODY_LIMITS, type JsonFault, jsonFault } from "../../lib/json/json-fault.ts";

const WHY: Readonly<Record<JsonFault["kind"], string>> = {
  syntax: "it is none",
  duplicate_key: "a member is there twice",
  too_deep: "it is nested too deep",
  too_many: "it has too many values",
};

/** A request's body, read once however many ask for it; a body that nobody asks for streams on. */
export class RequestBody {
  readonly #call: Call;
  #bytes: Promise<Uint8Array> | undefined;

  constructor(call: Call) {
    this.#call = call;
  }

  get wasRead(): boolean {
    return this.#bytes !== undefined || this.#call.bufferedBody !== undefined;
  }

  /** @throws GatewayError REQUEST_TOO_LARGE */
  bytes(): Promise<Uint8Array> {
    const call = this.#call;
    this.#bytes ??= readBody(call, call.stage.settings.limits.bodyBytes ?? PAYLOAD_LIMIT);
    return this.#bytes;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  /** @throws GatewayError BAD_REQUEST_BODY for a body that is no JSON, or more than is taken */
  async json(): Promise<unknown> {
    const text = await this.text();
    const fault = jsonFault(text, BODY_LIMITS);
    // The fault's detail may quote the body.
    if (fault) throw this.refused(WHY[fault.kind]);
    return JSON.parse(text);
  }

  /** 400 for a body that is no JSON, where JSON is wanted. */
  refused(why: string): GatewayError {
    return new GatewayError(
      "BAD_REQUEST_BODY",
      "service.body",
      `${this.#call.route.key} takes a body of JSON, and this one will not do: ${why}`,
    );
  }
}
