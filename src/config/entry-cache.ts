import { BoundedMap } from "../lib/bounded-map.ts";
import { withDeadline } from "../lib/deadline.ts";
import type { Parsed, Problem } from "./problem.ts";

/** Entries of one kind, looked up by name: there may be millions of them, so none is read before it is asked for. */
export interface EntryLookup<T> {
  /**
   * The entry in memory, when it is young enough to be believed: null where none exists,
   * undefined where it has to be read. Owes its refresh behind the request to `ctx`.
   */
  known(name: string, ctx: ExecutionContext): Parsed<T> | null | undefined;
  /**
   * Reads the entry; null where none exists.
   *
   * @throws what the store threw, when it fails and nothing is known that still holds
   */
  read(name: string): Promise<Parsed<T> | null>;
}

interface Kept<T> {
  readonly entry: Parsed<T> | null;
  /** As the store had it: the same text is neither parsed nor reported again. */
  readonly text: string | null;
  /** When the read that brought it began, in ms. */
  readonly readAt: number;
  /** Until then it is believed, in ms: longer than usual after a read that failed. */
  readonly until: number;
  /** From then on it is read again behind a request, in ms; put off while that is under way. */
  renewAt: number;
}

export interface EntryCacheOptions<T> {
  readonly kv: Pick<KVNamespace, "get">;
  /** Stands before a name in its key: `api-keys/`. */
  readonly prefix: string;
  readonly parse: (key: string, text: string) => Parsed<T>;
  /** After this long an entry is not believed unread any more, in ms. */
  readonly refreshMs: number;
  /** While the store fails, what was read last holds for this long, in ms; an hour by default. */
  readonly holdMs?: number;
  /** A read that takes longer than this has failed, in ms; 3 s by default. */
  readonly patienceMs?: number;
  /** How many entries are kept. */
  readonly capacity: number;
  /** How many names without an entry are kept; a quarter of `capacity` by default. */
  readonly missingCapacity?: number;
  readonly report: (problem: Problem) => void;
  /** Ms since the epoch. */
  readonly now?: () => number;
}

const HOLD_MS = 3_600_000;
const PATIENCE_MS = 3000;

/** The longest key that the store has, in bytes (Workers KV, "limits"); it throws at longer ones. */
const KEY_BYTES = 512;

const encoder = new TextEncoder();

/**
 * Keeps what was read of a kind of entries, and what was found missing.
 *
 * **How old.** An entry is believed for `refreshMs` from when the read that brought it began:
 * so what is disabled in the store stops within that time, and whatever the store itself takes
 * to show a write (Workers KV at the edge: up to 60 s). In the second half of the time it is
 * read again behind the request that asks for it, so that what is in use never waits; what was
 * out of use for longer is read in front of its request.
 *
 * **While the store fails** or does not answer for `patienceMs`, what was read last holds: each
 * failed read prolongs it by `refreshMs`, up to `holdMs` after it was read. So an outage refuses
 * nobody whom the isolate knows, and a revocation that does not get through is not put off for
 * ever. What was never read is not guessed: `read` throws.
 *
 * **How much.** Two bounded sets, least recently used first out: names that anybody can make
 * up push out each other, never an entry that exists.
 *
 * Requests that miss the same name at once read it once each: none awaits another's promise,
 * which would die with it, and after the first answer nobody reads.
 */
export class EntryCache<T> implements EntryLookup<T> {
  readonly #options: EntryCacheOptions<T>;
  readonly #there: BoundedMap<string, Kept<T>>;
  readonly #missing: BoundedMap<string, Kept<T>>;
  readonly #now: () => number;
  /** When a failure of the store was last reported; every entry in use would do so. */
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(options: EntryCacheOptions<T>) {
    this.#options = options;
    this.#there = new BoundedMap(options.capacity);
    this.#missing = new BoundedMap(options.missingCapacity ?? Math.ceil(options.capacity / 4));
    this.#now = options.now ?? Date.now;
  }

  known(name: string, ctx: ExecutionContext): Parsed<T> | null | undefined {
    const kept = this.#kept(name);
    if (!kept) return undefined;
    const now = this.#now();
    // A clock that was put back says nothing about age.
    if (now >= kept.until || now < kept.readAt) return undefined;
    if (now >= kept.renewAt) {
      // Put off, not crossed off: a request that is cut off takes its refresh with it.
      kept.renewAt = now + this.#options.refreshMs / 4;
      ctx.waitUntil(this.#renew(name));
    }
    return kept.entry;
  }

  async read(name: string): Promise<Parsed<T> | null> {
    const key = this.#options.prefix + name;
    if (key.length * 3 > KEY_BYTES && encoder.encode(key).length > KEY_BYTES) return null;
    const startedAt = this.#now();
    let text: string | null;
    try {
      text = await this.#get(key);
    } catch (error) {
      return this.#hold(name, startedAt, error);
    }
    const before = this.#kept(name);
    if (before && this.#isOvertaken(before, startedAt)) return before.entry;
    const entry = before?.text === text ? before.entry : this.#parse(key, text);
    this.#keep(name, { entry, text, readAt: startedAt, ...this.#term(startedAt) });
    return entry;
  }

  #get(key: string): Promise<string | null> {
    const { kv, patienceMs = PATIENCE_MS } = this.#options;
    const late = () => new Error(`no answer within ${patienceMs} ms`);
    return withDeadline(kv.get(key, "text"), patienceMs, late);
  }

  #parse(key: string, text: string | null): Parsed<T> | null {
    if (text === null) return null;
    const entry = this.#options.parse(key, text);
    if (!entry.ok) for (const problem of entry.problems) this.#options.report(problem);
    return entry;
  }

  /** A slower read that began earlier must not bring back what a later one replaced. */
  #isOvertaken(kept: Kept<T>, startedAt: number): boolean {
    return kept.readAt > startedAt && this.#now() >= kept.readAt;
  }

  /** What was read last goes on for another term, unless that was too long ago. */
  #hold(name: string, startedAt: number, error: unknown): Parsed<T> | null {
    const kept = this.#kept(name);
    if (kept && this.#isOvertaken(kept, startedAt)) return kept.entry;
    const now = this.#now();
    const end = kept ? kept.readAt + (this.#options.holdMs ?? HOLD_MS) : 0;
    const holds = kept !== undefined && now >= kept.readAt && now < end;
    this.#reportFailure(name, holds, error);
    if (!holds) throw error;
    const { until, renewAt } = this.#term(now);
    this.#keep(name, { ...kept, until: Math.min(until, end), renewAt });
    return kept.entry;
  }

  #reportFailure(name: string, holds: boolean, error: unknown): void {
    const now = this.#now();
    const since = now - this.#reportedAt;
    if (since >= 0 && since < this.#options.refreshMs) return;
    this.#reportedAt = now;
    const why = error instanceof Error ? error.message : String(error);
    this.#options.report({
      code: "config.unavailable",
      path: this.#options.prefix + name,
      message: `the entry could not be read${holds ? " again and stays as it was" : ""}: ${why}`,
    });
  }

  async #renew(name: string): Promise<void> {
    try {
      await this.read(name);
    } catch {
      // Reported; the request that comes after the entry's time is told.
    }
  }

  #kept(name: string): Kept<T> | undefined {
    return this.#there.get(name) ?? this.#missing.get(name);
  }

  #keep(name: string, kept: Kept<T>): void {
    const [to, from] = kept.entry === null ? [this.#missing, this.#there] : [this.#there, this.#missing];
    from.delete(name);
    to.set(name, kept);
  }

  #term(from: number): { readonly until: number; readonly renewAt: number } {
    const { refreshMs } = this.#options;
    return { until: from + refreshMs, renewAt: from + refreshMs / 2 };
  }
}
