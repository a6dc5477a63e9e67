import { PAYLOAD_LIMIT } from "../body.ts";
import type { Guard } from "../call.ts";
import type { Integration } from "../config/integration-schema.ts";
import type { ApiEntry } from "../config/schemas.ts";
import { compressResponse, isCompressible, OF_THE_BYTES } from "./compress-response.ts";
import { chosenCoding } from "./content-coding.ts";
import { bodyCoding, decompressedBody } from "./decompressed-body.ts";
import { measured } from "./measured.ts";

/**
 * Compresses a route's responses on their way out: outside the cache, which keeps them as
 * they are. Streamed ones (`responseTransferMode`) come piece by piece, as they are.
 */
export function compressResponses(integration: Integration, settings: ApiEntry): Guard | undefined {
  const minimum = settings.minimumCompressionSize;
  const isStreamed = "responseTransferMode" in integration && integration.responseTransferMode === "STREAM";
  if (minimum === undefined || isStreamed) return undefined;
  // An origin says how large its response is, or streams it; what is made here does not say.
  const isMadeHere = integration.type !== "http_proxy";
  return (next) => async (call) => {
    const { request } = call;
    const response = await next(call);
    const isMeant = isMadeHere && chosenCoding(request.headers.get("accept-encoding")) !== undefined;
    return compressResponse(
      request,
      isMeant && isCompressible(response) ? await measured(response, minimum) : response,
      minimum,
    );
  };
}

/**
 * Decompresses request bodies, for the routes that look into them; what comes behind sees a
 * request that never was compressed.
 */
export function decompressRequests(settings: ApiEntry): Guard {
  const limit = settings.limits.bodyBytes ?? PAYLOAD_LIMIT;
  return (next) => async (call) => {
    const { method, body, headers } = call.request;
    // The body of a GET means nothing, and no Request of a script's can have it.
    if (body === null || method === "GET" || method === "HEAD") return next(call);
    if (bodyCoding(call) === undefined) return next(call);
    const bufferedBody = await decompressedBody(call, limit);
    const plain = new Headers(headers);
    plain.delete("content-encoding");
    for (const name of [...plain.keys()]) {
      if (OF_THE_BYTES.includes(name) || name.startsWith("x-amz-checksum-")) plain.delete(name);
    }
    plain.set("content-length", String(bufferedBody.byteLength));
    const request = new Request(call.request, { headers: plain, body: bufferedBody });
    return next({ ...call, request, bufferedBody });
  };
}
