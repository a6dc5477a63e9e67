import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import { KINDS, reasonOf, services } from "./support.ts";

const queue = (operation: string, parameters: object = {}) => ({
  type: "queue",
  binding: "JOBS",
  operation,
  parameters,
});

/** What the consumer has seen, in any order. */
async function consumed(count: number): Promise<unknown[]> {
  const { keys } = await vi.waitFor(
    async () => {
      const list = await env.CONSUMED.list();
      expect(list.keys.length).toBeGreaterThanOrEqual(count);
      return list;
    },
    { timeout: 15_000, interval: 50 },
  );
  return Promise.all(keys.map(({ name }) => env.CONSUMED.get(name, "json")));
}

describe.each(KINDS)("a queue on a %s API", (_, settings) => {
  test("has the request's body delivered as JSON", async () => {
    const subject = await services({ "POST /jobs": queue("send") }, settings);
    const response = await subject.fetch("/jobs", { method: "POST", body: '{"a":[1,null]}' });
    expect([response.status, await response.json()]).toEqual([202, { accepted: 1 }]);
    expect(await consumed(1)).toEqual([{ body: { a: [1, null] } }]);
  });

  test("refuses a body that is no JSON", async () => {
    const subject = await services({ "POST /jobs": queue("send") }, settings);
    const response = await subject.fetch("/jobs", { method: "POST", body: "{" });
    expect([response.status, await response.json()]).toEqual([400, { message: "Invalid request body" }]);
  });
});

const SENT = '{"n":1,"big":12345678901234567890}';

test.each([
  [
    "composed JSON",
    { body: { id: "$request.path.id", n: "$request.body.n", by: "u/${request.path.id}" } },
    { body: { id: "7", n: 1, by: "u/7" } },
  ],
  ["a value of the body", { body: "$request.body.n" }, { body: 1 }],
  ["text", { contentType: "text" }, { body: SENT }],
  [
    "text with all of a number's digits",
    { body: { n: "$request.body.big" }, contentType: "text" },
    { body: '{"n":12345678901234567890}' },
  ],
  ["composed text", { body: "job ${request.path.id}", contentType: "text" }, { body: "job 7" }],
  ["bytes", { contentType: "bytes" }, { bytes: [...new TextEncoder().encode(SENT)] }],
])("sends %s", async (_, parameters, message) => {
  const subject = await services({ "POST /{id}": queue("send", parameters) });
  const response = await subject.fetch("/7", { method: "POST", body: SENT });
  expect(response.status).toBe(202);
  expect(await consumed(1)).toEqual([message]);
});

test.each([
  ["lists within lists", "[".repeat(50_000) + "]".repeat(50_000), 400],
  ["a member twice", '{"a":1,"a":2}', 400],
  ["too many bytes, which need not be JSON", "[".repeat(128_001), 413],
])("R-19 refuses %s before it is parsed", async (_, body, status) => {
  const subject = await services({ "POST /jobs": queue("send") });
  expect((await subject.fetch("/jobs", { method: "POST", body })).status).toBe(status);
});

test("R-19 refuses a batch of too many values", async () => {
  const subject = await services({ "POST /jobs": queue("sendBatch") });
  const body = `[[${"[],".repeat(250_000)}0]]`;
  expect((await subject.fetch("/jobs", { method: "POST", body })).status).toBe(400);
});

test("sends several at once", async () => {
  const subject = await services({ "POST /": queue("sendBatch", { messages: "$request.body.jobs" }) });
  const response = await subject.fetch("/", { method: "POST", body: '{"jobs":[{"a":1},{"a":2},"3"]}' });
  expect([response.status, await response.json()]).toEqual([202, { accepted: 3 }]);
  const seen = await consumed(3);
  expect(seen).toHaveLength(3);
  expect(seen).toEqual(expect.arrayContaining([{ body: { a: 1 } }, { body: { a: 2 } }, { body: "3" }]));
});

test.each([
  ["{}", 400],
  ["[]", 400],
  ["1", 400],
  [JSON.stringify(Array.from({ length: 101 }, () => 1)), 400],
  [JSON.stringify(["x".repeat(128_000)]), 413],
])("a batch of another kind or size is refused: %#", async (body, status) => {
  const subject = await services({ "POST /": queue("sendBatch") });
  expect((await subject.fetch("/", { method: "POST", body })).status).toBe(status);
});

test("a batch that is not there is missing", async () => {
  const integration = {
    type: "queue",
    binding: "JOBS",
    operation: "sendBatch",
    parameters: { messages: "$request.body.jobs" },
  };
  const response = await (await services({ "POST /": integration })).fetch("/", {
    method: "POST",
    body: "{}",
  });
  expect([response.status, await response.json()]).toEqual([
    400,
    { message: "Missing required request parameters: [body.jobs]" },
  ]);
});

test.each(["json", "text"])("a batch (%s) is at most 256,000 bytes in all", async (contentType) => {
  const subject = await services({ "POST /": queue("sendBatch", { contentType }) }, { protocol: "REST" });
  const send = async (last: number) => {
    const message = "x".repeat(contentType === "json" ? 99_998 : 100_000);
    const body = JSON.stringify([message, message, "x".repeat(contentType === "json" ? last - 2 : last)]);
    const response = await subject.fetch("/", { method: "POST", body });
    return [response.status, await response.text()];
  };
  expect(await send(56_001)).toEqual([413, "HTTP content length exceeded 256000 bytes."]);
  expect(await send(56_000)).toEqual([202, '{"accepted":3}']);
});

test.each(["no json", "", "[1"])(
  "a message with a member of a body that is no JSON is none: %j",
  async (body) => {
    const parameters = { body: { id: "$request.body.id" } };
    const subject = await services({ "POST /": queue("send", parameters) });
    const response = await subject.fetch("/", { method: "POST", body });
    expect([response.status, await response.json(), reasonOf(response)]).toEqual([
      400,
      { message: "Invalid request body" },
      "service.body",
    ]);
  },
);

test("a message above the platform's limit is too large, and a delay is at most a day", async () => {
  const parameters = { contentType: "text", delaySeconds: "$request.querystring.delay" };
  const subject = await services({ "POST /": queue("send", parameters) });
  const send = async (length: number, query = "") =>
    (await subject.fetch(`/${query}`, { method: "POST", body: "x".repeat(length) })).status;
  expect(await send(128_001)).toBe(413);
  expect(await send(1, "?delay=86401")).toBe(400);
  expect(await send(1, "?delay=-1")).toBe(400);
  expect(await send(1, "?delay=60")).toBe(202);
});

test("a message that finds nothing is no message", async () => {
  const subject = await services({ "POST /": queue("send", { body: "$request.body.job" }) });
  const response = await subject.fetch("/", { method: "POST", body: '{"jobs":1}' });
  expect([response.status, await response.json()]).toEqual([
    400,
    { message: "Missing required request parameters: [body.job]" },
  ]);
});
