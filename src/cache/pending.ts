import type { SelectingFields } from "./http/vary.ts";
import type { CacheAsk, CacheKey, Failure } from "./protocol.ts";

/** So often a request waits for others before it goes by itself. */
const TURNS = 3;

/** How a fill ended, if it did not fail: `dropped` by whoever had it, so that another one takes it over. */
export type Ending = "kept" | "passed" | "dropped" | Failure;

/** What is being fetched, and who waits for it. */
export interface Pending {
  readonly ended: Promise<Ending>;
  readonly end: (ending: Ending) => void;
  readonly key: CacheKey;
  /** When it began, in ms since the epoch. */
  readonly since: number;
  /** It was purged since it began: what it brings is not kept. */
  doomed: boolean;
  /** Tags that were purged since it began: nobody knows yet which it has. */
  readonly purgedTags: Set<string>;
}

/** @param settle when it ends, before those who wait know */
export function pendingFor(key: CacheKey, settle: (pending: Pending) => void): Pending {
  const { promise: ended, resolve } = Promise.withResolvers<Ending>();
  const pending: Pending = {
    ended,
    key,
    since: Date.now(),
    doomed: false,
    purgedTags: new Set(),
    end: (ending) => {
      settle(pending);
      resolve(ending);
    },
  };
  return pending;
}

/** One request that waits for others, one after the other, until it has a response or goes by itself. */
export class Waiting {
  readonly #ask: CacheAsk;
  readonly #until: number;
  #turns = 0;
  #ending: Ending | undefined;
  #failures = 0;

  constructor(ask: CacheAsk, now: number) {
    this.#ask = ask;
    this.#until = now + ask.waitMs;
  }

  /** It has just been fetched by another one. */
  get wasKept(): boolean {
    return this.#ending === "kept";
  }

  /** How the last one failed that it waited for. */
  get failure(): Failure | undefined {
    return typeof this.#ending === "object" ? this.#ending : undefined;
  }

  /**
   * How all fail who wait: where the integration gave no answer, or failed two requests in a
   * row. Nobody asks it by himself then, as all of them would.
   */
  failed(now: number): Failure | undefined {
    const { failure } = this;
    const isOver = this.#failures > 1 || this.#isOver(now);
    return failure && (isOver || !failure.isDoubtful) ? failure : undefined;
  }

  /**
   * Why it goes by itself: what it says to the client, or nothing to say; undefined while it does not.
   *
   * @param found whether something is stored for it, which may not be used
   */
  passes(found: boolean, now: number): string | undefined {
    if (!this.#ask.fills) return "";
    if (this.#ending === "passed") return "not-stored";
    // What was fetched just now is stale already: all who waited for it need their own.
    if (this.#ending === "kept" && found) return "not-stored";
    return this.#turns > 0 && this.#isOver(now) ? "waited" : undefined;
  }

  /** @returns whether it was waited for: whoever takes too long is not waited for by anybody any more */
  async for(pending: Pending, now: number): Promise<boolean> {
    const left = Math.min(this.#until, pending.since + this.#ask.waitMs) - now;
    if (left <= 0) return false;
    this.#turns++;
    // Where time runs out, what is known of the one before still holds.
    this.#ending = (await within(pending.ended, left)) ?? this.#ending;
    if (this.failure) this.#failures++;
    return true;
  }

  #isOver(now: number): boolean {
    return this.#turns >= TURNS || now >= this.#until;
  }
}

/** Requests wait for each other only where they select by the same values, as far as that is known. */
export function slotOf(
  key: string,
  candidates: readonly { readonly vary: SelectingFields }[],
  headers: Headers,
): string {
  const names = new Set(candidates.flatMap(({ vary }) => vary.map(([name]) => name)));
  return names.size === 0
    ? key
    : `${key}\n${JSON.stringify([...names].sort().map((name) => [name, headers.get(name)]))}`;
}

function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), Math.max(0, ms));
    void promise.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
