import { existsSync, readFileSync } from "node:fs";
import { brotliDecompressSync, deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, headOf, nextChunk, open } from "../support/client.ts";
import { answerWith, api, type Gateway, startGateway } from "../support/gateway.ts";
import { Origin } from "../support/origin.ts";
import { ScriptedOrigin, status } from "./origin.ts";

const LONG = "portico ".repeat(500);
/** A Lambda handler that answers with so much text, or with the body that it was given. */
const FUNCTION = `export const handler = async (event: { queryStringParameters?: { size?: string }; body?: string; isBase64Encoded: boolean; headers: Record<string, string> }) => {
  const size = event.queryStringParameters?.size;
  const body = event.isBase64Encoded ? atob(event.body ?? "") : event.body;
  if (size === undefined) return { statusCode: 200, body: JSON.stringify({ body, coding: event.headers["content-encoding"] ?? event.headers["Content-Encoding"] ?? null }) };
  return { statusCode: 200, headers: { "content-type": "text/plain" }, body: "x".repeat(Number(size)) };
};`;

let origin: ScriptedOrigin;
let files: Origin;
let gateway: Gateway;

beforeAll(async () => {
  [origin, files] = await Promise.all([ScriptedOrigin.start(), Origin.start()]);
  const routes = {
    "ANY /proxy/{proxy+}": { type: "http_proxy", uri: `${origin.url}/{proxy}` },
    "GET /files/{proxy+}": { type: "http_proxy", uri: `${files.url}/{proxy}` },
    "ANY /function": { type: "aws_proxy", uri: "text" },
    "GET /mock": answerWith(LONG),
  };
  gateway = await startGateway({
    routes: { "text.ts": FUNCTION },
    entries: {
      ...api("default", routes, { minimumCompressionSize: 1000 }),
      ...api("rest", routes, { protocol: "REST", minimumCompressionSize: 1000 }),
      ...api("off", routes),
    },
  });
  origin.on(
    "/long",
    status(200, { "content-type": "text/plain", "content-length": "4000", etag: '"v1"' }, LONG),
  );
  origin.on("/chunked", (_request, response) => {
    response.writeHead(200, { "content-type": "text/plain" });
    response.write("short");
    response.end();
  });
  origin.on("/short", status(200, { "content-type": "text/plain", "content-length": "5" }, "short"));
  origin.on("/encoded", (_request, response) => {
    response.writeHead(200, { "content-type": "text/plain", "content-encoding": "gzip", etag: '"v1"' });
    response.end(gzipSync(LONG));
  });
});

afterAll(async () => {
  await gateway?.stop();
  await Promise.all([origin?.stop(), files?.stop()]);
});

const get = (path: string, accept?: string, host = "localhost") =>
  ask(gateway.port, path, {
    headers: { host, ...(accept === undefined ? {} : { "accept-encoding": accept }) },
  });

describe("what comes over the wire", () => {
  test.each(["localhost", "rest.localhost"])("a proxied response in gzip and deflate (%s)", async (host) => {
    for (const [accept, coding, decode] of [
      ["gzip, deflate, br", "gzip", gunzipSync],
      ["deflate", "deflate", inflateSync],
    ] as const) {
      const answer = await get("/proxy/long", accept, host);
      expect([answer.status, answer.headers["content-encoding"], answer.complete]).toEqual([
        200,
        coding,
        true,
      ]);
      expect(answer.body.length).toBeLessThan(400);
      expect(decode(answer.body).toString()).toBe(LONG);
      expect([answer.headers["vary"], answer.headers["etag"], answer.headers["content-length"]]).toEqual([
        "Accept-Encoding",
        'W/"v1"',
        undefined,
      ]);
    }
  });

  test("a function's, a mock's, and a stream of unknown size", async () => {
    for (const [path, text] of [
      ["/function?size=1000", "x".repeat(1000)],
      ["/mock", LONG],
      ["/proxy/chunked", "short"],
    ] as const) {
      const answer = await get(path, "gzip");
      expect([path, answer.headers["content-encoding"]]).toEqual([path, "gzip"]);
      expect(gunzipSync(answer.body).toString()).toBe(text);
    }
  });

  test.each([
    ["below the minimum", "/proxy/short", "gzip", "localhost", "short"],
    ["below the minimum, on a REST API", "/proxy/short", "gzip", "rest.localhost", "short"],
    ["below the minimum, of a function", "/function?size=999", "gzip", "localhost", "x".repeat(999)],
    ["for a client that says nothing", "/proxy/long", undefined, "localhost", LONG],
    ["for a client that would rather have another", "/proxy/long", "br, gzip;q=0.9", "localhost", LONG],
    ["on an API without a minimum", "/proxy/long", "gzip", "off.localhost", LONG],
  ])("as it is %s", async (_, path, accept, host, text) => {
    const answer = await get(path, accept, host);
    expect([answer.headers["content-encoding"], answer.text]).toEqual([undefined, text]);
    expect(answer.headers["content-length"]).toBe(String(text.length));
  });

  test("what the origin has compressed is its own", async () => {
    const answer = await get("/proxy/encoded", "gzip, br");
    expect([answer.headers["content-encoding"], answer.headers["etag"]]).toEqual(["gzip", '"v1"']);
    expect(answer.body.equals(gzipSync(LONG))).toBe(true);
    expect(() => brotliDecompressSync(answer.body)).toThrow();
  });
});

/** The engine's peak of memory so far, in bytes. */
function peak(): number {
  const text = readFileSync(`/proc/${gateway.enginePid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(text)?.[1]) * 1024;
}

const MB = 1024 * 1024;
const measurable = existsSync("/proc/self/status");

test.runIf(measurable).each(["gzip", "deflate"])(
  "a client that reads slowly holds the origin up, in %s too, and the memory stays flat",
  async (coding) => {
    const before = peak();
    // Noise, which no coding makes smaller.
    const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(65_536)));
    let written = 0;
    origin.on(`/noise-${coding}`, (_request, response) => {
      response.writeHead(200, { "content-type": "application/octet-stream" });
      const more = (): void => {
        while (written < 300 * MB && !response.destroyed) {
          written += noise.length;
          if (!response.write(noise)) return void response.once("drain", more);
        }
      };
      more();
    });
    const response = await headOf(
      open(gateway.port, `/proxy/noise-${coding}`, { headers: { "accept-encoding": coding } }).end(),
    );
    expect(response.headers["content-encoding"]).toBe(coding);
    await nextChunk(response);
    for (let i = 0; i < 50; i++) expect((await get("/proxy/short")).status).toBe(200);
    expect(written).toBeLessThan(60 * MB);
    expect(peak() - before).toBeLessThan(64 * MB);
    response.destroy();
  },
);

describe("a request's body", () => {
  const send = (body: Buffer, coding: string, host = "localhost") =>
    ask(gateway.port, "/function", {
      method: "POST",
      body,
      headers: { host, "content-encoding": coding, "content-type": "text/plain" },
    });

  test.each(["localhost", "rest.localhost"])("reaches a function as it was (%s)", async (host) => {
    for (const [coding, encode] of [
      ["gzip", gzipSync],
      ["deflate", deflateSync],
    ] as const) {
      expect(JSON.parse((await send(encode(LONG), coding, host)).text)).toEqual({ body: LONG, coding: null });
    }
  });

  test("reaches an origin untouched", async () => {
    const body = gzipSync(LONG);
    const headers = { "content-encoding": "gzip" };
    expect((await ask(gateway.port, "/proxy/up", { method: "POST", body, headers })).status).toBe(200);
    const seen = await origin.request("/up");
    expect([seen.headers["content-encoding"], seen.body]).toEqual(["gzip", body.toString("latin1")]);
  });

  test("in a coding that nobody knows: 415, and which are known", async () => {
    const answer = await send(Buffer.from("x"), "br");
    expect([answer.status, answer.headers["accept-encoding"]]).toEqual([415, "gzip, deflate"]);
  });

  test("that is not what it says: 415", async () => {
    expect((await send(Buffer.from("plain"), "gzip")).status).toBe(415);
    expect((await send(gzipSync(LONG).subarray(0, 40), "gzip")).status).toBe(415);
  });

  test("reaches a function of an HTTP API that compresses nothing as its bytes", async () => {
    const answer = JSON.parse((await send(gzipSync("text"), "gzip", "off.localhost")).body.toString());
    expect(answer.coding).toBe("gzip");
    expect(gunzipSync(Buffer.from(answer.body, "latin1")).toString()).toBe("text");
  });

  test.runIf(measurable)("R-19 that would be 300 MB: 413, and the memory stays flat", async () => {
    const bomb = gzipSync(Buffer.alloc(300 * MB));
    expect(bomb.length).toBeLessThan(MB);
    const before = peak();
    for (let i = 0; i < 3; i++) expect((await send(bomb, "gzip")).status).toBe(413);
    expect(peak() - before).toBeLessThan(100 * MB);
    expect((await get("/proxy/short")).text).toBe("short");
  });
});
