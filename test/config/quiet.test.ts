import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FaultyKV } from "../support/faulty-kv.ts";
import { answerWith, api, gateway, writeEntries } from "../support/gateway.ts";

const OPEN = api({ "GET /a": answerWith("a") });
const GUARDED = { "apis/default/routes/GET /a": { integration: answerWith("a"), authorizer: "AWS_IAM" } };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});

afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number): void => {
  vi.setSystemTime(Date.now() + ms);
};

test("R-13 a guard that was put on a route holds for the first request after a quiet time", async () => {
  const subject = await gateway(OPEN, { refreshMs: 1000 });
  expect((await subject.fetch("/a")).status).toBe(200);
  await writeEntries(GUARDED);
  pass(3_600_000);
  expect((await subject.fetch("/a")).status).toBe(403);
});

test("requests that come together wait for one reading", async () => {
  const kv = new FaultyKV();
  const subject = await gateway(OPEN, { refreshMs: 1000, kv: kv.namespace });
  await subject.fetch("/a");
  await writeEntries(GUARDED);
  pass(3_600_000);
  const before = kv.lists;
  const answers = await Promise.all(Array.from({ length: 20 }, () => subject.fetch("/a")));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 403));
  // The keys of the APIs, and those of the domains.
  expect(kv.lists - before).toBe(2);
});

test("no request waits while others keep the configuration young", async () => {
  const kv = new FaultyKV();
  const subject = await gateway(OPEN, { refreshMs: 1000, kv: kv.namespace });
  await subject.fetch("/a");
  pass(1500);
  kv.fault = "throws";
  expect((await subject.fetch("/a")).status).toBe(200);
});

test("while the store fails, the last good configuration serves, and is not asked for at every request", async () => {
  const kv = new FaultyKV();
  const subject = await gateway(OPEN, { refreshMs: 1000, kv: kv.namespace });
  await subject.fetch("/a");
  kv.fault = "throws";
  pass(3_600_000);
  const before = kv.lists;
  for (let i = 0; i < 5; i++) expect((await subject.fetch("/a")).status).toBe(200);
  expect(kv.lists - before).toBe(2);
  expect(subject.problems.map(({ code }) => code)).toContain("config.unavailable");
});
