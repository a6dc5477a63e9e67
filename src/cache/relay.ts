import { Pieces } from "./pieces.ts";

/** What the store may be behind the client, in bytes: then the client waits. */
const STORE_LAG_BYTES = 1_048_576;
/** What every client may be behind the store, in bytes. */
const OWN_LAG_BYTES = 262_144;
/** What a piece costs beside its bytes. */
const OVERHEAD_BYTES = 512;

/** Memory that several share, in bytes. */
export class Room {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  free(bytes: number): void {
    this.#left += bytes;
  }
}

/** What has been read for one of the two, and is not taken yet. */
class Queue {
  readonly #pieces: Uint8Array[] = [];
  isOpen = true;
  /** What its pieces cost, in bytes. */
  cost = 0;
  /** What was taken, in bytes. */
  taken = 0;

  push(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.cost += costOf(piece);
  }

  shift(): Uint8Array | undefined {
    const piece = this.#pieces.shift();
    if (!piece) return undefined;
    this.cost -= costOf(piece);
    this.taken += piece.byteLength;
    return piece;
  }

  clear(): void {
    this.#pieces.length = 0;
    this.cost = 0;
  }
}

const costOf = ({ byteLength }: Uint8Array): number => byteLength + OVERHEAD_BYTES;

/**
 * A body for two: the store takes it as fast as it comes, since others wait for it, and the
 * client at a pace of its own. What the client has not taken yet is in memory as long as there
 * is room; then it is let go of, and the client gets the rest of what is stored.
 */
export class Relay {
  readonly #pieces: Pieces;
  readonly #room: Room;
  readonly #rest: (offset: number) => Promise<ReadableStream<Uint8Array> | undefined>;
  readonly #store = new Queue();
  readonly #own = new Queue();
  readonly #delivered = Promise.withResolvers<void>();
  #state: "arriving" | "whole" | "broken" = "arriving";
  #reading: Promise<void> | undefined;
  #storeMoves = Promise.withResolvers<void>();
  /** Of the client's part of the room. */
  #roomed = 0;
  #isLetGo = false;
  #restPieces: Pieces | undefined;

  /** @param rest what is stored from an offset on, once it is stored; undefined if it is not */
  constructor(
    body: ReadableStream<Uint8Array>,
    room: Room,
    rest: (offset: number) => Promise<ReadableStream<Uint8Array> | undefined>,
  ) {
    this.#pieces = new Pieces(body);
    this.#room = room;
    this.#rest = rest;
  }

  /** When the client needs nothing any more. */
  get delivered(): Promise<void> {
    return this.#delivered.promise;
  }

  /** What the store gets. It breaks off where the body does. */
  stored(): ReadableStream<Uint8Array> {
    return new ReadableStream({
      type: "bytes",
      pull: (controller) => this.#pull(this.#store, controller),
      cancel: () => this.endStoring(),
    });
  }

  /** What the client gets. It breaks off where the body does. */
  own(): ReadableStream<Uint8Array> {
    return new ReadableStream({
      type: "bytes",
      pull: async (controller) => {
        try {
          await (this.#isLetGo ? this.#pullRest(controller) : this.#pull(this.#own, controller));
        } catch (error) {
          this.#endOwn();
          throw error;
        }
      },
      cancel: (reason) => {
        this.#endOwn();
        this.#restPieces?.cancel(reason);
      },
    });
  }

  /** Nothing more is stored; the client gets what it has not got yet. */
  endStoring(): void {
    this.#store.isOpen = false;
    this.#store.clear();
    this.#storeMoves.resolve();
    this.#cancelIfUnused();
  }

  async #pull(queue: Queue, controller: ReadableByteStreamController): Promise<void> {
    for (;;) {
      const piece = queue.shift();
      if (piece) {
        if (queue === this.#own) this.#fit();
        else this.#storeMoved();
        return controller.enqueue(piece);
      }
      if (queue === this.#own && this.#isLetGo) return this.#pullRest(controller);
      if (this.#state === "broken") throw new Error("the origin's response was cut off");
      if (this.#state === "whole") {
        if (queue === this.#own) this.#endOwn();
        return controller.close();
      }
      if (queue === this.#own && this.#store.isOpen && this.#store.cost >= STORE_LAG_BYTES)
        await this.#storeMoves.promise;
      else {
        this.#reading ??= this.#read();
        await this.#reading;
      }
    }
  }

  async #pullRest(controller: ReadableByteStreamController): Promise<void> {
    if (!this.#restPieces) {
      const rest = await this.#rest(this.#own.taken);
      if (!rest) throw new Error("the client was too slow for what is not stored");
      this.#restPieces = new Pieces(rest);
      if (!this.#own.isOpen) this.#restPieces.cancel("nobody reads it");
    }
    const piece = await this.#restPieces.next();
    if (piece) return controller.enqueue(piece);
    this.#endOwn();
    controller.close();
  }

  async #read(): Promise<void> {
    try {
      const piece = await this.#pieces.next();
      if (piece) this.#add(piece);
      else this.#state = "whole";
    } catch {
      this.#state = "broken";
    } finally {
      this.#reading = undefined;
    }
  }

  #add(piece: Uint8Array): void {
    if (piece.byteLength === 0) return;
    // A byte stream takes its pieces over: the other one needs them too.
    if (this.#store.isOpen) this.#store.push(this.#own.isOpen && !this.#isLetGo ? piece.slice() : piece);
    if (!this.#own.isOpen || this.#isLetGo) return;
    this.#own.push(piece);
    if (this.#fit() || !this.#store.isOpen) return;
    this.#isLetGo = true;
    this.#own.clear();
    this.#fit();
  }

  /** Takes as much room as what the client is behind by needs. */
  #fit(): boolean {
    const needed = Math.max(0, this.#own.cost - OWN_LAG_BYTES);
    if (needed > this.#roomed && !this.#room.take(needed - this.#roomed)) return false;
    if (needed < this.#roomed) this.#room.free(this.#roomed - needed);
    this.#roomed = needed;
    return true;
  }

  #storeMoved(): void {
    this.#storeMoves.resolve();
    this.#storeMoves = Promise.withResolvers();
  }

  #endOwn(): void {
    this.#own.isOpen = false;
    this.#own.clear();
    this.#fit();
    this.#delivered.resolve();
    this.#cancelIfUnused();
  }

  #cancelIfUnused(): void {
    if (!this.#own.isOpen && !this.#store.isOpen) this.#pieces.cancel("nobody reads it");
  }
}
