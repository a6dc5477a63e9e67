import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { KINDS, reasonOf, services } from "./support.ts";

const r2 = (operation: string, parameters: object) => ({
  type: "r2",
  binding: "FILES",
  operation,
  parameters,
});
const KEY = { key: "${request.path.key}" };
const ROUTES = {
  "GET /{key+}": r2("get", KEY),
  "HEAD /{key+}": r2("get", KEY),
  "PUT /{key+}": r2("put", { ...KEY, customMetadata: { by: "${context.identity.sourceIp}" } }),
  "DELETE /{key+}": r2("delete", KEY),
};

describe.each(KINDS)("a bucket on a %s API", (_, settings) => {
  test("put streams the body into an object, get gives it back with what is known of it", async () => {
    const subject = await services(ROUTES, settings);
    const headers = { "content-type": "text/plain", "content-language": "de" };
    const stored = await subject.fetch("/a/b.txt", { method: "PUT", body: "hallo", headers });
    expect(stored.status).toBe(200);
    const object = await env.FILES.get("a/b.txt");
    expect(await object?.text()).toBe("hallo");
    expect(object?.customMetadata).toEqual({ by: "203.0.113.7" });
    expect(stored.headers.get("etag")).toBe(object?.httpEtag);
    expect(await stored.json()).toEqual({
      key: "a/b.txt",
      size: 5,
      etag: object?.etag,
      uploaded: object?.uploaded.toISOString(),
    });
    const got = await subject.fetch("/a/b.txt");
    expect(got.status).toBe(200);
    expect(got.headers.get("content-type")).toBe("text/plain");
    expect(got.headers.get("content-language")).toBe("de");
    expect(got.headers.get("etag")).toBe(object?.httpEtag);
    expect(got.headers.get("last-modified")).toBe(object?.uploaded.toUTCString());
    expect(got.headers.get("accept-ranges")).toBe("bytes");
    expect(await got.text()).toBe("hallo");
  });

  test("an object that there is not is 404, also without a body", async () => {
    const subject = await services(ROUTES, settings);
    const response = await subject.fetch("/none");
    expect([response.status, await response.json()]).toEqual([404, { message: "Not Found" }]);
    expect(reasonOf(response)).toBe("service.not_found");
    expect((await subject.fetch("/none", { method: "HEAD" })).status).toBe(404);
    expect((await subject.fetch("/none", { headers: { range: "bytes=0-1" } })).status).toBe(404);
    expect((await subject.fetch("/none", { method: "DELETE" })).status).toBe(204);
  });
});

describe("get", () => {
  test.each([
    ["bytes=1-2", 206, "el", "bytes 1-2/5"],
    ["bytes=3-", 206, "lo", "bytes 3-4/5"],
    ["bytes=-2", 206, "lo", "bytes 3-4/5"],
    ["bytes=-9", 206, "hello", "bytes 0-4/5"],
    ["bytes=2-99", 206, "llo", "bytes 2-4/5"],
    ["bytes=5-", 416, "", "bytes */5"],
    ["bytes=9-10", 416, "", "bytes */5"],
    ["bytes=-0", 416, "", "bytes */5"],
    ["bytes=2-1", 200, "hello", null],
    ["bytes=0-1,3-4", 200, "hello", null],
    ["lines=1-2", 200, "hello", null],
    ["bytes=a-b", 200, "hello", null],
  ])("with the range %s answers %i", async (range, status, body, contentRange) => {
    await env.FILES.put("a", "hello");
    const subject = await services(ROUTES);
    const response = await subject.fetch("/a", { headers: { range } });
    expect([response.status, await response.text()]).toEqual([status, body]);
    expect(response.headers.get("content-range")).toBe(contentRange);
  });

  const OLD = "Mon, 01 Jan 2001 00:00:00 GMT";
  const LATER = "Fri, 01 Jan 2100 00:00:00 GMT";
  const OWN = '"5d41402abc4b2a76b9719d911017c592"';
  test.each([
    [{ "if-none-match": OWN }, 304],
    [{ "if-none-match": `W/${OWN}` }, 304],
    [{ "if-none-match": `"x", ${OWN}` }, 304],
    [{ "if-none-match": "*" }, 304],
    [{ "if-none-match": '"x"' }, 200],
    [{ "if-modified-since": LATER }, 304],
    [{ "if-modified-since": OLD }, 200],
    [{ "if-modified-since": "yesterday" }, 200],
    [{ "if-match": OWN }, 200],
    [{ "if-match": "*" }, 200],
    [{ "if-match": '"x"' }, 412],
    [{ "if-match": OWN, "if-none-match": OWN }, 304],
    [{ "if-unmodified-since": OLD }, 412],
    [{ "if-unmodified-since": LATER }, 200],
    [{ "if-none-match": "x" }, 400],
    [{ "if-match": "x" }, 400],
  ])("with %j answers %i", async (headers, status) => {
    await env.FILES.put("a", "hello");
    const subject = await services(ROUTES);
    const response = await subject.fetch("/a", { headers });
    expect(response.status).toBe(status);
    const body = await response.text();
    if (status === 200) expect(body).toBe("hello");
    else if (status !== 400) expect(body).toBe("");
    if (status === 304) expect(response.headers.get("etag")).toBe(OWN);
  });

  test("takes a range whose If-Range is the object's version, and no other", async () => {
    await env.FILES.put("a", "hello");
    const subject = await services(ROUTES);
    const ranged = (version: string) =>
      subject.fetch("/a", { headers: { range: "bytes=0-0", "if-range": version } });
    expect((await ranged(OWN)).status).toBe(206);
    expect((await ranged('"x"')).status).toBe(200);
    expect((await ranged(LATER)).status).toBe(200);
  });

  test("answers a HEAD request with the headers alone", async () => {
    await env.FILES.put("a", "hello");
    const subject = await services(ROUTES);
    const response = await subject.fetch("/a", { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect(response.headers.get("content-length")).toBe("5");
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
  });
});

describe("put", () => {
  test("takes a body without a declared length", async () => {
    const subject = await services(ROUTES);
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    const written = writer.write(new TextEncoder().encode("in pieces")).then(() => writer.close());
    const response = await subject.fetch("/a", { method: "PUT", body: readable });
    await written;
    expect(response.status).toBe(200);
    expect(await (await env.FILES.get("a"))?.text()).toBe("in pieces");
  });

  test("replaces no version that the client did not mean", async () => {
    const subject = await services(ROUTES);
    const put = (body: string, headers: HeadersInit) => subject.fetch("/a", { method: "PUT", body, headers });
    expect((await put("1", { "if-none-match": "*" })).status).toBe(200);
    const refused = await put("2", { "if-none-match": "*" });
    expect([refused.status, await refused.json()]).toEqual([412, { message: "Precondition Failed" }]);
    const etag = (await env.FILES.head("a"))?.httpEtag ?? "";
    expect((await put("3", { "if-match": '"x"' })).status).toBe(412);
    // Taken for none, a condition that cannot be read would let anything be replaced.
    expect((await put("3", { "if-match": "x" })).status).toBe(400);
    expect((await put("4", { "if-match": etag })).status).toBe(200);
    expect(await (await env.FILES.get("a"))?.text()).toBe("4");
  });

  test("stores the configuration's word on the content rather than the client's", async () => {
    const httpMetadata = { contentType: "image/png", cacheControl: "max-age=${request.querystring.age}" };
    const subject = await services({ "PUT /{key}": r2("put", { ...KEY, httpMetadata }) });
    const headers = { "content-type": "text/html", "content-disposition": "inline" };
    expect((await subject.fetch("/a?age=60", { method: "PUT", body: "x", headers })).status).toBe(200);
    expect((await env.FILES.head("a"))?.httpMetadata).toEqual({
      contentType: "image/png",
      cacheControl: "max-age=60",
    });
    const broken = await subject.fetch("/a?age=%0d%0ax:y", { method: "PUT", body: "x" });
    expect([broken.status, await broken.json()]).toEqual([
      400,
      { message: "Invalid request parameters: [age]" },
    ]);
  });
});

test("put with more metadata than an object can have is the client's mistake", async () => {
  const customMetadata = { note: "$request.header.x-note" };
  const subject = await services({ "PUT /{key}": r2("put", { ...KEY, customMetadata }) });
  const put = (length: number) =>
    subject.fetch("/a", { method: "PUT", body: "x", headers: { "x-note": "n".repeat(length) } });
  const refused = await put(8_189);
  expect([refused.status, await refused.json()]).toEqual([
    400,
    { message: "Invalid request parameters: [x-note]" },
  ]);
  expect((await put(8_188)).status).toBe(200);
});

test("head describes an object as JSON", async () => {
  await env.FILES.put("a", "hello", {
    httpMetadata: { contentType: "text/plain" },
    customMetadata: { by: "me" },
  });
  const object = await env.FILES.head("a");
  const subject = await services({ "GET /{key}": r2("head", KEY) });
  const response = await subject.fetch("/a");
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(response.headers.get("etag")).toBe(object?.httpEtag);
  expect(await response.json()).toEqual({
    key: "a",
    size: 5,
    etag: object?.etag,
    uploaded: object?.uploaded.toISOString(),
    httpMetadata: { contentType: "text/plain" },
    customMetadata: { by: "me" },
  });
});

test("list pages by cursor and gathers by delimiter", async () => {
  for (const key of ["a/1", "a/2", "a/b/3", "c"]) await env.FILES.put(key, "x");
  const parameters = {
    prefix: "$request.querystring.prefix",
    delimiter: "/",
    limit: "$request.querystring.limit",
    cursor: "$request.querystring.cursor",
  };
  const subject = await services({ "GET /": r2("list", parameters) });
  type Page = { objects: { key: string }[]; cursor: string; delimitedPrefixes: string[]; truncated: boolean };
  const page = async (query: string) => {
    const listed = await (await subject.fetch(`/${query}`)).json<Page>();
    return { ...listed, objects: listed.objects.map(({ key }) => key) };
  };
  const all = await page("?prefix=a/");
  expect(all).toEqual({ objects: ["a/1", "a/2"], delimitedPrefixes: ["a/b/"], truncated: false });
  const first = await page("?prefix=a/&limit=1");
  expect(first).toMatchObject({ objects: ["a/1"], truncated: true });
  const second = await page(`?prefix=a/&limit=1&cursor=${encodeURIComponent(first.cursor)}`);
  expect(second.objects).toEqual(["a/2"]);
  expect((await subject.fetch("/?limit=1001")).status).toBe(400);
});
