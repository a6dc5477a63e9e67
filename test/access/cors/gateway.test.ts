import { describe, expect, test } from "vitest";
import { answerWith, api, gateway } from "../../support/gateway.ts";

const CORS = { allowOrigins: ["https://app.test"], allowMethods: ["GET", "PUT"] };
const ORIGIN = { origin: "https://app.test" };
const ask = (method: string, origin = "https://app.test") => ({
  method: "OPTIONS",
  headers: { origin, "access-control-request-method": method },
});

const subject = (settings: object, routes: Readonly<Record<string, object>>) =>
  gateway(
    {
      ...api({}, { ...settings }),
      ...Object.fromEntries(
        Object.entries(routes).map(([key, more]) => [
          `apis/default/routes/${key}`,
          { integration: answerWith(key), ...more },
        ]),
      ),
    },
    { showReasons: true },
  );

describe.each(["HTTP", "REST"])("CORS of an API (%s)", (protocol) => {
  test("R-17 preflights are answered before any guard, and errors carry the headers", async () => {
    const guarded = await subject({ protocol, cors: CORS }, { "PUT /a": { authorizer: "AWS_IAM" } });
    const preflight = await guarded.fetch("/a", ask("PUT"));
    expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([
      204,
      "https://app.test",
    ]);
    for (const [target, method, status] of [
      ["/a", "PUT", 403],
      ["/none", "GET", protocol === "REST" ? 403 : 404],
      ["/a%00", "GET", 400],
    ] as const) {
      const response = await guarded.fetch(target, { method, headers: ORIGIN });
      expect(response.status).toBe(status);
      // A path that is refused before its API is known is told nothing.
      const origin = response.headers.get("access-control-allow-origin");
      expect(origin).toBe(status === 400 ? null : "https://app.test");
    }
  });

  test("a route's own takes the place of the API's, and false that of any", async () => {
    const mixed = await subject(
      { protocol, cors: CORS },
      { "GET /own": { cors: { allowOrigins: ["https://other.test"] } }, "GET /none": { cors: false } },
    );
    const own = await mixed.fetch("/own", ask("GET", "https://other.test"));
    expect(own.headers.get("access-control-allow-origin")).toBe("https://other.test");
    expect((await mixed.fetch("/own", { headers: ORIGIN })).headers.has("access-control-allow-origin")).toBe(
      false,
    );
    const none = await mixed.fetch("/none", ask("GET"));
    expect(none.status).toBe(protocol === "REST" ? 403 : 404);
    expect(none.headers.has("access-control-allow-origin")).toBe(false);
    expect((await mixed.fetch("/none", { headers: ORIGIN })).headers.has("access-control-allow-origin")).toBe(
      false,
    );
  });

  test("a refused preflight says why, where reasons are shown", async () => {
    const open = await subject({ protocol, cors: CORS }, { "GET /a": {} });
    for (const refused of [ask("GET", "https://evil.test"), ask("DELETE")]) {
      const response = await open.fetch("/a", refused);
      expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([204, null]);
      expect(response.headers.get("x-portico-reason")).toContain("cors.refused");
    }
  });

  test("strict leaves a preflight to an OPTIONS route with an authorizer, as API Gateway does", async () => {
    const routes = { "GET /a": {}, "OPTIONS /a": { authorizer: "AWS_IAM" } };
    const strict = await subject({ protocol, cors: CORS, strict: true }, routes);
    expect((await strict.fetch("/a", ask("GET"))).status).toBe(403);
    const kind = await subject({ protocol, cors: CORS }, routes);
    expect((await kind.fetch("/a", ask("GET"))).status).toBe(204);
  });
});

test("OPTIONS that is no preflight is a request like any other", async () => {
  const open = await subject({ cors: CORS }, { "OPTIONS /a": {} });
  const response = await open.fetch("/a", { method: "OPTIONS", headers: ORIGIN });
  expect([response.status, await response.text()]).toEqual([200, "OPTIONS /a"]);
});
