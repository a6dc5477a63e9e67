import { Buckets, type Keep } from "../../../src/throttle/buckets.ts";
import type { Ask, CounterStub, Grant } from "../../../src/throttle/lease.ts";
import type { Faults } from "../faults.ts";
import type { Random } from "../random.ts";
import type { World } from "../world.ts";

/** How much longer than at its quickest a way to the counter takes on average. */
const JITTER = 0.05;

/** What a counter writes: copies, as storage keeps them. */
class Storage implements Keep {
  readonly #kept = new Map<string, unknown>();

  get(key: string): unknown {
    return structuredClone(this.#kept.get(key));
  }

  put(key: string, value: unknown): void {
    this.#kept.set(key, structuredClone(value));
  }

  delete(key: string): void {
    this.#kept.delete(key);
  }

  list({ prefix }: { readonly prefix: string }): Iterable<readonly [string, unknown]> {
    return [...this.#kept].filter(([key]) => key.startsWith(prefix));
  }
}

/** Who calls: where the answer goes, and how far it is. */
export interface Caller {
  /** At its quickest, in ms. */
  readonly roundTrip: number;
  readonly isAlive: boolean;
  /** The answer arrives. @param grantedAt when the counter made it, in ms since the start */
  answered(grants: readonly Grant[], grantedAt: number): void;
}

export interface CounterOptions {
  readonly world: World;
  readonly random: Random;
  readonly faults: Faults | undefined;
  /** A call leaves for the counter. */
  readonly called: (at: number) => void;
}

/** The real `Buckets`, far away and not to be relied upon. */
export class SimulatedCounter {
  readonly #options: CounterOptions;
  readonly #storage = new Storage();
  /** By how much its clock is wrong, in ms. */
  readonly #offset: number;
  #buckets: Buckets;
  /** Calls that were under way before the last crash break off. */
  #crashedAt = Number.NEGATIVE_INFINITY;
  #awayUntil = Number.NEGATIVE_INFINITY;

  constructor(options: CounterOptions, offset: number) {
    this.#options = options;
    this.#offset = offset;
    this.#buckets = new Buckets(this.#storage, this.#clock());
  }

  /**
   * Loses its memory, and keeps what it has written.
   *
   * @param awayMs if given, it does so with a crash, and is away for so long
   */
  restart(awayMs: number | undefined): void {
    this.#buckets = new Buckets(this.#storage, this.#clock());
    if (awayMs === undefined) return;
    this.#crashedAt = this.#options.world.now;
    this.#awayUntil = this.#crashedAt + awayMs;
  }

  stub(caller: Caller): CounterStub {
    return { lease: (holder, asks) => this.#call(caller, holder, asks) };
  }

  #call(caller: Caller, holder: string, asks: readonly Ask[]): Promise<readonly Grant[]> {
    const { world, random, faults, called } = this.#options;
    called(world.now);
    const fault = faults?.call?.(world.now / 1000, random);
    return new Promise((resolve, reject) => {
      world.at(world.now + this.#way(caller), () => {
        const isUp = fault !== "fails" && world.now >= this.#awayUntil;
        const grants = isUp ? this.#buckets.lease(holder, asks, this.#clock()) : undefined;
        const grantedAt = world.now;
        if (fault === "hangs") return;
        world.at(world.now + this.#way(caller), () => {
          if (!caller.isAlive) return;
          if (grants && grantedAt >= this.#crashedAt) {
            caller.answered(grants, grantedAt);
            resolve(grants);
          } else reject(new Error("the counter is down"));
          world.settled();
        });
      });
    });
  }

  /** How long one way takes, in ms. */
  #way({ roundTrip }: Caller): number {
    const { random, faults } = this.#options;
    return ((roundTrip + (faults?.delay ?? 0)) / 2) * (1 + random.gap(1 / JITTER));
  }

  #clock(): number {
    return Math.floor(this.#options.world.now) + this.#offset;
  }
}
