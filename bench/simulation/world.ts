import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../src/lib/clock.ts";
import { Agenda } from "./agenda.ts";
import type { Arrivals } from "./arrivals.ts";

/** Virtual time, in ms since the start: it jumps from one event to the next. */
export class World {
  readonly #agenda = new Agenda();
  /** Apart from the others: all that go off in the same ms do so together, which saves most of the work. */
  readonly #timers = new Agenda();
  #now = 0;
  #hasSettled = false;

  get now(): number {
    return this.#now;
  }

  /** @returns calls it off */
  at(time: number, run: () => void): () => void {
    return this.#agenda.add(Math.max(time, this.#now), run);
  }

  /** A promise has been settled: whoever awaits it goes on before anything else happens. */
  settled(): void {
    this.#hasSettled = true;
  }

  /**
   * A clock in whole ms, as a Worker's is, that is wrong by `offset` ms.
   *
   * @param isAlive whether anybody is there to be called back
   */
  clock(offset: number, isAlive: () => boolean): Clock {
    return {
      now: () => Math.floor(this.#now) + offset,
      after: (ms, callback) =>
        this.#timers.add(Math.ceil(this.#now + ms), () => {
          if (!isAlive()) return;
          callback();
          this.settled();
        }),
    };
  }

  /** Lets everything happen, in order, until `end`. */
  async run({ times, isolates }: Arrivals, arrive: (isolate: number) => void, end: number): Promise<void> {
    let next = 0;
    for (;;) {
      const arrivalAt = times[next] ?? Number.POSITIVE_INFINITY;
      const eventAt = this.#agenda.nextAt;
      const timerAt = this.#timers.nextAt;
      this.#now = Math.min(arrivalAt, eventAt, timerAt);
      if (this.#now > end) return;
      if (this.#now === timerAt) while (this.#timers.nextAt === timerAt) this.#timers.take()?.();
      else if (this.#now === eventAt) this.#agenda.take()?.();
      else arrive(isolates[next++] ?? 0);
      if (this.#hasSettled) {
        this.#hasSettled = false;
        await setImmediate();
      }
    }
  }
}
