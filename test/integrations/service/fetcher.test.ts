import { describe, expect, test } from "vitest";
import { services } from "./support.ts";

interface Echo {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

const service = (path?: string) => ({
  type: "service",
  binding: "ECHO",
  ...(path !== undefined && { parameters: { path } }),
});

describe("a service binding", () => {
  test("gets the request as an origin would", async () => {
    const subject = await services({ "POST /a/{rest+}": service() });
    const headers = {
      "content-type": "text/plain",
      "x-own": "1",
      "x-forwarded-for": "6.6.6.6",
      "cf-ray": "x",
    };
    const response = await subject.fetch("/a/b%20c?q=1&q=2", { method: "POST", body: "hello", headers });
    expect(response.status).toBe(200);
    const seen = await response.json<Echo>();
    expect(seen).toMatchObject({ url: "https://api.test/a/b%20c?q=1&q=2", method: "POST", body: "hello" });
    const sent = Object.fromEntries(seen.headers);
    expect(sent).toMatchObject({ "x-own": "1", "x-forwarded-for": "203.0.113.7", "x-portico-hops": "1" });
    expect(sent).not.toHaveProperty("cf-ray");
  });

  test.each([
    ["/v2/users/${request.path.id}", "/users/a%20b", "/v2/users/a%20b"],
    ["/v2/${request.querystring.id}/x", "/users/1?id=a%20b%3Fc", "/v2/a%20b%3Fc/x?id=a%20b%3Fc"],
    ["/v2${request.path}", "/users/1", "/v2/users/1"],
    ["/fixed", "/users/1", "/fixed"],
  ])("gets the path %s for %s: %s", async (path, target, expected) => {
    const subject = await services({ "GET /users/{id}": service(path) });
    const response = await subject.fetch(target);
    expect((await response.json<Echo>()).url).toBe(`https://api.test${expected}`);
  });

  test.each([
    ["/users/1", "Missing required request parameters: [id]"],
    ["/users/1?id=a%2Fb", "Invalid request parameters: [id]"],
    ["/users/1?id=a%5Cb", "Invalid request parameters: [id]"],
    ["/users/1?id=a%0D%0Ab", "Invalid request parameters: [id]"],
    ["/users/1?id=..", "Bad Request"],
    ["/users/1?id=.", "Bad Request"],
  ])("R-02 no value changes the path around it: %s", async (target, message) => {
    const subject = await services({ "GET /users/{id}": service("/v2/${request.querystring.id}") });
    const response = await subject.fetch(target);
    expect([response.status, await response.json()]).toEqual([400, { message }]);
  });

  test.each(["HTTP", "REST"])("gets a body in whatever coding it is (%s)", async (protocol) => {
    const subject = await services({ "POST /a": service() }, { protocol });
    const headers = { "content-type": "text/plain", "content-encoding": "br" };
    const response = await subject.fetch("/a", { method: "POST", body: "coded", headers });
    const seen = await response.json<Echo>();
    expect([seen.body, Object.fromEntries(seen.headers)["content-encoding"]]).toEqual(["coded", "br"]);
  });

  test("R-15 a request that goes round in circles ends", async () => {
    const subject = await services({ "GET /": service() });
    const response = await subject.fetch("/", { headers: { "x-portico-hops": "5" } });
    expect(response.status).toBe(500);
  });
});

describe("a Durable Object", () => {
  const room = (more: object = {}) => ({
    type: "durable_object",
    binding: "ROOMS",
    parameters: { name: "room/${request.path.room}", ...more },
  });

  test("is found by its name", async () => {
    const subject = await services({ "POST /rooms/{room}": room({ path: "/join" }) }, { protocol: "REST" });
    const response = await subject.fetch("/rooms/blue?as=me", { method: "POST", body: "hi" });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      room: "room/blue",
      url: "https://api.test/join?as=me",
      method: "POST",
      body: "hi",
    });
  });

  test("has no name with control characters in it", async () => {
    const subject = await services({ "GET /rooms/{room}": room() });
    expect((await subject.fetch("/rooms/a%0Ab")).status).toBe(400);
  });
});
