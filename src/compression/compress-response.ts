import { chosenCoding } from "./content-coding.ts";
import { deflated } from "./deflated.ts";

const WITHOUT_BODY: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/** Types whose pieces must arrive as they are sent: a codec would hold them back. */
const LIVE: ReadonlySet<string> = new Set([
  "text/event-stream",
  "application/x-ndjson",
  "application/jsonl",
  "application/grpc",
  "multipart/x-mixed-replace",
]);

/** Types that are compressed already. */
const DENSE =
  /^(?:image\/(?!svg|bmp)|audio\/|video\/|font\/woff|application\/(?:zip|gzip|x-gzip|zstd|x-7z|x-rar|x-bzip))/;

/** What is said of the bytes as they were. */
export const OF_THE_BYTES: readonly string[] = [
  ...["content-length", "accept-ranges", "content-md5", "content-digest", "repr-digest", "digest"],
];

/** Whether the response is one that some clients get compressed. */
export function isCompressible({ status, headers }: Response): boolean {
  if (WITHOUT_BODY.has(status) || status === 206) return false;
  if (headers.has("content-encoding") || headers.has("content-range")) return false;
  const [type = ""] = (headers.get("content-type") ?? "").split(";");
  const plain = type.trim().toLowerCase();
  if (LIVE.has(plain) || DENSE.test(plain)) return false;
  return !/(?:^|[\s,])no-transform(?:$|[\s,])/i.test(headers.get("cache-control") ?? "");
}

/**
 * A response on its way out, compressed for a client that can read it (aws-semantics 4). One
 * whose size is not known counts as large enough.
 *
 * @param response its headers are changed
 * @param minimum in bytes; smaller ones stay as they are
 */
export function compressResponse(request: Request, response: Response, minimum: number): Response {
  const { headers, body, status } = response;
  if (status === 304) weakenValidator(request, headers);
  if (!isCompressible(response) || (body === null && request.method !== "HEAD")) return response;
  if (sizeOf(headers) < minimum) return response;
  varyByEncoding(headers);
  const coding = chosenCoding(request.headers.get("accept-encoding"));
  if (coding === undefined || body === null) return response;
  for (const name of OF_THE_BYTES) headers.delete(name);
  weaken(headers);
  headers.set("content-encoding", coding);
  // The engine compresses a body whose headers say gzip, at its reader's pace; it knows no deflate.
  if (coding === "gzip") return response;
  return new Response(deflated(body), {
    status,
    statusText: response.statusText,
    headers,
    encodeBody: "manual",
  });
}

/** In bytes; REST APIs hand an origin's length on under another name (aws-semantics 5). */
function sizeOf(headers: Headers): number {
  const length = headers.get("content-length") ?? headers.get("x-amzn-remapped-content-length");
  return length === null ? Number.POSITIVE_INFINITY : Number(length);
}

/** A client that holds a compressed response knows it by the weak form (RFC 9110 section 15.4.5). */
function weakenValidator(request: Request, headers: Headers): void {
  const etag = headers.get("etag");
  if (etag === null || etag.startsWith("W/")) return;
  if (!(request.headers.get("if-none-match") ?? "").includes(`W/${etag}`)) return;
  weaken(headers);
  varyByEncoding(headers);
}

/** Two codings of the same are not the same bytes (RFC 9110 section 8.8.1). */
function weaken(headers: Headers): void {
  const etag = headers.get("etag");
  if (etag !== null && !etag.startsWith("W/")) headers.set("etag", `W/${etag}`);
}

function varyByEncoding(headers: Headers): void {
  const names = (headers.get("vary") ?? "").split(",").map((name) => name.trim().toLowerCase());
  if (!names.includes("*") && !names.includes("accept-encoding")) headers.append("vary", "Accept-Encoding");
}
