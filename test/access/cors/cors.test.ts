import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileCors, isPreflight } from "../../../src/access/cors/cors.ts";
import type { Cors } from "../../../src/config/cors-schema.ts";
import { naivelyAllowed } from "./naive-origins.ts";

const APP = "https://app.example";
const EVIL = "https://evil.test";

type Sent = Readonly<Record<string, string>>;

const ask = (headers: Sent, method = "GET") => new Request("https://api.test/x", { method, headers });

/** What a preflight is answered. */
function preflight(cors: Cors, headers: Sent): Readonly<Record<string, string>> {
  const answer = compileCors(cors).preflight(ask(headers, "OPTIONS"));
  expect([answer.status, answer.body]).toEqual([204, null]);
  return Object.fromEntries(answer.headers);
}

/** What an actual response's headers become. */
function applied(cors: Cors, sent: Sent, backend: Sent = {}): Readonly<Record<string, string>> {
  const headers = new Headers(backend);
  compileCors(cors).apply(ask(sent), headers);
  return Object.fromEntries(headers);
}

const wants = (origin: string, method: string, list?: string): Sent => ({
  origin,
  "access-control-request-method": method,
  ...(list === undefined ? {} : { "access-control-request-headers": list }),
});

const FULL: Cors = {
  allowOrigins: [APP, "https://*.example.com"],
  allowMethods: ["GET", "PUT"],
  allowHeaders: ["Content-Type", "x-a"],
  exposeHeaders: ["x-total", "Date"],
  maxAge: 300,
  allowCredentials: true,
};

describe("a preflight", () => {
  test.each([
    ["OPTIONS with both headers", ask(wants(APP, "PUT"), "OPTIONS"), true],
    ["another method", ask(wants(APP, "PUT"), "POST"), false],
    ["OPTIONS without Origin", ask({ "access-control-request-method": "PUT" }, "OPTIONS"), false],
    ["OPTIONS without the wanted method", ask({ origin: APP }, "OPTIONS"), false],
  ])("is recognised: %s", (_, request, expected) => {
    expect(isPreflight(request)).toBe(expected);
  });

  test("is answered with everything that is configured, and no body", () => {
    expect(preflight(FULL, wants(APP, "PUT", "content-type,x-a"))).toEqual({
      "access-control-allow-origin": APP,
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "GET,PUT",
      "access-control-allow-headers": "Content-Type,x-a",
      "access-control-max-age": "300",
      vary: "Origin, Access-Control-Request-Method",
    });
  });

  test("of a sub-domain gets its own origin back", () => {
    expect(preflight(FULL, wants("https://a.example.com", "GET"))).toMatchObject({
      "access-control-allow-origin": "https://a.example.com",
    });
  });

  test.each([
    ["an origin that is not allowed", wants(EVIL, "PUT", "x-a")],
    ["a method that is not allowed", wants(APP, "DELETE", "x-a")],
    ["a safelisted method that is not allowed", wants(APP, "POST", "x-a")],
    ["a method in another case", wants(APP, "put")],
    ["methods in a list", wants(APP, "GET,PUT")],
    ["no method", wants(APP, "")],
    ["the method *", wants(APP, "*")],
    ["the origin null", wants("null", "PUT")],
  ])("for %s is answered without CORS headers", (_, headers) => {
    expect(preflight(FULL, headers)).toEqual({ vary: "Origin, Access-Control-Request-Method" });
  });

  test("of an API with nothing but origins allows what browsers allow unasked", () => {
    const cors: Cors = { allowOrigins: [APP] };
    const answer = { "access-control-allow-origin": APP, vary: "Origin, Access-Control-Request-Method" };
    for (const method of ["GET", "HEAD", "POST"]) {
      expect(preflight(cors, wants(APP, method, "x-a"))).toEqual(answer);
    }
    expect(preflight(cors, wants(APP, "PUT"))).toEqual({ vary: answer.vary });
  });

  test("of an API that allows nobody is answered without CORS headers", () => {
    for (const cors of [{}, { allowOrigins: [] }, { allowMethods: ["*"], allowHeaders: ["*"] }]) {
      expect(Object.keys(preflight(cors, wants(APP, "GET"))).filter((name) => name !== "vary")).toEqual([]);
    }
  });

  test("is answered with * where all is allowed, the same for everybody", () => {
    const cors: Cors = { allowOrigins: ["*"], allowMethods: ["*"], allowHeaders: ["authorization", "*"] };
    for (const origin of [APP, EVIL]) {
      expect(preflight(cors, wants(origin, "PURGE", "x-a"))).toEqual({
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "*",
        "access-control-allow-headers": "authorization,*",
      });
    }
  });

  test.each([[-1], [0], [86_400]])("may be remembered for %i s", (maxAge) => {
    expect(preflight({ ...FULL, maxAge }, wants(APP, "GET"))["access-control-max-age"]).toBe(String(maxAge));
  });

  test("R-17 never grants access to private networks", () => {
    const headers = { ...wants(APP, "PUT"), "access-control-request-private-network": "true" };
    expect(preflight(FULL, headers)).not.toHaveProperty("access-control-allow-private-network");
  });

  test.each([
    ["empty items", ", ,,x-a,"],
    ["duplicates", "x-a,x-a,X-A"],
    ["an unknown name", "x-a,x-evil"],
    ["what is no name", "x a:,(\x7f)"],
    ["64 KB of names", "x-a,".repeat(16_384)],
    ["64 KB of commas", ",".repeat(65_536)],
  ])("R-21 asking for headers with %s gets the configured list all the same", (_, list) => {
    expect(preflight(FULL, wants(APP, "PUT", list))["access-control-allow-headers"]).toBe("Content-Type,x-a");
  });

  describe("with credentials and *", () => {
    const cors: Cors = { ...FULL, allowMethods: ["*"], allowHeaders: ["x-a", "*"] };

    test("repeats what is asked for, since browsers take * for a name then", () => {
      expect(preflight(cors, wants(APP, "PURGE", "authorization,x-b"))).toMatchObject({
        "access-control-allow-methods": "PURGE",
        "access-control-allow-headers": "authorization,x-b",
        vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
      });
    });

    test.each([
      ["", undefined],
      [" , ,, x-b ,x-b", ", ,, x-b ,x-b"],
      ["x-a: b", undefined],
      ["x-a\x0bx-b", undefined],
      ["x-a;q=1", undefined],
      ["é", undefined],
      [`x-${"a".repeat(65_536)}`, undefined],
      ["x-a,".repeat(16_384), undefined],
    ])("R-17 repeats nothing but names, case %#", (list, expected) => {
      expect(preflight(cors, wants(APP, "PUT", list))["access-control-allow-headers"]).toBe(expected);
    });

    test.each([["P UT"], ["PUT,GET"], ["PUT;"], ["é"], ["A".repeat(65)], ["A".repeat(65_536)]])(
      "R-17 repeats no method that is none, case %#",
      (method) => {
        expect(preflight(cors, wants(APP, method))).not.toHaveProperty("access-control-allow-origin");
      },
    );

    test("still asks for the origin first", () => {
      const answer = preflight(cors, wants(EVIL, "PURGE", "x-b"));
      expect(Object.keys(answer)).toEqual(["vary"]);
    });
  });
});

describe("an actual response", () => {
  test("tells an allowed origin what it may do", () => {
    expect(applied(FULL, { origin: APP })).toEqual({
      "access-control-allow-origin": APP,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "x-total,Date",
      vary: "Origin",
    });
  });

  test.each([["null"], [EVIL], ["https://app.example.evil"], [`${APP}/`]])(
    "R-17 tells %j nothing, and caches that it depends",
    (origin) => {
      expect(applied(FULL, { origin })).toEqual({ vary: "Origin" });
    },
  );

  test("R-17 without Origin is told apart from the others by caches", () => {
    expect(applied(FULL, {}, { vary: "Accept" })).toEqual({ vary: "Accept, Origin" });
  });

  test("of an API for everybody is * for whoever asks, one answer for all", () => {
    const cors: Cors = { allowOrigins: ["*"], exposeHeaders: ["*"] };
    for (const origin of [APP, EVIL, "null"]) {
      expect(applied(cors, { origin })).toEqual({
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "*",
      });
    }
  });

  test("without Origin, of an API for everybody, is not given to a page from a cache", () => {
    expect(applied({ allowOrigins: ["*"] }, {}, { etag: '"1"' })).toEqual({ etag: '"1"', vary: "Origin" });
  });

  test("of an API that allows nobody is the same for all", () => {
    for (const sent of [{}, { origin: APP }]) {
      expect(applied({}, sent, { vary: "Accept" })).toEqual({ vary: "Accept" });
    }
  });

  const OWN: Sent = {
    "Access-Control-Allow-Origin": EVIL,
    "ACCESS-CONTROL-ALLOW-CREDENTIALS": "true",
    "access-control-expose-headers": "x-secret",
    "access-control-allow-methods": "*",
    "access-control-allow-headers": "*",
    "access-control-max-age": "86400",
    "access-control-allow-private-network": "true",
  };

  test.each([
    ["an allowed origin", { allowOrigins: [APP] }, APP, { "access-control-allow-origin": APP }],
    ["one that is not", { allowOrigins: [APP] }, EVIL, {}],
    ["none", { allowOrigins: [APP] }, undefined, {}],
    ["everybody", { allowOrigins: ["*"] }, EVIL, { "access-control-allow-origin": "*" }],
    ["everybody, without Origin", { allowOrigins: ["*"] }, undefined, {}],
    ["nobody", {}, EVIL, {}],
    ["nobody, without Origin", {}, undefined, {}],
  ])("R-17 has no CORS headers of the backend's: %s", (_, cors, origin, expected) => {
    const { vary, ...rest } = applied(cors, origin === undefined ? {} : { origin }, { ...OWN, "x-a": "1" });
    expect(rest).toEqual({ ...expected, "x-a": "1" });
  });

  test("keeps a Vary of the backend's", () => {
    expect(applied(FULL, { origin: APP }, { vary: "*" })["vary"]).toBe("*");
    expect(applied(FULL, { origin: APP }, { vary: "Accept, origin" })["vary"]).toBe("Accept, origin");
  });
});

describe("whatever is configured and asked", () => {
  const entry = fc.constantFrom(
    "*",
    "https://*",
    "http://*",
    APP,
    "https://*.example.com",
    "https://*.example.com:8443",
    "null",
  );
  const origin = fc.oneof(
    fc.constantFrom(
      ...[APP, EVIL, "null", "https://a.example.com", "https://example.com", "https://a.example.com:8443"],
      ...["https://a.example.com.evil.test", "http://app.example", "https://APP.example", "*", ""],
    ),
    fc.webUrl(),
    fc.stringMatching(/^[\x21-\x7e]{0,40}$/),
  );
  const word = fc.constantFrom("*", "GET", "PUT", "x-a", "authorization");
  const settings = fc.record(
    {
      allowOrigins: fc.array(entry, { maxLength: 4 }),
      allowMethods: fc.array(word, { maxLength: 3 }),
      allowHeaders: fc.array(word, { maxLength: 3 }),
      exposeHeaders: fc.array(word, { maxLength: 3 }),
      maxAge: fc.integer({ min: -1, max: 86_400 }),
      allowCredentials: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const backend = fc.dictionary(
    fc.constantFrom(
      "access-control-allow-origin",
      "access-control-allow-credentials",
      "access-control-expose-headers",
      "vary",
    ),
    fc.constantFrom("*", "true", EVIL, "null", "Accept"),
  );

  test("R-17 only listed origins are let in, by their own name or *, and never * with credentials", () => {
    fc.assert(
      fc.property(settings, origin, word, backend, (cors, sent, method, own) => {
        const request = { ...wants(sent, method, "x-a") };
        const entries = cors.allowOrigins ?? [];
        const seen = new Request("https://api.test/", { headers: { origin: sent } }).headers.get("origin");
        for (const answer of [preflight(cors, request), applied(cors, { origin: sent }, own)]) {
          const allowed = answer["access-control-allow-origin"];
          const credentials = answer["access-control-allow-credentials"];
          if (allowed === undefined) {
            expect(credentials).toBeUndefined();
            continue;
          }
          expect([seen, "*"]).toContain(allowed);
          expect(naivelyAllowed(entries, seen ?? "")).toBe(true);
          if (allowed === "*") expect(entries).toContain("*");
          else expect(answer["vary"]).toMatch(/^\*$|Origin/);
          if (credentials === undefined) continue;
          expect([credentials, cors.allowCredentials]).toEqual(["true", true]);
          expect(allowed).not.toBe("*");
          expect(entries.filter((one) => one === "*" || one.endsWith("//*"))).toEqual([]);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("R-17 an origin that is listed is let in on every response", () => {
    fc.assert(
      fc.property(settings, origin, (cors, sent) => {
        const answer = applied(cors, { origin: sent });
        const expected = naivelyAllowed(cors.allowOrigins ?? [], sent);
        expect("access-control-allow-origin" in answer).toBe(expected);
      }),
    );
  });
});
