import { describe, expect, test } from "vitest";
import type { SlotsAsk } from "../../src/throttle/lease.ts";
import { LocalSlots } from "../../src/throttle/local-slots.ts";
import { SharedSlots } from "../../src/throttle/shared-slots.ts";
import { slotsAsk } from "./support/asks.ts";
import { Random } from "./support/random.ts";
import { type SlotsScenario, SlotsWorld } from "./support/slots-world.ts";

const NOW = 1_000_000;

describe("the counter", () => {
  test("hands out so many slots, to whoever needs them first", () => {
    const shared = new SharedSlots(10, NOW);
    expect(shared.lease("a", slotsAsk({ limit: 10, need: 6 }), NOW)).toMatchObject({
      granted: true,
      tokens: 6,
    });
    expect(shared.lease("b", slotsAsk({ limit: 10, need: 5 }), NOW).granted).toBe(false);
    expect(shared.lease("b", slotsAsk({ limit: 10, need: 4 }), NOW)).toMatchObject({
      granted: true,
      remaining: 0,
    });
  });

  test("gives some in advance, while there are any", () => {
    const shared = new SharedSlots(10, NOW);
    expect(shared.lease("a", slotsAsk({ limit: 10, need: 6, want: 8 }), NOW).tokens).toBe(8);
    expect(shared.lease("b", slotsAsk({ limit: 10, need: 1, want: 8 }), NOW).tokens).toBe(2);
  });

  test("a denied isolate keeps what is in flight in it", () => {
    const shared = new SharedSlots(10, NOW);
    shared.lease("a", slotsAsk({ limit: 10, need: 6 }), NOW);
    shared.lease("b", slotsAsk({ limit: 10, need: 4 }), NOW);
    const denied = shared.lease("b", slotsAsk({ limit: 10, need: 5, held: 4, waiting: true }), NOW);
    expect(denied).toMatchObject({ granted: false, tokens: 4, wait: 50 });
    expect(shared.lease("c", slotsAsk({ limit: 10, need: 1 }), NOW).granted).toBe(false);
  });

  test("an isolate that needs none any more has none, and nobody remembers it", () => {
    const shared = new SharedSlots(10, NOW);
    shared.lease("a", slotsAsk({ limit: 10, need: 10 }), NOW);
    expect(shared.lease("a", slotsAsk({ limit: 10, need: 0 }), NOW)).toMatchObject({
      granted: true,
      tokens: 0,
    });
    expect(shared.lease("b", slotsAsk({ limit: 10, need: 10 }), NOW).granted).toBe(true);
  });

  test("the slots of an isolate that died come back after 10 s, and not before", () => {
    const shared = new SharedSlots(10, NOW);
    shared.lease("a", slotsAsk({ limit: 10, need: 10 }), NOW);
    const ask = slotsAsk({ limit: 10, need: 1 });
    expect(shared.lease("b", ask, NOW + 9_999).granted).toBe(false);
    expect(shared.lease("b", ask, NOW + 10_000).granted).toBe(true);
  });

  test("a restart forgets nobody: what is out stays out until its time is over", () => {
    const shared = new SharedSlots(10, NOW);
    shared.lease("a", slotsAsk({ limit: 10, need: 7 }), NOW);
    const again = new SharedSlots(10, NOW + 1, structuredClone(shared.state()));
    expect(again.lease("b", slotsAsk({ limit: 10, need: 4 }), NOW + 1).granted).toBe(false);
    expect(again.lease("b", slotsAsk({ limit: 10, need: 3 }), NOW + 1).granted).toBe(true);
    expect(again.lease("b", slotsAsk({ limit: 10, need: 10, held: 3 }), NOW + 10_000).granted).toBe(true);
  });

  test("after a restart an isolate gets its own slots again, and they are not counted twice", () => {
    const shared = new SharedSlots(10, NOW);
    shared.lease("a", slotsAsk({ limit: 10, need: 7 }), NOW);
    const again = new SharedSlots(10, NOW + 1, structuredClone(shared.state()));
    expect(again.lease("a", slotsAsk({ limit: 10, need: 8, held: 7 }), NOW + 1).granted).toBe(true);
    expect(again.lease("b", slotsAsk({ limit: 10, need: 2 }), NOW + 1).granted).toBe(true);
    expect(again.lease("c", slotsAsk({ limit: 10, need: 1 }), NOW + 1).granted).toBe(false);
  });

  test("restart after restart, nothing is lost", () => {
    let shared = new SharedSlots(10, NOW);
    shared.lease("a", slotsAsk({ limit: 10, need: 7 }), NOW);
    for (let i = 1; i <= 20; i++) {
      shared = new SharedSlots(10, NOW + i, structuredClone(shared.state()));
      expect(shared.lease("b", slotsAsk({ limit: 10, need: 4, waiting: true }), NOW + i).granted).toBe(false);
    }
    expect(shared.lease("b", slotsAsk({ limit: 10, need: 10 }), NOW + 10_021).granted).toBe(true);
  });

  test("nobody has a slot any more from the end of the last one on", () => {
    const shared = new SharedSlots(10, NOW);
    expect(shared.fullAt(NOW)).toBe(NOW);
    shared.lease("a", slotsAsk({ limit: 10, need: 7 }), NOW);
    expect(shared.fullAt(NOW)).toBe(NOW + 10_000);
  });

  // A renewal that finds no room counts one less than is in flight, as if one were waiting.
  test("a limit that was lowered: all that is in flight goes on being counted", () => {
    const shared = new SharedSlots(10, NOW);
    shared.lease("a", slotsAsk({ limit: 10, need: 5 }), NOW);
    shared.lease("b", slotsAsk({ limit: 10, need: 5 }), NOW);
    // Both renew what is in flight in them; nobody waits.
    shared.lease("a", slotsAsk({ limit: 9, need: 5, held: 5 }), NOW + 1);
    expect(shared.lease("b", slotsAsk({ limit: 9, need: 5, held: 5 }), NOW + 2).granted).toBe(false);
  });
});

/** An isolate, and its asks answered by a counter. */
class Isolate {
  readonly local = new LocalSlots("s", 10, 0);
  readonly name: string;
  readonly #shared: SharedSlots;

  constructor(name: string, shared: SharedSlots) {
    this.name = name;
    this.#shared = shared;
  }

  answer(ask: SlotsAsk, now: number) {
    return this.#shared.lease(this.name, ask, now);
  }

  /** A request comes; whether it is let in. */
  enter(now: number): boolean {
    const verdict = this.local.verdict(now);
    if (verdict === "deny" || verdict === "wait") return false;
    if (verdict === "ask") {
      const ask = this.local.ask(true, now);
      const grant = this.answer(ask, now);
      this.local.receive(grant, now, now);
      if (!grant.granted) return false;
    }
    this.local.take();
    return true;
  }
}

describe("an isolate", () => {
  test("asks first, and then lets in what it holds", () => {
    const isolate = new Isolate("a", new SharedSlots(10, NOW));
    let admitted = 0;
    for (let i = 0; i < 30; i++) if (isolate.enter(NOW)) admitted++;
    expect(admitted).toBe(10);
    expect(isolate.local.inUse).toBe(10);
  });

  test("what has ended makes room for the next, without an ask", () => {
    const isolate = new Isolate("a", new SharedSlots(10, NOW));
    for (let i = 0; i < 10; i++) isolate.enter(NOW);
    isolate.local.free();
    expect(isolate.local.verdict(NOW + 60)).toBe("take");
    isolate.local.take();
    expect(isolate.local.verdict(NOW + 60)).toBe("ask");
  });

  test("frees no more than it has", () => {
    const { local } = new Isolate("a", new SharedSlots(10, NOW));
    local.free();
    expect(local.inUse).toBe(0);
  });

  test("does not use slots whose time is over", () => {
    const isolate = new Isolate("a", new SharedSlots(10, NOW));
    isolate.enter(NOW);
    isolate.local.free();
    expect(isolate.local.verdict(NOW + 9_999)).toBe("take");
    expect(isolate.local.verdict(NOW + 10_000)).toBe("ask");
  });

  test("one asks at a time, and one that is lost is not waited for", () => {
    const { local } = new Isolate("a", new SharedSlots(10, NOW));
    local.ask(true, NOW);
    expect(local.verdict(NOW + 5_000)).toBe("wait");
    expect(local.verdict(NOW + 5_001)).toBe("ask");
  });

  test("without its counter it goes on with a tenth of the limit, at least one", () => {
    const cold = new LocalSlots("s", 55, 0);
    cold.goAlone(NOW);
    let admitted = 0;
    for (; cold.verdict(NOW) === "take"; admitted++) cold.take();
    expect(admitted).toBe(5);
    const small = new LocalSlots("s", 3, 0);
    small.goAlone(NOW);
    expect(small.verdict(NOW)).toBe("take");
  });

  test("without its counter it goes on with what it held", () => {
    const isolate = new Isolate("a", new SharedSlots(10, NOW));
    for (let i = 0; i < 4; i++) isolate.enter(NOW);
    for (let i = 0; i < 4; i++) isolate.local.free();
    isolate.local.goAlone(NOW + 20_000);
    let admitted = 0;
    for (; isolate.local.verdict(NOW + 20_000) === "take"; admitted++) isolate.local.take();
    expect(admitted).toBeGreaterThanOrEqual(4);
    expect(admitted).toBeLessThanOrEqual(5);
  });

  // It goes on with what it held until it hears that it has less, and others have that already.
  test("that gives slots back does not use them while it says so", () => {
    const shared = new SharedSlots(10, NOW);
    const [a, b] = [new Isolate("a", shared), new Isolate("b", shared)];
    for (let i = 0; i < 10; i++) a.enter(NOW);
    for (let i = 0; i < 10; i++) a.local.free();
    a.local.receive(a.answer(a.local.ask(false, NOW + 7_000), NOW + 7_000), NOW + 7_000, NOW + 7_000);
    const ask = a.local.ask(false, NOW + 14_000);
    const grant = a.answer(ask, NOW + 14_000);
    // On their way: the answer to a, and requests.
    let inFlight = 0;
    for (let i = 0; i < 10; i++) if (b.enter(NOW + 14_001)) inFlight++;
    for (let i = 0; i < 10; i++) if (a.enter(NOW + 14_001)) inFlight++;
    a.local.receive(grant, NOW + 14_000, NOW + 14_002);
    expect(inFlight).toBeLessThanOrEqual(10);
  });
});

describe("never more in flight than the limit, of isolates that renew", () => {
  const DISTANCES: readonly [readonly [number, number], ...(readonly [number, number])[]] = [
    [0, 0],
    [0, 5],
    [5, 40],
    [20, 150],
  ];

  function scenario(seed: number, faults: Partial<SlotsScenario>): SlotsScenario {
    const random = new Random(seed * 7919 + 1);
    const limit = random.of([1, 3, 10, 50]);
    const turns = random.chance(0.4)
      ? { busy: 0, idle: 0 }
      : { busy: random.of([100, 500, 3000]), idle: random.of([100, 1000, 5000]) };
    return {
      limit,
      isolates: random.between(1, 6),
      seconds: 40,
      requests: random.of([0.5, 1, 3]) * limit * 3,
      longest: random.of([500, 3000, 15_000]),
      latency: random.of(DISTANCES),
      lost: 0,
      restarts: 0,
      deaths: 0,
      ...turns,
      ...faults,
    };
  }

  /** Runs in which there were too many, with how many. */
  function broken(faults: Partial<SlotsScenario>, first: number, last: number) {
    const found: { readonly seed: number; readonly most: number; readonly limit: number }[] = [];
    let admitted = 0;
    for (let seed = first; seed <= last; seed++) {
      const setting = scenario(seed, faults);
      const outcome = new SlotsWorld(setting, seed).run();
      admitted += outcome.admitted;
      const { most } = outcome;
      if (most > setting.limit) found.push({ seed, most, limit: setting.limit });
    }
    expect(admitted).toBeGreaterThan(1_000);
    return found;
  }

  test.each<readonly [string, Partial<SlotsScenario>]>([
    ["nothing goes wrong, and answers come at once", { latency: [0, 0] }],
    ["the counter restarts", { restarts: 0.3 }],
    ["isolates die", { deaths: 0.2 }],
  ])("%s", (_, faults) => {
    expect(broken(faults, 1, 60)).toEqual([]);
  });

  // Slots that are given back are used on until the answer has come.
  test("answers take their time, and some are lost", () => {
    expect(broken({ lost: 0.1, latency: [20, 150], busy: 1_000, idle: 3_000 }, 1, 150)).toEqual([]);
  });
});
