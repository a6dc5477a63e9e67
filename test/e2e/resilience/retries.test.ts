import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, bodyOf, headOf, nextChunk, open } from "../support/client.ts";
import { api, type Gateway, startGateway } from "../support/gateway.ts";
import { Origin } from "../support/origin.ts";
import { inTurn, reset, ScriptedOrigin, stall, status } from "./origin.ts";

let origin: ScriptedOrigin;
let raw: Origin;
let gateway: Gateway;

const retry = { attempts: 3, backoffInMillis: 0, perTryTimeoutInMillis: 1500 };

beforeAll(async () => {
  [origin, raw] = await Promise.all([ScriptedOrigin.start(), Origin.start()]);
  const proxy = (more: object) => ({ type: "http_proxy", ...more });
  gateway = await startGateway({
    entries: api("default", {
      "ANY /retried/{proxy+}": proxy({ uri: `${origin.url}/{proxy}`, retry }),
      // With a budget of its own: the others' retries are no matter here.
      "ANY /patient/{proxy+}": proxy({ uri: `${origin.url}/{proxy}`, retry: { budgetPercent: 99 } }),
      "ANY /raw/{proxy+}": proxy({ uri: `${raw.rawUrl}/{proxy}`, retry: { attempts: 2 } }),
      "GET /half-dead/{proxy+}": proxy({
        origins: [{ uri: `${raw.refusedUrl}/{proxy}` }, { uri: `${origin.url}/{proxy}` }],
        retry,
      }),
      "GET /half-broken/{proxy+}": proxy({
        origins: [{ uri: `${raw.rawUrl}/reset-before-headers` }, { uri: `${origin.url}/{proxy}` }],
        retry,
      }),
      "GET /dead": proxy({ uri: raw.refusedUrl, retry, fallback: { statusCode: 200, body: "closed today" } }),
      "GET /spare/{proxy+}": proxy({
        uri: `${raw.refusedUrl}/{proxy}`,
        fallback: { uri: `${origin.url}/{proxy}` },
      }),
    }),
  });
});

afterAll(async () => {
  await gateway?.stop();
  await Promise.all([origin?.stop(), raw?.stop()]);
});

describe("a request that fails is sent again", () => {
  test.each([
    ["503 then 200", "a503", [status(503), status(200)], 200, 2],
    ["a reset before the headers, then 200", "reset", [reset, status(200)], 200, 2],
    ["a stall, then 200", "stall", [stall, status(200)], 200, 2],
    ["all of it, then 200", "all", [reset, status(502), status(200)], 200, 3],
    ["and no more often than it may", "never", [status(503)], 503, 3],
    ["500, which is an answer", "a500", [status(500), status(200)], 500, 1],
  ])("%s", async (_, path, answers, expected, attempts) => {
    origin.on(`/${path}`, inTurn(...answers));
    const answer = await ask(gateway.port, `/retried/${path}`);
    expect([answer.status, answer.text, answer.complete]).toEqual([expected, `status ${expected}`, true]);
    expect(origin.requests(`/${path}`).length).toBe(attempts);
  });

  test("an attempt that takes too long is ended at the origin, while the client's request goes on", async () => {
    origin.on(
      "/slow",
      inTurn(stall, (_request, response) => {
        response.writeHead(200);
        response.write("first");
      }),
    );
    const head = await headOf(open(gateway.port, "/retried/slow").end());
    expect(await nextChunk(head)).toBe("first");
    await expect.poll(() => origin.requests("/slow").map(({ closed }) => closed)).toEqual([true, false]);
    head.destroy();
  });

  test("with its body, byte by byte the same", async () => {
    origin.on("/put", inTurn(status(503), reset, status(200)));
    const body = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
    expect((await ask(gateway.port, "/patient/put", { method: "PUT", body })).status).toBe(200);
    const seen = origin.requests("/put");
    expect(seen.length).toBe(3);
    for (const index of [0, 2]) expect(seen[index]?.body).toBe(body.toString("latin1"));
    expect(seen.map(({ headers }) => headers["content-length"])).toEqual(Array(3).fill("70000"));
  });

  test("not when it may do twice what was asked for once", async () => {
    origin.on("/post", inTurn(reset, status(200)));
    expect((await ask(gateway.port, "/retried/post", { method: "POST", body: "x" })).status).toBe(503);
    expect(origin.requests("/post").length).toBe(1);
  });

  test("after as long as the origin asks for", async () => {
    const times: number[] = [];
    origin.on(
      "/busy",
      inTurn(
        (request, response, turn) => {
          times.push(performance.now());
          status(503, { "retry-after": "1" })(request, response, turn);
        },
        (request, response, turn) => {
          times.push(performance.now());
          status(200)(request, response, turn);
        },
      ),
    );
    expect((await ask(gateway.port, "/patient/busy")).status).toBe(200);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(950);
  });
});

describe("an answer that has begun is not asked for again", () => {
  test.each([
    ["a reset after the headers", "reset-after-headers"],
    ["a body cut short", "cut-length"],
    ["a reset amid a body", "reset-body"],
  ])("%s: the client sees that it is not whole", async (_, name) => {
    const response = await headOf(open(gateway.port, `/raw/${name}`).end());
    const body = bodyOf(response);
    raw.release(`/${name}`);
    expect([response.statusCode, (await body).complete]).toEqual([200, false]);
    expect(raw.requests(`/${name}`).length).toBe(1);
  });

  test("one that comes byte by byte is waited for", async () => {
    expect((await ask(gateway.port, "/raw/byte-by-byte")).text).toBe("0123456789");
    expect(raw.requests("/byte-by-byte").length).toBe(1);
  });
});

describe("with one of two origins dead", () => {
  test.each([
    ["refusing connections", "half-dead"],
    ["resetting them", "half-broken"],
  ])("%s, every request is answered", async (_, route) => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_value, i) => ask(gateway.port, `/${route}/${route}-${i}`)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
  });
});

describe("a fallback", () => {
  test("of the configuration's answers for a dead origin, and the log says so", async () => {
    const answer = await ask(gateway.port, "/dead");
    expect([answer.status, answer.text, answer.headers["cache-control"]]).toEqual([
      200,
      "closed today",
      "no-store",
    ]);
    const [line] = await gateway.logged("/dead");
    expect(line).toMatchObject({ status: 200, reason: "integration.fallback" });
    expect(line?.detail).toMatch(
      /^the fallback of GET \/dead answers: the origin 127\.0\.0\.1:\d+ of GET \/dead failed/,
    );
  });

  test("on another origin answers in its own words", async () => {
    origin.on("/x", status(203, { "x-spare": "yes" }, "from the spare"));
    const answer = await ask(gateway.port, "/spare/x");
    expect([answer.status, answer.text, answer.headers["x-spare"]]).toEqual([203, "from the spare", "yes"]);
  });
});

test("no failure was one of the gateway's own", () => {
  expect(gateway.complaints.join("\n")).not.toContain("gateway.bug");
});
