import { describe, expect, test } from "vitest";
import { AccessLog } from "../../src/observability/access-log.ts";
import { cached, counting, wordsOf } from "./support.ts";

const HTTP = { mode: "http" };

describe("what the origin says is kept", () => {
  test("is served without it, from memory, and says how old it is", async () => {
    const subject = await cached(HTTP, counting({ "cache-control": "max-age=60" }));
    expect(await subject.get("/a")).toEqual(["answer 1", "portico; fwd=uri-miss; stored"]);
    expect(await subject.get("/a")).toEqual(["answer 1", "portico; hit"]);
    const response = await subject.send("/a");
    expect(Number(response.headers.get("age"))).toBeLessThan(5);
    expect(subject.fetches).toBe(1);
  });

  test("is served to another isolate from the shard", async () => {
    const subject = await cached(HTTP, counting({ "cache-control": "max-age=60" }));
    await subject.get("/a");
    const other = await subject.beside({ origin: counting() });
    expect(await other.get("/a")).toEqual(["answer 1", "portico; hit"]);
    expect(other.fetches).toBe(0);
  });

  test("in any order of the query", async () => {
    const subject = await cached(HTTP, counting({ "cache-control": "max-age=60" }));
    await subject.get("/a?x=1&y=2");
    expect(await subject.get("/a?y=2&x=1")).toEqual(["answer 1", "portico; hit"]);
    expect(await subject.get("/a?x=2&y=1")).toEqual(["answer 2", "portico; fwd=uri-miss; stored"]);
  });

  test("not for another host, path or stage", async () => {
    const subject = await cached(HTTP, counting({ "cache-control": "max-age=60" }));
    await subject.get("/a");
    expect((await subject.get("/a", { host: "other.test" }))[0]).toBe("answer 2");
    expect((await subject.get("/A"))[0]).toBe("answer 3");
  });
});

describe("nothing is kept", () => {
  test.each([
    ["without freshness or a validator", {}, "no-freshness"],
    ["of what is private", { "cache-control": "private, max-age=60" }, "private"],
    ["of what must not be stored", { "cache-control": "no-store" }, "no-store"],
    ["of what sets a cookie", { "cache-control": "max-age=60", "set-cookie": "a=b" }, "set-cookie"],
    ["of what varies by everything", { "cache-control": "max-age=60", vary: "*" }, "vary"],
  ])("%s", async (_, headers, detail) => {
    const subject = await cached(HTTP, counting(headers));
    expect(await subject.get("/a")).toEqual(["answer 1", `portico; fwd=uri-miss; detail=${detail}`]);
    expect((await subject.get("/a"))[0]).toBe("answer 2");
    const other = await subject.beside({ origin: counting() });
    expect((await other.get("/a"))[0]).toBe("answer 1");
  });

  test("of what is answered to a token, unless it is for all (RFC 9111 section 3.5)", async () => {
    const headers = { authorization: "Bearer one" };
    const own = await cached(HTTP, counting({ "cache-control": "max-age=60" }));
    await own.get("/a", { headers });
    expect((await own.get("/a", { headers }))[0]).toBe("answer 2");
    const all = await cached(HTTP, counting({ "cache-control": "public, max-age=60" }));
    await all.get("/a", { headers });
    expect((await all.get("/a"))[0]).toBe("answer 1");
  });
});

describe("variants", () => {
  const byLanguage = (request: Request) =>
    new Response(`in ${request.headers.get("accept-language")}`, {
      headers: { "cache-control": "max-age=60", vary: "accept-language" },
    });

  test("each request gets its own", async () => {
    const subject = await cached(HTTP, byLanguage);
    for (const language of ["de", "en", "de", "en", "fr"]) {
      const [text] = await subject.get("/a", { headers: { "accept-language": language } });
      expect(text).toBe(`in ${language}`);
    }
    expect(subject.fetches).toBe(3);
    const other = await subject.beside({ origin: () => new Response("no") });
    const [text, words] = await other.get("/a", { headers: { "accept-language": "en" } });
    expect([text, words]).toEqual(["in en", "portico; hit"]);
    expect((await other.get("/a", { headers: { "accept-language": "it" } }))[1]).toContain("fwd=vary-miss");
  });
});

describe("validation", () => {
  const validating = () => {
    let count = 0;
    return (request: Request) => {
      count++;
      const headers = { etag: '"one"', "cache-control": "max-age=0", "x-count": String(count) };
      return request.headers.get("if-none-match") === '"one"'
        ? new Response(null, { status: 304, headers })
        : new Response("the body", { headers });
    };
  };

  test("what is stale is validated, and its headers are updated", async () => {
    const subject = await cached(HTTP, validating());
    await subject.get("/a");
    const response = await subject.send("/a");
    expect(await response.text()).toBe("the body");
    expect(response.headers.get("x-count")).toBe("2");
    expect(wordsOf(response)).toBe("portico; fwd=stale; fwd-status=304; stored");
    expect(subject.gate.lastSent.headers.get("if-none-match")).toBe('"one"');
  });

  test("a client that has it gets a 304, from the cache", async () => {
    const subject = await cached(
      HTTP,
      () => new Response("x", { headers: { etag: '"e"', "cache-control": "max-age=9" } }),
    );
    await subject.get("/a");
    const response = await subject.send("/a", { headers: { "if-none-match": 'W/"e"' } });
    expect([response.status, response.headers.get("etag"), wordsOf(response)]).toEqual([
      304,
      '"e"',
      "portico; hit",
    ]);
    expect(subject.fetches).toBe(1);
  });

  test("a client's own conditions do not reach the origin when something is fetched to be kept", async () => {
    const subject = await cached(HTTP, counting({ "cache-control": "max-age=9", etag: '"e"' }));
    const response = await subject.send("/a", { headers: { "if-none-match": '"other"' } });
    expect(response.status).toBe(200);
    expect(subject.gate.lastSent.headers.has("if-none-match")).toBe(false);
  });
});

describe("stale", () => {
  test("is served where the origin fails, if it allows that", async () => {
    let failing = false;
    const subject = await cached(HTTP, () =>
      failing
        ? new Response("failed", { status: 503 })
        : new Response("good", { headers: { "cache-control": "max-age=0, stale-if-error=60" } }),
    );
    await subject.get("/a");
    failing = true;
    expect(await subject.get("/a")).toEqual(["good", 'portico; hit; detail="503"']);
  });

  test("is served while it is fetched anew behind the request", async () => {
    const subject = await cached(HTTP, counting({ "cache-control": "max-age=0, stale-while-revalidate=60" }));
    await subject.get("/a");
    const other = await subject.beside({ origin: counting({ "cache-control": "max-age=60" }) });
    expect(await other.get("/a")).toEqual(["answer 1", "portico; hit"]);
    expect(other.fetches).toBe(1);
  });
});

test("HEAD is answered from what a GET brought, and a Range too", async () => {
  const subject = await cached(
    HTTP,
    () => new Response("0123456789", { headers: { "cache-control": "max-age=60" } }),
  );
  await subject.get("/a");
  const head = await subject.send("/a", { method: "HEAD" });
  expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "10", ""]);
  const range = await subject.send("/a", { headers: { range: "bytes=2-4" } });
  expect([range.status, range.headers.get("content-range"), await range.text()]).toEqual([
    206,
    "bytes 2-4/10",
    "234",
  ]);
  const wrong = await subject.send("/a", { headers: { range: "bytes=20-" } });
  expect([wrong.status, wrong.headers.get("content-range")]).toEqual([416, "bytes */10"]);
  expect(subject.fetches).toBe(1);
});

test("a request that changes something ends what is stored of its URL, for all isolates", async () => {
  const subject = await cached(HTTP, counting({ "cache-control": "max-age=60" }));
  await subject.get("/a");
  await subject.get("/b");
  await subject.send("/a", { method: "POST", body: "x" });
  expect((await subject.get("/a"))[0]).toBe("answer 4");
  expect((await subject.get("/b"))[0]).toBe("answer 2");
});

test("only-if-cached is answered with what is there, or with 504", async () => {
  const subject = await cached(HTTP, counting({ "cache-control": "max-age=60" }));
  const headers = { "cache-control": "only-if-cached" };
  expect((await subject.send("/a", { headers })).status).toBe(504);
  await subject.get("/a");
  expect((await subject.get("/a", { headers }))[0]).toBe("answer 1");
  expect(subject.fetches).toBe(1);
});

test("a shard that does not answer is passed by", async () => {
  const subject = await cached(HTTP, counting({ "cache-control": "max-age=60" }), {
    shards: () => ({
      lookup: () => Promise.reject(new Error("overloaded")),
      head: () => Promise.reject(new Error("overloaded")),
      purge: () => Promise.reject(new Error("overloaded")),
    }),
  });
  expect(await subject.get("/a")).toEqual(["answer 1", "portico; fwd=bypass; detail=unavailable"]);
  expect((await subject.send("/a", { method: "DELETE" })).status).toBe(200);
  expect(subject.gate.cacheErrors).toHaveLength(2);
});

test("the access log says whether a cache answered", async () => {
  const lines: string[] = [];
  const log = new AccessLog((text) => lines.push(...text.split("\n")));
  const subject = await cached(HTTP, counting({ "cache-control": "max-age=60" }), { log });
  await subject.get("/a");
  await subject.get("/a");
  await subject.send("/a", { method: "POST", body: "x" });
  log.flush();
  expect(lines.map((line) => JSON.parse(line).cache)).toEqual(["miss", "hit", "bypass"]);
});

test("a body that breaks off is an error, and the next request gets it whole", async () => {
  let isBroken = true;
  const subject = await cached(HTTP, () => {
    const body = new ReadableStream({
      type: "bytes",
      start(controller) {
        controller.enqueue(new TextEncoder().encode("half"));
        if (isBroken) controller.error(new Error("broken"));
        else controller.close();
      },
    });
    return new Response(body, { headers: { "cache-control": "max-age=60", "content-length": "4" } });
  });
  expect((await subject.send("/a")).status).toBe(503);
  isBroken = false;
  expect((await subject.get("/a"))[0]).toBe("half");
});

test("two requests that come together are one to the origin, and each is whole", async () => {
  let release: (() => void) | undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let count = 0;
  const subject = await cached(HTTP, async () => {
    count++;
    await held;
    return new Response("whole", { headers: { "cache-control": "max-age=60" } });
  });
  const other = await subject.beside({ origin: () => new Response("other") });
  const first = subject.get("/a");
  while (count === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const second = other.get("/a");
  release?.();
  expect(await first).toEqual(["whole", "portico; fwd=uri-miss; stored"]);
  // Whether it waited or came right after it is chance here; that waiting works is shown end to end.
  expect(await second).toEqual([
    "whole",
    expect.stringMatching(/^portico; (?:fwd=uri-miss; collapsed|hit)$/),
  ]);
  expect(count + other.fetches).toBe(1);
});

describe("a guess at how long a response is fresh (RFC 9111 section 4.2.2)", () => {
  const AN_HOUR_AGO = new Date(Date.now() - 3_600_000).toUTCString();
  const ttlOf = (response: Response): number =>
    Number(/ttl=(-?\d+)/.exec(response.headers.get("cache-status") ?? "")?.[1]);
  const guessing = (headers: HeadersInit, heuristicFraction = 0.1) =>
    cached({ ...HTTP, heuristicFraction }, counting(headers));

  test("is made of its Last-Modified, if the route says so", async () => {
    const subject = await guessing({ "last-modified": AN_HOUR_AGO });
    await subject.get("/a");
    const response = await subject.send("/a");
    expect([await response.text(), wordsOf(response)]).toEqual(["answer 1", "portico; hit"]);
    expect(ttlOf(response)).toBeGreaterThan(340);
    expect(ttlOf(response)).toBeLessThanOrEqual(362);
  });

  test("is a day at most", async () => {
    const subject = await guessing({ "last-modified": "Sat, 01 Nov 2014 12:00:00 GMT" }, 1);
    await subject.get("/a");
    expect(ttlOf(await subject.send("/a"))).toBeLessThanOrEqual(86_400);
    expect((await subject.get("/a"))[0]).toBe("answer 1");
  });

  test.each([
    ["unless the route says so", { "last-modified": AN_HOUR_AGO }, {}, 0],
    [
      "where it says itself how long",
      { "last-modified": AN_HOUR_AGO, "cache-control": "max-age=0" },
      {},
      0.1,
    ],
    ["without a Last-Modified", { etag: '"e"' }, {}, 0.1],
    ["for who has a cookie (R-18)", { "last-modified": AN_HOUR_AGO }, { cookie: "session=1" }, 0.1],
  ])("is not made %s", async (_, headers, sent, heuristicFraction) => {
    const subject = await guessing(headers, heuristicFraction);
    await subject.get("/a", { headers: sent });
    expect(await subject.get("/a", { headers: sent })).toEqual(["answer 2", "portico; fwd=stale; stored"]);
  });

  test("is made again where the origin says that it has not changed", async () => {
    const subject = await cached({ ...HTTP, heuristicFraction: 0.1 }, (request) =>
      request.headers.has("if-modified-since")
        ? new Response(null, { status: 304, headers: { "last-modified": AN_HOUR_AGO } })
        : new Response("x", { headers: { "last-modified": AN_HOUR_AGO } }),
    );
    await subject.get("/a");
    const revalidated = await subject.send("/a", { headers: { "cache-control": "no-cache" } });
    expect(wordsOf(revalidated)).toBe("portico; fwd=request; fwd-status=304; stored");
    expect(ttlOf(revalidated)).toBeGreaterThan(340);
  });
});
