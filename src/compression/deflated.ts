import { readiness } from "./ready.ts";

/** How much is written, in bytes, before a look at what has come of it. */
const STRIDE = 65_536;

/**
 * A body in the coding `deflate`, at the pace of its reader. (`gzip` is the engine's own
 * work: a response that says so in its headers is compressed on its way out.)
 */
export function deflated(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const codec = new CompressionStream("deflate");
  const writer = codec.writable.getWriter();
  const output: ReadableStreamDefaultReader<Uint8Array> = codec.readable.getReader();
  const input = body.getReader();
  const ready = readiness();
  let next = output.read();
  // Whoever goes away waits for nothing any more.
  next.catch(() => undefined);
  let written = 0;
  let ended = false;

  async function write(): Promise<void> {
    const { done, value } = await input.read();
    ended = done;
    written += value?.byteLength ?? 0;
    // A codec that fails says so to those who read.
    (done ? writer.close() : writer.write(value)).catch(() => undefined);
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          if (ended || written >= STRIDE) {
            const piece = ended ? await next : await ready(next);
            if (piece?.done) return controller.close();
            if (piece) {
              next = output.read();
              next.catch(() => undefined);
              return controller.enqueue(piece.value);
            }
            written = 0;
          }
          await write();
        }
      },
      async cancel(reason) {
        await Promise.all([input.cancel(reason), output.cancel(reason)]);
      },
    },
    { highWaterMark: 0 },
  );
}
