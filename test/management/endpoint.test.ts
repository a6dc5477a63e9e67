import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { keyHash } from "../../src/access/api-key/key-hash.ts";
import { managementApp } from "../../src/management/management.ts";
import { dayAfter } from "../../src/management/usage.ts";
import { planCounter } from "../../src/throttle/rule.ts";
import worker from "../../src/worker.ts";
import { answerWith, gateway, writeEntries } from "../support/gateway.ts";
import { inspection, TOKEN } from "./inspection.ts";

const KEY = "LBSQTfPV6S3NEeRNwaylM6sYGkzxKxVE70uWM0pk";
const today = (): string => new Date().toISOString().slice(0, 10);

const plan = (quota?: object) => ({
  apiStages: [{ api: "default", stage: "$default" }],
  ...(quota && { quota }),
});

/** A gateway with one route, and one key in the plan `gold`. */
async function guarded(quota?: object) {
  return gateway({
    "apis/default/routes/GET /": { integration: answerWith("in"), apiKeyRequired: true },
    [`api-keys/${await keyHash(KEY)}`]: { id: "k_one", usagePlans: ["gold"] },
    "usage-plans/gold": plan(quota),
  });
}

/** The script itself, as it is with the secret: its isolate is made once, of the first request's bindings. */
async function ask(query: Readonly<Record<string, string>>, authorization = `Bearer ${TOKEN}`) {
  const url = `https://api.test/_portico/usage?${new URLSearchParams(query)}`;
  const bindings = { ...env, MANAGEMENT_TOKEN: TOKEN };
  const request = new Request<unknown, IncomingRequestCfProperties>(url, { headers: { authorization } });
  request.headers.set("host", "api.test");
  return worker.fetch(request, bindings, createExecutionContext());
}

const printed: string[] = [];

beforeEach(() => {
  printed.length = 0;
  for (const level of ["log", "info", "warn", "error", "debug"] as const) {
    vi.spyOn(console, level).mockImplementation((...parts) => void printed.push(parts.map(String).join(" ")));
  }
});

afterEach(() => void vi.restoreAllMocks());

describe("GET /_portico/usage", () => {
  test("has what a key used of its quota and what remains, as GetUsage has it", async () => {
    const subject = await guarded({ limit: 5, period: "MONTH" });
    const statuses: number[] = [];
    for (let i = 0; i < 7; i++) {
      statuses.push((await subject.fetch("/", { headers: { "x-api-key": KEY } })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    const [from, to] = [today(), dayAfter(today(), 1)];
    const response = await ask({ plan: "gold", key: "k_one", from, to });
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("content-type")).toBe("application/json");
    const tomorrow = dayAfter(from, 1).endsWith("-01") ? [0, 5] : [0, 0];
    expect(await response.json()).toEqual({
      usagePlanId: "gold",
      startDate: from,
      endDate: to,
      items: { k_one: [[5, 0], tomorrow] },
    });
  });

  test("shows days before the first request with the whole quota, 90 at most", async () => {
    const subject = await guarded({ limit: 1000, period: "DAY" });
    expect((await subject.fetch("/", { headers: { "x-api-key": KEY } })).status).toBe(200);
    const to = today();
    const response = await ask({ plan: "gold", key: "k_one", from: dayAfter(to, -89), to });
    expect(await response.json()).toMatchObject({
      items: { k_one: [...Array.from({ length: 89 }, () => [0, 1000]), [1, 999]] },
    });
  });

  test("keeps plans and keys apart, and is empty for those that used nothing", async () => {
    const subject = await guarded({ limit: 5, period: "DAY" });
    await subject.fetch("/", { headers: { "x-api-key": KEY } });
    const range = { from: today(), to: today() };
    for (const [other, key] of [
      ["gold", "k_two"],
      ["silver", "k_one"],
    ] as const) {
      const response = await ask({ plan: other, key, ...range });
      expect([response.status, await response.json()]).toEqual([
        200,
        { usagePlanId: other, startDate: range.from, endDate: range.to, items: { [key]: [] } },
      ]);
    }
  });

  test("is empty for a key whose plan only throttles", async () => {
    const subject = await gateway({
      "apis/default/routes/GET /": { integration: answerWith("in"), apiKeyRequired: true },
      [`api-keys/${await keyHash(KEY)}`]: { id: "k_one", usagePlans: ["gold"] },
      "usage-plans/gold": { ...plan(), throttle: { rateLimit: 1, burstLimit: 1 } },
    });
    await subject.fetch("/", { headers: { "x-api-key": KEY } });
    const response = await ask({ plan: "gold", key: "k_one", from: today(), to: today() });
    expect(await response.json()).toMatchObject({ items: { k_one: [] } });
  });

  test("tells of a plan whose entry is gone or broken what is known", async () => {
    const subject = await guarded({ limit: 5, period: "DAY" });
    await subject.fetch("/", { headers: { "x-api-key": KEY } });
    const query = { plan: "gold", key: "k_one", from: dayAfter(today(), -1), to: today() };
    for (const entry of ["{", "{}"]) {
      await writeEntries({ "usage-plans/gold": entry });
      expect(await (await ask(query)).json()).toMatchObject({
        items: {
          k_one: [
            [0, 5],
            [1, 4],
          ],
        },
      });
    }
    await env.CONFIG.delete("usage-plans/gold");
    expect(await (await ask(query)).json()).toMatchObject({
      items: {
        k_one: [
          [0, 5],
          [1, 4],
        ],
      },
    });
  });

  test("refuses a bad question with what is wrong in it", async () => {
    const response = await ask({ plan: "gold", from: "2026-11-01", to: "2026-11-21" });
    expect([response.status, await response.json()]).toEqual([
      400,
      {
        code: "parameter.missing",
        path: "key",
        message:
          '"key" is required: the id of an API key (the usage of all keys of a plan at once is not there yet)',
      },
    ]);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("makes no object remember anything", async () => {
    await ask({ plan: "gold", key: "k_none", from: today(), to: today() });
    const counter = env.COUNTERS.getByName(planCounter("gold", "k_none"));
    expect(await counter.status()).toEqual({ buckets: 0, calls: 0 });
  });

  test("R-12 R-14 the token is in no answer and in no line of the log", async () => {
    const range = { from: today(), to: today() };
    const answers = await Promise.all([
      ask({ plan: "gold", key: "k_one", ...range }),
      ask({ plan: "gold", key: TOKEN, ...range }, `Bearer ${TOKEN}x`),
      ask({ plan: `${TOKEN}/`, key: "k_one", ...range }),
      ask({ plan: "gold", key: `${TOKEN}!`, ...range }),
      ask({ plan: "gold", key: "k_one", from: TOKEN, to: TOKEN }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 400, 400, 400]);
    for (const answer of answers) {
      expect(JSON.stringify([...answer.headers]) + (await answer.text())).not.toContain(TOKEN);
    }
    expect(printed.join("\n")).not.toContain(TOKEN);
  });
});

test("usage that cannot be read is 503, with the reason in the log alone", async () => {
  const reported: unknown[] = [];
  const { usage } = inspection();
  const app = managementApp(
    inspection({
      usage: { ...usage, days: () => Promise.reject(new Error("what is kept is damaged")) },
      report: (problem) => void reported.push(problem),
    }),
  );
  const url = "https://api.test/_portico/usage?plan=gold&key=k_one&from=2026-11-21&to=2026-11-21";
  const response = await app.request(url, { headers: { authorization: `Bearer ${TOKEN}` } });
  const problem = { code: "usage.unavailable", path: "plan/gold/k_one" };
  const message = "the usage of this key cannot be read at the moment";
  expect([response.status, await response.json()]).toEqual([503, { ...problem, message }]);
  expect(reported).toEqual([{ ...problem, message: `${message}: what is kept is damaged` }]);
});
