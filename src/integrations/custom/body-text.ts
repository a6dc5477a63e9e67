import { PAYLOAD_LIMIT, readBody } from "../../body.ts";
import type { Call } from "../../call.ts";
import { toText } from "./media.ts";
import type { CustomRequest } from "./request.ts";

/** A prepared request's body as text, read now if it still streams. */
export async function bodyText(call: Call, body: CustomRequest["body"]): Promise<string> {
  if (body === null) return "";
  if (typeof body === "string") return body;
  if (body instanceof Uint8Array) return toText(body);
  return toText(await readBody(call, call.stage.settings.limits.bodyBytes ?? PAYLOAD_LIMIT));
}
