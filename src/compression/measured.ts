import { joined } from "../lib/joined.ts";

/**
 * A response whose size is known where it is below a bound: it then says so, and else is as it
 * was. Its body is read as far as the bound, and no further.
 *
 * @param bound in bytes
 */
export async function measured(response: Response, bound: number): Promise<Response> {
  if (response.body === null || response.headers.has("content-length")) return response;
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  while (size < bound) {
    const { done, value } = await reader.read();
    if (done) return whole(response, pieces, size);
    pieces.push(value);
    size += value.byteLength;
  }
  return new Response(resumed(pieces, reader), response);
}

function whole(response: Response, pieces: readonly Uint8Array[], size: number): Response {
  const out = new Response(joined(pieces, size), response);
  out.headers.set("content-length", String(size));
  return out;
}

/** What was read already, and then the rest. */
function resumed(
  pieces: readonly Uint8Array[],
  reader: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream<Uint8Array> {
  const read = pieces.values();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const known = read.next();
        if (!known.done) return controller.enqueue(known.value);
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
