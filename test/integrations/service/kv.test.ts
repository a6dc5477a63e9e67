import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { KINDS, reasonOf, services } from "./support.ts";

const kv = (operation: string, parameters: object) => ({
  type: "kv",
  binding: "PROFILES",
  operation,
  parameters,
});
const GET = kv("get", { key: "user/${request.path.id}" });

describe.each(KINDS)("a key-value store on a %s API", (_, settings) => {
  test("get answers the value as it is stored", async () => {
    await env.PROFILES.put("user/7", '{"name":"Ada"}');
    const subject = await services({ "GET /users/{id}": GET }, settings);
    const response = await subject.fetch("/users/7");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.text()).toBe('{"name":"Ada"}');
  });

  test("get answers 404 for a key that there is not", async () => {
    const subject = await services({ "GET /users/{id}": GET }, settings);
    const response = await subject.fetch("/users/7");
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ message: "Not Found" });
    expect(reasonOf(response)).toBe("service.not_found");
  });

  test("put stores the body's bytes and answers 204; delete takes them away", async () => {
    const routes = {
      "PUT /users/{id}": kv("put", { key: "user/${request.path.id}" }),
      "DELETE /users/{id}": kv("delete", { key: "user/${request.path.id}" }),
    };
    const subject = await services(routes, settings);
    const body = new Uint8Array([0, 255, 10, 13]);
    const stored = await subject.fetch("/users/7", { method: "PUT", body });
    expect([stored.status, await stored.text()]).toEqual([204, ""]);
    expect(new Uint8Array((await env.PROFILES.get("user/7", "arrayBuffer")) ?? new ArrayBuffer())).toEqual(
      body,
    );
    expect((await subject.fetch("/users/7", { method: "DELETE" })).status).toBe(204);
    expect(await env.PROFILES.get("user/7")).toBeNull();
  });
});

test("put takes its value, its life and its metadata from the request", async () => {
  const put = kv("put", {
    key: "${request.body.id}",
    value: { name: "$request.body.name", age: "$request.body.age", from: "${context.identity.sourceIp}" },
    expirationTtl: "$request.querystring.ttl",
    metadata: { role: "$request.body.role", missing: "$request.body.none" },
  });
  const subject = await services({ "POST /users": put });
  const body = JSON.stringify({ id: "a", name: 'A "b"', age: 7, role: ["x"] });
  expect((await subject.fetch("/users?ttl=120", { method: "POST", body })).status).toBe(204);
  const { value, metadata } = await env.PROFILES.getWithMetadata("a", "json");
  expect(value).toEqual({ name: 'A "b"', age: 7, from: "203.0.113.7" });
  expect(metadata).toEqual({ role: ["x"] });
  const [key] = (await env.PROFILES.list()).keys;
  expect(key?.expiration).toBeGreaterThan(Date.now() / 1000 + 60);
  for (const [ttl, status] of [
    ["59", 400],
    ["1e3", 400],
    ["x", 400],
    ["", 204],
  ] as const) {
    expect((await subject.fetch(`/users?ttl=${ttl}`, { method: "POST", body })).status).toBe(status);
  }
});

test("put stops being at a time from a minute to come until 2038", async () => {
  const subject = await services({
    "PUT /x": kv("put", { key: "a", value: "v", expiration: "$request.querystring.e" }),
  });
  const put = async (e: number) => {
    const response = await subject.fetch(`/x?e=${e}`, { method: "PUT" });
    return [response.status, await response.text()];
  };
  const now = Math.floor(Date.now() / 1000);
  const refused = [400, '{"message":"Invalid request parameters: [e]"}'];
  for (const e of [5, 0, now, now + 50, 2 ** 31, 2 ** 40]) expect([e, await put(e)]).toEqual([e, refused]);
  const later = now + 600;
  expect(await put(later)).toEqual([204, ""]);
  const [key] = (await env.PROFILES.list()).keys;
  expect(key?.expiration).toBe(later);
});

test("put keeps the digits of a number", async () => {
  const subject = await services({
    "PUT /a": kv("put", { key: "a", value: "$request.body.a" }),
    "PUT /b": kv("put", {
      key: "b",
      value: { n: "$request.body.a", l: ["$request.body.b", 1.5, null], t: "€" },
    }),
  });
  const body = '{"a":12345678901234567890,"b":[-9007199254740993,0.1,true,{"x":"\\""}]}';
  for (const path of ["/a", "/b"]) {
    expect((await subject.fetch(path, { method: "PUT", body })).status).toBe(204);
  }
  expect(await env.PROFILES.get("a")).toBe("12345678901234567890");
  expect(await env.PROFILES.get("b")).toBe(
    '{"n":12345678901234567890,"l":[[-9007199254740993,0.1,true,{"x":"\\""}],1.5,null],"t":"€"}',
  );
});

test("list pages by cursor", async () => {
  for (const key of ["a/1", "a/2", "a/3", "b/1"]) await env.PROFILES.put(key, "x");
  const list = kv("list", {
    prefix: "${request.path.place}/",
    limit: 2,
    cursor: "$request.querystring.cursor",
  });
  const subject = await services({ "GET /{place}": list });
  const first = await (await subject.fetch("/a")).json<{ keys: { name: string }[]; cursor: string }>();
  expect(first).toEqual({
    keys: [{ name: "a/1" }, { name: "a/2" }],
    list_complete: false,
    cursor: first.cursor,
  });
  const second = await subject.fetch(`/a?cursor=${encodeURIComponent(first.cursor)}`);
  expect(await second.json()).toEqual({ keys: [{ name: "a/3" }], list_complete: true });
});

describe("R-05 a key", () => {
  const byQuery = kv("get", { key: "$request.querystring.key" });

  test.each([
    ["", "Missing required request parameters: [key]"],
    ["?key=", "Missing required request parameters: [key]"],
    ["?key=.", "Invalid request parameters: [key]"],
    ["?key=..", "Invalid request parameters: [key]"],
    ["?key=a%00b", "Invalid request parameters: [key]"],
    ["?key=a%0D%0Ab", "Invalid request parameters: [key]"],
    [`?key=${"x".repeat(513)}`, "Invalid request parameters: [key]"],
    [`?key=${"%E2%82%AC".repeat(171)}`, "Invalid request parameters: [key]"],
  ])("from the query %j is refused: %s", async (query, message) => {
    const subject = await services({ "GET /x": byQuery });
    const response = await subject.fetch(`/x${query}`);
    expect([response.status, await response.json()]).toEqual([400, { message }]);
    expect(reasonOf(response)).toBe("service.parameter");
  });

  test("of 512 bytes, or with any character that can be printed, is one", async () => {
    const subject = await services({ "GET /x": byQuery });
    for (const key of ["x".repeat(512), "€".repeat(170), "../a b/ü?&=#%", "a\\b"]) {
      await env.PROFILES.put(key, "there");
      const response = await subject.fetch(`/x?key=${encodeURIComponent(key)}`);
      expect(await response.text()).toBe("there");
    }
  });

  test("half of a surrogate pair is none", async () => {
    const subject = await services({ "POST /x": kv("put", { key: "$request.body.key", value: "v" }) });
    const response = await subject.fetch("/x", { method: "POST", body: '{"key":"\\ud800"}' });
    expect([response.status, await response.json()]).toEqual([
      400,
      { message: "Invalid request parameters: [body.key]" },
    ]);
  });

  test("never goes without a part: it would be another one's", async () => {
    await env.PROFILES.put("user/", "everybody");
    const subject = await services({
      "GET /x": kv("get", { key: "user/${request.querystring.id}" }),
      "GET /y": kv("list", { prefix: "user/${request.querystring.id}" }),
    });
    expect((await subject.fetch("/x")).status).toBe(400);
    expect((await subject.fetch("/y?id=")).status).toBe(400);
  });
});
