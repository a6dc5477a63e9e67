/** What is read at a time, in bytes. */
const READ_BYTES = 65_536;

/** A body's bytes as they come, in pieces that hold no more memory than they have bytes. */
export class Pieces {
  readonly #reader: ReadableStreamBYOBReader | ReadableStreamDefaultReader<Uint8Array>;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = readerOf(body);
  }

  /** @returns undefined at its end; rejects where it breaks off */
  async next(): Promise<Uint8Array | undefined> {
    const reader = this.#reader;
    if (reader instanceof ReadableStreamDefaultReader) return (await reader.read()).value;
    const { done, value } = await reader.read(new Uint8Array(READ_BYTES));
    if (done) return undefined;
    return value.byteLength < READ_BYTES / 2 ? value.slice() : value;
  }

  cancel(reason: unknown): void {
    void this.#reader.cancel(reason).catch(() => {});
  }
}

/** The engine's own streams fill what they are given; those of a function's need not be able to. */
function readerOf(body: ReadableStream<Uint8Array>) {
  try {
    return body.getReader({ mode: "byob" });
  } catch {
    return body.getReader();
  }
}
