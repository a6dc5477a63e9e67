import { describe, expect, test } from "vitest";
import { checkRoute } from "../../src/config/check-route.ts";
import { parseValue } from "../../src/config/parse.ts";
import { API_DEFAULTS, RouteEntry } from "../../src/config/schemas.ts";
import { api, callFunction, echoFunction, gateway, proxyTo } from "../support/gateway.ts";

const mapped = (requestParameters: object) => proxyTo("https://o.test/base?own=1", { requestParameters });

async function sentWith(requestParameters: object, target: string, init: RequestInit = {}) {
  const subject = await gateway(api({ "ANY /users/{id}": mapped(requestParameters) }));
  const response = await subject.fetch(target, init);
  return { response, sent: response.status < 400 ? subject.lastSent : undefined };
}

describe("an HTTP API's request mapping", () => {
  test("appends, overwrites and removes headers", async () => {
    const { sent } = await sentWith(
      {
        "append:header.x-list": "$request.path.id",
        "overwrite:header.x-user": "user-${request.querystring.q}",
        "remove:header.x-secret": "''",
        "append:header.x-new": "1",
      },
      "/users/7?q=z",
      { headers: { "x-list": "a", "x-user": "forged", "x-secret": "s" } },
    );
    const header = (name: string) => sent?.headers.get(name);
    expect(header("x-list")).toBe("a, 7");
    expect(header("x-user")).toBe("user-z");
    expect(header("x-secret")).toBeNull();
    expect(header("x-new")).toBe("1");
  });

  test("leaves the parameters that it does not name as they were written", async () => {
    const { sent } = await sentWith(
      { "append:querystring.source": "s", "remove:querystring.gone": "''" },
      "/users/7?sig=%ff%2B&q=a%20b&gone=1&flag&x=~",
    );
    expect(sent?.url).toBe("https://o.test/base?own=1&sig=%ff%2B&q=a%20b&flag&x=~&source=s");
  });

  test("an empty value is refused: the client's own would pass", () => {
    const entry = parseValue("r", { integration: mapped({ "overwrite:header.x-a": "" }) }, RouteEntry);
    if (!entry.ok) throw new Error("it parses");
    expect(checkRoute("r", entry.value, API_DEFAULTS)).toMatchObject([
      {
        code: "mapping.parameter",
        message: "an empty value maps nothing",
        hint: "write remove:header.x-a, or leave it out",
      },
    ]);
  });

  test("R-06 what it overwrites is gone also where the value is none, in every spelling", async () => {
    const { sent } = await sentWith(
      { "overwrite:header.x-user-id": "$request.querystring.none" },
      "/users/7",
      {
        headers: { "x-user-id": "forged", x_user_id: "forged", "x-user_id": "forged" },
      },
    );
    expect([...(sent?.headers.keys() ?? [])].filter((name) => name.includes("user"))).toEqual([]);
  });

  test("reads every value from the request as it came", async () => {
    const { sent } = await sentWith(
      { "overwrite:header.x-a": "$request.header.x-b", "overwrite:header.x-b": "$request.header.x-a" },
      "/users/7",
      { headers: { "x-a": "1", "x-b": "2" } },
    );
    expect([sent?.headers.get("x-a"), sent?.headers.get("x-b")]).toEqual(["2", "1"]);
  });

  test("appends, overwrites and removes query parameters", async () => {
    const { sent } = await sentWith(
      {
        "append:querystring.a": "2",
        "overwrite:querystring.b": "$request.path.id",
        "remove:querystring.c": "''",
      },
      "/users/x%26y?a=1&b=forged&c=3&d=4",
    );
    expect(sent?.url).toBe("https://o.test/base?own=1&a=1&d=4&a=2&b=x%26y");
  });

  test("puts a path in place of the backend's", async () => {
    const { sent } = await sentWith({ "overwrite:path": "/v2/${request.path.id}/x" }, "/users/a%20b?q=1");
    expect(sent?.url).toBe("https://o.test/v2/a%20b/x?q=1");
  });

  test.each(["..%2f..", "a%0d%0ab"])("R-02 no value %j leaves its place in the path", async (id) => {
    const subject = await gateway(
      api(
        { "GET /users/{id}": mapped({ "overwrite:path": "/v2/${request.path.id}" }) },
        { allowEncodedSlashes: true },
      ),
    );
    const response = await subject.fetch(`/users/${id}`);
    expect(response.status).toBe(400);
    expect(subject.sent).toEqual([]);
  });

  test("reads a JSON body and sends it on whole", async () => {
    const { sent } = await sentWith({ "overwrite:header.x-name": "$request.body.user.name" }, "/users/7", {
      method: "POST",
      body: '{"user":{"name":"Ann"}}',
    });
    expect(sent?.headers.get("x-name")).toBe("Ann");
    expect(new TextDecoder().decode(sent?.body)).toBe('{"user":{"name":"Ann"}}');
  });

  test("R-05 a value that no header can have is refused", async () => {
    const { response } = await sentWith({ "overwrite:header.x-name": "$request.body.name" }, "/users/7", {
      method: "POST",
      body: '{"name":"a\\r\\nx-evil: 1"}',
    });
    expect(response.status).toBe(400);
  });

  test("reaches a function in its event", async () => {
    const echo = echoFunction();
    const integration = callFunction("f", {
      requestParameters: {
        "overwrite:header.x-user": "$request.path.id",
        "overwrite:querystring.page": "1",
        "overwrite:path": "/other",
      },
    });
    const subject = await gateway(api({ "GET /users/{id}": integration }), { functions: { f: echo.module } });
    await subject.fetch("/users/7?page=9", { headers: { "x-user": "forged" } });
    expect(echo.events.at(-1)).toMatchObject({
      rawPath: "/other",
      rawQueryString: "page=1",
      headers: { "x-user": "7" },
    });
  });
});

describe("an HTTP API's response mapping", () => {
  const answer = async (responseParameters: object, status = 200, body = '{"id":7,"at":"/x"}') => {
    const subject = await gateway(api({ "GET /a": proxyTo("https://o.test/", { responseParameters }) }), {
      origin: () => new Response(body, { status, headers: { "x-old": "1", "x-drop": "2" } }),
    });
    return subject.fetch("/a", { headers: { "x-in": "in" } });
  };

  test("is that of the integration's status", async () => {
    const parameters = {
      "404": { "overwrite:statuscode": "200", "append:header.x-was": "404" },
      "200": {
        "append:header.x-old": "2",
        "remove:header.x-drop": "''",
        "overwrite:header.x-in": "$request.header.x-in",
        "overwrite:header.x-id": "id-${response.body.id}",
      },
    };
    const ok = await answer(parameters);
    const header = (name: string) => ok.headers.get(name);
    expect([ok.status, header("x-old"), header("x-drop"), header("x-in"), header("x-id")]).toEqual([
      200,
      "1, 2",
      null,
      "in",
      "id-7",
    ]);
    expect(await ok.text()).toBe('{"id":7,"at":"/x"}');
    const missing = await answer(parameters, 404);
    expect([missing.status, missing.headers.get("x-was"), missing.headers.get("x-old")]).toEqual([
      200,
      "404",
      "1",
    ]);
    expect((await answer(parameters, 500)).headers.get("x-old")).toBe("1");
  });

  test("takes a status out of the body, if it is one", async () => {
    const parameters = { "200": { "overwrite:statuscode": "$response.body.code" } };
    expect((await answer(parameters, 200, '{"code":418}')).status).toBe(418);
    expect((await answer(parameters, 200, '{"code":"abc"}')).status).toBe(500);
    expect((await answer(parameters, 200, "{}")).status).toBe(200);
  });

  test.each([
    ["breaks off", "integration.network"],
    ["is larger than what is read of one", "integration.too_large"],
  ])("out of a body that %s is an integration's failure", async (_, reason) => {
    const responseParameters = { "200": { "overwrite:header.x-id": "$response.body.id" } };
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"id":7}'));
        if (reason === "integration.too_large") controller.enqueue(new Uint8Array(10_485_760));
        if (reason === "integration.network") controller.error(new Error("reset"));
        else controller.close();
      },
    });
    const route = { "GET /a": proxyTo("https://o.test/", { responseParameters }) };
    const subject = await gateway(api(route), {
      showReasons: true,
      origin: () => new Response(body),
    });
    const response = await subject.fetch("/a");
    expect([response.status, await response.json()]).toEqual([503, { message: "Service Unavailable" }]);
    expect(response.headers.get("x-portico-reason")?.split(":")[0]).toBe(reason);
  });
});

describe("a mapping that cannot work is refused", () => {
  const codes = (integration: object) => {
    const entry = parseValue(
      "r",
      { integration: { ...proxyTo("https://o.test"), ...integration } },
      RouteEntry,
    );
    if (!entry.ok) return entry.problems.map(({ code }) => code);
    return checkRoute("r", entry.value, API_DEFAULTS).map(({ code }) => code);
  };

  test.each([
    [{ requestParameters: { "append:header.authorization": "x" } }],
    [{ requestParameters: { "overwrite:header.X-Forwarded-For": "x" } }],
    [{ requestParameters: { "append:path": "x" } }],
    [{ requestParameters: { "overwrite:statuscode": "200" } }],
    [{ requestParameters: { "overwrite:header.a b": "x" } }],
    [{ requestParameters: { "overwrite:header.a": "$request.nothing" } }],
    [{ requestParameters: { "overwrite:header.a": "$response.header.b" } }],
    [{ responseParameters: { "200": { "append:querystring.a": "x" } } }],
    [{ responseParameters: { "200": { "overwrite:path": "x" } } }],
  ])("%j", (integration) => {
    expect(codes(integration)).toEqual(["mapping.parameter"]);
  });

  test("a status that is none", () => {
    expect(codes({ responseParameters: { "100": {} } })).toEqual(["value.invalid"]);
  });
});
