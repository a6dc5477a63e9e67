import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "../support/client.ts";
import { proxyTo } from "../support/gateway.ts";
import { bytes, type Outcome, tally, wordsOf } from "./answers.ts";
import { Cluster } from "./cluster.ts";
import { type Exchange, Gate, Origin } from "./origin.ts";

/** Many requests wait for one response, and the origin fails to give it. */

const FRESH = { "cache-control": "max-age=600" };
const UNAVAILABLE = '{"message":"Service Unavailable"}';
const COLLAPSED = "portico; fwd=uri-miss; collapsed";
const CROWD = 40;

let origin: Origin;
let cluster: Cluster;

beforeAll(async () => {
  origin = await Origin.start();
  const route = (path: string, more = {}) => ({
    integration: proxyTo(`${origin.url}${path}`, more),
    cache: { mode: "http" },
  });
  cluster = await Cluster.start({
    size: 4,
    entries: {
      "apis/default/routes/ANY /{proxy+}": route("/{proxy}"),
      "apis/default/routes/GET /hurried": route("/hurried", { timeoutInMillis: 4_000 }),
    },
  });
});

afterAll(async () => {
  await cluster?.stop();
  await origin?.stop();
});

/** One request that fetches, and many that wait for it, in all isolates. */
async function crowd(path: string, gate: Gate): Promise<readonly [own: Outcome, ...others: Outcome[]]> {
  const filler = cluster.attempt(0, path);
  await origin.asked(path);
  const others = Array.from({ length: CROWD }, (_, index) => cluster.attempt(index, path));
  await cluster.asked(path, CROWD + 1);
  gate.open();
  return [await filler, ...(await Promise.all(others))];
}

const answers = (outcomes: readonly Outcome[]): readonly Answer[] =>
  outcomes.filter((outcome) => outcome !== "broken");

const seen = (outcomes: readonly Outcome[]) =>
  tally(answers(outcomes).map((answer) => `${answer.status} ${answer.text} ${wordsOf(answer)}`));

describe("who waited gets the failure, and the origin was asked once", () => {
  test("an answer of 503: its status alone, as the rest may be for one (R-18)", async () => {
    const path = "/overloaded";
    const gate = new Gate();
    origin.on(path, async ({ response, number }) => {
      await gate.opened;
      if (number > 1) return void response.writeHead(200, FRESH).end("good");
      const headers = { "set-cookie": "session=1", "x-of": "one", "retry-after": "7" };
      response.writeHead(503, headers).end("for one");
    });
    const [own, ...others] = await crowd(path, gate);
    expect(seen([own])).toEqual({ "503 for one portico; fwd=uri-miss; detail=set-cookie": 1 });
    expect(seen(others)).toEqual({ [`503 ${UNAVAILABLE} ${COLLAPSED}`]: CROWD });
    expect(answers(others).map(({ headers }) => [headers["set-cookie"], headers["x-of"]])).toEqual(
      Array(CROWD).fill([undefined, undefined]),
    );
    expect(tally(answers(others).map(({ headers }) => String(headers["retry-after"])))).toEqual({ 7: CROWD });
    expect(origin.requests(path)).toHaveLength(1);
    // It is not remembered: the next one asks again.
    expect((await cluster.get(0, path)).text).toBe("good");
  });

  test("a connection that breaks before the answer", async () => {
    const path = "/broken";
    const gate = new Gate();
    origin.on(path, async ({ response }) => {
      await gate.opened;
      response.socket?.resetAndDestroy();
    });
    const [own, ...others] = await crowd(path, gate);
    expect(seen([own])).toEqual({ [`503 ${UNAVAILABLE} `]: 1 });
    expect(seen(others)).toEqual({ [`503 ${UNAVAILABLE} ${COLLAPSED}`]: CROWD });
    expect(origin.requests(path)).toHaveLength(1);
  });

  test("an answer that does not come in time", async () => {
    const path = "/hurried";
    origin.on(path, () => undefined);
    const [own, ...others] = await crowd(path, new Gate());
    expect(seen([own])).toEqual({ [`503 ${UNAVAILABLE} `]: 1 });
    expect(seen(others)).toEqual({ [`503 ${UNAVAILABLE} ${COLLAPSED}`]: CROWD });
    expect(origin.requests(path)).toHaveLength(1);
  });
});

describe("what may be due to one request is tried by one more", () => {
  const failingFirst =
    (times: number, fail: (exchange: Exchange) => void, gate: Gate) => async (exchange: Exchange) => {
      await gate.opened;
      if (exchange.number <= times) return fail(exchange);
      exchange.response.writeHead(200, FRESH).end("good");
    };
  const error = ({ response }: Exchange) => void response.writeHead(500).end("for one");
  const cutOff = ({ response }: Exchange) => {
    response.writeHead(200, { ...FRESH, "content-length": 10 });
    response.write("half", () => response.socket?.resetAndDestroy());
  };
  const cutOffAmidChunks = ({ response }: Exchange) => {
    response.writeHead(200, FRESH);
    response.write(bytes(200_000), () => response.socket?.resetAndDestroy());
  };

  test.each([
    ["500", error],
    ["a body that breaks off", cutOff],
    ["a body in chunks that breaks off", cutOffAmidChunks],
  ])("%s, and then an answer: the others get that", async (name, fail) => {
    const path = `/once-${name.replaceAll(" ", "-")}`;
    const gate = new Gate();
    origin.on(path, failingFirst(1, fail, gate));
    const [, ...others] = await crowd(path, gate);
    expect(seen(others)).toEqual({
      "200 good portico; fwd=uri-miss; stored": 1,
      [`200 good ${COLLAPSED}`]: CROWD - 1,
    });
    expect(origin.requests(path)).toHaveLength(2);
  });

  test("500, and again: the others get the second one's status", async () => {
    const path = "/twice";
    const gate = new Gate();
    origin.on(path, failingFirst(Number.POSITIVE_INFINITY, error, gate));
    const [own, ...others] = await crowd(path, gate);
    const ofOne = "500 for one portico; fwd=uri-miss; detail=no-freshness";
    expect(seen([own])).toEqual({ [ofOne]: 1 });
    expect(seen(others)).toEqual({
      [ofOne]: 1,
      [`500 {"message":"Internal Server Error"} ${COLLAPSED}`]: CROWD - 1,
    });
    expect(origin.requests(path)).toHaveLength(2);
  });
});

test("what is stale is served to all, where it may be", async () => {
  const path = "/stale";
  const gate = new Gate();
  origin.on(path, async ({ response, number }) => {
    if (number === 1) {
      const headers = { "cache-control": "max-age=0, stale-if-error=600" };
      return void response.writeHead(200, headers).end("stale");
    }
    await gate.opened;
    response.socket?.resetAndDestroy();
  });
  await cluster.get(0, path);
  const filler = cluster.attempt(0, path);
  await origin.asked(path, 2);
  const others = Array.from({ length: CROWD }, (_, index) => cluster.attempt(index, path));
  await cluster.asked(path, CROWD + 2);
  gate.open();
  expect(seen([await filler])).toEqual({ "200 stale portico; hit; detail=error": 1 });
  expect(seen(await Promise.all(others))).toEqual({ [`200 stale ${COLLAPSED}`]: CROWD });
  expect(origin.requests(path)).toHaveLength(2);
});

test.each([401, 403, 404, 429])("a refusal with %i is for one: the others get their own", async (status) => {
  const path = `/refused-${status}`;
  const gate = new Gate();
  origin.on(path, async ({ response, number }) => {
    await gate.opened;
    response.writeHead(status, { "www-authenticate": "Basic" }).end(`for number ${number}`);
  });
  const outcomes = answers(await crowd(path, gate));
  expect(new Set(outcomes.map(({ text }) => text)).size).toBe(CROWD + 1);
  expect(origin.requests(path)).toHaveLength(CROWD + 1);
});
