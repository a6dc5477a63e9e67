import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileOrigins } from "../../../src/access/cors/origins.ts";
import { naivelyAllowed } from "./naive-origins.ts";

const EXACT = "https://example.com";

/** What a page at none of the allowed places could make its browser, or a script, send. */
const HOSTILE: readonly (readonly [string, string])[] = [
  ["nothing", ""],
  ["null", "null"],
  ["another port", "https://example.com:8443"],
  ["the scheme's own port", "https://example.com:443"],
  ["another scheme", "http://example.com"],
  ["a scheme that ends alike", "xhttps://example.com"],
  ["a sub-domain", "https://a.example.com"],
  ["a name that ends alike", "https://evil-example.com"],
  ["a name that starts alike", "https://example.com.evil"],
  ["a name that is shorter", "https://example.co"],
  ["file:", "file://"],
  ["upper case", "https://EXAMPLE.com"],
  ["an upper-case scheme", "HTTPS://example.com"],
  ["a trailing dot", "https://example.com."],
  ["a trailing slash", "https://example.com/"],
  ["a path", "https://example.com/app"],
  ["a query", "https://example.com?x"],
  ["a fragment", "https://evil.test#.example.com"],
  ["user information", "https://evil@example.com"],
  ["a password", "https://evil.test:x@example.com"],
  ["itself as user information", "https://example.com@evil.test"],
  ["a backslash", "https://evil.test\\.example.com"],
  ["a slash in the name", "https://evil.test/.example.com"],
  ["an encoded slash", "https://evil.test%2F.example.com"],
  ["a look-alike letter", "https://examp\u04cfe.com"],
  ["a full-width dot", "https://a\uff0eexample.com"],
  ["the wildcard itself", "https://*.example.com"],
  ["a star", "*"],
  ["two origins", "https://example.com, https://evil.test"],
  ["two origins, a space between", "https://example.com https://evil.test"],
  ["a leading space", " https://example.com"],
  ["a trailing tab", "https://example.com\t"],
  ["a line break", "https://example.com\r\nset-cookie: a=b"],
  ["a NUL", "https://example.com\0"],
  ["a NUL in the name", "https://evil.test\0.example.com"],
  ["an empty label", "https://.example.com"],
  ["two dots", "https://a..example.com"],
  ["no host", "https://"],
  ["no scheme", "example.com"],
  ["no slashes", "https:example.com"],
  ["a name of 64 KB", `https://${"a".repeat(65_536)}.example.com`],
  ["labels of 64 KB", `https://${"a.".repeat(32_768)}example.com`],
];

describe("R-17 an exact origin", () => {
  const origins = compileOrigins([EXACT, "http://localhost:3000", "capacitor://localhost"]);

  test.each([EXACT, "http://localhost:3000", "capacitor://localhost"])("lets %s in", (origin) => {
    expect(origins.allows(origin)).toBe(true);
  });

  test.each([...HOSTILE, ["the allowed host's other port", "http://localhost"] as const])(
    "does not let %s in",
    (_, origin) => {
      expect(origins.allows(origin)).toBe(false);
    },
  );
});

describe("R-17 a wildcard for sub-domains", () => {
  const origins = compileOrigins(["https://*.example.com", "http://*.localhost:3000"]);

  test.each([
    "https://a.example.com",
    "https://a.b.c.example.com",
    "https://xn--bcher-kva.example.com",
    "https://a-b_c.example.com",
    "http://shop.localhost:3000",
  ])("lets %s in", (origin) => {
    expect(origins.allows(origin)).toBe(true);
  });

  test.each([
    ...HOSTILE.filter(([what]) => what !== "a sub-domain"),
    ["the bare domain", EXACT] as const,
    ["a sub-domain's other port", "https://a.example.com:8443"] as const,
    ["a sub-domain's other scheme", "http://a.example.com"] as const,
    ["a sub-domain of a name that ends alike", "https://a.evil-example.com"] as const,
    ["a sub-domain with upper case", "https://A.example.com"] as const,
    ["a sub-domain with user information", "https://evil.test@a.example.com"] as const,
    ["the allowed host without its port", "http://shop.localhost"] as const,
  ])("does not let %s in", (_, origin) => {
    expect(origins.allows(origin)).toBe(false);
  });
});

describe("R-17 a wildcard for a scheme", () => {
  const origins = compileOrigins(["https://*"]);

  test.each(["https://example.com", "https://a.test:8443", "https://[::1]", "https://127.0.0.1"])(
    "lets %s in",
    (origin) => {
      expect(origins.allows(origin)).toBe(true);
    },
  );

  test.each([
    "null",
    "http://example.com",
    "xhttps://example.com",
    "https://",
    "https://*",
    "https://A.test",
    "https://a.test/",
    "https://a@b.test",
    "https://a.test, https://b.test",
    "https://a.test\r\n",
    "https://a.test:99999999",
    `https://${"a".repeat(300)}`,
  ])("does not let %j in", (origin) => {
    expect(origins.allows(origin)).toBe(false);
  });
});

describe("lists of origins", () => {
  test("that are empty let nobody in", () => {
    const origins = compileOrigins([]);
    expect(origins).toMatchObject({ any: false, wide: false, none: true });
    for (const [, origin] of HOSTILE) expect(origins.allows(origin)).toBe(false);
  });

  test.each([
    [["*"], { any: true, wide: true, none: false }],
    [[EXACT, "*"], { any: true, wide: true, none: false }],
    [["https://*"], { any: false, wide: true, none: false }],
    [["https://*.example.com"], { any: false, wide: false, none: false }],
    [[EXACT], { any: false, wide: false, none: false }],
  ])("%j: how wide they are is known before any request", (entries, known) => {
    expect(compileOrigins(entries)).toMatchObject(known);
  });

  test.each(["null", "https://*.com", "https://example.com/", "https://a*.example.com"])(
    "R-17 never act on %j, even when no schema has refused it",
    (entry) => {
      const origins = compileOrigins([entry]);
      expect(origins.none).toBe(true);
      for (const origin of [entry, "null", "https://a.com", EXACT]) {
        expect(origins.allows(origin)).toBe(false);
      }
    },
  );

  const label = fc.constantFrom("a", "evil", "example", "com", "b-c", "A", "", "*");
  const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
  const scheme = fc.constantFrom("https://", "http://", "HTTPS://", "ftp://", "https:/", "");
  const tail = fc.constantFrom("", ":8443", ":443", ".", "/", "#", "@example.com", "\0", " ");
  const written = fc.tuple(scheme, host, tail).map((parts) => parts.join(""));
  const entries = fc.constantFrom(
    "https://example.com",
    "https://a.example.com:8443",
    "https://*.example.com",
    "https://*.example.com:8443",
    "http://*",
    "https://*",
  );

  test("R-17 agree with a naive check, whatever is sent", () => {
    fc.assert(
      fc.property(fc.array(entries), fc.oneof(written, fc.string(), fc.webUrl()), (list, origin) => {
        expect(compileOrigins(list).allows(origin)).toBe(naivelyAllowed(list, origin));
      }),
      { numRuns: 2000 },
    );
  });
});
