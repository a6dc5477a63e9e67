import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { conditions } from "./conditions.ts";
import { json, type Operation } from "./operation.ts";

/**
 * `put`: the request's body becomes the object, streamed where its length is declared; 200 with
 * what was stored, 412 where `If-Match` or `If-None-Match` does not hold.
 */
export async function storeObject(bucket: R2Bucket, operation: Operation): Promise<Response> {
  const { call, args } = operation;
  const key = args.required("key");
  const onlyIf = conditions(call.request.headers);
  if (typeof onlyIf === "string") {
    throw new GatewayError(
      "BAD_REQUEST_PARAMETERS",
      "service.parameter",
      `the header ${onlyIf} has no entity tags`,
      {
        message: `Invalid request parameters: [${onlyIf}]`,
      },
    );
  }
  const stored = await put(bucket, operation, key, {
    httpMetadata: httpMetadata(operation),
    customMetadata: texts(args.value("customMetadata")),
    ...(onlyIf && { onlyIf }),
  });
  if (stored === null) {
    throw new GatewayError(
      "DEFAULT_4XX",
      "service.conflict",
      `${call.route.key}: the object is another version`,
      {
        status: 412,
        message: "Precondition Failed",
        errorType: "PreconditionFailedException",
      },
    );
  }
  const { size, etag, httpEtag, uploaded } = stored;
  return json({ key, size, etag, uploaded }, 200, { etag: httpEtag });
}

async function put(
  bucket: R2Bucket,
  operation: Operation,
  key: string,
  options: R2PutOptions,
): Promise<R2Object | null> {
  const body = await objectBody(operation);
  try {
    return await bucket.put(key, body, options);
  } catch (error) {
    // MetadataTooLarge (developers.cloudflare.com/r2/api/error-codes): 8,192 bytes in all.
    if (error instanceof Error && /\b10012\b/.test(error.message)) {
      throw operation.args.invalid("customMetadata", "an object's metadata is at most 8,192 bytes");
    }
    throw error;
  }
}

/** A bucket takes a stream whose length the engine knows; any other is read first. */
async function objectBody({ call, args }: Operation): Promise<ReadableStream | Uint8Array> {
  const { body, headers } = call.request;
  const declared = headers.get("content-length");
  if (args.body.wasRead || body === null || declared === null) return args.body.bytes();
  return body;
}

/** Names of R2HTTPMetadata, and the request's headers that say the same of its body. */
const FROM_REQUEST = [
  ["contentType", "content-type"],
  ["contentEncoding", "content-encoding"],
  ["contentLanguage", "content-language"],
] as const;

function httpMetadata({ call, args }: Operation): R2HTTPMetadata {
  const sent = FROM_REQUEST.flatMap(([name, header]) => {
    const value = call.request.headers.get(header);
    return value === null ? [] : [[name, value] as const];
  });
  const metadata = { ...Object.fromEntries(sent), ...texts(args.value("httpMetadata")) };
  // What is stored here is a header of every answer.
  const broken = Object.keys(metadata).find((name) => /[\0-\x08\x0a-\x1f\x7f]/.test(metadata[name] ?? ""));
  if (broken !== undefined)
    throw args.invalid("httpMetadata", `${broken} has characters that no header can have`);
  return metadata;
}

function texts(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}
