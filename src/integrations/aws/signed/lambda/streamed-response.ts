import { failureStatus } from "../../../../functions/module.ts";
import { GatewayError } from "../../../../gateway-responses/gateway-error.ts";
import { appendHeader, dropFramingHeaders, isRecord, statusOf } from "../../../function/result.ts";
import type { AwsCall } from "../credentials.ts";
import { type EventMessage, EventStreamDecoder } from "./event-stream.ts";

/** The response's metadata end with so many NUL bytes, within so many bytes of the stream. */
const DELIMITER = 8;
const METADATA_LIMIT = 16 * 1024;

/**
 * The response of a function that streams: the event stream's payloads are one text, the
 * response's metadata as JSON (`{statusCode, headers, cookies}`), eight NUL bytes, then its body.
 * The body is handed on as the function writes it.
 *
 * @throws GatewayError for a function that fails before its body, or writes no metadata
 */
export async function streamedResponse(call: AwsCall, name: string, response: Response): Promise<Response> {
  const chunks = new FunctionChunks(call, name, response);
  let head = new Uint8Array();
  for (;;) {
    const chunk = await chunks.next();
    if (chunk) head = joined(head, chunk);
    const at = delimiterIn(head);
    if (at !== undefined) {
      const meta = metadata(call, name, new TextDecoder().decode(head.subarray(0, at)));
      return toResponse(meta, head.subarray(at + DELIMITER), chunks);
    }
    if (!chunk || head.byteLength > METADATA_LIMIT) {
      await chunks.cancel();
      throw badResponse(call, name, "no metadata in front of its body");
    }
  }
}

interface Metadata {
  readonly status: number;
  readonly headers: Headers;
}

async function toResponse(
  { status, headers }: Metadata,
  first: Uint8Array,
  chunks: FunctionChunks,
): Promise<Response> {
  if (status === 204 || status === 205 || status === 304) {
    await chunks.cancel();
    return new Response(null, { status, headers });
  }
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (first.byteLength > 0) controller.enqueue(first);
    },
    async pull(controller) {
      const chunk = await chunks.next();
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
    cancel: () => chunks.cancel(),
  });
  return new Response(body, { status, headers });
}

/** The bytes that a function writes, out of the messages that carry them. */
class FunctionChunks {
  readonly #call: AwsCall;
  readonly #name: string;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #decoder = new EventStreamDecoder();
  readonly #ready: EventMessage[] = [];

  constructor(call: AwsCall, name: string, response: Response) {
    this.#call = call;
    this.#name = name;
    this.#reader = response.body?.getReader();
  }

  /**
   * None at the end.
   *
   * @throws GatewayError where the function fails; the client sees its response break off
   */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const message = this.#ready.shift();
      if (message) {
        const chunk = this.#chunkOf(message);
        if (chunk) return chunk;
        continue;
      }
      if (!(await this.#more())) return undefined;
    }
  }

  /** False at the end of the stream. */
  async #more(): Promise<boolean> {
    try {
      const read = await this.#reader?.read();
      if (read?.value) this.#ready.push(...this.#decoder.push(read.value));
      else this.#decoder.end();
      return read?.value !== undefined;
    } catch (error) {
      await this.cancel();
      throw new GatewayError(
        "INTEGRATION_FAILURE",
        "integration.network",
        `the stream of the Lambda function ${this.#name} of ${this.#call.route.key} broke off or is damaged`,
        { cause: error },
      );
    }
  }

  async cancel(): Promise<void> {
    await this.#reader?.cancel().catch(() => undefined);
  }

  #chunkOf({ headers, payload }: EventMessage): Uint8Array | undefined {
    const event = headers.get(":event-type");
    if (headers.get(":message-type") === "event" && event === "PayloadChunk") {
      return payload.byteLength === 0 ? undefined : payload;
    }
    if (event === "InvokeComplete") {
      const code = errorCode(payload);
      if (code === undefined) return undefined;
      throw this.#failed(code);
    }
    throw this.#failed(headers.get(":exception-type") ?? headers.get(":error-code") ?? "an unknown event");
  }

  #failed(code: string): GatewayError {
    return new GatewayError(
      "DEFAULT_5XX",
      "function.threw",
      `the Lambda function ${this.#name} of ${this.#call.route.key} failed: ${code}`,
      failureStatus(this.#call),
    );
  }
}

/** Why a function ended; its own words (`ErrorDetails`) are for its log. */
function errorCode(payload: Uint8Array): string | undefined {
  const parsed = parse(new TextDecoder().decode(payload));
  const code = isRecord(parsed) ? parsed["ErrorCode"] : "InvokeComplete";
  return typeof code === "string" && code !== "" ? code : undefined;
}

function metadata(call: AwsCall, name: string, text: string): Metadata {
  const parsed = parse(text);
  if (!isRecord(parsed)) throw badResponse(call, name, "metadata that are no JSON object");
  const status = parsed["statusCode"] === undefined ? 200 : statusOf(parsed["statusCode"]);
  if (status === undefined) throw badResponse(call, name, "a statusCode that is none");
  const headers = new Headers();
  const append = (header: string, value: unknown): void => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    if (!appendHeader(headers, header, text))
      throw badResponse(call, name, `the header ${JSON.stringify(header)}`);
  };
  for (const [header, value] of Object.entries(record(parsed["headers"]))) append(header, value);
  for (const [header, values] of Object.entries(record(parsed["multiValueHeaders"]))) {
    for (const value of Array.isArray(values) ? values : [values]) append(header, value);
  }
  for (const cookie of Array.isArray(parsed["cookies"]) ? parsed["cookies"] : [])
    append("set-cookie", cookie);
  dropFramingHeaders(headers);
  if (!headers.has("content-type")) headers.set("content-type", "application/octet-stream");
  return { status, headers };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function badResponse(call: AwsCall, name: string, what: string): GatewayError {
  return new GatewayError(
    "DEFAULT_5XX",
    "function.bad_response",
    `the Lambda function ${name} of ${call.route.key} streamed ${what}`,
    failureStatus(call),
  );
}

/** Where the first run of NUL bytes starts that is a delimiter. */
function delimiterIn(bytes: Uint8Array): number | undefined {
  let run = 0;
  for (const [index, byte] of bytes.entries()) {
    run = byte === 0 ? run + 1 : 0;
    if (run === DELIMITER) return index - DELIMITER + 1;
  }
  return undefined;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(first.byteLength + second.byteLength);
  whole.set(first);
  whole.set(second, first.byteLength);
  return whole;
}
