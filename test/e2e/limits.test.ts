import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, bodyOf, headOf, open, RawClient, reset } from "./support/client.ts";
import { api, type Gateway, proxyTo, startGateway } from "./support/gateway.ts";
import { Origin } from "./support/origin.ts";
import { pause, until } from "./support/wait.ts";

const SIZE = `let calls = 0;
export const handler = async (event: any) =>
  ({ calls: ++calls, bytes: event.body ? (event.isBase64Encoded ? atob(event.body) : event.body).length : 0 });`;

const MB = 1024 * 1024;
const PIECE = 256 * 1024;
const HTTP_413 = '{"message":"Request Entity Too Large"}';

let origin: Origin;
let gateway: Gateway;

beforeAll(async () => {
  origin = await Origin.start();
  const routes = {
    "ANY /size": { type: "aws_proxy", uri: "size" },
    "ANY /{proxy+}": proxyTo(`${origin.url}/{proxy}`),
  };
  gateway = await startGateway({
    routes: { "size.ts": SIZE },
    entries: {
      ...api("default", routes),
      ...api("rest", routes, { protocol: "REST" }),
      ...api("limited", routes, { limits: { bodyBytes: 1000 } }),
      ...api("strict", routes, { strict: true }),
    },
  });
});

afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
});

/** Sends a body, or as much of it as is wanted: who is refused before the end stops sending. */
/** Whoever writes on while the gateway closes may have its answer reset away (RFC 9112 section 9.6): asks again then. */
async function post(path: string, host: string, body: Buffer, framing: "declared" | "chunked") {
  for (let left = 3; ; left--) {
    try {
      return await postOnce(path, host, body, framing);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (left === 0 || (code !== "EPIPE" && code !== "ECONNRESET")) throw error;
    }
  }
}

async function postOnce(path: string, host: string, body: Buffer, framing: "declared" | "chunked") {
  const headers: Record<string, string> = { host, "content-type": "application/octet-stream" };
  if (framing === "chunked") headers["transfer-encoding"] = "chunked";
  else headers["content-length"] = String(body.length);
  const sent = open(gateway.port, path, { method: "POST", headers });
  const head = headOf(sent);
  let answered = false;
  head.finally(() => (answered = true)).catch(() => undefined);
  // What is refused for its declared length is refused before its first byte.
  sent.flushHeaders();
  await Promise.race([head, pause(50)]);
  for (let at = 0; at < body.length && !answered; at += PIECE) {
    sent.write(body.subarray(at, at + PIECE));
    await pause(0);
  }
  if (!answered) sent.end();
  return bodyOf(await head);
}

describe("a URL", () => {
  test.each([
    ["of 8,192 bytes is served", 8192, 200],
    ["of 8,193 bytes is too long", 8193, 414],
    ["of 60,000 bytes is too long", 60_000, 414],
    ["beyond the engine's own limit is too long", 200_000, 414],
  ])("%s", async (_, length, status) => {
    const path = `/echo/${"p".repeat(length - 6)}`;
    expect(path.length).toBe(length);
    expect((await ask(gateway.port, path)).status).toBe(status);
  });
});

describe("headers", () => {
  test.each([
    ["of 9,000 bytes are served", [["x-a", "a".repeat(9000)]], 200],
    ["of more than 10,240 bytes are too large", [["x-a", "a".repeat(10_300)]], 431],
    ["of more than 10,240 bytes in many are too large", many(1000), 431],
    ["of 300 kB are too large", [["x-a", "a".repeat(300_000)]], 431],
    ["beyond the engine's own limit are too large", [["x-a", "a".repeat(2_000_000)]], 431],
    ["of which there are too many for the engine are too large", many(50_000), 431],
  ])("%s", async (_, headers, status) => {
    const client = await RawClient.connect(gateway.port);
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    client.send(`GET /echo/flood HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${lines}\r\n`);
    await until("it is answered", () => client.statuses.length > 0);
    client.reset();
    expect(client.statuses).toEqual([status]);
    expect((await ask(gateway.port, "/echo/others")).status).toBe(200);
  });

  test("that never end are cut off, and hold nobody up", async () => {
    const client = await RawClient.connect(gateway.port);
    client.send("GET /echo/endless HTTP/1.1\r\nHost: localhost\r\n");
    for (let i = 0; i < 5000 && client.statuses.length === 0 && !client.closed; i++) {
      client.send(`x-${i}: ${"a".repeat(1000)}\r\n`);
      if (i % 100 === 0) expect((await ask(gateway.port, "/echo/others")).status).toBe(200);
    }
    await until("it is cut off", () => client.closed || client.statuses.length > 0);
    client.reset();
    expect(client.statuses.every((status) => status === 431)).toBe(true);
  });
});

test.each([
  ["GET", "/size"],
  ["HEAD", "/size"],
  ["GET", "/up"],
])("R-19 a body of a %s %s is limited as any other", async (method, path) => {
  const status = async (framing: string): Promise<number | undefined> => {
    const client = await RawClient.connect(gateway.port);
    client.send(`${method} ${path} HTTP/1.1\r\nHost: limited.localhost\r\nConnection: close\r\n${framing}`);
    await until("it is answered", () => client.statuses.length > 0);
    client.reset();
    return client.statuses[0];
  };
  const declared = (bytes: number) => status(`Content-Length: ${bytes}\r\n\r\n${"x".repeat(bytes)}`);
  const chunked = (bytes: number) =>
    status(`Transfer-Encoding: chunked\r\n\r\n${bytes.toString(16)}\r\n${"x".repeat(bytes)}\r\n0\r\n\r\n`);
  for (const send of [declared, chunked]) {
    expect([await send(1), await send(1000), await send(1001)]).toEqual([200, 200, 413]);
  }
});

function many(count: number): [string, string][] {
  return Array.from({ length: count }, (_, index) => [`x-${index}`, "some value"]);
}

describe.each(["declared", "chunked"] as const)("R-19 a %s body", (framing) => {
  test.each(["/up", "/size"])(
    "over the API's limit is refused at %s, one of just the limit is not",
    async (path) => {
      expect(await post(path, "limited.localhost", Buffer.alloc(1000), framing)).toMatchObject({
        status: 200,
      });
      const { status, text } = await post(path, "limited.localhost", Buffer.alloc(1001), framing);
      expect([status, text]).toEqual([413, HTTP_413]);
      const huge = await post(path, "limited.localhost", Buffer.alloc(MB), framing);
      expect([huge.status, huge.text]).toEqual([413, HTTP_413]);
    },
  );

  test("over the limit never reaches the origin as a whole one", async () => {
    const path = `/up/${framing}`;
    expect((await post(path, "limited.localhost", Buffer.alloc(500_000), framing)).status).toBe(413);
    await until("whatever the origin got is broken off", () =>
      origin
        .requests(path)
        .every(({ id }) =>
          origin.events.some((event) => event.what === "closed" && event.id === id && !event.finished),
        ),
    );
    expect(origin.events.some((e) => e.what === "closed" && e.path === path && e.finished)).toBe(false);
  });

  test.each([
    ["an HTTP API", "localhost", HTTP_413],
    ["a REST API", "rest.localhost", "HTTP content length exceeded 10485760 bytes."],
  ])("over 10 MiB is too large for a function of %s", async (_, host, message) => {
    const { status, text } = await post("/size", host, Buffer.alloc(10 * MB + 1), framing);
    expect([status, text]).toEqual([413, message]);
  });

  test("of 4 MB reaches a function whole", async () => {
    const { status, text } = await post("/size", "localhost", Buffer.alloc(4_000_000, 0xff), framing);
    expect([status, JSON.parse(text).bytes]).toEqual([200, 4_000_000]);
  });

  test("over 10 MiB streams to an origin, unless the API is strict", async () => {
    const body = Buffer.alloc(10 * MB + 1);
    expect(JSON.parse((await post("/up", "localhost", body, framing)).text)).toMatchObject({
      bytes: body.length,
    });
    expect((await post("/up", "strict.localhost", body, framing)).status).toBe(413);
  });
});

describe("a slow body", () => {
  test("byte by byte reaches a function whole, and others are served meanwhile", async () => {
    const sent = open(gateway.port, "/size", { method: "POST", headers: { "content-length": "20" } });
    const head = headOf(sent);
    for (let i = 0; i < 20; i++) {
      sent.write("x");
      expect((await ask(gateway.port, "/echo/others")).status).toBe(200);
    }
    sent.end();
    expect(JSON.parse((await bodyOf(await head)).text)).toMatchObject({ bytes: 20 });
  });

  test("that breaks off does not call the function, and is logged as the client's doing", async () => {
    const calls = async (): Promise<number> => JSON.parse((await ask(gateway.port, "/size")).text).calls;
    const before = await calls();
    for (const framing of [{ "content-length": "20" }, { "transfer-encoding": "chunked" }]) {
      const sent = open(gateway.port, "/size", { method: "POST", headers: framing });
      sent.write("half");
      await new Promise((resolve) => sent.once("socket", (socket) => socket.once("connect", resolve)));
      expect((await ask(gateway.port, "/echo/others")).status).toBe(200);
      reset(sent);
    }
    expect(await calls()).toBe(before + 1);
    expect(gateway.complaints.join("\n")).not.toContain("gateway.bug");
  });
});
