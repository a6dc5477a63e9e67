import { PAYLOAD_LIMIT, readBody } from "../../body.ts";
import type { Call } from "../../call.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";

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

  /** @throws GatewayError BAD_REQUEST_BODY for a body that is no JSON */
  async json(): Promise<unknown> {
    const text = await this.text();
    try {
      const value: unknown = JSON.parse(text);
      return value;
    } catch {
      // What the parser says quotes the body.
      throw new GatewayError(
        "BAD_REQUEST_BODY",
        "service.body",
        `${this.#call.route.key} takes a body of JSON, and this one is none`,
      );
    }
  }
}
