import { toBase64 } from "../lib/base64.ts";

export interface EventBody {
  readonly text: string;
  readonly isBase64Encoded: boolean;
}

/** Content types whose bodies HTTP APIs hand over as text (aws-semantics 3.2, 24 rows measured). */
const TEXT_TYPES = new Set([
  "application/json",
  "application/xml",
  "application/javascript",
  "application/graphql",
]);

const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** HTTP APIs: text by content type, base64 for everything else. */
export function httpEventBody(bytes: Uint8Array, contentType: string | null): EventBody {
  const [type = "", ...parameters] = (contentType ?? "").toLowerCase().split(";");
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/.exec(parameter)?.[1])
    .find((value) => value !== undefined);
  const media = type.trim();
  const isText = media.startsWith("text/") || TEXT_TYPES.has(media);
  const isUtf8 = charset === undefined || charset === "utf-8" || charset === "utf8";
  return encode(bytes, !(isText && isUtf8));
}

/** REST APIs: base64 for what `binaryMediaTypes` names, text for everything else. */
export function restEventBody(
  bytes: Uint8Array,
  contentType: string | null,
  binaryMediaTypes: readonly string[],
): EventBody {
  const media = (contentType ?? "application/json").split(";")[0]?.trim().toLowerCase() ?? "";
  return encode(bytes, matchesMediaType(media, binaryMediaTypes));
}

function encode(bytes: Uint8Array, base64: boolean): EventBody {
  return base64
    ? { text: toBase64(bytes), isBase64Encoded: true }
    : { text: decoder.decode(bytes), isBase64Encoded: false };
}

/**
 * Whether an entry of `binaryMediaTypes` takes a media type: itself, `type/*` or `*` + `/*`;
 * an entry that starts with `*` and goes on is ignored (aws-semantics 4, recorded).
 */
export function matchesMediaType(media: string, entries: readonly string[]): boolean {
  return entries.some((entry) => {
    const pattern = entry.split(";")[0]?.trim().toLowerCase() ?? "";
    if (pattern === "*/*") return true;
    if (!pattern.endsWith("/*")) return pattern === media && !pattern.includes("*");
    return pattern === media || (!media.includes("*") && media.startsWith(pattern.slice(0, -1)));
  });
}
