import { type CounterStub } from "../../src/throttle/lease.ts";
import { Buckets, type Keep } from "../../src/throttle/buckets.ts";
import { Limiter } from "../../src/throttle/limiter.ts";
import type { Clock } from "../../src/lib/clock.ts";

/** Events in the order of their times. */
class Agenda {
  readonly #heap: { at: number; seq: number; run: (() => void) | undefined }[] = [];
  #seq = 0;
  add(at: number, run: () => void): () => void {
    const event = { at, seq: this.#seq++, run: run as (() => void) | undefined };
    const heap = this.#heap;
    let i = heap.push(event) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(event, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = event;
    return () => { event.run = undefined; };
  }
  next() {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (!top || !last || heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return top;
  }
}
const before = (a: { at: number; seq: number }, b: { at: number; seq: number }) => a.at < b.at || (a.at === b.at && a.seq < b.seq);

class MapKeep implements Keep {
  readonly map = new Map<string, unknown>();
  get(key: string) { return structuredClone(this.map.get(key)); }
  put(key: string, value: unknown) { this.map.set(key, structuredClone(value)); }
  delete(key: string) { this.map.delete(key); }
  *list({ prefix }: { prefix: string }): Iterable<readonly [string, unknown]> {
    for (const e of this.map) if (e[0].startsWith(prefix)) yield e;
  }
}

export class World {
  now = 1_800_000_000_000;
  readonly agenda = new Agenda();
  readonly keep = new MapKeep();
  buckets: Buckets;
  calls = 0;
  pending = 0;
  constructor() { this.buckets = new Buckets(this.keep, this.now); }
  restart() { this.buckets = new Buckets(this.keep, this.now); }
  at(time: number, run: () => void) { return this.agenda.add(time, run); }
  async run(until: number) {
    for (;;) {
      const event = this.agenda.next();
      if (!event || event.at > until) { this.now = until; return; }
      this.now = event.at;
      if (event.run) { event.run(); if (this.pending > 0) await flush(); }
    }
  }
}
const flush = () => new Promise<void>((r) => setImmediate(r));

export interface IsolateOptions { rtt: number; fault?: () => "throw" | "hang" | undefined; extra?: () => number }

export function isolate(world: World, name: string, options: IsolateOptions) {
  let dead = false;
  const clock: Clock = {
    now: () => Math.floor(world.now),
    after: (ms, cb) => world.at(world.now + ms, () => { if (!dead) cb(); }),
  };
  const stub: CounterStub = {
    lease: (holder, asks) => new Promise((resolve, reject) => {
      world.calls++;
      const fault = options.fault?.();
      const rtt = options.rtt + (options.extra?.() ?? 0);
      if (fault === "throw") { world.at(world.now + rtt, () => reject(new Error("down"))); return; }
      world.at(world.now + rtt / 2, () => {
        const grants = world.buckets.lease(holder, asks, Math.floor(world.now));
        if (fault === "hang") return;
        world.at(world.now + rtt / 2, () => { if (!dead) resolve(grants); });
      });
    }),
  };
  const limiter = new Limiter({ open: () => stub, report: () => {}, clock, holder: () => name });
  return { limiter, kill: () => { dead = true; }, get dead() { return dead; } };
}
