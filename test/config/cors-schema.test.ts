import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { Cors, isOrigin, RouteCors } from "../../src/config/cors-schema.ts";
import { parseValue } from "../../src/config/parse.ts";

const KEY = "apis/shop";

/** The one problem of a setting. */
function problemOf(value: unknown) {
  const parsed = parseValue(KEY, value, Cors);
  expect(parsed.ok).toBe(false);
  if (parsed.ok) throw new Error("it is accepted");
  expect(parsed.problems).toHaveLength(1);
  return { path: "", message: "", hint: "", ...parsed.problems[0] };
}

describe("CORS settings", () => {
  test("may say everything that x-amazon-apigateway-cors says", () => {
    const cors = {
      allowOrigins: ["https://www.example.com"],
      allowCredentials: true,
      exposeHeaders: ["x-apigateway-header", "x-amz-date", "content-type"],
      maxAge: 3600,
      allowMethods: ["GET", "OPTIONS", "POST"],
      allowHeaders: ["x-apigateway-header", "X-Amz-Date", "*"],
    };
    expect(parseValue(KEY, cors, Cors)).toEqual({ ok: true, value: cors });
  });

  test("may say nothing", () => {
    expect(parseValue(KEY, {}, Cors)).toEqual({ ok: true, value: {} });
  });

  test("have methods in upper case, which is how browsers ask", () => {
    expect(parseValue(KEY, { allowMethods: ["get", "Patch", "*"] }, Cors)).toMatchObject({
      value: { allowMethods: ["GET", "PATCH", "*"] },
    });
  });

  test.each([
    [{ allowOrigin: ["*"] }, "#allowOrigin", 'no key "allowOrigin"'],
    [{ allowOrigins: "*" }, "#allowOrigins", "expected Array"],
    [{ allowMethods: ["GET, POST"] }, "#allowMethods.0", '"GET, POST" is not a method'],
    [{ allowMethods: ["GET", ""] }, "#allowMethods.1", '"" is not a method'],
    [{ allowMethods: ["any"] }, "#allowMethods.0", 'write "*"'],
    [{ allowHeaders: ["x a"] }, "#allowHeaders.0", '"x a" is not a header name'],
    [{ allowHeaders: ["x-a\r\nx-b"] }, "#allowHeaders.0", "is not a header name"],
    [{ exposeHeaders: ["é"] }, "#exposeHeaders.0", '"é" is not a header name'],
    [{ maxAge: -2 }, "#maxAge", ">=-1"],
    [{ maxAge: 86_401 }, "#maxAge", "<=86400"],
    [{ maxAge: 1.5 }, "#maxAge", "expected"],
    [{ allowCredentials: "true" }, "#allowCredentials", "expected boolean"],
  ])("%j is refused in its place", (value, place, message) => {
    const problem = problemOf(value);
    expect(problem.path).toBe(KEY + place);
    expect(problem.message).toContain(message);
  });

  test("have a hint for a misspelt key", () => {
    expect(problemOf({ allowHeader: ["*"] }).hint).toBe('did you mean "allowHeaders"?');
  });
});

describe("a route's CORS settings", () => {
  const Route = v.strictObject({ cors: v.optional(RouteCors) });

  test.each([[{}], [{ cors: false }], [{ cors: { allowOrigins: ["*"] } }]])("may be %j", (value) => {
    expect(parseValue(KEY, value, Route)).toEqual({ ok: true, value });
  });

  test.each([
    [true, "#cors", "expected Object"],
    [{ allowOrigin: ["*"] }, "#cors.allowOrigin", 'no key "allowOrigin"'],
    [{ allowOrigins: ["https://app.example/"] }, "#cors.allowOrigins.0", 'write "https://app.example"'],
    [{ allowOrigins: ["*"], allowCredentials: true }, "#cors.allowOrigins", "cannot be combined"],
  ])("are refused as %j in their place", (cors, place, message) => {
    const parsed = parseValue(KEY, { cors }, Route);
    expect(parsed).toMatchObject({
      ok: false,
      problems: [{ path: KEY + place, message: expect.stringContaining(message) }],
    });
  });
});

describe("an entry of allowOrigins", () => {
  test.each([
    "*",
    "https://*",
    "http://*",
    "https://app.example",
    "https://app.example:8443",
    "http://localhost",
    "http://localhost:3000",
    "http://127.0.0.1:3000",
    "http://[::1]:3000",
    "https://xn--bcher-kva.example",
    "https://under_score.example",
    "capacitor://localhost",
    "chrome-extension://abcdefghijklmnop",
    "https://*.example.com",
    "https://*.a.b.example.com:8443",
    "http://*.localhost:3000",
    "capacitor://*.example.com",
  ])("may be %s", (entry) => {
    expect(parseValue(KEY, { allowOrigins: [entry] }, Cors)).toEqual({
      ok: true,
      value: { allowOrigins: [entry] },
    });
  });

  test.each([
    ["https://app.example/", 'write "https://app.example"'],
    ["https://app.example/login?x#y", 'write "https://app.example"'],
    ["https://App.Example", 'write "https://app.example"'],
    ["HTTPS://app.example", 'write "https://app.example"'],
    ["https://app.example:443", 'write "https://app.example"'],
    ["http://app.example:80", 'write "http://app.example"'],
    ["http://app.example:08080", 'write "http://app.example:8080"'],
    ["https://user:secret@app.example", 'write "https://app.example"'],
    ["https://bücher.example", 'write "https://xn--bcher-kva.example"'],
    ["http://127.1:3000", 'write "http://127.0.0.1:3000"'],
    ["capacitor://localhost/", 'write "capacitor://localhost"'],
    ["app.example", 'has no scheme: write "https://app.example"'],
    ["App.example", 'write "https://app.example"'],
    ["localhost", 'write "https://localhost"'],
    ["", "is no origin"],
    ["https://", "is no origin"],
    ["https://app.example.", "is no origin"],
    ["https://a..example", "is no origin"],
    ["https://app.example:99999", "is no origin"],
    ["https://app .example", "is no origin"],
    [" https://app.example", 'write "https://app.example"'],
    ["https://app.example, https://b.example", "is no origin"],
    ["file://", "is no origin"],
    ["file:///home/me/page.html", "is no origin"],
    ["data:text/html,x", "is no origin"],
    ["https://**", "a wildcard is"],
    ["*.example.com", "a wildcard is"],
    ["https://*example.com", "a wildcard is"],
    ["https://app*.example.com", "a wildcard is"],
    ["https://app.*.com", "a wildcard is"],
    ["https://app.example:*", "a wildcard is"],
    ["ftp://*", "a wildcard is"],
    ["://*.example.com", "a wildcard is"],
    ["https://*.", "is no origin"],
    ["https://*.com", "a domain of one's own"],
    ["https://*.com:8443", "a domain of one's own"],
    ["http://*.0.1", 'write "http://*.0.0.0.1"'],
    ["http://*.127.0.0.1", "a domain of one's own"],
    ["http://*.[::1]", "a domain of one's own"],
    ["https://*.Example.com", 'write "https://*.example.com"'],
    ["https://*.*.example.com", "is no origin"],
    ["https://*.example.com/", 'write "https://*.example.com"'],
  ])("is refused as %j, with the way to mend it", (entry, message) => {
    const problem = problemOf({ allowOrigins: ["https://first.example", entry] });
    expect(problem.path).toBe(`${KEY}#allowOrigins.1`);
    expect(problem.message).toContain(message);
  });

  test("is refused when it is longer than host names can be", () => {
    const entry = `https://${"a.".repeat(200)}example`;
    expect(problemOf({ allowOrigins: [entry] }).message).toContain("is no origin");
  });

  test.each(["null", "NULL", "Null"])("R-17 is refused as %j, for every site can send it", (entry) => {
    expect(problemOf({ allowOrigins: [entry] }).message).toContain("cannot be allowed");
  });

  test.each([["*"], ["https://*"], ["http://*"]])(
    "R-17 %s is refused together with allowCredentials",
    (entry) => {
      const value = { allowOrigins: ["https://app.example", entry], allowCredentials: true };
      const problem = problemOf(value);
      expect(problem.path).toBe(`${KEY}#allowOrigins`);
      expect(problem.message).toContain(`"${entry}" cannot be combined with allowCredentials`);
      expect(parseValue(KEY, { ...value, allowCredentials: false }, Cors).ok).toBe(true);
    },
  );

  test("may stand for sub-domains together with allowCredentials", () => {
    const value = { allowOrigins: ["https://*.example.com"], allowCredentials: true };
    expect(parseValue(KEY, value, Cors).ok).toBe(true);
  });
});

describe("what is an origin", () => {
  test.each([
    ["no scheme", "a".repeat(65_536)],
    ["one label", `https://${"a".repeat(65_536)}`],
    ["many labels", `https://${"a.".repeat(32_768)}`],
    ["hyphens", `https://${"a-".repeat(32_768)}!`],
    ["a scheme", `${"a+".repeat(32_768)}://`],
    ["an address", `https://[${":".repeat(65_536)}`],
  ])("R-21 64 KB of %s are none", (_, text) => {
    expect(isOrigin(text)).toBe(false);
  });
});
