import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { record } from "./conformance/vectors.ts";
import { answerWith, api, callFunction, proxyTo, writeEntries } from "./support/gateway.ts";

// One isolate for the whole file, as in production: the configuration is written first.
const worker = exports.default;

test("the script serves its functions, its origins through a real binding, and its own endpoints", async () => {
  await writeEntries({
    ...api({
      "GET /hello": callFunction("hello"),
      "GET /missing": callFunction("missing"),
      "ANY /api/{proxy+}": proxyTo("https://origin.test/base/{proxy}"),
      "GET /mock": answerWith("mock"),
      "GET /_portico": answerWith("shadowed"),
      "GET /_porticos": answerWith("not ours"),
    }),
  });
  const hello = await worker.fetch("https://api.test/hello?name=you");
  expect([hello.status, await hello.json()]).toEqual([200, { message: "Hello, you!" }]);
  expect((await worker.fetch("https://api.test/missing")).status).toBe(500);

  const proxied = await worker.fetch("https://api.test/api/x/y?q=1", {
    method: "POST",
    body: "text",
    headers: { "x-mine": "1", "x-forwarded-for": "6.6.6.6", connection: "x-mine" },
  });
  const echo = record(await proxied.json());
  expect(echo).toMatchObject({ url: "https://origin.test/base/x/y?q=1", method: "POST", body: "text" });
  expect(JSON.stringify(echo)).not.toContain("6.6.6.6");

  const health = await worker.fetch("https://any.host/_portico/health");
  expect(health.status).toBe(200);
  expect(health.headers.get("cache-control")).toBe("no-store");
  expect(await health.json()).toMatchObject({
    status: "ok",
    version: expect.any(String),
    config: { ageSeconds: expect.any(Number), problems: 0 },
    stores: { config: "ok" },
  });
  for (const path of ["/_portico", "/_portico/", "/_portico/none", "/_portico?x"]) {
    const response = await worker.fetch(`https://api.test${path}`);
    expect([response.status, await response.text()], path).toEqual([404, '{"message":"Not Found"}']);
  }
  expect(await (await worker.fetch("https://api.test/_porticos")).text()).toBe("not ours");

  // what the script is bound to is in none of its answers.
  const all = await Promise.all(
    ["/hello", "/missing", "/mock", "/api/x", "/_portico/health", "/none"].map(async (path) => {
      const response = await worker.fetch(`https://api.test${path}`);
      return JSON.stringify([...response.headers]) + (await response.text());
    }),
  );
  expect(env.CANARY).not.toBe("");
  expect(all.join()).not.toContain(env.CANARY);
});
