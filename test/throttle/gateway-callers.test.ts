import { describe, expect, test } from "vitest";
import { type LimitedGateway, limited, only, routes } from "./gateway-support.ts";

const PER_IP = routes({ "GET /a": { throttle: only(2, { per: "ip" }) } });

describe("R-08 an address", () => {
  const alike = async (subject: LimitedGateway, peers: readonly string[]): Promise<readonly number[]> => {
    const statuses: number[] = [];
    for (const peer of peers) statuses.push((await subject.send("/a", { peer })).status);
    return statuses;
  };

  test.each<[string, readonly string[]]>([
    ["IPv4, whatever its port", ["203.0.113.7:1", "203.0.113.7:2", "203.0.113.7:3"]],
    ["IPv4 mapped, in each spelling", ["203.0.113.7:1", "[::ffff:203.0.113.7]:1", "[::ffff:cb00:7107]:1"]],
    ["of an IPv6 /64", ["[2001:db8:1:2::1]:1", "[2001:db8:1:2:ffff::9]:1", "[2001:db8:1:2:a:b:c:d]:1"]],
    ["IPv6, in each spelling", ["[2001:db8::1]:1", "[2001:0DB8:0:0:0:0:0:1]:1", "[2001:db8:0:0::0001]:1"]],
    ["the loopback", ["[::1]:1", "[0:0:0:0:0:0:0:1]:2", "[::0001]:3"]],
    ["that the engine does not tell", ["unknown", "unknown", "unknown"]],
  ])("%s: one caller", async (_, peers) => {
    expect(await alike(await limited(PER_IP), peers)).toEqual([200, 200, 429]);
  });

  test.each<[string, readonly string[]]>([
    ["IPv4", ["203.0.113.1:1", "203.0.113.2:1", "203.0.113.3:1"]],
    ["IPv6 /64", ["[2001:db8:1:1::1]:1", "[2001:db8:1:2::1]:1", "[2001:db8:1:3::1]:1"]],
    ["the family", ["0.0.0.1:1", "[::2]:1", "[::ffff:0.0.0.2]:1"]],
  ])("another %s: another caller", async (_, peers) => {
    expect(await alike(await limited(PER_IP), peers)).toEqual([200, 200, 200]);
  });
});

describe("R-07 X-Forwarded-For", () => {
  /** A chain of so many addresses, another one for each request. */
  const chain = (length: number, request: number): string =>
    Array.from({ length }, (_, index) => `10.${request}.${length}.${index}`).join(", ");
  const NAMES = ["x-real-ip", "cf-connecting-ip", "true-client-ip", "forwarded", "x-client-ip"];

  test.each([1, 2, 3, 4, 5])("a forged chain of %i gets no new bucket", async (length) => {
    const subject = await limited(PER_IP);
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) {
      const forged = chain(length, i);
      const headers: [string, string][] = [
        ["x-forwarded-for", forged],
        ...NAMES.map((name): [string, string] => [name, name === "forwarded" ? `for=${forged}` : forged]),
      ];
      statuses.push((await subject.send("/a", { headers })).status);
    }
    expect(statuses).toEqual([200, 200, 429, 429]);
  });

  test.each([1, 2, 3])(
    "with %i proxies of one's own the address that the outermost saw counts",
    async (hops) => {
      const subject = await limited(PER_IP, { trustedHops: hops });
      const own = Array.from({ length: hops - 1 }, (_, index) => `192.0.2.${index}`);
      const from = (client: string, forged: readonly string[]) => ({
        headers: { "x-forwarded-for": [...forged, client, ...own].join(", ") },
        peer: "192.0.2.99:1",
      });
      const statuses: number[] = [];
      for (let length = 0; length <= 5; length++) {
        const forged = length === 0 ? [] : chain(length, length).split(", ");
        statuses.push((await subject.send("/a", from("198.51.100.1", forged))).status);
      }
      expect(statuses).toEqual([200, 200, 429, 429, 429, 429]);
      expect((await subject.send("/a", from("198.51.100.2", []))).status).toBe(200);
      // Forging what others have been counted for harms nobody.
      expect((await subject.send("/a", from("198.51.100.3", ["198.51.100.1"]))).status).toBe(200);
    },
  );

  test("a chain that is too short came another way, and its peer counts", async () => {
    const subject = await limited(PER_IP, { trustedHops: 2 });
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) {
      const headers = { "x-forwarded-for": `198.51.100.${i}` };
      statuses.push((await subject.send("/a", { headers, peer: "192.0.2.99:1" })).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });

  test("a chain with ports and IPv6 counts by /64", async () => {
    const subject = await limited(PER_IP, { trustedHops: 1 });
    const statuses: number[] = [];
    for (const client of ["2001:db8::1", "[2001:db8::2]:443", "2001:DB8:0:0:1::", "198.51.100.1:80"]) {
      statuses.push((await subject.send("/a", { headers: { "x-forwarded-for": client } })).status);
    }
    expect(statuses).toEqual([200, 200, 429, 200]);
  });
});

describe("R-13 whoever lacks the value shares one bucket", () => {
  test("a header: missing from all of them, or from one", async () => {
    const subject = await limited(routes({ "GET /a": { throttle: only(2, { per: "header.x-user" }) } }));
    expect(await subject.statuses(3, "/a")).toEqual([200, 200, 429]);
    // Another header, and no value that can be written, is the same as none.
    expect(await subject.statuses(2, "/a", { headers: { "x-users": "ann" } })).toEqual([429, 429]);
    expect(await subject.statuses(3, "/a", { headers: { "x-user": "ann" } })).toEqual([200, 200, 429]);
    expect(await subject.statuses(3, "/a", { headers: { "X-USER": "bob" } })).toEqual([200, 200, 429]);
  });

  test("a value that looks like nothing is nobody else's bucket", async () => {
    const subject = await limited(routes({ "GET /a": { throttle: only(1, { per: "header.x-user" }) } }));
    expect(await subject.statuses(2, "/a")).toEqual([200, 429]);
    for (const value of ["-", "=", "#", "=-", "", "%", "null", "undefined"]) {
      expect(await subject.statuses(2, "/a", { headers: { "x-user": value } }), value).toEqual([200, 429]);
    }
  });

  test("a header that is sent twice is one value", async () => {
    const subject = await limited(routes({ "GET /a": { throttle: only(1, { per: "header.x-user" }) } }));
    const headers: [string, string][] = [
      ["x-user", "ann"],
      ["x-user", "bob"],
    ];
    expect(await subject.statuses(2, "/a", { headers })).toEqual([200, 429]);
    expect(await subject.statuses(1, "/a", { headers: { "x-user": "ann, bob" } })).toEqual([429]);
  });

  test("a query parameter: all of its values, decoded", async () => {
    const subject = await limited(routes({ "GET /a": { throttle: only(1, { per: "querystring.user" }) } }));
    expect(await subject.statuses(2, "/a")).toEqual([200, 429]);
    expect((await subject.send("/a?User=ann")).status).toBe(429);
    expect(await subject.statuses(2, "/a?user=ann")).toEqual([200, 429]);
    expect((await subject.send("/a?x=1&user=%61nn")).status).toBe(429);
    expect((await subject.send("/a?user=")).status).toBe(200);
    expect((await subject.send("/a?user")).status).toBe(429);
    expect(await subject.statuses(2, "/a?user=ann&user=bob")).toEqual([200, 429]);
  });

  test("a value of 10 kB, of which each byte counts", async () => {
    const subject = await limited({
      "apis/default": { limits: { headerBytes: 100_000 } },
      ...routes({ "GET /a": { throttle: only(2, { per: "header.x-user" }) } }),
    });
    const long = "u".repeat(10_240);
    expect(await subject.statuses(3, "/a", { headers: { "x-user": long } })).toEqual([200, 200, 429]);
    expect(await subject.statuses(3, "/a", { headers: { "x-user": `${long.slice(1)}v` } })).toEqual([
      200, 200, 429,
    ]);
    expect(await subject.statuses(1, "/a", { headers: { "x-user": "u" } })).toEqual([200]);
  });

  test("long values are told apart", async () => {
    const subject = await limited(routes({ "GET /a": { throttle: only(1, { per: "header.x-user" }) } }));
    for (const length of [127, 128, 129]) {
      for (const last of ["a", "b"]) {
        const headers = { "x-user": "u".repeat(length - 1) + last };
        expect(await subject.statuses(2, "/a", { headers })).toEqual([200, 429]);
      }
    }
  });

  test("a claim or what an authorizer gave", async () => {
    const handler = async ({ headers }: { headers: Record<string, string> }) => ({
      isAuthorized: true,
      context:
        headers["authorization"] === "named"
          ? { tenant: "t" }
          : headers["authorization"] === "null"
            ? { tenant: null }
            : {},
    });
    const subject = await limited(
      {
        ...routes({ "GET /a": { authorizer: "guard", throttle: only(2, { per: "authorizer.tenant" }) } }),
        "apis/default/authorizers/guard": {
          type: "request",
          authorizerUri: "guard",
          enableSimpleResponses: true,
          identitySource: "$request.header.Authorization",
        },
      },
      { functions: { guard: { handler } } },
    );
    const as = (authorization: string) => ({ headers: { authorization } });
    expect(await subject.statuses(1, "/a", as("one"))).toEqual([200]);
    expect(await subject.statuses(1, "/a", as("two"))).toEqual([200]);
    expect(await subject.statuses(1, "/a", as("null"))).toEqual([429]);
    expect(await subject.statuses(3, "/a", as("named"))).toEqual([200, 200, 429]);
  });

  test("an API key on routes that ask for none", async () => {
    const subject = await limited({
      ...routes({ "GET /a": {} }),
      "apis/default/stages/$default": { throttle: only(2, { per: "apiKey" }) },
    });
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) {
      statuses.push((await subject.send("/a", { headers: { "x-api-key": `anything ${i}` } })).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });
});

describe("R-26 what callers send", () => {
  test("names no more than 64 counters", async () => {
    const subject = await limited(routes({ "GET /a": { throttle: only(1, { per: "header.x-user" }) } }));
    for (let i = 0; i < 120; i++) {
      expect((await subject.send("/a", { headers: { "x-user": `user ${i}` } })).status).toBe(200);
    }
    const names = new Set(subject.counters.asked);
    expect(names.size).toBeLessThanOrEqual(64);
    expect(names.size).toBeGreaterThan(40);
    for (const name of names) expect(name).toMatch(/^callers\/default\/\$default#\d{1,2}$/);
  });
});
