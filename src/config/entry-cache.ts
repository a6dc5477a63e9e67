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
   * @throws what the store threw, when it fails and nothing was known
   */
  read(name: string): Promise<Parsed<T> | null>;
}

interface Kept<T> {
  readonly entry: Parsed<T> | null;
  readonly readAt: number;
  refreshing: boolean;
}

export interface EntryCacheOptions<T> {
  readonly kv: Pick<KVNamespace, "get">;
  /** Stands before a name in its key: `api-keys/`. */
  readonly prefix: string;
  readonly parse: (key: string, text: string) => Parsed<T>;
  /** After this long an entry is not believed unread any more, in ms. */
  readonly refreshMs: number;
  /** How many entries are kept, those that are not there included. */
  readonly capacity: number;
  readonly report: (problem: Problem) => void;
}

/**
 * Keeps what was read of a kind of entries, and what was found missing, least recently used
 * first out. In the second half of its time an entry is read again behind the request that
 * asks for it; after it, in front of it: so what is disabled stops within the refresh time,
 * and a key in use never waits. While the store fails, the last good state holds.
 */
export class EntryCache<T> implements EntryLookup<T> {
  readonly #options: EntryCacheOptions<T>;
  readonly #kept = new Map<string, Kept<T>>();

  constructor(options: EntryCacheOptions<T>) {
    this.#options = options;
  }

  known(name: string, ctx: ExecutionContext): Parsed<T> | null | undefined {
    const kept = this.#kept.get(name);
    if (!kept) return undefined;
    const age = Date.now() - kept.readAt;
    const { refreshMs } = this.#options;
    if (age > refreshMs || age < 0) return undefined;
    if (age > refreshMs / 2 && !kept.refreshing) {
      kept.refreshing = true;
      ctx.waitUntil(this.#refresh(name, kept));
    }
    return kept.entry;
  }

  async read(name: string): Promise<Parsed<T> | null> {
    const key = this.#options.prefix + name;
    let text: string | null;
    try {
      text = await this.#options.kv.get(key, "text");
    } catch (error) {
      const kept = this.#kept.get(name);
      if (!kept) throw error;
      const message = error instanceof Error ? error.message : String(error);
      this.#options.report({
        code: "config.unavailable",
        path: key,
        message: `the entry could not be read again and stays as it was: ${message}`,
      });
      this.#keep(name, kept.entry);
      return kept.entry;
    }
    const entry = text === null ? null : this.#options.parse(key, text);
    if (entry && !entry.ok) for (const problem of entry.problems) this.#options.report(problem);
    this.#keep(name, entry);
    return entry;
  }

  async #refresh(name: string, kept: Kept<T>): Promise<void> {
    try {
      await this.read(name);
    } catch {
      // Cannot be: there is something known, which stays.
    } finally {
      kept.refreshing = false;
    }
  }

  #keep(name: string, entry: Parsed<T> | null): void {
    // A Map keeps the order of insertion: the first is the one that was read longest ago.
    this.#kept.delete(name);
    this.#kept.set(name, { entry, readAt: Date.now(), refreshing: false });
    if (this.#kept.size <= this.#options.capacity) return;
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined) this.#kept.delete(oldest);
  }
}
