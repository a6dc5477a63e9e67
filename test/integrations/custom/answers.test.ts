import { describe, expect, test } from "vitest";
import { api, type GatewayOptions, gateway, type RequestOptions } from "../../support/gateway.ts";

interface Asking extends RequestOptions {
  readonly settings?: object;
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly gateway?: GatewayOptions;
  readonly target?: string;
}

async function ask(
  integration: object,
  { settings, entries, gateway: options, target, ...init }: Asking = {},
) {
  const written = { ...api({ "ANY /a": integration }, { protocol: "REST", ...settings }), ...entries };
  const subject = await gateway(written, { showReasons: true, ...options });
  const response = await subject.fetch(target ?? "/a", init);
  const reason = response.headers.get("x-portico-reason")?.split(":")[0];
  return { status: response.status, text: await response.text(), headers: response.headers, reason, subject };
}

const mock = (response: object, more: object = {}) => ({
  type: "mock",
  requestTemplates: { $default: '{"statusCode": 200}' },
  responses: { default: { statusCode: 200, ...response } },
  ...more,
});
const http = (response: object, more: object = {}) => ({
  type: "http",
  uri: "https://o.test/x",
  responses: { default: { statusCode: 200, ...response } },
  ...more,
});
const body = (template: string) => ({ responseTemplates: { "application/json": template } });
const setting = (value: string, text = "x") =>
  body(`#set($context.responseOverride.status = ${value})${text}`);

describe("a template's status", () => {
  test.each([
    ["404", 404, "x"],
    ['"404"', 404, "x"],
    ["204", 204, ""],
    ["304", 304, ""],
    ["600", 200, "x"],
    ["99", 200, "x"],
    ["200.5", 200, "x"],
    ['"teapot"', 200, "x"],
    ["$null", 200, "x"],
  ])("%s is answered as %i", async (value, status, text) => {
    expect(await ask(mock(setting(value)))).toMatchObject({ status, text });
  });

  test.each(["100", "101", "103", "199"])(
    "%s ends no response: 500, the reason in the log",
    async (value) => {
      const answer = await ask(mock(setting(value)));
      expect(answer).toMatchObject({ status: 500, text: '{"message": "Internal server error"}' });
      expect(answer.reason).toBe("mapping.status");
    },
  );

  test("may come from the request's template", async () => {
    const requestTemplates = { $default: '#set($context.responseOverride.status = 418){"statusCode": 200}' };
    expect((await ask(mock({}, { requestTemplates }))).status).toBe(418);
  });
});

describe("a response's status", () => {
  test.each([204, 205, 304])("%i has no body, whatever its template says", async (statusCode) => {
    expect(await ask(mock({ statusCode, ...body("canary") }))).toMatchObject({
      status: statusCode,
      text: "",
    });
    const origin = () => new Response("canary");
    const answer = await ask(http({ statusCode }), { gateway: { origin } });
    expect(answer).toMatchObject({ status: statusCode, text: "" });
  });

  test("is selected by an origin's 204 too", async () => {
    const responses = { "204": { statusCode: 204 }, default: { statusCode: 500 } };
    const origin = () => new Response(null, { status: 204 });
    expect(await ask(http({}, { responses }), { gateway: { origin } })).toMatchObject({
      status: 204,
      text: "",
    });
  });

  test("and template of an origin's 204 have an empty body, which is {}", async () => {
    const origin = () => new Response(null, { status: 204 });
    const answer = await ask(http(body("[$input.body|$input.json('$.a')]")), { gateway: { origin } });
    expect(answer).toMatchObject({ status: 200, text: '[{}|""]' });
  });

  test.each([100, 199, 600, 0])("%i ends no response: 500, and the entry is reported", async (statusCode) => {
    const { status, reason, subject } = await ask(mock({ statusCode }));
    expect([status, reason, subject.problems.length]).toEqual([500, "config.invalid", 1]);
  });

  test("of a mock may be selected by any number", async () => {
    const requestTemplates = { $default: '{"statusCode": -1000}' };
    const responses = { "-1000": { statusCode: 201 }, default: { statusCode: 500 } };
    expect((await ask(mock({}, { requestTemplates, responses }))).status).toBe(201);
  });
});

describe("a response's Set-Cookie", () => {
  const cookies = () =>
    new Response("{}", {
      headers: [
        ["set-cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"],
        ["set-cookie", "b=2; Path=/"],
      ],
    });
  const from = (source: string, name = "Set-Cookie") => ({ [`method.response.header.${name}`]: source });
  const got = async (responseParameters: object, template?: string) => {
    const integration = http({ responseParameters, ...(template !== undefined && body(template)) });
    const { headers } = await ask(integration, { gateway: { origin: cookies } });
    return headers.getSetCookie();
  };

  test("is the origin's last one, as for every header", async () => {
    expect(await got(from("integration.response.header.Set-Cookie"))).toEqual(["b=2; Path=/"]);
  });

  test("is each of the origin's, each a header of its own, where all are mapped", async () => {
    expect(await got(from("integration.response.multivalueheader.Set-Cookie"))).toEqual([
      "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
      "b=2; Path=/",
    ]);
  });

  test("may be several by several spellings", async () => {
    expect(
      await got({ ...from("'a=1'"), ...from("'b=2'", "set-cookie"), ...from("'c=3'", "SET-COOKIE") }),
    ).toEqual(["a=1", "b=2", "c=3"]);
  });

  test("may be a template's list, which replaces them", async () => {
    const template = '#set($context.responseOverride.header["Set-Cookie"] = ["x=1", "y=2"]){}';
    expect(await got(from("'a=1'"), template)).toEqual(["x=1", "y=2"]);
  });
});

describe("a response's other headers", () => {
  test("of several values are one, joined", async () => {
    const origin = () =>
      new Response("{}", {
        headers: [
          ["x-many", "1"],
          ["x-many", "2"],
        ],
      });
    const responseParameters = {
      "method.response.header.X-All": "integration.response.multivalueheader.x-many",
      "method.response.header.X-None": "integration.response.multivalueheader.none",
    };
    const { headers } = await ask(http({ responseParameters }), { gateway: { origin } });
    expect([headers.get("x-all"), headers.has("x-none")]).toEqual(["1, 2", false]);
  });

  test("of one name in two spellings are the last", async () => {
    const responseParameters = { "method.response.header.X-A": "'1'", "method.response.header.x-a": "'2'" };
    expect((await ask(mock({ responseParameters }))).headers.get("x-a")).toBe("2");
  });

  test.each([
    [
      "a template's",
      body('#set($v = $util.urlDecode("1%0d%0aX-Evil: 2"))#set($context.responseOverride.header.x-a = $v)'),
    ],
    ["an origin's", { responseParameters: { "method.response.header.x-a": "integration.response.body.a" } }],
  ])("R-05 cannot be split by %s value: 500", async (_, response) => {
    const origin = () => Response.json({ a: "1\r\nx-evil: 2" });
    const { status, reason, headers } = await ask(http(response), { gateway: { origin } });
    expect([status, reason, headers.has("x-evil")]).toEqual([500, "mapping.header_value", false]);
  });
});

describe("a stage's variables", () => {
  const stage = (variables: object) => ({ "apis/default/stages/$default": { autoDeploy: true, variables } });

  test("are in URIs, parameters and templates of both directions", async () => {
    const integration = http(
      {
        responseParameters: { "method.response.header.X-Stage": "stageVariables.name" },
        ...body("$stageVariables.name $!stageVariables.none"),
      },
      {
        httpMethod: "POST",
        uri: "https://${stageVariables.host}/${stageVariables.none}x",
        requestParameters: { "integration.request.header.x-stage": "stageVariables.name" },
        requestTemplates: { $default: "${stageVariables.name}" },
      },
    );
    const answer = await ask(integration, { entries: stage({ host: "o.test", name: "blue" }) });
    expect([answer.status, answer.text, answer.headers.get("x-stage")]).toEqual([200, "blue ", "blue"]);
    const { url, headers, body: sent } = answer.subject.lastSent;
    expect([url, headers.get("x-stage"), new TextDecoder().decode(sent)]).toEqual([
      "https://o.test/x",
      "blue",
      "blue",
    ]);
  });

  test.each([
    "${stageVariables.uri}",
    "https://${stageVariables.uri}",
    "https://${stageVariables.uri}/x",
    "https://o.test:${stageVariables.port}/x",
  ])("that leave no URL of %s are 500, and nothing is sent", async (uri) => {
    for (const type of ["http", "http_proxy"]) {
      const answer = await ask({ ...http({}), type, uri }, { entries: stage({ uri: "", port: "1x" }) });
      const { status, text, reason, subject } = answer;
      expect([status, text, reason, subject.sent]).toEqual([
        500,
        '{"message": "Internal server error"}',
        "integration.uri",
        [],
      ]);
    }
  });

  test("that leave no function's name are 500", async () => {
    for (const type of ["aws", "aws_proxy"]) {
      const { status, reason } = await ask({ ...http({}), type, uri: "${stageVariables.none}" });
      expect([type, status, reason]).toEqual([type, 500, "integration.uri"]);
    }
  });
});

describe("by HEAD and OPTIONS", () => {
  test.each(["HEAD", "OPTIONS"])("%s reaches an origin as it is, and a template answers", async (method) => {
    const answer = await ask(http(body("[$context.httpMethod]"), { httpMethod: "ANY" }), {
      method,
      gateway: { origin: () => new Response(null, { headers: { etag: '"e"' } }) },
    });
    expect([answer.status, answer.subject.lastSent.method]).toEqual([200, method]);
    expect(answer.subject.lastSent.body).toBeUndefined();
  });

  test.each(["HEAD", "OPTIONS", "DELETE"])("%s runs a function with a template's payload", async (method) => {
    const events: unknown[] = [];
    const answer = await ask(
      {
        type: "aws",
        uri: "f",
        requestTemplates: { $default: '{"m":"$context.httpMethod"}' },
        responses: { default: { statusCode: 200 } },
      },
      { method, gateway: { functions: { f: { handler: async (event: unknown) => events.push(event) } } } },
    );
    expect([answer.status, events]).toEqual([200, [{ m: method }]]);
  });
});
