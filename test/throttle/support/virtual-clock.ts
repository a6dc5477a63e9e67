import type { Clock } from "../../../src/lib/clock.ts";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Long enough for whoever awaits settled promises to go on; nothing here waits for anything else. */
const TURNS = 60;

/** Time that goes on only when it is told to. */
export class VirtualClock implements Clock {
  #now: number;
  /** Callbacks come in the order of their time, then in that in which they were asked for. */
  readonly #timers = new Set<Timer>();

  /** @param now ms since the epoch */
  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return Math.floor(this.#now);
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many callbacks are still to come. */
  get pending(): number {
    return this.#timers.size;
  }

  /** The clock is put forward, or back, at once: callbacks come as much later or earlier. */
  leap(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#timers]) {
      this.#timers.delete(timer);
      this.#timers.add({ ...timer, at: timer.at + ms });
    }
  }

  /** Lets so many ms go by. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#next(); next && next.at <= end; next = this.#next()) {
      this.#now = Math.max(this.#now, next.at);
      this.#timers.delete(next);
      next.callback();
      await settle();
    }
    this.#now = end;
  }

  /** Lets time go by until the promise is settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const done = () => {
      isSettled = true;
    };
    promise.then(done, done);
    await settle();
    while (!isSettled) {
      const next = this.#next();
      if (!next) throw new Error("nothing happens any more, and the promise is not settled");
      await this.pass(next.at - this.#now);
    }
    return promise;
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (!first || timer.at < first.at) first = timer;
    return first;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
}
