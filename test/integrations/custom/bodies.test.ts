import { describe, expect, test } from "vitest";
import { api, type GatewayOptions, gateway, type RequestOptions } from "../../support/gateway.ts";

const JSON_TYPE = { "content-type": "application/json" };
const DEEP = "[".repeat(100_000) + "]".repeat(100_000);

interface Asking extends RequestOptions {
  readonly settings?: object;
  readonly gateway?: GatewayOptions;
}

async function ask(more: object, { settings, gateway: options, ...init }: Asking = {}) {
  const integration = {
    type: "http",
    httpMethod: "POST",
    uri: "https://o.test/x",
    responses: { default: { statusCode: 200 } },
    ...more,
  };
  const subject = await gateway(api({ "ANY /a": integration }, { protocol: "REST", ...settings }), {
    showReasons: true,
    ...options,
  });
  const response = await subject.fetch("/a", { method: "POST", headers: JSON_TYPE, ...init });
  const reason = response.headers.get("x-portico-reason")?.split(":")[0];
  const sent = subject.sent.map(({ body }) => body && new TextDecoder().decode(body));
  return { status: response.status, text: await response.text(), reason, sent, subject, response };
}

const template = (source: string) => ({ requestTemplates: { $default: source } });
const answering = (source: string, more: object = {}) => ({
  responses: { default: { statusCode: 200, responseTemplates: { "application/json": source }, ...more } },
});

describe("a body that a template reads", () => {
  test("of 10 MiB is taken, of one byte more refused: 413, and nothing is sent", async () => {
    const whole = await ask(template("$input.body.length()"), { body: "x".repeat(10_485_760) });
    expect([whole.status, whole.sent]).toEqual([200, ["10485760"]]);
    const more = await ask(template("$input.body.length()"), { body: "x".repeat(10_485_761) });
    expect([more.status, more.text, more.sent]).toEqual([
      413,
      "HTTP content length exceeded 10485760 bytes.",
      [],
    ]);
  });

  test("of no declared length is counted as it comes", async () => {
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1_048_576)),
    });
    const { status, reason, sent } = await ask(template("x"), { body });
    expect([status, reason, sent]).toEqual([413, "request.body_too_large", []]);
  });

  test("over the API's own limit is refused by a function's and a mock's route too", async () => {
    for (const more of [
      { type: "aws", uri: "f" },
      { type: "mock", requestTemplates: { $default: '{"statusCode":200}' } },
      { type: "mock", requestTemplates: {} },
    ]) {
      const { status } = await ask(more, { body: "x".repeat(101), settings: { limits: { bodyBytes: 100 } } });
      expect([more, status]).toEqual([more, 413]);
    }
  });

  test.each([
    ["text", "no json", '{"a":"","b":""}'],
    ["half of a JSON", '{"a":', '{"a":"","b":""}'],
    ["nothing", "", '{"a":"","b":""}'],
    ["a number", "5", '{"a":"","b":""}'],
    ["a list", '[{"a":1}]', '{"a":"","b":""}'],
    ["null", "null", '{"a":"","b":""}'],
    ["a hundred thousand levels", DEEP, '{"a":"","b":""}'],
    ["what JavaScript's objects have", '{"__proto__":{"a":1}}', '{"a":"","b":""}'],
  ])("and that is %s has nothing at any path", async (_, body, expected) => {
    const { sent, status, reason } = await ask(
      template('{"a":$input.json("$.a"),"b":"$input.path("$.a")"}'),
      { body },
    );
    expect([status, reason, sent]).toEqual([200, undefined, [expected]]);
  });

  test.each([
    ["in UTF-8", "application/json; charset=utf-8", new TextEncoder().encode('{"a":"é"}'), '"é"'],
    ["in UTF-8 with a mark", "application/json", new TextEncoder().encode('\ufeff{"a":1}'), '""'],
    [
      "in Latin-1",
      "application/json; charset=iso-8859-1",
      new Uint8Array([123, 34, 97, 34, 58, 34, 233, 34, 125]),
      '"\ufffd"',
    ],
    ["in UTF-16", "application/json; charset=utf-16le", new Uint8Array([123, 0, 125, 0]), '""'],
    ["in none that there is", "application/json; charset=klingon", new TextEncoder().encode('{"a":1}'), "1"],
    ["in half a parameter", 'application/json; charset="', new TextEncoder().encode('{"a":1}'), "1"],
  ])("%s is read as UTF-8, as API Gateway does", async (_, type, body, expected) => {
    const { sent, status } = await ask(template('$input.json("$.a")'), {
      body,
      headers: { "content-type": type },
    });
    expect([status, sent]).toEqual([200, [expected]]);
  });

  test.each([
    [
      "a list of over 1,000 items",
      '#foreach($i in $input.path("$"))x#end',
      JSON.stringify(Array(1_001).fill(1)),
    ],
    [
      "loops in loops",
      "#foreach($a in [1..1000])#foreach($b in [1..1000])#foreach($c in [1..1000])x#end#end#end",
      "{}",
    ],
    ["a text that doubles", '#set($t = $input.body)#foreach($i in [1..100])#set($t = "$t$t")#end$t', "xxxx"],
    ["a macro that calls itself", "#macro(again)#again()#end#again()", "{}"],
  ])("by %s runs into a limit: 500, its reason in the log, and nothing is sent", async (_, source, body) => {
    const { status, text, reason, sent, subject } = await ask(template(source), { body });
    expect([status, JSON.parse(text), reason, sent]).toEqual([
      500,
      { message: "Internal server error" },
      "mapping.template",
      [],
    ]);
    expect(subject.problems).toEqual([]);
  });

  test.each([
    ["'{no'", "{no"],
    ["a lone quote", '"'],
    ["levels without end", "[".repeat(100_000)],
  ])("whose parameter is mapped out of %s is 400", async (_, body) => {
    const { status, text, sent } = await ask(
      { requestParameters: { "integration.request.header.x-a": "method.request.body.a" } },
      { body },
    );
    expect([status, JSON.parse(text), sent]).toEqual([400, { message: "Invalid JSON in request body" }, []]);
  });
});

describe("contentHandling", () => {
  const BYTES = new Uint8Array([0, 255, 128]);
  const binary = { settings: { binaryMediaTypes: ["image/png"] }, headers: { "content-type": "image/png" } };

  test.each<[string, object, Uint8Array | string, Uint8Array]>([
    ["bytes become text", { contentHandling: "CONVERT_TO_TEXT" }, BYTES, new TextEncoder().encode("AP+A")],
    [
      "bytes become text for a template",
      { contentHandling: "CONVERT_TO_TEXT", ...template('{"image":"$input.body"}') },
      BYTES,
      new TextEncoder().encode('{"image":"AP+A"}'),
    ],
    ["bytes stay bytes", {}, BYTES, BYTES],
  ])("on the way in: %s", async (_, more, body, expected) => {
    const { subject, status } = await ask(more, { body, ...binary });
    expect([status, subject.lastSent.body]).toEqual([200, expected]);
  });

  test("on the way in: base64 becomes bytes, and what is none is 500", async () => {
    const decoded = await ask({ contentHandling: "CONVERT_TO_BINARY" }, { body: "AP+A" });
    expect(decoded.subject.lastSent.body).toEqual(BYTES);
    const wrong = await ask({ contentHandling: "CONVERT_TO_BINARY" }, { body: "no base64!" });
    expect([wrong.status, wrong.reason, wrong.sent]).toEqual([500, "mapping.base64", []]);
  });

  test("bytes for a template without CONVERT_TO_TEXT are 500, and nothing is sent", async () => {
    const { status, reason, sent } = await ask(template("$input.body"), { body: BYTES, ...binary });
    expect([status, reason, sent]).toEqual([500, "mapping.binary", []]);
  });

  test.each([
    ["as the client accepts bytes", "image/png", undefined, BYTES],
    ["as the client accepts no bytes", "application/json", undefined, new TextEncoder().encode("AP+A")],
    ["as CONVERT_TO_BINARY says", "application/json", "CONVERT_TO_BINARY", BYTES],
    ["as CONVERT_TO_TEXT says", "image/png", "CONVERT_TO_TEXT", new TextEncoder().encode("AP+A")],
  ])("on the way out: %s", async (_, accept, contentHandling, expected) => {
    const subject = await gateway(
      api(
        {
          "GET /a": {
            type: "http",
            uri: "https://o.test/x",
            responses: { default: { statusCode: 200, ...(contentHandling && { contentHandling }) } },
          },
        },
        { protocol: "REST", ...binary.settings },
      ),
      { origin: () => new Response(BYTES, { headers: { "content-type": "image/png" } }) },
    );
    const response = await subject.fetch("/a", { headers: { accept } });
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(expected);
  });
});

describe("an origin's answer that a template reads", () => {
  const answered = (more: object, body: BodyInit, options: Asking = {}) =>
    ask(more, {
      body: "{}",
      gateway: { origin: () => new Response(body, { headers: JSON_TYPE }) },
      ...options,
    });
  const items = (count: number) => JSON.stringify(Array(count).fill({ id: 1, text: "x".repeat(1_000) }));

  test("may have 5 MB", async () => {
    const body = items(5_000);
    const { status, text, reason } = await answered(answering('{"n":$input.path("$").size()}'), body);
    expect([status, reason, text]).toEqual([200, undefined, '{"n":5000}']);
    const whole = await answered(answering('$input.json("$")'), body);
    expect([whole.status, whole.text.length]).toEqual([200, body.length]);
  });

  test("over 10 MiB is a failure of the integration; one that passes has no limit", async () => {
    const { status, reason } = await answered(answering("$input.body"), "x".repeat(10_485_761));
    expect([status, reason]).toEqual([500, "integration.too_large"]);
    const passed = await answered({}, "x".repeat(10_485_761));
    expect([passed.status, passed.text.length]).toEqual([200, 10_485_761]);
  });

  test("that has a hundred thousand levels has nothing at a path", async () => {
    const { status, text } = await answered(answering('{"a":$input.json("$.a")}'), DEEP);
    expect([status, text]).toEqual([200, '{"a":""}']);
  });

  test("with a template that runs into a limit is 500, without a word of the origin's", async () => {
    const { status, text, reason } = await answered(
      answering('#foreach($i in $input.path("$"))$i#end'),
      JSON.stringify(Array(1_001).fill("canary")),
    );
    expect([status, JSON.parse(text), reason]).toEqual([
      500,
      { message: "Internal server error" },
      "mapping.template",
    ]);
  });
});
