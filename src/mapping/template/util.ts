import { fromBase64, toBase64 } from "../../lib/base64.ts";
import { readValues } from "../read-values.ts";
import { Host, type Item } from "../velocity/items.ts";
import type { Run } from "../velocity/run.ts";
import { textOf } from "../velocity/text.ts";

/** Characters that one character can become: `\u0000` of a character, `%F0%9F%98%80` of two. */
const MAX_GROWTH = 9;

type Function = (run: Run, text: string) => Item;

/** `$util`'s functions, by name. Each takes one text; null is the empty text. */
const FUNCTIONS: ReadonlyMap<string, Function> = new Map<string, Function>([
  ["escapeJavaScript", (_run, text) => escapeJavaScript(text)],
  ["parseJson", (run, text) => readValues(text, (values) => run.hold(values)) ?? null],
  ["urlEncode", (_run, text) => urlEncode(text)],
  ["urlDecode", urlDecode],
  ["base64Encode", (_run, text) => toBase64(new TextEncoder().encode(text))],
  ["base64Decode", base64Decode],
]);

/** `$util`. */
export class Util extends Host {
  override call(run: Run, name: string, args: readonly Item[]): Item {
    const [arg] = args;
    const body = FUNCTIONS.get(name);
    if (!body || arg === undefined || args.length > 1) return null;
    const text = arg === null ? "" : textOf(run, arg);
    run.work(text.length * MAX_GROWTH);
    const result = body(run, text);
    if (typeof result === "string") run.checkText(result.length);
    return result;
  }

  override text(): string {
    return "";
  }
}

const SHORT: ReadonlyMap<string, string> = new Map([
  ["\b", "\\b"],
  ["\n", "\\n"],
  ["\t", "\\t"],
  ["\f", "\\f"],
  ["\r", "\\r"],
  ["'", "\\'"],
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["/", "\\/"],
]);

/** As commons-lang's `StringEscapeUtils.escapeJavaScript`: quotes, `\`, `/`, controls, all beyond ASCII. */
function escapeJavaScript(text: string): string {
  return text.replace(
    /['"\\/]|[^ -~]/g,
    (character) =>
      SHORT.get(character) ??
      (character === "\x7f"
        ? character
        : `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`),
  );
}

/** As java.net.URLEncoder: of a form's bytes only letters, digits and `.-*_` stay, a space is `+`. */
function urlEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll("%20", "+")
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** As java.net.URLDecoder. */
function urlDecode(run: Run, text: string): string {
  const spaced = text.replaceAll("+", " ");
  if (/%(?![0-9A-Fa-f]{2})/.test(spaced))
    throw run.error("method", "urlDecode was given a % that encodes nothing");
  return spaced.replace(/(?:%[0-9A-Fa-f]{2})+/g, (encoded) => {
    const bytes = Uint8Array.from(encoded.slice(1).split("%"), (digits) => Number.parseInt(digits, 16));
    return new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(bytes);
  });
}

/** Either alphabet, as commons-codec: a token's parts are base64url. */
function base64Decode(run: Run, text: string): string {
  const bytes = fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
  if (!bytes) throw run.error("method", "base64Decode was given what is not base64");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw run.error("binary", "base64Decode was given bytes that are no UTF-8 text");
  }
}
