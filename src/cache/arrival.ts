import { CHUNK_BYTES } from "./shelf.ts";

/** What is read at a time, in bytes. */
const READ_BYTES = 65_536;

/**
 * A body on its way: it is read as fast as it comes, and whoever wants it meanwhile gets it at
 * a pace of their own.
 */
export class Arrival {
  readonly #pieces: Uint8Array[] = [];
  readonly #maxBytes: number;
  #size = 0;
  #state: "arriving" | "whole" | "broken" = "arriving";
  #waiting: (() => void)[] = [];
  #readers = 0;
  readonly #unused = Promise.withResolvers<void>();

  /** @param maxBytes a body that is longer breaks off */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isWhole(): boolean {
    return this.#state === "whole";
  }

  /** When nobody reads it any more, who once did. */
  get unused(): Promise<void> {
    return this.#unused.promise;
  }

  /** In bytes; so far, while it arrives. */
  get size(): number {
    return this.#size;
  }

  /**
   * Reads it to its end.
   *
   * @param length what it has to come to, in bytes, where that is known: a shorter one was cut off
   * @returns whether all of it has come
   */
  async receive(body: Uint8Array | ReadableStream<Uint8Array>, length: number | undefined): Promise<boolean> {
    try {
      if (body instanceof Uint8Array) this.#add(body);
      else await this.#read(body);
      if (length !== undefined && length !== this.#size) throw new Error("the body was cut off");
      this.#become("whole");
      return true;
    } catch {
      this.#become("broken");
      return false;
    }
  }

  /** The body in pieces of the store's size; only of a whole one. */
  chunks(): readonly Uint8Array[] {
    const all = this.bytes();
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < all.length; at += CHUNK_BYTES) chunks.push(all.subarray(at, at + CHUNK_BYTES));
    return chunks;
  }

  bytes(): Uint8Array {
    const [only] = this.#pieces;
    if (only && this.#pieces.length === 1) return only;
    const bytes = new Uint8Array(this.#size);
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  /** From its beginning, as it comes; it breaks off where the body does. */
  stream(): ReadableStream<Uint8Array> {
    let next = 0;
    let isOpen = true;
    this.#readers++;
    const end = (): void => {
      if (isOpen && --this.#readers === 0) this.#unused.resolve();
      isOpen = false;
    };
    return new ReadableStream({
      type: "bytes",
      pull: async (controller) => {
        while (next === this.#pieces.length && this.#state === "arriving") {
          await new Promise<void>((resolve) => this.#waiting.push(resolve));
        }
        const piece = this.#pieces[next++];
        // A byte stream takes its pieces over: others need them too.
        if (piece) return controller.enqueue(piece.slice());
        end();
        if (this.#state === "broken") controller.error(new Error("the origin's response was cut off"));
        else controller.close();
      },
      cancel: end,
    });
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader({ mode: "byob" });
    try {
      for (;;) {
        const { done, value } = await reader.read(new Uint8Array(READ_BYTES));
        if (done) return;
        this.#add(value);
      }
    } catch (error) {
      void reader.cancel(error).catch(() => {});
      throw error;
    }
  }

  #add(piece: Uint8Array): void {
    if (piece.byteLength === 0) return;
    this.#size += piece.byteLength;
    if (this.#size > this.#maxBytes) throw new Error("the body is too large");
    this.#pieces.push(piece);
    this.#wake();
  }

  #become(state: "whole" | "broken"): void {
    this.#state = state;
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}
