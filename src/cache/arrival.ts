import { CHUNK_BYTES } from "./chunks.ts";
import { Pieces } from "./pieces.ts";

/** Where whole chunks of a body go before anybody knows whether it is going to be kept. */
export interface Draft {
  /** @param chunk of `CHUNK_BYTES` */
  add(chunk: Uint8Array): void;
  /** @returns undefined if it is not there any more */
  read(offset: number, length: number): Uint8Array | undefined;
  discard(): void;
}

/**
 * A body on its way: it is read as fast as it comes, and whoever wants it meanwhile gets it at
 * a pace of their own. No more than a chunk of it is in memory.
 */
export class Arrival {
  readonly #draft: Draft;
  readonly #maxBytes: number;
  /** What is in the draft, in bytes. */
  #drafted = 0;
  #tail: Uint8Array = new Uint8Array();
  /** Of the tail, in bytes. */
  #filled = 0;
  #state: "arriving" | "whole" | "broken" = "arriving";
  #waiting: (() => void)[] = [];
  #readers = 0;
  #isOver = false;

  /** @param maxBytes a body that is longer breaks off */
  constructor(draft: Draft, maxBytes: number) {
    this.#draft = draft;
    this.#maxBytes = maxBytes;
  }

  /** In bytes; so far, while it arrives. */
  get size(): number {
    return this.#drafted + this.#filled;
  }

  /** What is behind the last whole chunk, or is one; at least a byte, unless it is empty. */
  get tail(): Uint8Array {
    return this.#filled === this.#tail.byteLength ? this.#tail : this.#tail.slice(0, this.#filled);
  }

  /**
   * Reads it to its end.
   *
   * @param length what it has to come to, in bytes, where that is known: a shorter one was cut off
   * @returns what has come of it: only a `whole` one is of use
   */
  async receive(
    body: Uint8Array | ReadableStream<Uint8Array>,
    length: number | undefined,
  ): Promise<"whole" | "broken" | "too-large"> {
    try {
      if (body instanceof Uint8Array) this.#take(body);
      else await this.#read(body);
      if (length !== undefined && length !== this.size) throw new Error("the body was cut off");
      this.#become("whole");
      return "whole";
    } catch {
      this.#become("broken");
      return this.size > this.#maxBytes ? "too-large" : "broken";
    }
  }

  /** It is not going to be kept: what is in the draft goes with the last who reads it. */
  discard(): void {
    this.#isOver = true;
    if (this.#readers === 0 || this.#state === "broken") this.#draft.discard();
  }

  /** From its beginning, as it comes; it breaks off where the body does. */
  stream(): ReadableStream<Uint8Array> {
    let at = 0;
    let isOpen = true;
    this.#readers++;
    const end = (): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#readers--;
      if (this.#isOver) this.discard();
    };
    return new ReadableStream({
      type: "bytes",
      pull: async (controller) => {
        while (at === this.size && this.#state === "arriving") {
          await new Promise<void>((resolve) => this.#waiting.push(resolve));
        }
        const piece = at < this.size ? this.#piece(at) : undefined;
        at += piece?.byteLength ?? 0;
        if (piece) return controller.enqueue(piece);
        end();
        if (this.#state === "whole" && at === this.size) controller.close();
        else controller.error(new Error("the origin's response was cut off"));
      },
      cancel: end,
    });
  }

  #piece(at: number): Uint8Array | undefined {
    // A byte stream takes its pieces over: others need them too.
    if (at >= this.#drafted) return this.#tail.slice(at - this.#drafted, this.#filled);
    return this.#draft.read(at, CHUNK_BYTES - (at % CHUNK_BYTES));
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const pieces = new Pieces(body);
    try {
      for (let piece = await pieces.next(); piece; piece = await pieces.next()) this.#add(piece);
    } catch (error) {
      pieces.cancel(error);
      throw error;
    }
  }

  #take(body: Uint8Array): void {
    if (body.byteLength > Math.min(CHUNK_BYTES, this.#maxBytes)) this.#add(body);
    else {
      this.#tail = body;
      this.#filled = body.byteLength;
    }
  }

  #add(piece: Uint8Array): void {
    for (let at = 0; at < piece.byteLength; ) {
      if (this.#filled === CHUNK_BYTES) this.#draftTail();
      const part = piece.subarray(at, at + CHUNK_BYTES - this.#filled);
      this.#reserve(this.#filled + part.byteLength);
      this.#tail.set(part, this.#filled);
      this.#filled += part.byteLength;
      at += part.byteLength;
      if (this.size > this.#maxBytes) throw new Error("the body is too large");
    }
    this.#wake();
  }

  #draftTail(): void {
    this.#draft.add(this.#tail);
    this.#drafted += CHUNK_BYTES;
    this.#tail = new Uint8Array(CHUNK_BYTES);
    this.#filled = 0;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#tail.byteLength) return;
    const larger = new Uint8Array(Math.min(CHUNK_BYTES, Math.max(bytes, 2 * this.#tail.byteLength)));
    larger.set(this.tail);
    this.#tail = larger;
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
