import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileUri, hasDotSegment } from "../../../src/integrations/http/uri.ts";
import { canonicalPath } from "../../../src/routing/path.ts";
import { api, gateway, proxyTo } from "../../support/gateway.ts";

const fill = (uri: string, values: Record<string, string>, variables: Record<string, string> = {}) =>
  compileUri(uri, variables)?.fill((name) => (Object.hasOwn(values, name) ? values[name] : undefined));

describe("an origin's URL", () => {
  test.each([
    ["https://o.test", {}, "https://o.test/"],
    ["https://o.test/a/{id}", { id: "1" }, "https://o.test/a/1"],
    ["https://o.test/{p+}", { p: "a/b" }, "https://o.test/a/b"],
    ["https://o.test/{a}-{b}/{a}", { a: "1", b: "2" }, "https://o.test/1-2/1"],
    ["https://o.test/{none}/x", {}, "https://o.test/{none}/x"],
    ["https://o.test?id={id}", { id: "1" }, "https://o.test/?id=1"],
    ["https://o.test/x#{id}", { id: "1" }, "https://o.test/x"],
    ["https://o.test/{p+}?{t}", { p: "x", t: "a&admin=1" }, "https://o.test/x?a%26admin%3D1"],
    ["https://o.test/x?q={q}", { q: "a&b=c#d+e" }, "https://o.test/x?q=a%26b%3Dc%23d%2Be"],
    ["HTTPS://O.test:8443/X", {}, "https://O.test:8443/X"],
    ["https://o.test/{id}", { id: "{id}" }, "https://o.test/{id}"],
  ])("%s with %j is %s", (uri, values, url) => {
    expect(fill(uri, values)).toBe(url);
  });

  test.each([
    "ftp://o.test",
    "https://",
    "https:///x",
    "https://{host}/",
    "https://user:secret@o.test/",
    "https://o.test\\@evil.test/",
    "https://o .test/",
    "https://o.test:99999/",
    "//o.test/",
    "",
  ])("%j is none", (uri) => {
    expect(compileUri(uri, {})).toBeUndefined();
  });

  test.each([
    [{ host: "" }, undefined],
    [{}, undefined],
    [{ host: "o.test" }, "https://o.test/x"],
    [{ host: "o.test/y?z=" }, "https://o.test/y?z=/x"],
    [{ host: "user@evil.test" }, undefined],
  ])("stage variables %j choose the host, by the owner's hand", (variables, url) => {
    expect(compileUri("https://${stageVariables.host}/x", variables)?.fill(() => undefined)).toBe(url);
  });
});

describe("R-16 what a caller sends never leaves the origin's path and query", () => {
  const hostile = fc.array(
    fc.oneof(
      fc.constantFrom(
        "/",
        "//",
        "@",
        ":",
        "?",
        "#",
        "\\",
        "%2f",
        "%40",
        "evil.test",
        "http://",
        ".",
        "..",
        "[::1]",
      ),
      fc.string({ maxLength: 5, unit: "grapheme" }),
    ),
    { maxLength: 8 },
  );
  const template = fc.constantFrom(
    "https://o.test:8443/{p}",
    "https://o.test:8443{p}",
    "https://o.test:8443/a/{p}/b?x=1",
    "https://o.test:8443/a?x={p}&y=1",
    "https://o.test:8443?x={p}",
    "https://o.test:8443/{p}{p}",
  );

  test("no parameter's value changes scheme, host or port", () => {
    fc.assert(
      fc.property(template, hostile, (uri, pieces) => {
        // As the router gives it: a part of a canonical path.
        const path = canonicalPath(`/${pieces.join("").replaceAll(/[?#]/g, "")}`);
        if (!path.ok) return;
        const url = fill(uri, { p: path.path.slice(1) });
        if (url === undefined) {
          expect(uri).toContain("8443{");
          return;
        }
        expect(new URL(url).origin).toBe("https://o.test:8443");
        expect(new URL(url).username).toBe("");
        if (uri.includes("x=1")) expect(new URL(url).search).toBe("?x=1");
        if (uri.includes("y=1")) expect([...new URL(url).searchParams.keys()]).toEqual(["x", "y"]);
      }),
      { numRuns: 4000 },
    );
  });

  test("through the whole gateway the origin's host stays what the route says", async () => {
    const subject = await gateway(
      api({ "ANY /p/{proxy+}": proxyTo("https://o.test/{proxy}?own=1") }, { allowEncodedSlashes: true }),
    );
    for (const target of [
      "/p//evil.test/x",
      "/p/@evil.test",
      "/p/http://evil.test/",
      "/p/%2F%2Fevil.test",
      "/p/%5C%5Cevil.test",
      "/p/:80@evil.test",
      "/p/x?y=@evil.test",
      "/p/x?#@evil.test",
    ]) {
      await subject.fetch(target);
      expect(new URL(subject.lastSent.url).host).toBe("o.test");
      expect(subject.lastSent.redirect).toBe("manual");
    }
  });
});

describe("dot segments made by filling", () => {
  test.each([
    ["https://o.test/v1/.{p}", "."],
    ["https://o.test/v1/{p}{p}", "."],
    ["https://o.test/v1/{p}", ".."],
    ["https://o.test/v1/{p}?x", ".."],
    ["https://o.test/v1/{p}/x", "a/.."],
  ])("%s with %s is seen", (uri, value) => {
    expect(hasDotSegment(fill(uri, { p: value }) ?? "")).toBe(true);
  });

  test.each([
    "https://o.test/",
    "https://o.test/.well-known/x",
    "https://o.test/a/...",
    "https://o.test/a..b/.c",
    "https://o.test/a?b=/../c",
  ])("%s has none", (url) => {
    expect(hasDotSegment(url)).toBe(false);
  });

  test("are refused with 400, and the origin is not called", async () => {
    const integration = proxyTo("https://o.test/v1/{p}/x", {
      requestParameters: { "integration.request.path.p": "method.request.querystring.p" },
    });
    const subject = await gateway(api({ "GET /a": integration }));
    expect((await subject.fetch("/a?p=..")).status).toBe(400);
    expect((await subject.fetch("/a?p=.")).status).toBe(400);
    // An origin may decode what we would have to encode.
    for (const value of ["../..", "a/b", "a%5Cb", "a%00b", "..;"]) {
      expect((await subject.fetch(`/a?p=${value}`)).status).toBe(400);
    }
    expect(subject.sent).toEqual([]);
    expect((await subject.fetch("/a?p=a%20b%3F")).status).toBe(200);
    expect(subject.lastSent.url).toBe("https://o.test/v1/a%20b%3F/x?p=a%20b%3F");
  });
});

describe("the client's query", () => {
  test.each([
    ["https://o.test/x", "?a=1&a=2&b=%20+", "https://o.test/x?a=1&a=2&b=%20+"],
    ["https://o.test/x?own=1", "?a=1", "https://o.test/x?own=1&a=1"],
    ["https://o.test/x", "?", "https://o.test/x"],
    ["https://o.test/x", "", "https://o.test/x"],
    ["https://o.test/x", "?%", "https://o.test/x?%"],
    ["https://o.test/x", "?a?b", "https://o.test/x?a?b"],
  ])("%s%s reaches the origin as %s", async (uri, query, url) => {
    const subject = await gateway(api({ "GET /a": proxyTo(uri) }));
    await subject.fetch(`/a${query}`);
    expect(subject.lastSent.url).toBe(url);
  });
});
