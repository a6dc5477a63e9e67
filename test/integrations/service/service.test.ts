import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { AccessLog } from "../../../src/observability/access-log.ts";
import { BINDINGS, reasonOf, services } from "./support.ts";

const get = (binding: string) => ({ type: "kv", binding, operation: "get", parameters: { key: "a" } });

/** A store that fails with words that nobody outside may read. */
const broken = (fail: () => Promise<never>) => ({ get: fail, put: fail, getWithMetadata: fail });
const CANARY = "canary-b81c";

describe("a binding", () => {
  test.each([
    ["that there is not", "NONE"],
    ["of every object", "toString"],
    ["of another kind", "FILES"],
    ["to a Worker, which has every method", "ECHO"],
    ["that is a variable", "TEXT"],
  ])("%s is a problem of the configuration", async (_, name) => {
    const functionEnv = { ...BINDINGS, TEXT: "text" };
    const http = await services({ "GET /": get(name) }, undefined, { functionEnv });
    const response = await http.fetch("/");
    expect([response.status, await response.json()]).toEqual([500, { message: "Internal Server Error" }]);
    expect(reasonOf(response)).toBe("service.binding");
    expect(response.headers.get("x-portico-reason")).toContain(name);
  });

  test.each([
    ["queue", "send", {}, "PROFILES"],
    ["r2", "get", { key: "a" }, "PROFILES"],
    ["d1", "all", { prepare: "SELECT 1" }, "PROFILES"],
    ["workflow", "create", {}, "PROFILES"],
    ["workflow", "create", {}, "ECHO"],
    ["service", undefined, {}, "PROFILES"],
    ["durable_object", undefined, { name: "a" }, "PROFILES"],
    ["analytics_engine", undefined, {}, "ECHO"],
  ])("of another kind is none for %s", async (type, operation, parameters, binding) => {
    const subject = await services({ "GET /": { type, binding, operation, parameters } });
    expect(reasonOf(await subject.fetch("/"))).toBe("service.binding");
  });
});

describe("a service that fails", () => {
  const fail = () => Promise.reject(new Error(CANARY));

  test.each([
    [undefined, 503, "Service Unavailable"],
    [{ protocol: "REST" }, 504, "Network error communicating with endpoint"],
  ])("R-12 answers in the API's words, never its own (%j)", async (settings, status, message) => {
    const lines: string[] = [];
    const subject = await services({ "GET /": get("BAD") }, settings, {
      functionEnv: { BAD: broken(fail) },
      showReasons: false,
      log: new AccessLog((line) => lines.push(line)),
    });
    const response = await subject.fetch("/");
    expect([response.status, await response.json()]).toEqual([status, { message }]);
    expect(JSON.stringify([...response.headers])).not.toContain(CANARY);
    expect(lines.join("")).toContain('"service.failed"');
  });

  test("is over when its time is", async () => {
    const late = { ...get("BAD"), timeoutInMillis: 50 };
    const functionEnv = { BAD: broken(() => new Promise<never>(() => undefined)) };
    const subject = await services({ "GET /": late }, { protocol: "REST" }, { functionEnv });
    const response = await subject.fetch("/");
    expect([response.status, await response.json()]).toEqual([
      504,
      { message: "Endpoint request timed out" },
    ]);
    expect(reasonOf(response)).toBe("integration.timeout");
  });
});

test("stage variables are filled in, and values come from whom the guards found", async () => {
  await env.PROFILES.put("blue/203.0.113.7/dev", "there");
  const key = "${stageVariables.colour}/${context.identity.sourceIp}/${stageVariables.place}";
  const routes = { "GET /a": { ...get("PROFILES"), parameters: { key } } };
  const subject = await services(routes);
  await env.CONFIG.put("apis/default/stages/$default", '{"variables":{"colour":"blue","place":"dev"}}');
  expect(await (await subject.fetch("/a")).text()).toBe("there");
});

describe("a mistake of the operator's is not told to the client as its own", () => {
  const key = (text: string) => ({ ...get("PROFILES"), parameters: { key: text } });
  const path = (text: string) => ({ type: "service", binding: "ECHO", parameters: { path: text } });
  const list = { ...get("PROFILES"), operation: "list", parameters: { prefix: "$stageVariables.none" } };
  const put = {
    ...get("PROFILES"),
    operation: "put",
    parameters: { key: "a", value: "$stageVariables.none" },
  };
  const ttl = { key: "a", value: "v", expirationTtl: "$stageVariables.ttl" };

  test.each([
    ["a key", key("$stageVariables.none"), "none"],
    ["a part of a key", key("a/${stageVariables.none}/${request.querystring.q}"), "none"],
    ["a part that is empty", key("a/${stageVariables.empty}"), "empty"],
    ["a path", path("/${stageVariables.none}/x"), "none"],
    ["a prefix, without which it is a list of all", list, "none"],
    ["a value", put, "none"],
    ["a number", { ...put, parameters: ttl }, "expirationTtl"],
  ])("%s of the stage's", async (_, integration, name) => {
    const subject = await services({ "GET /": integration });
    await env.CONFIG.put("apis/default/stages/$default", '{"variables":{"empty":"","ttl":"5"}}');
    const response = await subject.fetch("/");
    expect([response.status, await response.json()]).toEqual([500, { message: "Internal Server Error" }]);
    expect(reasonOf(response)).toBe("service.configuration");
    expect(response.headers.get("x-portico-reason")).toContain(name);
  });
});

test("R-06 a header that only the gateway may set is the gateway's", async () => {
  await env.PROFILES.put("203.0.113.7", "mine");
  await env.PROFILES.put("6.6.6.6", "another's");
  const key = "$request.header.x-forwarded-for";
  const subject = await services({ "GET /": { ...get("PROFILES"), parameters: { key } } });
  const response = await subject.fetch("/", { headers: { "x-forwarded-for": "6.6.6.6" } });
  expect(await response.text()).toBe("mine");
});
