import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import {
  type ByteRange,
  byteRange,
  conditions,
  contentRange,
  failedCondition,
  isSatisfiable,
} from "./conditions.ts";
import { hasMethods, json, noContent, notFound, type Operation } from "./operation.ts";
import { storeObject } from "./r2-put.ts";

export function r2(binding: unknown, operation: Operation): Promise<Response> | undefined {
  if (!isBucket(binding)) return undefined;
  switch (operation.name) {
    case "get":
      return operation.call.method === "HEAD" ? head(binding, operation) : get(binding, operation);
    case "head":
      return head(binding, operation);
    case "put":
      return storeObject(binding, operation);
    case "delete":
      return remove(binding, operation);
    default:
      return list(binding, operation);
  }
}

function isBucket(binding: unknown): binding is R2Bucket {
  return hasMethods(binding, "get", "put", "head", "createMultipartUpload");
}

/** `get`: the object, streamed: 200 or 206, or 304, 404, 412, 416. */
async function get(bucket: R2Bucket, operation: Operation): Promise<Response> {
  const { call, args } = operation;
  const key = args.required("key");
  const onlyIf = conditionsOf(operation);
  const range = await wantedRange(bucket, key, call.request.headers);
  const object = await getRange(bucket, key, onlyIf, range);
  if (object === null) throw notFound(operation, "object");
  if (object === "unsatisfiable") return unsatisfiable(bucket, operation, key);
  if (!("body" in object)) {
    const status = failedCondition(onlyIf ?? new Headers(), object);
    return new Response(null, { status, headers: objectHeaders(object) });
  }
  const headers = objectHeaders(object);
  if (!range) return new Response(object.body, { headers });
  if (!isSatisfiable(range, object.size)) {
    await object.body.cancel();
    return unsatisfiable(bucket, operation, key);
  }
  headers.set("content-range", contentRange(range, object.size).text);
  return new Response(object.body, { status: 206, headers });
}

type Got = R2ObjectBody | R2Object | null | "unsatisfiable";

async function getRange(
  bucket: R2Bucket,
  key: string,
  onlyIf: Headers | undefined,
  range: ByteRange | undefined,
): Promise<Got> {
  try {
    return await bucket.get(key, { ...(onlyIf && { onlyIf }), ...(range && { range }) });
  } catch (error) {
    // InvalidRange (developers.cloudflare.com/r2/api/error-codes).
    if (range && error instanceof Error && /\b10039\b/.test(error.message)) return "unsatisfiable";
    throw error;
  }
}

/** A range whose `If-Range` names another version of the object is none (RFC 9110 section 13.1.5). */
async function wantedRange(bucket: R2Bucket, key: string, headers: Headers): Promise<ByteRange | undefined> {
  const range = byteRange(headers.get("range"));
  const version = headers.get("if-range");
  if (!range || version === null) return range;
  return (await bucket.head(key))?.httpEtag === version.trim() ? range : undefined;
}

async function unsatisfiable(bucket: R2Bucket, operation: Operation, key: string): Promise<Response> {
  const object = await bucket.head(key);
  if (object === null) throw notFound(operation, "object");
  return new Response(null, { status: 416, headers: { "content-range": `bytes */${object.size}` } });
}

/** `head`: an object's description, as JSON; to a HEAD request as headers alone. */
async function head(bucket: R2Bucket, operation: Operation): Promise<Response> {
  const object = await bucket.head(operation.args.required("key"));
  if (object === null) throw notFound(operation, "object");
  if (operation.call.method === "HEAD") {
    const headers = objectHeaders(object);
    headers.set("content-length", String(object.size));
    return new Response(null, { headers });
  }
  return json(describe(object), 200, { etag: object.httpEtag });
}

async function remove(bucket: R2Bucket, { args }: Operation): Promise<Response> {
  await bucket.delete(args.required("key"));
  return noContent();
}

async function list(bucket: R2Bucket, { args }: Operation): Promise<Response> {
  const [limit, prefix, cursor] = [args.integer("limit"), args.text("prefix"), args.text("cursor")];
  const [delimiter, startAfter] = [args.text("delimiter"), args.text("startAfter")];
  const found = await bucket.list({
    ...(limit !== undefined && { limit }),
    ...(prefix !== undefined && { prefix }),
    ...(cursor !== undefined && { cursor }),
    ...(delimiter !== undefined && { delimiter }),
    ...(startAfter !== undefined && { startAfter }),
  });
  return json({
    objects: found.objects.map(({ key, size, etag, uploaded }) => ({ key, size, etag, uploaded })),
    delimitedPrefixes: found.delimitedPrefixes,
    truncated: found.truncated,
    ...(found.truncated ? { cursor: found.cursor } : {}),
  });
}

function conditionsOf({ call }: Operation): Headers | undefined {
  const found = conditions(call.request.headers);
  if (typeof found !== "string") return found;
  throw new GatewayError(
    "BAD_REQUEST_PARAMETERS",
    "service.parameter",
    `the header ${found} has no entity tags`,
    {
      message: `Invalid request parameters: [${found}]`,
    },
  );
}

function objectHeaders(object: R2Object): Headers {
  const headers = new Headers();
  object.writeHttpMetadata(headers);
  if (!headers.has("content-type")) headers.set("content-type", "application/octet-stream");
  headers.set("etag", object.httpEtag);
  headers.set("last-modified", object.uploaded.toUTCString());
  headers.set("accept-ranges", "bytes");
  return headers;
}

function describe({ key, size, etag, uploaded, httpMetadata, customMetadata }: R2Object): unknown {
  return { key, size, etag, uploaded, httpMetadata, customMetadata };
}
