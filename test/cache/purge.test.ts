import { describe, expect, test } from "vitest";
import { managementApp } from "../../src/management/management.ts";
import { parsePurge, purge } from "../../src/management/purge.ts";
import { inspection, TOKEN } from "../management/inspection.ts";
import { type CachedGateway, cached, counting } from "./support.ts";

const HTTP = { mode: "http" };
const BASE = "https://api.test";
const request = { api: "default", stage: "$default", soft: false } as const;

/** As an isolate that remembers nothing sees it. */
async function seen(subject: CachedGateway, target: string): Promise<string> {
  const other = await subject.beside({ origin: counting({ "cache-control": "max-age=60" }) });
  return (await other.get(target))[1];
}

async function filled(): Promise<CachedGateway> {
  const subject = await cached(HTTP, (request) => {
    const tag = request.url.includes("/users/") ? "users, all" : "all";
    return new Response("x", { headers: { "cache-control": "max-age=60", "cache-tag": tag } });
  });
  for (const path of ["/users/1", "/users/2?b=1&a=2", "/orders/1"]) await subject.get(path);
  return subject;
}

const open = (subject: CachedGateway) => (name: string) => subject.shard(name);
const HIT = "portico; hit";
const MISS = "portico; fwd=uri-miss; stored";

describe("a purge", () => {
  test.each([
    ["everything", { all: true } as const, 3, [MISS, MISS, MISS]],
    ["a tag", { tag: "users" }, 2, [MISS, MISS, HIT]],
    ["a tag that nothing has", { tag: "user" }, 0, [HIT, HIT, HIT]],
    ["a URL, in any order of its query", { url: `${BASE}/users/2?a=2&b=1` }, 1, [HIT, MISS, HIT]],
    ["what URLs begin with", { prefix: `${BASE}/users/` }, 2, [MISS, MISS, HIT]],
    ["a route", { route: "ANY /{proxy+}" }, 3, [MISS, MISS, MISS]],
    ["another route", { route: "GET /" }, 0, [HIT, HIT, HIT]],
    ["another stage", { all: true, stage: "prod" } as const, 0, [HIT, HIT, HIT]],
  ])("of %s", async (_, what, count, after) => {
    const subject = await filled();
    expect(await purge({ ...request, ...what }, open(subject))).toBe(count);
    const found: string[] = [];
    for (const target of ["/users/1", "/users/2?a=2&b=1", "/orders/1"])
      found.push(await seen(subject, target));
    expect(found).toEqual(after);
  });

  test("with soft keeps what may be validated", async () => {
    const subject = await cached(HTTP, (request) =>
      request.headers.get("if-none-match") === '"e"'
        ? new Response(null, { status: 304 })
        : new Response("x", { headers: { "cache-control": "max-age=60", etag: '"e"' } }),
    );
    await subject.get("/a");
    expect(await purge({ ...request, all: true, soft: true }, open(subject))).toBe(1);
    const other = await subject.beside({
      origin: () => new Response(null, { status: 304, headers: { etag: '"e"' } }),
    });
    expect(await other.get("/a")).toEqual(["x", "portico; fwd=stale; fwd-status=304; stored"]);
  });

  test.each([
    ["a URL", { url: `${BASE}/a` }],
    ["a tag", { tag: "users" }],
  ])("of %s with soft is not undone by a validation that began before it", async (_, what) => {
    const held = Promise.withResolvers<void>();
    const headers = { etag: '"e"', "cache-control": "max-age=60", "cache-tag": "users" };
    const subject = await cached(HTTP, async (request) => {
      if (!request.headers.has("if-none-match")) return new Response("x", { headers });
      await held.promise;
      return new Response(null, { status: 304, headers });
    });
    await subject.get("/a");
    const validating = subject.get("/a", { headers: { "cache-control": "no-cache" } });
    while (subject.fetches < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(await purge({ ...request, ...what, soft: true }, open(subject))).toBe(1);
    held.resolve();
    expect((await validating)[0]).toBe("x");
    const other = await subject.beside({ origin: () => new Response("newer") });
    expect((await other.get("/a"))[0]).toBe("newer");
  });

  test("finds 64 responses of one URL at most, the newest", async () => {
    const subject = await cached(
      HTTP,
      (request) =>
        new Response(request.headers.get("x-a"), { headers: { "cache-control": "max-age=60", vary: "x-a" } }),
    );
    for (let i = 0; i < 70; i++) await subject.get("/a", { headers: { "x-a": String(i) } });
    const other = await subject.beside({ origin: () => new Response("fetched") });
    expect((await other.get("/a", { headers: { "x-a": "69" } }))[0]).toBe("69");
    expect((await other.get("/a", { headers: { "x-a": "5" } }))[0]).toBe("fetched");
    expect(await purge({ ...request, all: true }, open(subject))).toBe(64);
  });

  test("reaches an isolate that remembers within its second", async () => {
    const subject = await filled();
    await purge({ ...request, all: true }, open(subject));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect((await subject.get("/users/1"))[1]).toBe(MISS);
  });
});

describe("POST /_portico/cache/purge", () => {
  const post = (body: string, authorization = `Bearer ${TOKEN}`) =>
    managementApp(inspection({ purge: async () => 7 })).request("/_portico/cache/purge", {
      method: "POST",
      body,
      headers: { authorization },
    });

  test("says how many there were", async () => {
    const response = await post('{"tag":"users"}');
    expect([response.status, await response.json()]).toEqual([200, { purged: 7 }]);
  });

  test("wants the token (R-14)", async () => {
    expect((await post('{"all":true}', "Bearer no")).status).toBe(401);
  });

  test.each([
    ["{", "json.malformed"],
    ["{}", "value.invalid"],
    ['{"all":true,"tag":"x"}', "value.invalid"],
    ['{"tags":["x"]}', "key.unknown"],
    ['{"tag":""}', "value.invalid"],
  ])("refuses %s", async (body, code) => {
    const response = await post(body);
    expect([response.status, await response.json()]).toMatchObject([400, { code }]);
  });

  test("what it takes by itself", () => {
    expect(parsePurge('{"all":true}')).toEqual({ ok: true, value: { ...request, all: true } });
  });
});
