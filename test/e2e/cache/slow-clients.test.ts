import type { IncomingMessage } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bodyOf, headOf, nextChunk, reset } from "../support/client.ts";
import { proxyTo } from "../support/gateway.ts";
import { bounded, until } from "../support/wait.ts";
import { bytes, verdict, wordsOf } from "./answers.ts";
import { Cluster } from "./cluster.ts";
import { Gate, Origin } from "./origin.ts";

/** Clients that take their time, or do not read at all, while others wait for what they fetch. */

const FRESH = { "cache-control": "max-age=600" };
/** Much more than sockets hold by themselves. */
const LARGE = bytes(20_000_000);
const HIT = "portico; hit";

let origin: Origin;
let cluster: Cluster;

beforeAll(async () => {
  origin = await Origin.start();
  cluster = await Cluster.start({
    size: 2,
    entries: {
      "apis/default/routes/ANY /{proxy+}": {
        integration: proxyTo(`${origin.url}/{proxy}`),
        cache: { mode: "http", maxBytes: 2 * LARGE.length },
      },
    },
  });
});

afterAll(async () => {
  await cluster?.stop();
  await origin?.stop();
});

const FRAMINGS = { length: { ...FRESH, "content-length": LARGE.length }, chunks: FRESH };

/** A response to the first gateway of which nobody reads more than its beginning; it is stored all the same. */
async function unread(path: string, headers: Readonly<Record<string, string | number>>) {
  origin.on(path, ({ response }) => void response.writeHead(200, headers).end(LARGE));
  const sent = cluster.send(0, path);
  const response = await headOf(sent);
  await until(`${path} is stored`, async () => wordsOf(await cluster.get(1, path, {}, "HEAD")) === HIT);
  return { sent, response };
}

const verdictOf = async (response: IncomingMessage) => verdict(await bodyOf(response), LARGE);

test.each(Object.entries(FRAMINGS))("what nobody reads is stored, with %s", async (name, headers) => {
  const path = `/unread-${name}`;
  const gate = new Gate();
  origin.on(path, async ({ response }) => {
    await gate.opened;
    response.writeHead(200, headers).end(LARGE);
  });
  const head = headOf(cluster.send(0, path));
  await origin.asked(path);
  const waiting = Array.from({ length: 3 }, (_, index) => cluster.attempt(index, path));
  await cluster.asked(path, 4);
  gate.open();
  const response = await head;
  const others = await bounded("the others' answers", Promise.all(waiting), 15_000);
  expect(others.map((outcome) => verdict(outcome, LARGE))).toEqual(["whole", "whole", "whole"]);
  expect(origin.requests(path)).toHaveLength(1);
  expect(await verdictOf(response)).toBe("whole");
});

test.each(Object.entries(FRAMINGS))(
  "more than the memory holds for clients that do not read, with %s: each gets the rest of what is stored",
  async (name, headers) => {
    const paths = Array.from({ length: 6 }, (_, index) => `/many-${name}-${index}`);
    const responses: IncomingMessage[] = [];
    for (const path of paths) responses.push((await unread(path, headers)).response);
    const verdicts: string[] = [];
    for (const response of responses) verdicts.push(await verdictOf(response));
    expect(verdicts).toEqual(Array(6).fill("whole"));
    expect(
      paths.map((path) => origin.requests(path).filter(({ method }) => method === "GET").length),
    ).toEqual(Array(6).fill(1));
  },
);

test("a client that was let go of, when what was stored is gone: it alone is cut off", async () => {
  const paths = Array.from({ length: 6 }, (_, index) => `/gone-${index}`);
  const responses: IncomingMessage[] = [];
  for (const path of paths) responses.push((await unread(path, FRESH)).response);
  await cluster.crashShards();
  const verdicts: string[] = [];
  for (const response of responses) verdicts.push(await verdictOf(response));
  expect(verdicts).toContain("broken");
  expect(verdicts).toContain("whole");
  expect(new Set(verdicts).size).toBe(2);
});

test("clients that leave hold no memory", async () => {
  for (let index = 0; index < 8; index++) {
    const { sent, response } = await unread(`/left-${index}`, FRESH);
    response.on("error", () => undefined);
    await nextChunk(response);
    reset(sent);
  }
  // Without room it would depend on what is stored.
  const { response } = await unread("/after", FRESH);
  await cluster.crashShards();
  expect(await verdictOf(response)).toBe("whole");
});
