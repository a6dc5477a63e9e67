import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { FaultyKV } from "../support/faulty-kv.ts";
import {
  answerWith,
  api,
  buildRequest,
  gateway,
  type TestGateway,
  writeEntries,
} from "../support/gateway.ts";

const A = { "GET /a": answerWith("a") };

async function answers(subject: TestGateway, target: string): Promise<string> {
  const response = await subject.fetch(target);
  return `${response.status} ${await response.text()}`;
}

describe("R-29 a bad entry costs its own route", () => {
  test.each([
    ["broken JSON", "{"],
    ["an unknown key", { integration: answerWith("x"), authoriser: "jwt" }],
    ["an origin that is not http(s)", { integration: { type: "http_proxy", uri: "ftp://a" } }],
    ["a value of another kind", [1, 2]],
    ["null", null],
    ["nothing at all", ""],
  ])("%s", async (_, value) => {
    const subject = await gateway(
      {
        ...api({ ...A, "ANY /{proxy+}": answerWith("wide") }),
        "apis/default/routes/GET /bad": value,
      },
      { showReasons: true },
    );
    expect(await answers(subject, "/a")).toBe("200 a");
    const bad = await subject.fetch("/bad");
    // Its path is not left to the wider route.
    expect(bad.status).toBe(500);
    expect(await bad.text()).toBe('{"message":"Internal Server Error"}');
    expect(bad.headers.get("x-portico-reason")).toMatch(/^config\.invalid: .*GET \/bad/);
    expect(subject.problems).not.toEqual([]);
    expect(subject.problems.every(({ path }) => path.startsWith("apis/default/routes/GET /bad"))).toBe(true);
  });

  test("a key that is no route key, a kind that nothing reads", async () => {
    const subject = await gateway({
      ...api(A),
      "apis/default/routes/FETCH /b": { integration: answerWith("x") },
      "apis/default/rotes/GET /c": {},
    });
    expect(await answers(subject, "/a")).toBe("200 a");
    expect(subject.problems.map(({ code }) => code).sort()).toEqual(["key.unknown", "route.key"]);
  });

  test("each problem is reported once, and again when it comes back", async () => {
    const subject = await gateway({ ...api(A), "apis/default/routes/GET /bad": "{" });
    await subject.fetch("/a");
    await subject.store.refresh(subject.kv);
    expect(subject.problems).toHaveLength(1);
    await writeEntries(api({ "GET /bad": answerWith("good") }));
    await subject.store.refresh(subject.kv);
    expect(await answers(subject, "/bad")).toBe("200 good");
    await writeEntries({ "apis/default/routes/GET /bad": "{" });
    await subject.store.refresh(subject.kv);
    expect(subject.problems).toHaveLength(2);
  });
});

describe("a refresh", () => {
  test("brings what is new and takes what is gone", async () => {
    const subject = await gateway(api(A));
    expect(await answers(subject, "/a")).toBe("200 a");
    await writeEntries(api({ "GET /b": answerWith("b") }));
    await env.CONFIG.delete("apis/default/routes/GET /a");
    await subject.store.refresh(subject.kv);
    expect(await answers(subject, "/b")).toBe("200 b");
    expect((await subject.fetch("/a")).status).toBe(404);
  });

  test("takes an API away and brings it back", async () => {
    const subject = await gateway(api(A));
    await subject.fetch("/a");
    await env.CONFIG.delete("apis/default/routes/GET /a");
    await subject.store.refresh(subject.kv);
    expect((await subject.fetch("/a")).status).toBe(404);
    await writeEntries(api(A));
    await subject.store.refresh(subject.kv);
    expect(await answers(subject, "/a")).toBe("200 a");
  });

  test("leaves the compiled API alone when nothing has changed", async () => {
    const subject = await gateway(api(A));
    await subject.fetch("/a");
    const before = subject.store.api("default");
    await subject.store.refresh(subject.kv);
    expect(subject.store.api("default")).toBe(before);
  });

  test("R-29 that hung does not bring back what a later one has replaced", async () => {
    const kv = new FaultyKV();
    const subject = await gateway(api(A), { kv: kv.namespace });
    expect(await answers(subject, "/a")).toBe("200 a");
    kv.fault = "late";
    const slow = subject.store.refresh(subject.kv);
    await vi.waitUntil(() => kv.waiting > 0);
    kv.fault = "none";
    await writeEntries({
      "apis/default/routes/GET /a": { integration: answerWith("a"), authorizer: "AWS_IAM" },
    });
    await subject.store.refresh(subject.kv);
    expect((await subject.fetch("/a")).status).toBe(403);
    kv.release();
    await slow;
    expect((await subject.fetch("/a")).status).toBe(403);
    await subject.store.refresh(subject.kv);
    expect((await subject.fetch("/a")).status).toBe(403);
  });

  test("of more keys than one bulk read takes", async () => {
    const routes = Object.fromEntries(
      Array.from({ length: 250 }, (_, i) => [`GET /r${i}`, answerWith(`r${i}`)]),
    );
    const subject = await gateway(api(routes));
    for (const i of [0, 99, 100, 249]) expect(await answers(subject, `/r${i}`)).toBe(`200 r${i}`);
  });
});

describe("R-29 faults of the config store", () => {
  test.each(["throws", "null"] as const)("KV %s: the last good configuration goes on", async (fault) => {
    const kv = new FaultyKV();
    const subject = await gateway(
      {
        ...api({ ...A, "GET /open/{x+}": answerWith("open") }, { protocol: "REST" }),
        "domains/d.test": { mappings: [{ api: "default", basePath: "v1" }] },
      },
      { kv: kv.namespace },
    );
    expect(await answers(subject, "/a")).toBe("200 a");
    kv.fault = fault;
    for (let i = 0; i < 3; i++) await subject.store.refresh(subject.kv);
    expect(await answers(subject, "/a")).toBe("200 a");
    expect((await subject.fetch("/v1/a", { host: "d.test" })).status).toBe(200);
    expect((await subject.fetch("/a", { host: "d.test" })).status).toBe(403);
    // Still a REST API, although its own entry came back empty.
    expect((await subject.fetch("/none")).headers.get("x-amzn-errortype")).toMatch(/^Missing/);
    kv.fault = "none";
    await writeEntries(api({ "GET /b": answerWith("b") }));
    await subject.store.refresh(subject.kv);
    expect(await answers(subject, "/b")).toBe("200 b");
  });

  test("corrupt values take down what they are and nothing else", async () => {
    const kv = new FaultyKV();
    const subject = await gateway(api(A, { protocol: "REST" }), { kv: kv.namespace });
    await subject.fetch("/a");
    kv.fault = "corrupt";
    await subject.store.refresh(subject.kv);
    // The API's own entry is bad: its stage keeps what it served.
    expect(await answers(subject, "/a")).toBe("200 a");
  });

  test.each(["throws", "null"] as const)(
    "cold, KV %s: refused, never open, and served as soon as it works",
    async (fault) => {
      const kv = new FaultyKV();
      kv.fault = fault;
      const subject = await gateway(api({ ...A, "ANY /{p+}": answerWith("wide") }, { protocol: "REST" }), {
        kv: kv.namespace,
      });
      const response = await subject.fetch("/a");
      expect([500, 503]).toContain(response.status);
      expect(await response.text()).not.toMatch(/KV|CONFIG|GET failed/);
      kv.fault = "none";
      if (fault === "null") await subject.store.refresh(subject.kv);
      expect(await answers(subject, "/a")).toBe("200 a");
    },
  );

  test("one request reads again behind its answer, however many there are", async () => {
    const kv = new FaultyKV();
    const subject = await gateway(api(A), { kv: kv.namespace, refreshMs: 0 });
    await subject.fetch("/a");
    const { lists } = kv;
    kv.fault = "hangs";
    const contexts = Array.from({ length: 20 }, () => createExecutionContext());
    const responses = await Promise.all(contexts.map((ctx) => subject.serve(buildRequest("/a"), ctx)));
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    // One listing of APIs and one of domains are under way.
    expect(kv.lists - lists).toBeLessThanOrEqual(2);
    kv.fault = "none";
    kv.release();
    await Promise.all(contexts.map((ctx) => waitOnExecutionContext(ctx)));
  });

  test("a cold start under 300 concurrent requests reads once", async () => {
    const kv = new FaultyKV();
    const subject = await gateway(api(A), { kv: kv.namespace });
    const contexts = Array.from({ length: 300 }, () => createExecutionContext());
    const responses = await Promise.all(contexts.map((ctx) => subject.serve(buildRequest("/a"), ctx)));
    expect(responses.filter(({ status }) => status !== 200)).toEqual([]);
    expect(kv.lists).toBe(2);
    await Promise.all(contexts.map((ctx) => waitOnExecutionContext(ctx)));
  });
});
