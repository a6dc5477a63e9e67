import { describe, expect, test } from "vitest";
import { Usefulness } from "../../src/cache/usefulness.ts";
import { type CachedGateway, cached } from "./support.ts";

/** Routes whose responses are never stored. */

const NOW = Date.UTC(2026, 10, 21);

function refusedOften(times: number, now = NOW): Usefulness {
  const subject = new Usefulness();
  for (let count = 0; count < times; count++) subject.refused(now);
  return subject;
}

/** Of 160 requests, how many pass the store by. */
const passing = (subject: Usefulness, now = NOW): number =>
  Array.from({ length: 160 }, () => subject.passes(now)).filter((passes) => passes).length;

test("a hundred in a row, and all but every sixteenth request pass", () => {
  expect(passing(refusedOften(99))).toBe(0);
  expect(passing(refusedOften(100))).toBe(150);
});

test("one that is of use ends it", () => {
  const subject = refusedOften(1_000);
  subject.proved();
  expect(passing(subject)).toBe(0);
  subject.refused(NOW);
  expect(passing(subject)).toBe(0);
});

test("nothing is known after a minute, or before it was seen", () => {
  expect(passing(refusedOften(100), NOW + 60_000)).toBe(150);
  expect(passing(refusedOften(100), NOW + 60_001)).toBe(0);
  expect(passing(refusedOften(100), NOW - 1)).toBe(0);
  const slow = new Usefulness();
  for (let minute = 0; minute < 200; minute++) slow.refused(NOW + minute * 60_001);
  expect(passing(slow, NOW + 199 * 60_001)).toBe(0);
});

describe("a route", () => {
  /** Answers as the path says, and counts what the shards are asked. */
  async function route() {
    const asked = { count: 0 };
    const own = await cached({ mode: "http" }, () => new Response());
    const subject = await own.beside({
      origin: (request) => {
        const { pathname, searchParams } = new URL(request.url);
        const freshness = pathname.startsWith("/fresh") ? "max-age=60" : "no-store";
        return new Response("x", {
          status: Number(searchParams.get("status") ?? 200),
          headers: { "cache-control": freshness, "content-length": "1" },
        });
      },
      around: (shard) => ({
        ...shard,
        lookup: (ask) => {
          asked.count++;
          return shard.lookup(ask);
        },
      }),
    });
    return { subject, asked };
  }

  async function send(
    subject: CachedGateway,
    count: number,
    target: (n: number) => string,
    headers: HeadersInit = {},
  ): Promise<void> {
    for (let n = 0; n < count; n++) await subject.send(target(n), { headers });
  }

  test("that never gives anything to store is not looked up, but now and then", async () => {
    const { subject, asked } = await route();
    await send(subject, 100, (n) => `/own/${n}`);
    expect(asked.count).toBe(100);
    await send(subject, 32, (n) => `/more/${n}`);
    expect(asked.count).toBe(102);
    expect((await subject.send("/more/x")).headers.get("cache-status")).toBe(
      "portico; fwd=miss; detail=never-stored",
    );
  });

  test("so it is where every request has credentials", async () => {
    const { subject, asked } = await route();
    await send(subject, 132, (n) => `/own/${n}`, { authorization: "Basic eDp5" });
    expect(asked.count).toBe(102);
  });

  test("is looked up again once there is something to store", async () => {
    const { subject, asked } = await route();
    await send(subject, 100, (n) => `/own/${n}`);
    await send(subject, 16, (n) => `/fresh/${n}`);
    expect(asked.count).toBe(101);
    expect((await subject.send("/fresh/15")).headers.get("cache-status")).toMatch(/^portico; hit/);
    await send(subject, 5, (n) => `/own/again/${n}`);
    expect(asked.count).toBe(106);
  });

  test("that answers some from memory is looked up", async () => {
    const { subject, asked } = await route();
    await send(subject, 1, () => "/fresh");
    for (let round = 0; round < 3; round++) {
      await send(subject, 60, (n) => `/own/${round}/${n}`);
      await send(subject, 1, () => "/fresh");
    }
    expect(asked.count).toBeGreaterThanOrEqual(181);
  });

  test.each([
    ["errors", (n: number) => `/own/${n}?status=404`, {}],
    ["who wants nothing stored", (n: number) => `/fresh/own/${n}`, { "cache-control": "no-store" }],
    [
      "responses that credentials make private",
      (n: number) => `/fresh/own/${n}`,
      { authorization: "Basic eDp5" },
    ],
  ])("is not given up because of %s", async (_, target, headers) => {
    const { subject, asked } = await route();
    await send(subject, 120, target, headers);
    expect(asked.count).toBe(120);
  });
});
