import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { SharedResults } from "../../../src/access/function-authorizer/result-cache.ts";
import { record } from "../../conformance/vectors.ts";
import { ALLOW, type Ask, bare, guarded, policy, type Verdict } from "./support.ts";

const ENTRY = { identitySource: "$request.header.x-user", authorizerResultTtlInSeconds: 300 };

/** A guard that says whom it saw. */
const whoever = (event: Record<string, unknown>) => ({
  ...ALLOW,
  principalId: String(record(event["headers"])["x-user"]),
});

const by = (user: string, more: Ask = {}): Ask => ({ headers: { "x-user": user }, ...more });

const principal = (verdict: Verdict) =>
  "caller" in verdict && verdict.caller.authorizer?.kind === "lambda"
    ? verdict.caller.authorizer.principalId
    : undefined;

class Clock {
  ms = 1_700_000_000_000;
  readonly now = () => this.ms;
}

describe("how long a result is kept", () => {
  test("for its seconds, not one longer", async () => {
    const clock = new Clock();
    const subject = bare({ entry: ENTRY, guard: whoever, options: clock });
    await subject.ask(by("a"));
    clock.ms += 299_999;
    await subject.ask(by("a"));
    expect(subject.asked).toBe(1);
    clock.ms += 1;
    await subject.ask(by("a"));
    expect(subject.asked).toBe(2);
  });

  test.each([
    ["REST: 300 s by default", "REST", { identitySource: "$request.header.x-user" }, 1],
    ["REST: TOKEN as well", "REST", { type: "token", identitySource: "$request.header.x-user" }, 1],
    ["REST: 0 is not at all", "REST", { ...ENTRY, authorizerResultTtlInSeconds: 0 }, 2],
    ["REST: without a source not at all", "REST", {}, 2],
    ["HTTP: not by default", "HTTP", { identitySource: "$request.header.x-user" }, 2],
  ] as const)("%s", async (_, protocol, entry, asked) => {
    const subject = bare({ protocol, entry, guard: () => ALLOW });
    await subject.ask(by("a"));
    await subject.ask(by("a"));
    expect(subject.asked).toBe(asked);
  });

  test("what was kept says so: it took no time", async () => {
    const clock = new Clock();
    const guard = () => {
      clock.ms += 40;
      return ALLOW;
    };
    const subject = bare({ entry: ENTRY, guard, options: clock });
    const latency = async () => {
      const verdict = await subject.ask(by("a"));
      return "caller" in verdict && verdict.caller.authorizer?.kind === "lambda"
        ? verdict.caller.authorizer.latency
        : undefined;
    };
    expect([await latency(), await latency()]).toEqual([40, 0]);
  });

  test.each<[string, () => unknown, number]>([
    ["an Allow", () => ALLOW, 1],
    ["a Deny", () => policy("Deny", "*"), 1],
    [
      "Unauthorized",
      () => {
        throw new Error("Unauthorized");
      },
      2,
    ],
    ["a bad answer", () => ({}), 2],
    ["an answer over 8 KiB", () => ({ ...ALLOW, context: { a: "x".repeat(9_000) } }), 2],
  ])("%s: the function is asked %3$d times", async (_, guard, asked) => {
    const subject = bare({ entry: ENTRY, guard });
    const [first, second] = [await subject.ask(by("a")), await subject.ask(by("a"))];
    expect(Object.keys(second)).toEqual(Object.keys(first));
    expect(subject.asked).toBe(asked);
  });
});

describe("R-31 for whom a result is kept", () => {
  test("two users never share one", async () => {
    const subject = bare({ entry: ENTRY, guard: whoever });
    for (const user of ["a", "b", "a", "b"]) expect(principal(await subject.ask(by(user)))).toBe(user);
    expect(subject.asked).toBe(2);
  });

  test("users with identities too long for a key are told apart by all of them", async () => {
    const subject = bare({ entry: ENTRY, guard: whoever });
    const [a, b] = [`${"x".repeat(5_000)}a`, `${"x".repeat(5_000)}b`];
    for (const user of [a, b, a]) expect(principal(await subject.ask(by(user)))).toBe(user);
    expect(subject.asked).toBe(2);
  });

  test("every source counts, and so does every value of a repeated parameter", async () => {
    const entry = { ...ENTRY, identitySource: "$request.header.x-user, $request.querystring.t" };
    const subject = bare({ entry, guard: whoever });
    const queries = ["t=1", "t=2", "t=1&t=2", "t=2&t=1", "t=1%2C2", "t=1&t="];
    for (const query of queries) await subject.ask(by("a", { query }));
    expect(subject.asked).toBe(queries.length);
    for (const query of queries) await subject.ask(by("a", { query }));
    expect(subject.asked).toBe(queries.length);
  });

  test("R-06 nobody gets another address's result by naming it", async () => {
    const entry = { ...ENTRY, identitySource: "$request.header.X-Forwarded-For" };
    const subject = bare({ entry, guard: () => ALLOW });
    await subject.ask();
    await subject.ask({ headers: { "x-forwarded-for": "198.51.100.66" } });
    // The same caller both times: what it claims does not count.
    expect(subject.asked).toBe(1);
  });

  test.each(["x-real-ip", "x-amzn-oidc-identity", "cf-connecting-ip", "x-hop"])(
    "R-06 %s cannot identify anybody: the function would not see it",
    async (name) => {
      const entry = { ...ENTRY, identitySource: `$request.header.${name}` };
      const subject = bare({ entry, guard: () => ALLOW });
      const verdict = await subject.ask({ headers: { [name]: "1", connection: "x-hop" } });
      expect(verdict).toMatchObject({ refused: "UNAUTHORIZED", reason: "auth.identity_source" });
      expect(subject.asked).toBe(0);
    },
  );

  test("requests that miss together each ask for themselves", async () => {
    const subject = bare({ entry: ENTRY, guard: whoever });
    const verdicts = await Promise.all(["a", "b", "a"].map((user) => subject.ask(by(user))));
    expect(verdicts.map(principal)).toEqual(["a", "b", "a"]);
  });

  test("one request's changes to its context are not seen by another", async () => {
    const seen: unknown[] = [];
    const { subject, asked } = await guarded(
      () => ({ ...ALLOW, context: { role: "user", deep: { list: [1] } } }),
      {
        authorizer: ENTRY,
        options: {
          functions: {
            echo: {
              handler: async (event: {
                requestContext: { authorizer: { lambda: Record<string, unknown> } };
              }) => {
                const { lambda } = event.requestContext.authorizer;
                seen.push(structuredClone(lambda));
                lambda["role"] = "admin";
                Object.assign(Object(lambda["deep"]), { list: ["changed"] });
                return { statusCode: 200 };
              },
            },
          },
        },
      },
    );
    for (let i = 0; i < 3; i++) {
      expect((await subject.fetch("/a", { headers: { "x-user": "a" } })).status).toBe(200);
    }
    expect(asked).toHaveLength(1);
    expect(seen).toEqual(Array.from({ length: 3 }, () => ({ role: "user", deep: { list: [1] } })));
  });

  test("what the gateway shares is frozen, and apart from what the function keeps", async () => {
    const context = { deep: { list: [1] } };
    const subject = bare({ entry: ENTRY, guard: () => ({ ...ALLOW, context }) });
    await subject.ask(by("a"));
    context.deep.list.push(2);
    const verdict = await subject.ask(by("a"));
    const facts = "caller" in verdict ? verdict.caller.authorizer : undefined;
    expect(facts).toMatchObject({ context: { deep: { list: [1] } } });
    const shared = facts?.kind === "lambda" ? record(facts.context["deep"])["list"] : undefined;
    expect(Object.isFrozen(shared)).toBe(true);
  });

  test("a thousand later users drive a result out, and nobody gets another's", async () => {
    const subject = bare({ entry: ENTRY, guard: whoever });
    for (let i = 0; i <= 1_000; i++) await subject.ask(by(`u${i}`));
    expect(subject.asked).toBe(1_001);
    expect(principal(await subject.ask(by("u1000")))).toBe("u1000");
    expect(subject.asked).toBe(1_001);
    expect(principal(await subject.ask(by("u0")))).toBe("u0");
    expect(subject.asked).toBe(1_002);
  });
});

describe("a result that was made for another route", () => {
  const narrow = (event: Record<string, unknown>) => policy("Allow", event["routeArn"]);
  const walk = async (subject: ReturnType<typeof bare>, paths: readonly string[], key?: string) => {
    const grants: string[] = [];
    for (const path of paths) {
      const verdict = await subject.ask(by("a", { path, ...(key === undefined ? {} : { key }) }));
      grants.push("grant" in verdict ? verdict.grant : verdict.reason);
    }
    return grants;
  };

  test("the function is asked again, once for each method ARN", async () => {
    const subject = bare({ entry: ENTRY, guard: narrow });
    expect(await walk(subject, ["/a", "/b", "/a", "/b", "/b"])).toEqual(Array(5).fill("Allow"));
    expect(subject.asked).toBe(2);
    expect(await walk(subject, ["/p/1", "/p/2", "/p/1"], "GET /p/{id}")).toEqual(Array(3).fill("Allow"));
    expect(subject.asked).toBe(4);
  });

  test("strict: API Gateway takes it as it is", async () => {
    const subject = bare({ entry: ENTRY, guard: narrow, strict: true });
    expect(await walk(subject, ["/a", "/b", "/a"])).toEqual(["Allow", "None", "Allow"]);
    expect(subject.asked).toBe(1);
  });

  test("an explicit Deny holds on every route that it names", async () => {
    const subject = bare({ entry: ENTRY, guard: () => policy("Deny", "*") });
    expect(await walk(subject, ["/a", "/b"])).toEqual(["auth.function.denied", "auth.function.denied"]);
    expect(subject.asked).toBe(1);
  });

  test("a function that allows one route only is asked once for each other one", async () => {
    const only = () => policy("Allow", "arn:aws:execute-api:*:*:*/*/GET/a");
    const subject = bare({ entry: ENTRY, guard: only });
    expect(await walk(subject, ["/a", "/b", "/b", "/b"])).toEqual(["Allow", "None", "None", "None"]);
    expect(subject.asked).toBe(2);
  });

  test("nor is a function that never allows the route, beyond the first time", async () => {
    const subject = bare({ entry: ENTRY, guard: () => policy("Allow", "arn:*/GET/other") });
    expect(await walk(subject, ["/a", "/a", "/a"])).toEqual(["None", "None", "None"]);
    expect(subject.asked).toBe(1);
  });

  test("what one route allows does not allow another", async () => {
    const answers = [policy("Allow", "arn:*/GET/a"), policy("Deny", "*")];
    const subject = bare({ entry: ENTRY, guard: () => answers.shift() });
    expect(await walk(subject, ["/a", "/b", "/b", "/a"])).toEqual([
      "Allow",
      "auth.function.denied",
      "auth.function.denied",
      "Allow",
    ]);
  });

  test("a caller who tries every path does not drive out others", async () => {
    const subject = bare({ entry: ENTRY, guard: narrow });
    await subject.ask(by("b"));
    for (let i = 0; i < 1_100; i++) await subject.ask(by("a", { path: `/x${i}`, key: "GET /{p}" }));
    const before = subject.asked;
    await subject.ask(by("b"));
    expect(subject.asked).toBe(before);
  });

  test("simple answers hold for all routes", async () => {
    const entry = { ...ENTRY, enableSimpleResponses: true };
    const subject = bare({ entry, guard: () => ({ isAuthorized: true }) });
    expect(await walk(subject, ["/a", "/b"])).toEqual(["Allow", "Allow"]);
    expect(subject.asked).toBe(1);
  });

  test("through the whole gateway", async () => {
    const { subject, asked } = await guarded((event) => policy("Allow", event["methodArn"]), {
      protocol: "REST",
      authorizer: { type: "token" },
      routes: ["GET /a", "GET /b"],
    });
    const statuses: number[] = [];
    for (const path of ["/a", "/b", "/a", "/b"]) {
      statuses.push((await subject.fetch(path, { headers: { authorization: "t" } })).status);
    }
    expect([statuses, asked.length]).toEqual([[200, 200, 200, 200], 2]);
  });
});

describe("what the isolates of a location share", () => {
  /** The platform's own cache; one test never meets another's deployment. */
  const location = (deployment: string): SharedResults => ({
    deployment,
    open: () => caches.open("portico-authorizers-test"),
  });

  const isolate = (
    shared: SharedResults,
    clock: Clock,
    ms = 40,
    entry: Record<string, unknown> = ENTRY,
    variables: Record<string, string> = {},
  ) =>
    bare({
      entry,
      variables,
      guard: (event) => {
        clock.ms += ms;
        return whoever(event);
      },
      options: { now: clock.now, shared },
    });

  /** Asks twice, the second time being the one that is worth a copy. */
  async function askTwice(subject: ReturnType<typeof bare>, user = "a"): Promise<void> {
    const ctx = createExecutionContext();
    await subject.ask(by(user, { ctx }));
    await subject.ask(by(user, { ctx }));
    await waitOnExecutionContext(ctx);
  }

  test("another isolate need not ask again, and knows the same caller", async () => {
    const clock = new Clock();
    const shared = location("d1");
    await askTwice(isolate(shared, clock));
    const second = isolate(shared, clock);
    expect(principal(await second.ask(by("a")))).toBe("a");
    expect(principal(await second.ask(by("b")))).toBe("b");
    expect(second.asked).toBe(1);
  });

  test("for as long as the first isolate would have kept it", async () => {
    const clock = new Clock();
    const shared = location("d2");
    await askTwice(isolate(shared, clock));
    clock.ms += 299_000;
    const second = isolate(shared, clock);
    await second.ask(by("a"));
    expect(second.asked).toBe(0);
    clock.ms += 1_000;
    await second.ask(by("a"));
    expect(second.asked).toBe(1);
  });

  test.each<[string, (clock: Clock) => ReturnType<typeof bare>]>([
    ["another deployment", (clock) => isolate(location("other"), clock)],
    [
      "another configuration",
      (clock) => isolate(location("d3"), clock, 40, { ...ENTRY, authorizerResultTtlInSeconds: 301 }),
    ],
    ["a stage with other variables", (clock) => isolate(location("d3"), clock, 40, ENTRY, { tenant: "b" })],
    ["another function", (clock) => isolate(location("d3"), clock, 40, { ...ENTRY, authorizerUri: "other" })],
    ["an isolate that shares nothing", (clock) => bare({ entry: ENTRY, guard: whoever, options: clock })],
  ])("R-31 %s gets nothing of it", async (_, make) => {
    const clock = new Clock();
    await askTwice(isolate(location("d3"), clock));
    const second = make(clock);
    await second.ask(by("a"));
    expect(second.asked).toBe(1);
  });

  test("a caller who comes once, a quick function and a short life are not worth a copy", async () => {
    const clock = new Clock();
    let opened = 0;
    const shared: SharedResults = {
      deployment: "d4",
      open: () => {
        opened += 1;
        return caches.open("portico-authorizers-test");
      },
    };
    const once = isolate(shared, clock);
    await once.ask(by("a"));
    expect(opened).toBe(1); // looked, and wrote nothing
    opened = 0;
    const quick = isolate(shared, clock, 5);
    await askTwice(quick, "b");
    await askTwice(quick, "c");
    expect(opened).toBe(1);
    opened = 0;
    await askTwice(isolate(shared, clock, 40, { ...ENTRY, authorizerResultTtlInSeconds: 59 }), "d");
    expect(opened).toBe(0);
  });

  test.each<[string, SharedResults["open"]]>([
    ["is not there", () => Promise.reject(new TypeError("caches is not defined"))],
    [
      "throws at once",
      () => {
        throw new TypeError("caches is not defined");
      },
    ],
    [
      "fails",
      async () => ({
        match: () => Promise.reject(new Error("match")),
        put: () => Promise.reject(new Error("put")),
      }),
    ],
    ["hangs", async () => ({ match: () => new Promise(() => undefined), put: async () => undefined })],
    [
      "holds nonsense",
      async () => ({ match: async () => new Response("nonsense"), put: async () => undefined }),
    ],
    [
      "holds an answer that is none",
      async () => ({
        match: async () => Response.json({ text: "{}", arn: "a", expiresAt: 1_700_000_100_000 }),
        put: async () => undefined,
      }),
    ],
    [
      "holds what lives longer than it may",
      async () => ({
        match: async () =>
          Response.json({ text: JSON.stringify(ALLOW), arn: "a", expiresAt: 1_800_000_000_000 }),
        put: async () => undefined,
      }),
    ],
  ])("a shared cache that %s is no hindrance", async (_, open) => {
    const subject = isolate({ deployment: "d5", open }, new Clock());
    await askTwice(subject);
    expect(subject.asked).toBe(1);
  });

  test("R-12 nothing of the identity but its digest is an address", async () => {
    const addresses: string[] = [];
    const open: SharedResults["open"] = async () => ({
      match: async (request) => {
        addresses.push(String(request));
        return undefined;
      },
      put: async (request, response) => {
        addresses.push(String(request));
        addresses.push(await response.text());
      },
    });
    await askTwice(isolate({ deployment: "d6", open }, new Clock()), "canary-7f3d");
    expect(addresses).toHaveLength(3);
    expect(addresses[0]).toMatch(/^https:\/\/authorizers\.portico\.invalid\/[0-9a-f]{64}$/);
    expect(addresses.slice(0, 2).join()).not.toContain("canary");
  });
});
