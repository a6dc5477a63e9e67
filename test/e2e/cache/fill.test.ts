import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, bodyOf, headOf, nextChunk, reset } from "../support/client.ts";
import { proxyTo } from "../support/gateway.ts";
import { bounded } from "../support/wait.ts";
import { bytes, type Outcome, tally, verdict, wordsOf } from "./answers.ts";
import { Cluster } from "./cluster.ts";
import { type Exchange, Gate, Origin } from "./origin.ts";

/** Many requests for something that is not stored, in many isolates, and one origin that may break off. */

const ISOLATES = 8;
const FRESH = { "cache-control": "max-age=600" };

const SMALL = bytes(10);
const LARGE = bytes(1_000_000);

let origin: Origin;
let cluster: Cluster;

beforeAll(async () => {
  origin = await Origin.start();
  cluster = await Cluster.start({
    size: ISOLATES,
    entries: {
      "apis/default/routes/ANY /{proxy+}": {
        integration: proxyTo(`${origin.url}/{proxy}`),
        cache: { mode: "http" },
      },
    },
  });
});

afterAll(async () => {
  await cluster?.stop();
  await origin?.stop();
});

interface Framing {
  readonly name: string;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string | number>>;
}

const stated = (body: Buffer) => ({ ...FRESH, "content-length": body.length });

const FRAMINGS: readonly Framing[] = [
  { name: "few bytes with a length", body: SMALL, headers: stated(SMALL) },
  { name: "few bytes in chunks", body: SMALL, headers: FRESH },
  { name: "many bytes with a length", body: LARGE, headers: stated(LARGE) },
  { name: "many bytes in chunks", body: LARGE, headers: FRESH },
];

const STORED = "portico; fwd=uri-miss; stored";
const COLLAPSED = "portico; fwd=uri-miss; collapsed";
const HIT = "portico; hit";

const pathOf = (...words: readonly string[]): string => `/${words.join("-").replaceAll(" ", "-")}`;

function sendWhole({ response }: Exchange, { body, headers }: Framing): void {
  response.writeHead(200, headers).end(body);
}

function sendHalf({ response }: Exchange, { body, headers }: Framing): Promise<void> {
  response.writeHead(200, headers);
  return new Promise((resolve) => response.write(body.subarray(0, body.length / 2), () => resolve()));
}

/** Requests from all isolates at once. */
function crowd(count: number, path: string): Promise<Outcome>[] {
  return Array.from({ length: count }, (_, index) => cluster.attempt(index, path));
}

function whole(outcomes: readonly Outcome[]): readonly Answer[] {
  return outcomes.filter((outcome) => outcome !== "broken");
}

const verdicts = (outcomes: readonly Outcome[], body: Buffer) =>
  tally(outcomes.map((outcome) => verdict(outcome, body)));

describe("of requests that miss together one goes to the origin", () => {
  test("1,000 of them, and the others get what it brought", async () => {
    const path = "/once";
    const gate = new Gate();
    const framing: Framing = { name: "", body: SMALL, headers: stated(SMALL) };
    origin.on(path, async (exchange) => {
      await gate.opened;
      sendWhole(exchange, framing);
    });
    const sent = crowd(1000, path);
    // Not all of them: who comes late still gets what is stored.
    await cluster.asked(path, 500);
    gate.open();
    const outcomes = await Promise.all(sent);
    expect(verdicts(outcomes, SMALL)).toEqual({ whole: 1000 });
    const {
      [STORED]: stored,
      [COLLAPSED]: collapsed = 0,
      [HIT]: hit = 0,
    } = tally(whole(outcomes).map(wordsOf));
    expect([stored, collapsed + hit]).toEqual([1, 999]);
    expect(collapsed).toBeGreaterThanOrEqual(499);
    expect(origin.requests(path)).toHaveLength(1);
  });

  test.each(FRAMINGS.filter(({ body }) => body === LARGE))("$name, sent slowly", async (framing) => {
    const path = pathOf("slow", framing.name);
    const [begin, finish] = [new Gate(), new Gate()];
    origin.on(path, async (exchange) => {
      await begin.opened;
      await sendHalf(exchange, framing);
      await finish.opened;
      exchange.response.end(framing.body.subarray(framing.body.length / 2));
    });
    const sent = crowd(80, path);
    await cluster.asked(path, 80);
    begin.open();
    finish.open();
    const outcomes = await Promise.all(sent);
    expect(verdicts(outcomes, framing.body)).toEqual({ whole: 80 });
    expect(tally(whole(outcomes).map(wordsOf))).toEqual({
      [STORED]: 1,
      [COLLAPSED]: 79,
    });
    expect(origin.requests(path)).toHaveLength(1);
  });

  test("who waits gets the body as it arrives, where its length is known", async () => {
    const path = "/arriving";
    const [begin, finish] = [new Gate(), new Gate()];
    const framing: Framing = { name: "", body: LARGE, headers: stated(LARGE) };
    origin.on(path, async (exchange) => {
      await begin.opened;
      await sendHalf(exchange, framing);
      await finish.opened;
      exchange.response.end(framing.body.subarray(framing.body.length / 2));
    });
    const sent = Array.from({ length: 16 }, (_, index) => cluster.send(index, path));
    const heads = sent.map(headOf);
    await cluster.asked(path, 16);
    begin.open();
    const responses = await Promise.all(heads);
    // The origin holds the rest back until everybody has something.
    const first = await Promise.all(responses.map(nextChunk));
    finish.open();
    const rest = await Promise.all(responses.map(bodyOf));
    const bodies = rest.map(({ body }, index) =>
      Buffer.concat([Buffer.from(first[index] ?? "", "latin1"), body]),
    );
    expect(bodies.filter((body) => body.equals(LARGE))).toHaveLength(16);
    expect(rest.every(({ complete }) => complete)).toBe(true);
    expect(origin.requests(path)).toHaveLength(1);
  });
});

describe("an origin that breaks off amid the body", () => {
  const WAYS = {
    "with a reset": ({ response }: Exchange) => response.socket?.resetAndDestroy(),
    politely: ({ response }: Exchange) => response.socket?.end(),
  };
  const cases = FRAMINGS.flatMap((framing) =>
    Object.entries(WAYS).map(([way, breakOff]) => ({ framing, name: framing.name, way, breakOff })),
  );

  test.each(cases)("$name, $way: nobody takes a part for the whole", async ({ framing, way, breakOff }) => {
    const path = pathOf("dies", framing.name, way);
    const gate = new Gate();
    origin.on(path, async (exchange) => {
      if (exchange.number > 1) return sendWhole(exchange, framing);
      await gate.opened;
      await sendHalf(exchange, framing);
      breakOff(exchange);
    });
    const filler = cluster.attempt(0, path);
    await origin.asked(path);
    const waiting = crowd(20, path);
    await cluster.asked(path, 21);
    gate.open();
    const own = verdict(await filler, framing.body);
    const others = verdicts(await Promise.all(waiting), framing.body);
    const isRead = framing.headers["content-length"] !== undefined && framing.body === SMALL;
    // Few bytes are read before anything is answered.
    expect(own).toBe(isRead ? "503" : "broken");
    // Those who had begun to get it are cut off with it; the others get it from elsewhere.
    const cutOff = framing.headers["content-length"] !== undefined && framing.body === LARGE;
    expect(others).toEqual(cutOff ? { broken: 20 } : { whole: 20 });
    const [again, stored] = [await cluster.get(3, path), await cluster.get(5, path)];
    expect([verdict(again, framing.body), verdict(stored, framing.body)]).toEqual(["whole", "whole"]);
    expect(wordsOf(stored)).toBe(HIT);
  });
});

test("an origin that breaks off amid a compressed body: nobody takes a part for the whole", async () => {
  const path = "/dies-compressed";
  const compressed = gzipSync(LARGE);
  const headers = { ...stated(compressed), "content-encoding": "gzip" };
  const gate = new Gate();
  origin.on(path, async (exchange) => {
    if (exchange.number > 1) return sendWhole(exchange, { name: "", body: compressed, headers });
    await gate.opened;
    await sendHalf(exchange, { name: "", body: compressed, headers });
    exchange.response.socket?.end();
  });
  const sent = crowd(10, path);
  await cluster.asked(path, 10);
  gate.open();
  const outcomes = await Promise.all(sent);
  outcomes.push(await cluster.get(3, path));
  const complete = whole(outcomes).filter((answer) => answer.complete && answer.status === 200);
  expect(complete.filter(({ body }) => !gunzipSync(body).equals(LARGE))).toEqual([]);
  expect(complete).toHaveLength(10);
});

test("a client that does not read holds up nobody who waits for what it fetches", async () => {
  const path = "/unread";
  const body = bytes(8_000_000);
  const gate = new Gate();
  origin.on(path, async (exchange) => {
    await gate.opened;
    sendWhole(exchange, { name: "", body, headers: stated(body) });
  });
  const head = headOf(cluster.send(0, path));
  await origin.asked(path);
  const waiting = crowd(3, path);
  await cluster.asked(path, 4);
  gate.open();
  const unread = await head;
  try {
    const outcomes = await bounded("the others' answers", Promise.all(waiting), 5_000);
    expect(verdicts(outcomes, body)).toEqual({ whole: 3 });
    expect(origin.requests(path)).toHaveLength(1);
  } finally {
    await bodyOf(unread);
  }
});

describe("a client that leaves while others wait for what it fetches", () => {
  test("before the origin answers: another one fetches it", async () => {
    const path = "/left-early";
    const framing: Framing = { name: "", body: SMALL, headers: stated(SMALL) };
    // The first request is never answered.
    origin.on(path, (exchange) => (exchange.number > 1 ? sendWhole(exchange, framing) : undefined));
    const filler = cluster.send(0, path);
    await origin.asked(path);
    const waiting = crowd(20, path);
    await cluster.asked(path, 21);
    reset(filler);
    const outcomes = await Promise.all(waiting);
    expect(verdicts(outcomes, SMALL)).toEqual({ whole: 20 });
    expect(tally(whole(outcomes).map(wordsOf))).toEqual({
      [STORED]: 1,
      [COLLAPSED]: 19,
    });
    expect(origin.requests(path)).toHaveLength(2);
    expect(wordsOf(await cluster.get(5, path))).toBe(HIT);
  });

  test.each(FRAMINGS.filter(({ body }) => body === LARGE))("amid the body, $name", async (framing) => {
    const path = pathOf("left-amid", framing.name);
    const [begin, finish] = [new Gate(), new Gate()];
    origin.on(path, async (exchange) => {
      if (exchange.number > 1) return sendWhole(exchange, framing);
      await begin.opened;
      await sendHalf(exchange, framing);
      await finish.opened;
      exchange.response.end(framing.body.subarray(framing.body.length / 2));
    });
    const filler = cluster.send(0, path);
    const head = headOf(filler);
    await origin.asked(path);
    const waiting = crowd(20, path);
    await cluster.asked(path, 21);
    begin.open();
    const response = await head;
    response.on("error", () => undefined);
    await nextChunk(response);
    reset(filler);
    finish.open();
    expect(verdicts(await Promise.all(waiting), framing.body)).toEqual({ whole: 20 });
    const stored = await cluster.get(5, path);
    expect([verdict(stored, framing.body), wordsOf(stored)]).toEqual(["whole", HIT]);
  });
});

describe("a shard that is restarted while something is fetched", () => {
  test.each(FRAMINGS)("before the origin answers, $name: everybody gets it", async (framing) => {
    const path = pathOf("restarted-early", framing.name);
    const gate = new Gate();
    origin.on(path, async (exchange) => {
      await gate.opened;
      sendWhole(exchange, framing);
    });
    const filler = cluster.attempt(0, path);
    await origin.asked(path);
    const waiting = crowd(20, path);
    await cluster.asked(path, 21);
    await cluster.crashShards();
    await origin.asked(path, 21);
    gate.open();
    expect(verdict(await filler, framing.body)).toBe("whole");
    const outcomes = await Promise.all(waiting);
    expect(verdicts(outcomes, framing.body)).toEqual({ whole: 20 });
    expect(tally(whole(outcomes).map(wordsOf))).toEqual({
      "portico; fwd=bypass; detail=unavailable": 20,
    });
  });

  test.each(FRAMINGS.filter(({ body }) => body === LARGE))("amid the body, $name", async (framing) => {
    const path = pathOf("restarted-amid", framing.name);
    const [begin, finish] = [new Gate(), new Gate()];
    origin.on(path, async (exchange) => {
      if (exchange.number > 1) return sendWhole(exchange, framing);
      await begin.opened;
      await sendHalf(exchange, framing);
      await finish.opened;
      exchange.response.end(framing.body.subarray(framing.body.length / 2));
    });
    const filler = cluster.send(0, path);
    const head = headOf(filler);
    await origin.asked(path);
    const waiting = crowd(20, path);
    await cluster.asked(path, 21);
    begin.open();
    const response = await head;
    const first = await nextChunk(response);
    await cluster.crashShards();
    finish.open();
    // Who fetches it is not concerned.
    const { body, complete } = await bodyOf(response);
    expect(complete && Buffer.concat([Buffer.from(first, "latin1"), body]).equals(framing.body)).toBe(true);
    const others = verdicts(await Promise.all(waiting), framing.body);
    const cutOff = framing.headers["content-length"] !== undefined;
    expect(others).toEqual(cutOff ? { broken: 20 } : { whole: 20 });
    for (const gateway of [0, 3, 5]) {
      expect(verdict(await cluster.get(gateway, path), framing.body)).toBe("whole");
    }
  });
});

test.each([
  ["private", { "cache-control": "private, max-age=600" }],
  ["no-store", { "cache-control": "no-store" }],
  ["set-cookie", { ...FRESH, "set-cookie": "session=1" }],
])("who waited for what turns out to be %s gets a response of their own", async (reason, headers) => {
  const path = pathOf("alone", reason);
  const gate = new Gate();
  origin.on(path, async ({ response, number }) => {
    await gate.opened;
    response.writeHead(200, headers).end(`for number ${number}`);
  });
  const sent = crowd(50, path);
  await cluster.asked(path, 50);
  gate.open();
  const answers = whole(await Promise.all(sent));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(50);
  expect(tally(answers.map(wordsOf))).toEqual({
    [`portico; fwd=uri-miss; detail=${reason}`]: 1,
    "portico; fwd=uri-miss; detail=not-stored": 49,
  });
  expect(origin.requests(path)).toHaveLength(50);
});

test("100 requests for something stale that may be served meanwhile: the origin is asked once", async () => {
  const path = "/stale";
  const gate = new Gate();
  origin.on(path, async ({ response, number }) => {
    if (number > 1) await gate.opened;
    const freshness = number > 1 ? "max-age=600" : "max-age=0, stale-while-revalidate=600";
    response.writeHead(200, { "cache-control": freshness }).end(`answer ${number}`);
  });
  await cluster.attempt(0, path);
  const stale = whole(await Promise.all(crowd(100, path)));
  expect(tally(stale.map(({ text }) => text))).toEqual({ "answer 1": 100 });
  expect(tally(stale.map(wordsOf))).toEqual({ [HIT]: 100 });
  await origin.asked(path, 2);
  gate.open();
  // The memory of the isolate that fetched it has it at once, the others' when the shard has.
  await expect.poll(async () => (await cluster.get(5, path)).text, { timeout: 20_000 }).toBe("answer 2");
  expect(origin.requests(path)).toHaveLength(2);
});

describe("a request that changes something while another one is being fetched", () => {
  const change = async (path: string): Promise<void> => {
    const { status } = await cluster.get(0, path, {}, "POST");
    expect(status).toBe(200);
  };

  test("does not keep that from being stored, if it is of another URL", async () => {
    const path = "/fetched-meanwhile";
    const gate = new Gate();
    origin.on(path, async (exchange) => {
      await gate.opened;
      sendWhole(exchange, { name: "", body: SMALL, headers: stated(SMALL) });
    });
    // Enough of them to meet every shard.
    const others = Array.from({ length: 40 }, (_, index) => `/changed-${index}`);
    for (const other of others) origin.on(other, ({ response }) => void response.end("changed"));
    const filler = cluster.attempt(0, path);
    await origin.asked(path);
    await Promise.all(others.map(change));
    gate.open();
    expect(verdict(await filler, SMALL)).toBe("whole");
    expect(wordsOf(await cluster.get(1, path))).toBe(HIT);
  });

  test("ends that for all who ask later, if it is of the same URL", async () => {
    const path = "/changed-meanwhile";
    const changed = Buffer.alloc(LARGE.length);
    const gate = new Gate();
    origin.on(path, async ({ response, number }) => {
      response.writeHead(200, stated(LARGE));
      if (number > 1) return void response.end(changed);
      response.write(LARGE.subarray(0, LARGE.length / 2));
      await gate.opened;
      response.end(LARGE.subarray(LARGE.length / 2));
    });
    const response = await headOf(cluster.send(0, path));
    await nextChunk(response);
    await change(path);
    const later = cluster.get(1, path);
    await cluster.asked(path, 2);
    gate.open();
    await bodyOf(response);
    expect(verdict(await later, changed)).toBe("whole");
  });
});
