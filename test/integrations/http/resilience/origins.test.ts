import { describe, expect, test } from "vitest";
import { World } from "./support.ts";

const TWO = [
  { uri: "https://a.test/", weight: 3 },
  { uri: "https://b.test/", weight: 1 },
];
/** Opens at the second failure in a row, for a second. */
const CIRCUIT = { failures: 2, openInMillis: 1000 };

/** Numbers from 0 to 1 in even steps, in an order of their own. */
function even(steps: number): () => number {
  let turn = 0;
  return () => ((turn++ * 7) % steps) / steps;
}

describe("several origins", () => {
  test("get the requests by their weights", async () => {
    const world = new World({ "a.test": 200, "b.test": 200 }, even(100));
    const send = world.sender({ origins: TWO });
    for (let i = 0; i < 100; i++) await world.send(send);
    expect(world.hosts.filter((host) => host === "a.test").length).toBe(75);
  });

  test("one that fails is not asked a second time while there is another", async () => {
    const world = new World({ "a.test": "reset", "b.test": 200 }, () => 0);
    const sent = await world.send(world.sender({ origins: TWO, retry: {} }));
    expect([sent.result, world.hosts, sent.outcome.origin]).toEqual([200, ["a.test", "b.test"], "b.test"]);
  });

  test("all that fail are asked in turn", async () => {
    const world = new World({}, () => 0);
    await world.send(world.sender({ origins: TWO, retry: { attempts: 4 } }));
    expect(world.hosts).toEqual(["a.test", "b.test", "a.test", "b.test"]);
  });

  test("one of weight 0 stands by", async () => {
    const origins = [{ uri: "https://a.test/" }, { uri: "https://standby.test/", weight: 0 }];
    const world = new World({ "a.test": ["reset", 200], "standby.test": 200 }, even(7));
    const send = world.sender({ origins, retry: {} });
    for (let i = 0; i < 5; i++) expect((await world.send(send)).result).toBe(200);
    expect(world.hosts).toEqual(["a.test", "standby.test", "a.test", "a.test", "a.test", "a.test"]);
  });
});

describe("a circuit", () => {
  test("open, refuses at once, says when to come again, and no request reaches the origin", async () => {
    const world = new World({ "a.test": ["reset", 503, 200] });
    const send = world.sender({ uri: "https://a.test/", circuit: CIRCUIT });
    const results = [];
    for (let i = 0; i < 4; i++) results.push((await world.send(send)).result);
    expect(results).toEqual([
      "integration.network",
      503,
      "integration.circuit_open",
      "integration.circuit_open",
    ]);
    const { error } = await world.send(send);
    expect([error?.type, error?.headers]).toEqual(["INTEGRATION_FAILURE", { "retry-after": "1" }]);
    expect(error?.message).toBe("a.test of ANY /{proxy+} failed too often and is left alone for 1 s");
    expect(world.seen.length).toBe(2);
    await world.clock.pass(1000);
    expect((await world.send(send)).result).toBe(200);
    expect((await world.send(send)).result).toBe(200);
  });

  test("is half-open for one request at a time", async () => {
    const world = new World({ "a.test": ["reset", "reset", { afterMs: 300, what: 200 }, 200] });
    const send = world.sender({ uri: "https://a.test/", circuit: CIRCUIT });
    for (let i = 0; i < 2; i++) await world.send(send);
    await world.clock.pass(1000);
    const probe = world.send(send);
    expect((await world.send(send)).result).toBe("integration.circuit_open");
    expect((await probe).result).toBe(200);
    expect((await world.send(send)).result).toBe(200);
    expect(world.seen.length).toBe(4);
  });

  test("leaves the requests to the other origins, without a failed one", async () => {
    const world = new World({ "a.test": "reset", "b.test": 200 }, () => 0);
    const send = world.sender({ origins: TWO, retry: {}, circuit: CIRCUIT });
    for (let i = 0; i < 10; i++) expect((await world.send(send)).result).toBe(200);
    expect(world.hosts.slice(4)).toEqual(Array(8).fill("b.test"));
  });

  test("is known to every route of the same origin and settings, also when they are built anew", async () => {
    const world = new World({ "a.test": "reset" });
    const route = (uri: string, more = {}) => world.sender({ uri, circuit: { ...CIRCUIT, ...more } });
    await world.send(route("https://a.test/x"));
    await world.send(route("https://A.test/y"));
    expect((await world.send(route("https://a.test/z"))).result).toBe("integration.circuit_open");
    expect((await world.send(route("https://a.test/z", { failures: 3 }))).result).toBe("integration.network");
    expect((await world.send(world.sender({ uri: "https://a.test/" }))).result).toBe("integration.network");
  });

  test("opens on timeouts, and on the statuses of the entry only", async () => {
    const world = new World({ "a.test": "stall", "b.test": 503, "c.test": 500 });
    const circuit = { ...CIRCUIT, statuses: [500] };
    const twice = async (host: string) => {
      const send = world.sender({ uri: `https://${host}/`, timeoutInMillis: 100, circuit });
      for (let i = 0; i < 2; i++) await world.send(send);
      return (await world.send(send)).result;
    };
    expect([await twice("a.test"), await twice("b.test"), await twice("c.test")]).toEqual([
      "integration.circuit_open",
      503,
      "integration.circuit_open",
    ]);
  });

  test("R-26 no client opens it with bodies that break off or crawl", async () => {
    const world = new World({ "a.test": ["reset", "reset", "stall", "stall", "reset", "reset", 200] });
    const send = world.sender({ uri: "https://a.test/", timeoutInMillis: 100, circuit: CIRCUIT });
    for (let i = 0; i < 6; i++) {
      const body = new ReadableStream<Uint8Array>({ pull: (c) => c.close() });
      await world.send(send, { method: "POST", body });
    }
    expect((await world.send(send)).result).toBe(200);
  });

  test("a last attempt that got too little time is not held against its origin", async () => {
    const world = new World({ "a.test": [{ afterMs: 90, what: 503 }, "stall"], "b.test": "stall" });
    const send = world.sender({
      uri: "https://a.test/",
      timeoutInMillis: 100,
      retry: { attempts: 2, backoffInMillis: 0 },
      circuit: { failures: 2 },
    });
    expect((await world.send(send)).result).toBe("integration.timeout");
    world.origins["a.test"] = 200;
    expect((await world.send(send)).result).toBe(200);
  });

  test("a half-open one is no dead end: a probe that its client breaks off makes room", async () => {
    const world = new World({ "a.test": ["reset", "reset", "stall", 200] });
    const send = world.sender({ uri: "https://a.test/", circuit: CIRCUIT });
    for (let i = 0; i < 2; i++) await world.send(send);
    await world.clock.pass(1000);
    const stop = new AbortController();
    world.clock.after(10, () => stop.abort(new Error("gone")));
    expect((await world.send(send, { stop: stop.signal })).tookMs).toBe(10);
    expect((await world.send(send)).result).toBe(200);
  });

  test("open, it ends the retries: what failed last is the answer", async () => {
    const world = new World({ "a.test": 503 });
    const send = world.sender({ uri: "https://a.test/", retry: { attempts: 5 }, circuit: CIRCUIT });
    const sent = await world.send(send);
    expect([sent.result, world.seen.length]).toEqual([503, 2]);
  });
});
