import { describe, expect, test } from "vitest";
import type { Behaviour } from "./support.ts";
import { World } from "./support.ts";

const URI = { uri: "https://a.test/" };
const BYTES = new TextEncoder().encode("body");
const stream = (): ReadableStream<Uint8Array> => new ReadableStream({ pull: (c) => c.close() });

describe("a request is sent again", () => {
  test.each<[string, Behaviour[], number | string, number]>([
    ["after a reset", ["reset", 200], 200, 2],
    ["after 502", [502, 200], 200, 2],
    ["after 503", [503, 200], 200, 2],
    ["after 504", [504, 200], 200, 2],
    ["not after 500", [500, 200], 500, 1],
    ["not after 404", [404, 200], 404, 1],
    ["not after 429", [429, 200], 429, 1],
    ["at most as often as it says", [503, 503, 503, 200], 503, 3],
    ["and what the last one failed with is the answer", [503, 503, "reset"], "integration.network", 3],
    ["and what the last one answered", ["reset", "reset", 503], 503, 3],
  ])("%s", async (_, origin, result, attempts) => {
    const world = new World({ "a.test": origin });
    const sent = await world.send(world.sender({ ...URI, retry: {} }));
    expect([sent.result, world.seen.length, sent.outcome.attempts]).toEqual([result, attempts, attempts]);
    expect(world.clock.pending).toBe(0);
  });

  test("after the statuses of the entry, and no others", async () => {
    const world = new World({ "a.test": [429, 418, 503] });
    const sent = await world.send(world.sender({ ...URI, retry: { statuses: [429, 418] } }));
    expect([sent.result, world.seen.length]).toEqual([503, 3]);
  });

  test("never without the entry", async () => {
    for (const more of [{}, { circuit: {} }, { fallback: { statusCode: 299, statuses: [501] } }]) {
      const world = new World({ "a.test": 503 });
      expect([(await world.send(world.sender({ ...URI, ...more }))).result, world.seen.length]).toEqual([
        503, 1,
      ]);
    }
  });

  test("answers that nobody gets are let go, the last is not", async () => {
    const world = new World({ "a.test": 503 });
    const { response } = await world.send(world.sender({ ...URI, retry: {} }));
    expect(world.cancelled).toBe(2);
    expect(await response?.text()).toBe("status 503");
  });
});

describe("what may not be done twice is done once", () => {
  test.each<[string, Parameters<World["send"]>[1], Record<string, unknown>, number]>([
    ["GET", {}, {}, 3],
    ["PUT with bytes", { method: "PUT", body: BYTES }, {}, 3],
    ["DELETE", { method: "DELETE" }, {}, 3],
    ["POST", { method: "POST", body: BYTES }, {}, 1],
    ["PATCH", { method: "PATCH", body: BYTES }, {}, 1],
    ["POST of an entry that allows it", { method: "POST", body: BYTES }, { methods: ["post"] }, 3],
    ["GET of an entry that only allows POST", {}, { methods: ["POST"] }, 1],
    [
      "POST with a key that the entry goes by",
      { method: "POST", body: BYTES, headers: { "idempotency-key": "k" } },
      { idempotencyKey: true },
      3,
    ],
    [
      "POST with a key that it does not",
      { method: "POST", body: BYTES, headers: { "idempotency-key": "k" } },
      {},
      1,
    ],
    ["PUT whose body streams through", { method: "PUT", body: stream() }, {}, 1],
    [
      "POST with a key, whose body streams through",
      { method: "POST", body: stream(), headers: { "idempotency-key": "k" } },
      { idempotencyKey: true },
      1,
    ],
  ])("%s", async (_, sending, retry, attempts) => {
    const world = new World({ "a.test": "reset" });
    const { result } = await world.send(world.sender({ ...URI, retry }), sending);
    expect([result, world.seen.length]).toEqual(["integration.network", attempts]);
    for (const { method, body } of world.seen) {
      expect([method, body]).toEqual([sending?.method ?? "GET", sending?.body ?? null]);
    }
  });
});

describe("time", () => {
  test("each attempt has its own, and is ended by it", async () => {
    const world = new World({ "a.test": ["stall", "stall", 200] });
    const retry = { perTryTimeoutInMillis: 1000, backoffInMillis: 0 };
    const sent = await world.send(world.sender({ ...URI, retry }));
    expect([sent.result, sent.tookMs]).toEqual([200, 2000]);
    expect(world.seen.map(({ signal }) => signal?.aborted)).toEqual([true, true, false]);
  });

  test("the route's timeout bounds all of them", async () => {
    const world = new World({ "a.test": "stall" });
    const retry = { attempts: 10, perTryTimeoutInMillis: 400, backoffInMillis: 0 };
    const sent = await world.send(world.sender({ ...URI, timeoutInMillis: 1000, retry }));
    expect([sent.result, sent.tookMs, world.seen.map(({ at }) => at)]).toEqual([
      "integration.timeout",
      1000,
      [0, 400, 800],
    ]);
    expect(sent.error?.message).toBe("the integration of ANY /{proxy+} did not answer within 1000 ms");
    expect(world.seen.every(({ signal }) => signal?.aborted)).toBe(true);
  });

  test("an attempt's own limit is the one that its error names", async () => {
    const world = new World({ "a.test": "stall" });
    const sent = await world.send(
      world.sender({ ...URI, timeoutInMillis: 1000, retry: { attempts: 2, perTryTimeoutInMillis: 400 } }),
    );
    expect(sent.error?.message).toBe("the integration of ANY /{proxy+} did not answer within 400 ms");
  });

  test("the waits between them double, drawn at random", async () => {
    const world = new World({ "a.test": 503 }, () => 0.5);
    await world.send(world.sender({ ...URI, retry: { attempts: 5, backoffInMillis: 100 } }));
    expect(world.seen.map(({ at }) => at)).toEqual([0, 50, 150, 350, 750]);
  });

  test("a wait that ends after the route's timeout is not begun: the answer at hand is given", async () => {
    const world = new World({ "a.test": 503 }, () => 0.999);
    const sent = await world.send(
      world.sender({ ...URI, timeoutInMillis: 50, retry: { backoffInMillis: 100 } }),
    );
    expect([sent.result, sent.tookMs, world.seen.length]).toEqual([503, 0, 1]);
    expect(await sent.response?.text()).toBe("status 503");
  });

  test("a healthy answer is not cut off by the limits of its attempt", async () => {
    const world = new World({ "a.test": 200 });
    const { response } = await world.send(world.sender({ ...URI, retry: { perTryTimeoutInMillis: 50 } }));
    await world.clock.pass(100_000);
    expect(await response?.text()).toBe("status 200");
    expect(world.seen[0]?.signal?.aborted).toBe(false);
  });
});

describe("Retry-After", () => {
  const busy = (value: string) => [{ status: 503, headers: { "retry-after": value } }, 200] as const;
  test.each([
    ["2", 200, [0, 2000]],
    ["0", 200, [0, 12.5]],
    ["5", 200, [0, 5000]],
    ["6", 503, [0]],
    ["3600", 503, [0]],
  ])("of %s s", async (value, result, at) => {
    const world = new World({ "a.test": busy(value) });
    const sent = await world.send(world.sender({ ...URI, retry: {} }));
    expect([sent.result, world.seen.map((seen) => seen.at)]).toEqual([result, at.map(Math.floor)]);
    expect(sent.response?.headers.get("retry-after")).toBe(result === 503 ? value : null);
  });

  test("another origin was not meant", async () => {
    const world = new World({ "a.test": busy("3600"), "b.test": 200 }, () => 0);
    const origins = [{ uri: "https://a.test/" }, { uri: "https://b.test/" }];
    expect((await world.send(world.sender({ origins, retry: {} }))).result).toBe(200);
    expect(world.hosts).toEqual(["a.test", "b.test"]);
  });
});

describe("a budget", () => {
  test("keeps a failing origin from three times its requests", async () => {
    const world = new World({ "a.test": 503 });
    const send = world.sender({ ...URI, retry: { backoffInMillis: 0, budgetPercent: 10 } });
    for (let i = 0; i < 300; i++) await world.send(send);
    expect(world.seen.length).toBe(330);
  });

  test("is one for all routes to the same origins, also when they are built anew", async () => {
    const world = new World({ "a.test": 503 });
    for (let i = 0; i < 20; i++) {
      await world.send(world.sender({ uri: `https://a.test/${i}`, retry: { backoffInMillis: 0 } }));
    }
    expect(world.seen.length).toBe(30);
  });
});

describe("what is not the origin's fault is no reason to try again", () => {
  test("a body that a guard stops", async () => {
    const stop = new AbortController();
    const world = new World({ "a.test": "stall" });
    world.clock.after(100, () => stop.abort(new Error("stopped")));
    const sent = await world.send(world.sender({ ...URI, retry: {} }), { stop: stop.signal });
    expect([world.seen.length, sent.tookMs]).toEqual([1, 100]);
  });

  test("R-15 a loop, whichever of the origins it is", async () => {
    const world = new World({ "b.test": 200 });
    const origins = [{ uri: "https://b.test/" }, { uri: "https://API.test/x" }];
    for (const more of [{ origins }, { uri: "https://b.test/", fallback: { uri: "https://api.test/" } }]) {
      expect((await world.send(world.sender({ retry: {}, ...more }))).result).toBe("integration.loop");
    }
    expect(world.seen).toEqual([]);
  });

  test("a URL that its stage's variables leave broken", async () => {
    const world = new World({ "b.test": 200 });
    const origins = [{ uri: "https://b.test/" }, { uri: "https://${stageVariables.host}/" }];
    expect((await world.send(world.sender({ origins }))).result).toBe("integration.uri");
    expect((await world.send(world.sender({ origins }, { host: "c.test" }))).result).not.toBe(
      "integration.uri",
    );
  });
});
