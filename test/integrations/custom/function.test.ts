import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { api, buildRequest, gateway } from "../../support/gateway.ts";

const REST = { protocol: "REST" };

function custom(more: object = {}) {
  return { type: "aws", uri: "f", responses: { default: { statusCode: 200 } }, ...more };
}

async function invoked(handler: (event: unknown) => unknown, integration: object, init: RequestInit = {}) {
  const subject = await gateway(api({ "ANY /a/{id}": integration }, REST), {
    functions: { f: { handler: async (event: unknown) => handler(event) } },
    showReasons: true,
  });
  const response = await subject.fetch("/a/7?q=1", { method: "POST", ...init });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe("a function with a mapped payload", () => {
  test("gets what the template makes, and its result is the body", async () => {
    const events: unknown[] = [];
    const { status, text, headers } = await invoked(
      (event) => {
        events.push(event);
        return { ok: [1, "two"] };
      },
      custom({
        requestTemplates: {
          "application/json":
            '{"id": "$input.params(\'id\')", "q": "$input.params(\'q\')", "name": $input.json(\'$.name\')}',
        },
      }),
      { body: '{"name":"Ann"}', headers: { "content-type": "application/json" } },
    );
    expect(events).toEqual([{ id: "7", q: "1", name: "Ann" }]);
    expect([status, text, headers.get("content-type")]).toEqual([
      200,
      '{"ok":[1,"two"]}',
      "application/json",
    ]);
    expect(headers.get("x-amzn-trace-id")).toMatch(/^Root=1-/);
  });

  test("gets the body itself where there is no template, and {} where there is no body", async () => {
    const events: unknown[] = [];
    const handler = (event: unknown) => events.push(event);
    await invoked(handler, custom(), { body: '{"a":[1]}' });
    await invoked(handler, custom());
    expect(events).toEqual([{ a: [1] }, {}]);
  });

  test("its error's message selects the response; its stack is nobody's business", async () => {
    const integration = custom({
      responses: {
        "\\[NotFound\\].*": {
          statusCode: 404,
          responseTemplates: { "application/json": '{"why": $input.json("$.errorMessage")}' },
        },
        default: { statusCode: 200 },
      },
    });
    const fail = (message: string) => invoked(() => Promise.reject(new TypeError(message)), integration);
    expect(await fail("[NotFound] no user")).toMatchObject({
      status: 404,
      text: '{"why": "[NotFound] no user"}',
    });
    const { status, text } = await fail("other");
    expect([status, JSON.parse(text)]).toEqual([
      200,
      { errorMessage: "other", errorType: "TypeError", requestId: expect.any(String) },
    ]);
  });

  test("a result's errorMessage selects as well; no pattern ever sees a status", async () => {
    const responses = {
      Teapot: { statusCode: 418 },
      "200": { statusCode: 500 },
      default: { statusCode: 202 },
    };
    expect((await invoked(() => ({ errorMessage: "Teapot" }), custom({ responses }))).status).toBe(418);
    expect((await invoked(() => ({ statusCode: 200 }), custom({ responses }))).status).toBe(202);
  });

  test("a payload that is no JSON is 400, and the function is not called", async () => {
    let called = false;
    const { status, text } = await invoked(() => (called = true), custom(), { body: "{no" });
    expect(status).toBe(400);
    expect(JSON.parse(text).message).toMatch(/^Could not parse request body into json: /);
    expect(text).not.toContain("{no");
    expect(called).toBe(false);
  });

  test.each([
    [
      "nested too deep",
      "[".repeat(101) + "]".repeat(101),
      "nested deeper than 100 levels (at character 100)",
    ],
    ["with too many values", `[${"{},".repeat(250_000)}0]`, "more than 250000 values (at character 749998)"],
    ["with a member twice", '{"secret":1,"secret":2}', "a member is there twice (at character 12)"],
  ])("a payload %s is 400, and the function is not called", async (_, body, why) => {
    let called = false;
    const { status, text } = await invoked(() => (called = true), custom(), { body });
    expect([status, called]).toEqual([400, false]);
    expect(JSON.parse(text).message).toBe(`Could not parse request body into json: ${why}`);
  });

  test("R-19 a result that a template reads has 10 MiB and no more", async () => {
    const responseTemplates = { "application/json": "$input.body.length()" };
    const more = custom({ responses: { default: { statusCode: 200, responseTemplates } } });
    const whole = await invoked(() => "a".repeat(10_485_758), more);
    expect([whole.status, whole.text]).toEqual([200, "10485760"]);
    for (const result of ["a".repeat(10_485_759), "\u00e9".repeat(5_242_880)]) {
      const { status, headers } = await invoked(() => result, more);
      expect(status).toBeGreaterThanOrEqual(500);
      expect(headers.get("x-portico-reason")).toMatch(/^integration\.too_large/);
    }
  });

  test("a response without a default, for a message that no pattern takes, is 500", async () => {
    const { status, headers } = await invoked(() => 1, custom({ responses: { x: { statusCode: 200 } } }));
    expect(status).toBe(500);
    expect(headers.get("x-portico-reason")).toMatch(/^integration\.status_unmapped/);
  });

  test("an error message that is JSON is read as what it says, by response parameters", async () => {
    const failing = () => {
      throw new Error('{"code":"E1","info":{"a":[1]}}');
    };
    const { status, headers, text } = await invoked(
      failing,
      custom({
        responses: {
          default: { statusCode: 200 },
          ".*code.*": {
            statusCode: 400,
            responseParameters: {
              "method.response.header.X-Code": "integration.response.body.errorMessage.code",
              "method.response.header.X-Info": "integration.response.body.errorMessage.info",
              "method.response.header.X-Type": "integration.response.body.errorType",
            },
          },
        },
      }),
    );
    expect([status, headers.get("x-code"), headers.get("x-info"), headers.get("x-type")]).toEqual([
      400,
      "E1",
      '{"a":[1]}',
      "Error",
    ]);
    expect(JSON.parse(text)).toMatchObject({ errorMessage: '{"code":"E1","info":{"a":[1]}}' });
  });

  test("a result of null is null to a template", async () => {
    const responseTemplates = {
      "application/json":
        '{"data": $input.json("$"), "none": #if($input.path("$") == $null)true#{else}false#end}',
    };
    const { text } = await invoked(
      () => null,
      custom({ responses: { default: { statusCode: 200, responseTemplates } } }),
    );
    expect(text).toBe('{"data": null, "none": true}');
  });

  test("response parameters come from the result's body and the context", async () => {
    const { headers } = await invoked(
      () => ({ id: "o-1", nested: { at: "/orders/1" } }),
      custom({
        responses: {
          default: {
            statusCode: 201,
            responseParameters: {
              "method.response.header.Location": "integration.response.body.nested.at",
              "method.response.header.X-Stage": "context.stage",
              "method.response.header.X-None": "integration.response.body.none",
            },
          },
        },
      }),
    );
    expect([headers.get("location"), headers.get("x-stage"), headers.has("x-none")]).toEqual([
      "/orders/1",
      "$default",
      false,
    ]);
  });

  test("a template overrides status, headers and what parameters set", async () => {
    const { status, headers, text } = await invoked(
      () => ({ kind: "gone" }),
      custom({
        responses: {
          default: {
            statusCode: 200,
            responseParameters: { "method.response.header.x-a": "'mapped'" },
            responseTemplates: {
              "application/json":
                '#set($root = $input.path("$"))#if($root.kind == "gone")#set($context.responseOverride.status = 410)#set($context.responseOverride.header["x-a"] = "overridden")#end{"kind":"$root.kind"}',
            },
          },
        },
      }),
    );
    expect([status, headers.get("x-a"), text]).toEqual([410, "overridden", '{"kind":"gone"}']);
  });

  test("an Event call is answered at once and runs behind the response", async () => {
    const done: string[] = [];
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const integration = custom({
      requestParameters: { "integration.request.header.X-Amz-Invocation-Type": "'Event'" },
      responses: { default: { statusCode: 202 } },
    });
    const subject = await gateway(api({ "POST /a": integration }, REST), {
      functions: {
        f: {
          handler: async (event: { n: number }) => {
            await released;
            done.push(`ran ${event.n}`);
          },
        },
      },
    });
    const ctx = createExecutionContext();
    const response = await subject.serve(buildRequest("/a", { method: "POST", body: '{"n":1}' }), ctx);
    expect([response.status, await response.text(), done]).toEqual([202, "", []]);
    release();
    await waitOnExecutionContext(ctx);
    expect(done).toEqual(["ran 1"]);
  });

  test("R-19 a result of more than 10 MiB is an integration's failure, with a template or without", async () => {
    const large = () => "a".repeat(12_000_000);
    const responseTemplates = { "application/json": "$input.body.length()" };
    expect((await invoked(large, custom())).status).toBe(500);
    const templated = custom({ responses: { default: { statusCode: 200, responseTemplates } } });
    expect((await invoked(large, templated)).status).toBe(500);
  });

  test("a function that takes too long is 504", async () => {
    const { status } = await invoked(() => new Promise(() => undefined), custom({ timeoutInMillis: 50 }));
    expect(status).toBe(504);
  });
});
