import { describe, expect, test } from "vitest";
import { ask, lastSigned, REST, uriOf } from "./gateway-support.ts";
import { expectRecorded } from "./recordings.ts";

const KEY = { "integration.request.path.key": "method.request.path.key" };
const method = (name: string) => `method.response.header.${name}`;
const from = (name: string) => `integration.response.header.${name}`;
const same = (...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [method(name), from(name)]));

/** An object of a bucket, as README has it. */
const object = (httpMethod: string, more: object = {}) => ({
  type: "aws",
  httpMethod,
  uri: uriOf("s3:path/bucket.name/{key}"),
  requestParameters: { ...KEY, "integration.request.header.Range": "method.request.header.Range" },
  responses: {
    default: {
      statusCode: 200,
      responseParameters: same("Content-Type", "Content-Range", "ETag", "Accept-Ranges"),
    },
    "206": { statusCode: 206, responseParameters: same("Content-Type", "Content-Range", "ETag") },
    "304": { statusCode: 304, responseParameters: same("ETag") },
    "404": { statusCode: 404, responseTemplates: { "application/json": '{"message":"none"}' } },
  },
  ...more,
});

const target = "/files/a%20b/c%2Bd/%C3%BC'(*)!&=~.txt";

describe("an object of S3", () => {
  test("is asked for as AWS's own SDK does it, whatever is in its key", async () => {
    const asked = await ask("GET /files/{key+}", object("GET"), target);
    expectRecorded(await lastSigned(asked, "s3"), "s3:GetObject");
  });

  test("comes as it is, with what is mapped of its headers", async () => {
    const bytes = new Uint8Array([0, 255, 128, 13, 10]);
    const { response } = await ask("GET /files/{key+}", object("GET"), "/files/k", {
      settings: REST,
      gateway: {
        origin: () =>
          new Response(bytes, {
            headers: { "content-type": "image/png", etag: '"e"', "x-amz-id-2": "canary" },
          }),
      },
    });
    expect([response.status, new Uint8Array(await response.arrayBuffer())]).toEqual([200, bytes]);
    const { headers } = response;
    expect([headers.get("content-type"), headers.get("etag"), headers.has("x-amz-id-2")]).toEqual([
      "image/png",
      '"e"',
      false,
    ]);
  });

  test("comes in part, where the client asks for a part", async () => {
    const asked = await ask("GET /files/{key+}", object("GET"), "/files/k", {
      headers: { range: "bytes=0-1" },
      gateway: {
        origin: () => new Response("he", { status: 206, headers: { "content-range": "bytes 0-1/5" } }),
      },
    });
    expect((await lastSigned(asked, "s3")).headers.get("range")).toBe("bytes=0-1");
    const { response } = asked;
    expect([response.status, await response.text(), response.headers.get("content-range")]).toEqual([
      206,
      "he",
      "bytes 0-1/5",
    ]);
  });

  test("comes piece by piece, as it is read", async () => {
    const { readable, writable } = new IdentityTransformStream();
    const { response } = await ask("GET /files/{key+}", object("GET"), "/files/k", {
      gateway: { origin: () => new Response(readable) },
    });
    const writer = writable.getWriter();
    const reader = response.body?.getReader();
    const written = writer.write(new TextEncoder().encode("first"));
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("first");
    await written;
    const closed = writer.close();
    expect((await reader?.read())?.done).toBe(true);
    await closed;
  });

  test.each<[number, object, number, string]>([
    [304, {}, 304, ""],
    [404, {}, 404, '{"message":"none"}'],
    [403, {}, 200, "<Error><Code>AccessDenied</Code></Error>"],
  ])("that S3 answers with %i goes by the route's responses", async (status, more, expected, text) => {
    const body = status === 304 ? null : "<Error><Code>AccessDenied</Code></Error>";
    const { response } = await ask("GET /files/{key+}", object("GET", more), "/files/k", {
      settings: REST,
      gateway: {
        origin: () => new Response(body, { status, headers: { "content-type": "application/xml" } }),
      },
    });
    expect([response.status, await response.text()]).toEqual([expected, text]);
  });

  test("is stored as it comes, where its length is declared: streamed, its payload unsigned", async () => {
    const asked = await ask("PUT /files/{key+}", object("PUT"), "/files/a%20b", {
      body: "hello",
      headers: { "content-type": "text/plain", "content-length": "5" },
    });
    const { method: sent, url, headers, body } = await lastSigned(asked, "s3");
    expect([sent, url.pathname, body, headers.get("content-type")]).toEqual([
      "PUT",
      "/bucket.name/a%20b",
      "hello",
      "text/plain",
    ]);
    expect(headers.get("x-amz-content-sha256")).toBe("UNSIGNED-PAYLOAD");
  });

  test.each([
    ["its length is not declared", {}],
    ["a template makes it", { requestTemplates: { $default: "$input.body" } }],
  ])("is read and signed where %s", async (_, more) => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("hello"));
        controller.close();
      },
    });
    const headers = { "content-type": "text/plain" };
    const asked = await ask("PUT /files/{key+}", object("PUT", more), "/files/a%20b", { body, headers });
    expectRecorded(await lastSigned(asked, "s3"), "s3:PutObject");
  });

  test("of a declared length over the limit that the API sets is refused", async () => {
    const { response, subject } = await ask("PUT /files/{key+}", object("PUT"), "/files/k", {
      body: "x".repeat(101),
      headers: { "content-length": "101" },
      settings: { limits: { bodyBytes: 100 } },
    });
    expect([response.status, subject.sent]).toEqual([413, []]);
  });

  test("is deleted, and nothing is said of it: 204", async () => {
    const responses = { "204": { statusCode: 204 }, default: { statusCode: 500 } };
    const asked = await ask("DELETE /files/{key+}", object("DELETE", { responses }), "/files/a%2Fb", {
      settings: { allowEncodedSlashes: true },
      gateway: { origin: () => new Response(null, { status: 204 }) },
    });
    expect([asked.response.status, asked.response.body]).toEqual([204, null]);
    expect((await lastSigned(asked, "s3")).url.pathname).toBe("/bucket.name/a/b");
  });

  test("is asked for by HEAD where the route takes any method", async () => {
    const asked = await ask("ANY /files/{key+}", object("ANY"), "/files/k", {
      method: "HEAD",
      gateway: { origin: () => new Response(null, { headers: { etag: '"e"' } }) },
    });
    expect((await lastSigned(asked, "s3")).method).toBe("HEAD");
    expect([asked.response.status, asked.response.headers.get("etag")]).toEqual([200, '"e"']);
  });

  test.each([{}, REST])("is found by the route's variable where nothing is mapped (%j)", async (settings) => {
    const integration = object("GET", { requestParameters: {} });
    const asked = await ask("GET /files/{key+}", integration, target, { settings });
    expectRecorded(await lastSigned(asked, "s3"), "s3:GetObject");
  });

  test("R-06 is not, where a mapping finds nothing, nor in an exact copy of API Gateway", async () => {
    const missing = { message: "Missing required request parameters: [key]" };
    for (const [requestParameters, settings] of [
      [{ "integration.request.path.key": "method.request.header.x-key" }, REST],
      [{}, { ...REST, strict: true }],
    ]) {
      const { response, subject } = await ask(
        "GET /files/{key+}",
        object("GET", { requestParameters }),
        "/files/k",
        {
          ...(settings && { settings }),
        },
      );
      expect([response.status, await response.json(), subject.sent]).toEqual([400, missing, []]);
    }
  });

  test("R-02 is in its bucket, whatever its path says", async () => {
    const asked = await ask("GET /files/{key+}", object("GET"), "/files/a/%2e%2e/b");
    expect((await lastSigned(asked, "s3")).url.pathname).toBe("/bucket.name/b");
    for (const other of ["/files/../other/b", "/files/a/../../b", "/files/a%00b", "/files/..%2fother"]) {
      const { response, subject } = await ask("GET /files/{key+}", object("GET"), other);
      expect([other, Math.floor(response.status / 100), subject.sent]).toEqual([other, 4, []]);
    }
  });
});
