import { afterEach, describe, expect, test, vi } from "vitest";
import { callFunction, echoFunction, gateway, type TestGateway } from "../../support/gateway.ts";
import { ALLOW, policy } from "./support.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const URL_OF_GUARD = "https://guard.example/check?code=canary-7f3d";

async function behind(
  answer: (request: Request) => Response | Promise<Response>,
  authorizer: Record<string, unknown> = {},
): Promise<TestGateway> {
  return gateway(
    {
      "apis/default/authorizers/guard": { type: "request", authorizerUri: URL_OF_GUARD, ...authorizer },
      "apis/default/routes/ANY /a": { integration: callFunction("echo"), authorizer: "guard" },
    },
    { functions: { echo: echoFunction().module }, origin: answer, showReasons: true },
  );
}

const outcome = async (response: Response) => [
  response.status,
  (response.headers.get("x-portico-reason") ?? "").split(":")[0],
];

describe("an https endpoint", () => {
  test("R-04 R-16 is asked by POST, with the event and nothing else of the client's, redirects not followed", async () => {
    const subject = await behind(() => Response.json(ALLOW));
    const response = await subject.fetch("/a", {
      method: "POST",
      body: "the client's",
      headers: { authorization: "t", "content-length": "12", "x-forwarded-host": "evil.example" },
    });
    expect(response.status).toBe(200);
    const { url, method, headers, body, redirect } = subject.lastSent;
    expect([url, method, redirect]).toEqual([URL_OF_GUARD, "POST", "manual"]);
    expect([...headers]).toEqual([
      ["accept", "application/json"],
      ["content-type", "application/json"],
      ["x-portico-hops", "1"],
    ]);
    const event: unknown = JSON.parse(new TextDecoder().decode(body));
    expect(event).toMatchObject({ version: "2.0", type: "REQUEST", headers: { authorization: "t" } });
    expect(event).not.toHaveProperty("body");
    expect(await response.json()).toMatchObject({ body: expect.any(String) });
  });

  const bytes = (size: number) => `{"a":"${"x".repeat(size - 8)}"}`;

  test.each<[string, () => Response | Promise<Response>, number, string]>([
    ["Allow", () => Response.json(ALLOW), 200, ""],
    ["Deny", () => Response.json(policy("Deny", "*")), 403, "auth.function.denied"],
    ["401", () => new Response("no", { status: 401 }), 401, "auth.function.unauthorized"],
    [
      "Lambda's Unauthorized",
      () => Response.json({ errorMessage: "Unauthorized", errorType: "Error" }),
      401,
      "auth.function.unauthorized",
    ],
    [
      "Lambda's Unauthorized with a status",
      () => Response.json({ errorMessage: "Unauthorized" }, { status: 502 }),
      401,
      "auth.function.unauthorized",
    ],
    ["Lambda's error", () => Response.json({ errorMessage: "boom" }), 500, "auth.function.failed"],
    ["Allow with 201", () => Response.json(ALLOW, { status: 201 }), 500, "auth.function.failed"],
    ["Allow with 403", () => Response.json(ALLOW, { status: 403 }), 500, "auth.function.failed"],
    [
      "a redirect",
      () => new Response(null, { status: 302, headers: { location: "https://evil.example/" } }),
      500,
      "auth.function.failed",
    ],
    ["500", () => new Response("oops", { status: 500 }), 500, "auth.function.failed"],
    ["503", () => new Response("oops", { status: 503 }), 500, "auth.function.unavailable"],
    ["no JSON", () => new Response("<html>"), 500, "auth.function.bad_response"],
    ["nothing", () => new Response(null), 500, "auth.function.bad_response"],
    ["64 KiB", () => new Response(bytes(65_536)), 500, "auth.function.bad_response"],
    ["more than 64 KiB", () => new Response(bytes(65_537)), 500, "auth.function.bad_response"],
    ["no answer", () => Promise.reject(new Error("connection refused")), 500, "auth.function.unavailable"],
    ["silence", () => new Promise(() => undefined), 500, "auth.function.timeout"],
    [
      "a body that never ends",
      () => new Response(new ReadableStream({ pull: () => new Promise(() => undefined) })),
      500,
      "auth.function.timeout",
    ],
  ])("answers %s", async (_, answer, status, reason) => {
    const subject = await behind(answer, { timeoutInMillis: 200 });
    const response = await subject.fetch("/a");
    expect(await outcome(response)).toEqual([status, reason]);
    expect(subject.sent).toHaveLength(1);
  });

  test("R-19 its answer is counted while it arrives", async () => {
    let pulled = 0;
    const subject = await behind(
      () =>
        new Response(
          new ReadableStream({
            pull(controller) {
              pulled += 1;
              controller.enqueue(new Uint8Array(16_384).fill(0x20));
            },
          }),
        ),
    );
    const response = await subject.fetch("/a");
    expect(response.headers.get("x-portico-reason")).toContain("larger than 65536 bytes");
    expect(pulled).toBeLessThan(12);
  });

  test("R-12 its path and query, which may hold a secret, are in no reason", async () => {
    const subject = await behind(() => new Response("no", { status: 500 }));
    const response = await subject.fetch("/a");
    expect(response.headers.get("x-portico-reason")).toContain("guard.example");
    expect(response.headers.get("x-portico-reason")).not.toContain("canary");
  });

  test("R-15 one that calls itself is stopped", async () => {
    const subject = await behind(() => Response.json(ALLOW));
    const response = await subject.fetch("/a", { headers: { "x-portico-hops": "5" } });
    expect(await outcome(response)).toEqual([500, "integration.loop"]);
    expect(subject.sent).toHaveLength(0);
  });

  test("R-16 no stage variable stands in its URL", async () => {
    const subject = await gateway({
      "apis/default/authorizers/guard": { type: "request", authorizerUri: "https://${stageVariables.host}/" },
      "apis/default/stages/$default": { variables: { host: "evil.example" } },
      "apis/default/routes/ANY /a": { integration: callFunction("echo"), authorizer: "guard" },
    });
    expect((await subject.fetch("/a")).status).toBe(500);
    expect(subject.sent).toHaveLength(0);
  });
});

describe("R-13 onError allow", () => {
  const lenient = (answer: (request: Request) => Response | Promise<Response>) =>
    behind(answer, { onError: "allow", enableSimpleResponses: true, timeoutInMillis: 50 });

  test.each<[string, () => Response | Promise<Response>]>([
    ["is unreachable", () => Promise.reject(new Error("connection refused"))],
    ["answers 504", () => new Response(null, { status: 504 })],
    ["answers 503", () => new Response(null, { status: 503 })],
    ["is silent for too long", () => new Promise(() => undefined)],
    [
      "breaks off its answer",
      () => new Response(new ReadableStream({ pull: () => Promise.reject(new Error("lost")) })),
    ],
  ])("lets a call through when the endpoint %s, with the reason", async (_, answer) => {
    const response = await (await lenient(answer)).fetch("/a");
    expect(response.status).toBe(200);
    expect(await response.json()).not.toHaveProperty("requestContext.authorizer");
  });

  // A firewall in front of the endpoint answers as a caller provokes it to.
  test.each([201, 204, 302, 400, 403, 404, 413, 429, 431, 500, 502])(
    "not when it answers %d",
    async (status) => {
      const subject = await lenient(() => new Response(null, { status }));
      expect(await outcome(await subject.fetch("/a"))).toEqual([500, "auth.function.failed"]);
    },
  );

  test.each(["5", "99", "x", "NaN", "1e9"])("not for x-portico-hops: %s", async (hops) => {
    const subject = await lenient(() => Response.json({ isAuthorized: false }));
    expect((await subject.fetch("/a")).status).toBe(403);
    const response = await subject.fetch("/a", { headers: { "x-portico-hops": hops } });
    expect(await outcome(response)).toEqual([500, "integration.loop"]);
    expect(subject.sent).toHaveLength(1);
  });
});

describe("a Workers module", () => {
  const withModule = (fetch: (request: Request) => unknown) =>
    gateway(
      {
        "apis/default/authorizers/guard": { type: "request", authorizerUri: "guard" },
        "apis/default/routes/ANY /a": { integration: callFunction("echo"), authorizer: "guard" },
      },
      {
        functions: { guard: { default: { fetch } }, echo: echoFunction().module },
        showReasons: true,
      },
    );

  test("is asked as an endpoint", async () => {
    const seen: unknown[] = [];
    const subject = await withModule(async (request) => {
      seen.push(request.method, await request.json());
      return Response.json(ALLOW);
    });
    expect((await subject.fetch("/a")).status).toBe(200);
    expect(seen).toMatchObject(["POST", { type: "REQUEST" }]);
  });

  test.each<[string, (request: Request) => unknown, number, string]>([
    ["401", () => new Response(null, { status: 401 }), 401, "auth.function.unauthorized"],
    ["no Response", () => ALLOW, 500, "auth.function.bad_response"],
    [
      "an error",
      () => {
        throw new Error("boom");
      },
      500,
      "auth.function.failed",
    ],
    [
      "Unauthorized",
      () => {
        throw new Error("Unauthorized");
      },
      401,
      "auth.function.unauthorized",
    ],
  ])("answers %s", async (_, fetch, status, reason) => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    expect(await outcome(await (await withModule(fetch)).fetch("/a"))).toEqual([status, reason]);
  });
});
