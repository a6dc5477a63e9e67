import { describe, expect, test } from "vitest";
import type { Behaviour } from "./support.ts";
import { World } from "./support.ts";

const SAID = { statusCode: 200, headers: { "content-type": "application/json" }, body: '{"items":[]}' };
const stream = (): ReadableStream<Uint8Array> => new ReadableStream({ pull: (c) => c.close() });

describe("an answer of the configuration's", () => {
  test.each<[string, Behaviour, string]>([
    ["a reset", "reset", "the origin a.test of ANY /{proxy+} failed: Network connection lost."],
    ["a stall", "stall", "the integration of ANY /{proxy+} did not answer within 200 ms"],
    ["503", 503, "a.test answered with 503"],
  ])("stands in for %s", async (_, origin, why) => {
    const world = new World({ "a.test": origin });
    const send = world.sender({ uri: "https://a.test/", timeoutInMillis: 200, fallback: SAID });
    const { response, outcome } = await world.send(send);
    expect([response?.status, await response?.text()]).toEqual([200, '{"items":[]}']);
    expect(Object.fromEntries(response?.headers ?? [])).toEqual({
      "content-type": "application/json",
      "cache-control": "no-store",
    });
    expect(outcome).toMatchObject({
      reason: "integration.fallback",
      detail: `the fallback of ANY /{proxy+} answers: ${why}`,
      origin: "a.test",
    });
  });

  test.each([200, 404, 500, 501])("not for %i", async (status) => {
    const world = new World({ "a.test": status });
    const sent = await world.send(world.sender({ uri: "https://a.test/", fallback: SAID }));
    expect([sent.result, await sent.response?.text()]).toEqual([status, `status ${status}`]);
    expect(sent.outcome.reason).toBeUndefined();
  });

  test("but for the statuses that the entry names", async () => {
    const world = new World({ "a.test": 404 });
    const fallback = { statusCode: 299, statuses: [404] };
    expect((await world.send(world.sender({ uri: "https://a.test/", fallback }))).result).toBe(299);
    expect(world.cancelled).toBe(1);
  });

  test("for every method: nothing is done by it", async () => {
    const world = new World({ "a.test": "reset" });
    const send = world.sender({ uri: "https://a.test/", fallback: { statusCode: 202 } });
    expect((await world.send(send, { method: "POST", body: stream() })).result).toBe(202);
  });

  test("after the retries, and at once with an open circuit", async () => {
    const world = new World({ "a.test": "reset" });
    const send = world.sender({
      uri: "https://a.test/",
      retry: {},
      circuit: { failures: 3 },
      fallback: SAID,
    });
    expect([(await world.send(send)).result, world.seen.length]).toEqual([200, 3]);
    const second = await world.send(send);
    expect([second.result, second.tookMs, world.seen.length]).toEqual([200, 0, 3]);
    expect(second.outcome.detail).toMatch(/a\.test of .* failed too often and is left alone for 10 s$/);
  });

  test("a body is given anew to each request, and cache-control is the entry's when it has one", async () => {
    const world = new World({});
    const fallback = { ...SAID, headers: { "Cache-Control": "max-age=5" } };
    const send = world.sender({ uri: "https://a.test/", fallback });
    for (let i = 0; i < 2; i++) {
      const { response } = await world.send(send);
      expect([await response?.text(), response?.headers.get("cache-control")]).toEqual([
        SAID.body,
        "max-age=5",
      ]);
    }
  });
});

describe("another origin", () => {
  const FALLBACK = { uri: "https://f.test/" };

  test("is asked when all others have failed, with the same request", async () => {
    const world = new World({ "f.test": 200 });
    const body = new TextEncoder().encode("body");
    const send = world.sender({
      origins: [{ uri: "https://a.test/" }, { uri: "https://b.test/" }],
      retry: { attempts: 2 },
      fallback: FALLBACK,
    });
    const sent = await world.send(send, { method: "PUT", body });
    expect([sent.result, sent.outcome.origin, world.hosts.at(-1)]).toEqual([200, "f.test", "f.test"]);
    expect(world.seen.map((seen) => [seen.method, seen.body])).toEqual(Array(3).fill(["PUT", body]));
  });

  test("has the route's time once more, or its own", async () => {
    const world = new World({ "a.test": "stall", "f.test": { afterMs: 900, what: 200 } });
    const ask = (fallback: object) =>
      world.send(world.sender({ uri: "https://a.test/", timeoutInMillis: 1000, fallback }));
    const first = await ask(FALLBACK);
    expect([first.result, first.tookMs]).toEqual([200, 1900]);
    const second = await ask({ ...FALLBACK, timeoutInMillis: 500 });
    expect([second.result, second.tookMs]).toEqual(["integration.timeout", 1500]);
  });

  test("that fails too leaves the first failure, answer and all", async () => {
    const world = new World({ "a.test": 503, "f.test": "reset" });
    const sent = await world.send(world.sender({ uri: "https://a.test/", fallback: FALLBACK }));
    expect([sent.result, await sent.response?.text(), sent.outcome.reason]).toEqual([
      503,
      "status 503",
      undefined,
    ]);
    expect(sent.outcome.origin).toBe("a.test");
    expect(sent.outcome.detail).toMatch(
      /^a\.test answered with 503; the fallback failed too: the origin f\.test /,
    );
    const lost = new World({ "f.test": "reset" });
    const { error } = await lost.send(lost.sender({ uri: "https://a.test/", fallback: FALLBACK }));
    expect([error?.reason, error?.message]).toEqual([
      "integration.network",
      expect.stringMatching(/^the origin a\.test .*; the fallback failed too: the origin f\.test /),
    ]);
  });

  test("gets no request that may have been carried out already", async () => {
    const world = new World({ "f.test": 200 });
    const send = world.sender({ uri: "https://a.test/", fallback: FALLBACK });
    const body = new TextEncoder().encode("body");
    expect((await world.send(send, { method: "POST", body })).result).toBe("integration.network");
    expect((await world.send(send, { method: "PUT", body: stream() })).result).toBe("integration.network");
    expect(world.hosts).toEqual(["a.test", "a.test"]);
  });

  test("gets any request that was sent nowhere yet", async () => {
    const world = new World({ "f.test": 200 });
    const send = world.sender({ uri: "https://a.test/", circuit: { failures: 1 }, fallback: FALLBACK });
    await world.send(send);
    const body = stream();
    const sent = await world.send(send, { method: "POST", body });
    expect([sent.result, world.seen.at(-1)?.host, world.seen.at(-1)?.body]).toEqual([200, "f.test", body]);
  });
});
