import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bodyOf, headOf, nextChunk } from "../support/client.ts";
import { proxyTo } from "../support/gateway.ts";
import { until } from "../support/wait.ts";
import { bytes, tally, verdict, wordsOf } from "./answers.ts";
import { Cluster } from "./cluster.ts";
import { Gate, Origin } from "./origin.ts";

/** An engine that ends, and another one on what it has stored. */

const FRESH = { "cache-control": "max-age=600" };
const BODIES = { "/empty": bytes(0), "/small": bytes(10), "/large": bytes(5_000_000) };
const HALF_WAY = bytes(1_000_000);

let origin: Origin;
let cluster: Cluster;

beforeAll(async () => {
  origin = await Origin.start();
  cluster = await Cluster.start({
    size: 2,
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

describe("what was stored before a restart", () => {
  const before: Record<string, string> = {};

  beforeAll(async () => {
    for (const [path, body] of Object.entries(BODIES)) {
      origin.on(path, ({ response }) => void response.writeHead(200, FRESH).end(body));
      await cluster.get(0, path);
      await until(`${path} is stored`, async () => {
        const answer = await cluster.get(1, path);
        before[path] = verdict(answer, body);
        return wordsOf(answer) === "portico; hit";
      });
    }
    for (const [half, name] of [
      ["/cut-length", "length"],
      ["/cut-chunks", "chunks"],
    ] as const) {
      const gate = new Gate();
      origin.on(half, async ({ response, number }) => {
        const headers = name === "length" ? { ...FRESH, "content-length": HALF_WAY.length } : FRESH;
        response.writeHead(200, headers);
        if (number > 1) return void response.end(HALF_WAY);
        response.write(HALF_WAY.subarray(0, HALF_WAY.length / 2));
        await gate.opened;
      });
    }
  });

  test.each(Object.keys(BODIES))("%s was served byte for byte", (path) => {
    expect(before[path]).toBe("whole");
  });

  describe("is served after it", () => {
    const broken: string[] = [];

    beforeAll(async () => {
      const sent = ["/cut-length", "/cut-chunks"].map((path) => cluster.send(0, path));
      const responses = await Promise.all(sent.map(headOf));
      await Promise.all(responses.map(nextChunk));
      const waiting = ["/cut-length", "/cut-chunks"].map((path) => cluster.attempt(1, path));
      await Promise.all(["/cut-length", "/cut-chunks"].map((path) => cluster.asked(path, 2)));
      await cluster.restart();
      for (const answer of await Promise.all(responses.map(bodyOf))) broken.push(verdict(answer, HALF_WAY));
      for (const answer of await Promise.all(waiting)) broken.push(verdict(answer, HALF_WAY));
    });

    test.each(Object.entries(BODIES))("%s, byte for byte, without the origin", async (path, body) => {
      const answers = [await cluster.get(0, path), await cluster.get(1, path)];
      expect(answers.map((answer) => verdict(answer, body))).toEqual(["whole", "whole"]);
      expect(answers.map(wordsOf)).toEqual(["portico; hit", "portico; hit"]);
      expect(origin.requests(path)).toHaveLength(1);
    });

    test("but nothing of what was half way", async () => {
      expect(tally(broken)).toEqual({ broken: 4 });
      for (const path of ["/cut-length", "/cut-chunks"]) {
        const asked = origin.requests(path).length;
        const answer = await cluster.get(0, path);
        expect([verdict(answer, HALF_WAY), wordsOf(answer)]).toEqual([
          "whole",
          "portico; fwd=uri-miss; stored",
        ]);
        expect(origin.requests(path)).toHaveLength(asked + 1);
      }
    });
  });
});
