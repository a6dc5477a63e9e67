import { tooLarge } from "../../body.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { byteLength, hasMethods, json, type Operation } from "./operation.ts";

/** The platform's limits: bytes of a message, messages of a batch, bytes of a batch. */
const MESSAGE_LIMIT = 128_000;
const BATCH_LIMIT = 100;
const BATCH_BYTES = 256_000;

export function queue(binding: unknown, operation: Operation): Promise<Response> | undefined {
  if (!isQueue(binding)) return undefined;
  return operation.name === "send" ? send(binding, operation) : sendBatch(binding, operation);
}

function isQueue(binding: unknown): binding is Queue {
  return hasMethods(binding, "send", "sendBatch");
}

/** `send`: 202 when the queue has the message. */
async function send(binding: Queue, operation: Operation): Promise<Response> {
  const { args } = operation;
  const contentType = args.text("contentType") ?? "json";
  const delay = delayOf(operation);
  if (contentType === "bytes") {
    const bytes = await args.body.bytes();
    checkSize(operation, bytes.byteLength);
    await binding.send(bytes, { contentType, ...delay });
  } else if (contentType === "text") {
    const text = args.isBody("body") ? await args.body.text() : args.asText("body");
    if (text === undefined) throw args.missing("body");
    checkSize(operation, byteLength(text));
    await binding.send(text, { contentType, ...delay });
  } else {
    if (args.isBody("body")) checkSize(operation, (await args.body.bytes()).byteLength);
    const body = args.isBody("body") ? await args.body.json() : args.value("body");
    if (body === undefined) throw args.missing("body");
    checkSize(operation, byteLength(JSON.stringify(body)));
    await binding.send(body, { contentType: "json", ...delay });
  }
  return json({ accepted: 1 }, 202);
}

/** `sendBatch`: 202 when the queue has all of the messages. */
async function sendBatch(binding: Queue, operation: Operation): Promise<Response> {
  const { args } = operation;
  const contentType = args.text("contentType") === "text" ? "text" : "json";
  const bodies = args.isBody("messages") ? await args.body.json() : args.value("messages");
  if (bodies === undefined) throw args.missing("messages");
  if (!isList(bodies) || bodies.length === 0 || bodies.length > BATCH_LIMIT) {
    throw badBatch(operation, `a batch is a list of 1 to ${BATCH_LIMIT} messages`);
  }
  let size = 0;
  const messages = bodies.map((body) => {
    const text = contentType === "text" ? asText(body) : undefined;
    const bytes = byteLength(text ?? JSON.stringify(body));
    checkSize(operation, bytes);
    size += bytes;
    return { body: text ?? body, contentType } as const;
  });
  checkSize(operation, size, BATCH_BYTES);
  await binding.sendBatch(messages, delayOf(operation));
  return json({ accepted: messages.length }, 202);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function delayOf({ args }: Operation): { readonly delaySeconds?: number } {
  const delaySeconds = args.integer("delaySeconds");
  return delaySeconds === undefined ? {} : { delaySeconds };
}

function checkSize({ call }: Operation, bytes: number, limit = MESSAGE_LIMIT): void {
  if (bytes <= limit) return;
  const what = limit === MESSAGE_LIMIT ? "message" : "batch";
  const detail = `a ${what} of ${call.route.key} has ${bytes} bytes, and a queue takes ${limit}`;
  throw tooLarge(call.stage.settings.protocol, limit, detail);
}

function badBatch({ call, args }: Operation, why: string): GatewayError {
  if (!args.isBody("messages")) return args.invalid("messages", why);
  return new GatewayError(
    "BAD_REQUEST_BODY",
    "service.body",
    `the body of ${call.route.key} will not do: ${why}`,
  );
}
