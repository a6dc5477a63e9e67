import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Circuit } from "../../../../src/integrations/http/resilience/circuit.ts";

const SETTINGS = {
  failures: 3,
  failurePercent: 50,
  minimumRequests: 10,
  windowInMillis: 1000,
  openInMillis: 500,
  probes: 2,
};

/** Sends requests one after the other; how many were let through. */
function send(circuit: Circuit, results: string, now: number): number {
  let sent = 0;
  for (const result of results) {
    const permit = circuit.enter(now);
    if (permit === undefined) continue;
    sent += 1;
    circuit.report(permit, result === "+", now);
  }
  return sent;
}

function opened(settings = SETTINGS): Circuit {
  const circuit = new Circuit(settings);
  send(circuit, "-".repeat(settings.failures), 1000);
  return circuit;
}

describe("a circuit opens", () => {
  test.each([
    ["after as many failures in a row as it says", "---", 1000, true],
    ["not after fewer", "--", 1000, false],
    ["not when a success comes between", "--+--+--", 1000, false],
    ["when half of at least ten requests fail", "-+-+-+-+-+", 1000, false],
    ["and the last of them is one", "-+-+-+-+-+-", 1000, true],
    ["not for the share of fewer than ten", "-+-+-+-+-", 1000, false],
    ["not while less than half fail", "-++-++-++-++-++", 1000, false],
  ])("%s: %s", (_, results, now, open) => {
    const circuit = new Circuit(SETTINGS);
    send(circuit, results, now);
    expect(circuit.admits(now)).toBe(!open);
    expect(circuit.waitMs(now)).toBe(open ? 500 : 0);
  });

  test("by the share of its window only", () => {
    const circuit = new Circuit({ ...SETTINGS, failures: 1000 });
    send(circuit, "-".repeat(9), 1000);
    send(circuit, "-", 2100);
    expect(circuit.admits(2100)).toBe(true);
  });
});

describe("an open circuit", () => {
  test("lets nothing through for its time, then as many as it needs to judge", () => {
    const circuit = opened();
    expect(send(circuit, "+++", 1499)).toBe(0);
    expect(
      [circuit.enter(1500), circuit.enter(1500), circuit.enter(1500)].filter((permit) => permit !== undefined)
        .length,
    ).toBe(2);
  });

  test("closes when its probes succeed, and has forgotten what was", () => {
    const circuit = opened();
    expect(send(circuit, "++", 1500)).toBe(2);
    expect(send(circuit, "--", 1500)).toBe(2);
    expect(circuit.admits(1500)).toBe(true);
    expect(send(circuit, "-", 1500)).toBe(1);
    expect(circuit.admits(1500)).toBe(false);
  });

  test("opens anew when one fails, for its whole time", () => {
    const circuit = opened();
    expect(send(circuit, "+-++", 1600)).toBe(2);
    expect([circuit.admits(2099), circuit.admits(2100)]).toEqual([false, true]);
  });

  test("does not listen to requests from before", () => {
    const circuit = new Circuit(SETTINGS);
    const early = circuit.enter(900) ?? -1;
    send(circuit, "---", 1000);
    const probe = circuit.enter(1500) ?? -1;
    circuit.report(early, true, 1500);
    circuit.report(early, false, 1500);
    circuit.report(probe, true, 1500);
    circuit.report(probe, true, 1500);
    // One success reported twice is one success.
    expect(send(circuit, "+", 1500)).toBe(1);
    expect(send(circuit, "+++", 1500)).toBe(3);
  });

  test("closed again, it counts its share anew", () => {
    const circuit = new Circuit({ ...SETTINGS, failures: 1000, openInMillis: 100, probes: 1 });
    send(circuit, "-".repeat(10), 1000);
    expect(circuit.admits(1000)).toBe(false);
    expect(send(circuit, "+", 1100)).toBe(1);
    expect(send(circuit, "-".repeat(9), 1100)).toBe(9);
    expect(circuit.admits(1100)).toBe(true);
  });

  test("does not listen to probes of the time before", () => {
    const circuit = opened();
    const [failed = -1, late = -1] = [circuit.enter(1500), circuit.enter(1500)];
    circuit.report(failed, false, 1500);
    circuit.report(late, true, 1600);
    expect(send(circuit, "+", 2000)).toBe(1);
    expect([circuit.enter(2000), circuit.enter(2000)].filter((permit) => permit !== undefined).length).toBe(
      1,
    );
  });

  test("a probe that never comes back gives its place up", () => {
    const circuit = opened({ ...SETTINGS, probes: 1 });
    const lost = circuit.enter(1500) ?? -1;
    expect([circuit.admits(1999), circuit.admits(2000)]).toEqual([false, true]);
    expect(send(circuit, "+", 2000)).toBe(1);
    circuit.report(lost, false, 2001);
    expect(circuit.admits(2001)).toBe(true);
  });

  test("a probe whose client broke off makes room at once, and says nothing", () => {
    const circuit = opened({ ...SETTINGS, probes: 1 });
    circuit.release(circuit.enter(1500) ?? -1);
    expect(circuit.admits(1500)).toBe(true);
    expect(send(circuit, "-", 1500)).toBe(1);
    expect(circuit.admits(1501)).toBe(false);
  });
});

/** The same rules, told from a list of all that has happened. */
class Model {
  #epoch = 0;
  #state: "closed" | "open" | "half" = "closed";
  #reports: { at: number; ok: boolean }[] = [];
  #openedAt = 0;
  #probes: { id: number; at: number }[] = [];
  #passed = 0;
  readonly #permits = new Map<number, { epoch: number; probe: boolean }>();
  readonly #settings: typeof SETTINGS;

  constructor(settings: typeof SETTINGS) {
    this.#settings = settings;
  }

  enter(id: number, now: number): boolean {
    if (this.#state === "open" && now - this.#openedAt >= this.#settings.openInMillis) this.#state = "half";
    if (this.#state === "open") return false;
    if (this.#state === "half") {
      this.#probes = this.#probes.filter(({ at }) => now - at < this.#settings.openInMillis);
      if (this.#probes.length + this.#passed >= this.#settings.probes) return false;
      this.#probes.push({ id, at: now });
    }
    this.#permits.set(id, { epoch: this.#epoch, probe: this.#state === "half" });
    return true;
  }

  report(id: number, ok: boolean, now: number): void {
    const permit = this.#permits.get(id);
    if (permit?.epoch !== this.#epoch) return;
    if (permit.probe) {
      if (!this.#probes.some((probe) => probe.id === id)) return;
      this.#probes = this.#probes.filter((probe) => probe.id !== id);
      if (!ok) this.#change("open", now);
      else if (++this.#passed === this.#settings.probes) this.#change("closed", now);
      return;
    }
    this.#reports.push({ at: now, ok });
    if (ok) return;
    const { failures, failurePercent, minimumRequests, windowInMillis } = this.#settings;
    const slot = windowInMillis / 10;
    const recent = this.#reports.filter(({ at }) => Math.floor(at / slot) > Math.floor(now / slot) - 10);
    const failed = recent.filter((report) => !report.ok).length;
    const inARow = this.#reports.slice(-failures);
    const row = inARow.length === failures && inARow.every((report) => !report.ok);
    const share = recent.length >= minimumRequests && failed / recent.length >= failurePercent / 100;
    if (row || share) this.#change("open", now);
  }

  #change(state: "closed" | "open", now: number): void {
    this.#state = state;
    this.#epoch += 1;
    this.#reports = [];
    this.#openedAt = now;
    this.#probes = [];
    this.#passed = 0;
  }
}

test("whatever comes in whatever order, it does as the rules say", () => {
  const settings = fc.record({
    failures: fc.integer({ min: 1, max: 6 }),
    failurePercent: fc.constantFrom(1, 10, 25, 50, 75, 100),
    minimumRequests: fc.integer({ min: 1, max: 12 }),
    windowInMillis: fc.constant(1000),
    openInMillis: fc.constantFrom(100, 500, 3000),
    probes: fc.integer({ min: 1, max: 3 }),
  });
  const enter = fc.record({
    kind: fc.constant("enter" as const),
    afterMs: fc.constantFrom(0, 0, 0, 7, 100, 600),
  });
  const done = (kind: "ok" | "failed") =>
    fc.record({ kind: fc.constant(kind), afterMs: fc.constantFrom(0, 3), which: fc.nat(5) });
  const step = fc.oneof(
    { arbitrary: enter, weight: 4 },
    { arbitrary: done("ok"), weight: 1 },
    { arbitrary: done("failed"), weight: 2 },
  );
  fc.assert(
    fc.property(settings, fc.array(step, { minLength: 60, maxLength: 150 }), (chosen, steps) => {
      const circuit = new Circuit(chosen);
      const model = new Model(chosen);
      const underWay: { id: number; permit: number }[] = [];
      let now = 100_000;
      for (const [id, action] of steps.entries()) {
        now += action.afterMs;
        if (action.kind === "enter") {
          const admits = circuit.admits(now);
          const permit = circuit.enter(now);
          if ((permit !== undefined) !== admits || model.enter(id, now) !== admits) return false;
          if (permit !== undefined) underWay.push({ id, permit });
          continue;
        }
        const [ended] = underWay.splice(action.which % Math.max(1, underWay.length), 1);
        if (!ended) continue;
        circuit.report(ended.permit, action.kind === "ok", now);
        model.report(ended.id, action.kind === "ok", now);
      }
      return true;
    }),
    { numRuns: 500 },
  );
});

test("an origin that is well again is found well again, whatever was before", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ afterMs: fc.nat(700), result: fc.constantFrom("+", "-", "lost") }), {
        maxLength: 60,
      }),
      (steps) => {
        const circuit = new Circuit(SETTINGS);
        let now = 1000;
        for (const { afterMs, result } of steps) {
          now += afterMs;
          const permit = circuit.enter(now);
          if (permit !== undefined && result !== "lost") circuit.report(permit, result === "+", now);
        }
        now += SETTINGS.openInMillis;
        expect(send(circuit, "++", now)).toBe(2);
        expect(send(circuit, "+".repeat(50), now)).toBe(50);
      },
    ),
  );
});
