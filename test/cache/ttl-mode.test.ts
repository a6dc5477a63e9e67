import { describe, expect, test } from "vitest";
import { keyEntry } from "../throttle/gateway-support.ts";
import { cached, counting } from "./support.ts";

/** API Gateway's own rules (aws-semantics 13). */
const TTL = { mode: "ttl", ttl: 300 };

describe("for a time", () => {
  test("a GET is answered once by the origin, whatever it says", async () => {
    const subject = await cached(TTL, counting({ "cache-control": "max-age=0" }));
    expect(await subject.get("/a")).toEqual(["answer 1", "portico; fwd=uri-miss; stored"]);
    expect(await subject.get("/a")).toEqual(["answer 1", "portico; hit"]);
    expect((await subject.send("/a")).headers.get("cache-control")).toBe("max-age=0");
    expect(subject.fetches).toBe(1);
  });

  test("parameters that are not chosen do not tell entries apart; those that are do, missing ones too", async () => {
    const subject = await cached({ ...TTL, key: ["querystring.type"] }, counting());
    expect((await subject.get("/a?type=admin&department=A"))[0]).toBe("answer 1");
    expect((await subject.get("/a?department=B&type=admin"))[0]).toBe("answer 1");
    expect((await subject.get("/a?type=user"))[0]).toBe("answer 2");
    expect((await subject.get("/a"))[0]).toBe("answer 3");
    expect((await subject.get("/a?type=admin&type=user"))[0]).toBe("answer 4");
  });

  test("headers and path variables may be chosen", async () => {
    const subject = await cached({ ...TTL, key: ["header.X-Tenant", "path.proxy"] }, counting());
    expect((await subject.get("/a", { headers: { "x-tenant": "1" } }))[0]).toBe("answer 1");
    expect((await subject.get("/a", { headers: { "x-tenant": "2" } }))[0]).toBe("answer 2");
    expect((await subject.get("/b", { headers: { "x-tenant": "1" } }))[0]).toBe("answer 3");
    expect((await subject.get("/a", { headers: { "x-tenant": "1" } }))[0]).toBe("answer 1");
  });

  test("other methods pass it by", async () => {
    const subject = await cached(TTL, counting());
    await subject.get("/a");
    expect((await subject.get("/a", { method: "POST", body: "x" }))[0]).toBe("answer 2");
    expect((await subject.send("/a", { method: "HEAD" })).headers.get("cache-status")).toBe(null);
    expect((await subject.get("/a"))[0]).toBe("answer 1");
  });

  test("0 is off", async () => {
    const subject = await cached({ mode: "ttl", ttl: 0 }, counting());
    await subject.get("/a");
    expect(await subject.get("/a")).toEqual(["answer 2", ""]);
  });
});

describe("nothing is kept", () => {
  test.each([
    ["of errors", {}, 404],
    ["of failures", {}, 503],
    ["of what sets a cookie (R-18)", { "set-cookie": "a=b" }, 200],
    ["of what is private", { "cache-control": "private" }, 200],
  ])("%s", async (_, headers, status) => {
    const subject = await cached(TTL, counting(headers, status));
    await subject.get("/a");
    expect((await subject.get("/a"))[0]).toBe("answer 2");
  });

  test("but of the errors that are named", async () => {
    const subject = await cached({ ...TTL, errors: { "404": 10 } }, counting({}, 404));
    await subject.get("/a");
    const response = await subject.send("/a");
    expect([response.status, await response.text()]).toEqual([404, "answer 1"]);
  });

  test("with strict, as API Gateway: private is not looked at, and nothing is said", async () => {
    const subject = await cached(TTL, counting({ "cache-control": "private" }), {
      entries: { "apis/default": { strict: true } },
    });
    await subject.get("/a");
    expect(await subject.get("/a")).toEqual(["answer 1", ""]);
  });

  test("of what is larger than the route allows", async () => {
    const subject = await cached({ ...TTL, maxBytes: 5 }, () => new Response("123456"));
    await subject.get("/a");
    await subject.get("/a");
    expect(subject.fetches).toBe(2);
  });
});

describe("Cache-Control: max-age=0", () => {
  const ANEW = { headers: { "cache-control": "max-age=0" } };

  test("has it fetched anew, for all", async () => {
    const subject = await cached({ ...TTL, invalidation: "ANYONE" }, counting());
    await subject.get("/a");
    expect((await subject.get("/a", ANEW))[0]).toBe("answer 2");
    expect((await subject.get("/a"))[0]).toBe("answer 2");
  });

  test.each([
    ["SUCCEED_WITHOUT_RESPONSE_HEADER", 200, null],
    ["SUCCEED_WITH_RESPONSE_HEADER", 200, '199 - "cache-control header was ignored"'],
    ["FAIL_WITH_403", 403, null],
  ])("%s: not for those who may not", async (invalidation, status, warning) => {
    const subject = await cached({ ...TTL, invalidation }, counting());
    await subject.get("/a");
    const response = await subject.send("/a", ANEW);
    expect([response.status, response.headers.get("warning")]).toEqual([status, warning]);
    expect(subject.fetches).toBe(1);
  });
});

describe("whose it is", () => {
  const KEYS = ["LBSQTfPV6S3NEeRNwaylM6sYGkzxKxVE70uWM0pk", "wM0pkLBSQTfPV6S3NEeRNwaylM6sYGkzxKxVE70u"];
  const entries = async () => ({
    ...(await keyEntry(KEYS[0] ?? "", "k_one")),
    ...(await keyEntry(KEYS[1] ?? "", "k_two")),
    "usage-plans/gold": { apiStages: [{ api: "default", stage: "$default" }] },
  });
  const by = (index: number) => ({ headers: { "x-api-key": KEYS[index] ?? "" } });
  const route = { apiKeyRequired: true };

  test("callers have entries of their own where the route knows them", async () => {
    const subject = await cached(TTL, counting(), { entries: await entries(), route });
    expect((await subject.get("/account/x.css", by(0)))[0]).toBe("answer 1");
    expect((await subject.get("/account/x.css", by(1)))[0]).toBe("answer 2");
    expect((await subject.get("/account/x.css", by(0)))[0]).toBe("answer 1");
    const other = await subject.beside({ origin: counting() });
    expect((await other.get("/account/x.css", by(1)))[0]).toBe("answer 2");
    expect((await other.send("/account/x.css")).status).toBe(403);
  });

  test("but for what is shared", async () => {
    const subject = await cached({ ...TTL, shared: true }, counting(), { entries: await entries(), route });
    await subject.get("/a", by(0));
    expect((await subject.get("/a", by(1)))[0]).toBe("answer 1");
  });
});

test("headers that the key does not have, and by which origins choose, do not reach them (R-18)", async () => {
  const subject = await cached({ ...TTL, key: ["header.x-host"] }, counting());
  await subject.get("/a", { headers: { "x-original-url": "/admin", "x-host": "evil.test", "x-own": "1" } });
  const { headers } = subject.gate.lastSent;
  expect([headers.get("x-original-url"), headers.get("x-host"), headers.get("x-own")]).toEqual([
    null,
    "evil.test",
    "1",
  ]);
});

test("a stage says it for all its routes; a route may say otherwise", async () => {
  const subject = await cached(TTL, counting(), {
    entries: {
      "apis/default/stages/$default": { cache: TTL },
      "apis/default/routes/GET /own": { integration: { type: "http_proxy", uri: "https://origin.test/own" } },
      "apis/default/routes/GET /off": {
        integration: { type: "http_proxy", uri: "https://origin.test/off" },
        cache: false,
      },
    },
  });
  await subject.get("/own");
  expect((await subject.get("/own"))[0]).toBe("answer 1");
  await subject.get("/off");
  expect(await subject.get("/off")).toEqual(["answer 3", ""]);
});

describe("stale", () => {
  test("is served where the origin fails, for as long as the route says", async () => {
    let failing = false;
    const cache = { ...TTL, ttl: 1, staleIfError: 600 };
    const subject = await cached(cache, () =>
      failing ? new Response("failed", { status: 500 }) : new Response("good"),
    );
    await subject.get("/a");
    failing = true;
    const gone = await subject.beside({ origin: () => new Response("failed", { status: 500 }) });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect((await gone.get("/a"))[0]).toBe("good");
  });
});
