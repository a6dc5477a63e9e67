import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, RawClient } from "./support/client.ts";
import { api, type Gateway, proxyTo, startGateway } from "./support/gateway.ts";
import { Origin, valuesOf } from "./support/origin.ts";
import { pause, until } from "./support/wait.ts";

let origin: Origin;
let gateway: Gateway;

beforeAll(async () => {
  origin = await Origin.start();
  // Nothing here leads to the origin's /smuggled: it can get there by smuggling only.
  gateway = await startGateway({
    entries: api("default", {
      "ANY /echo/{proxy+}": proxyTo(`${origin.url}/echo/{proxy}`),
      "GET /after": proxyTo(`${origin.url}/echo/after`),
    }),
  });
});

afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
});

const HIDDEN = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
const CHUNKED = "Transfer-Encoding: chunked";
/** A chunked body's end, and behind it what must not become a request. */
const END = `0\r\n\r\n${HIDDEN}`;

let count = 0;

/** Sends a request byte for byte and says what came of it. */
async function attack(headers: string, body: string, method = "POST", version = "HTTP/1.1") {
  const path = `/echo/${++count}`;
  const client = await RawClient.connect(gateway.port);
  client.send(`${method} ${path} ${version}\r\nHost: localhost\r\n${headers}\r\n\r\n${body}`);
  await until("there is an answer", () => client.closed || client.statuses.some((status) => status >= 200));
  // On the same connection to the origin, should there be one left that thinks of a second request.
  expect((await ask(gateway.port, "/after")).status).toBe(200);
  await pause(20);
  client.reset();
  expect(origin.requests("/smuggled")).toEqual([]);
  const requests = origin.requests(path);
  expect(requests.length).toBeLessThanOrEqual(1);
  return { statuses: client.statuses, closed: client.closed, received: client.received, requests };
}

describe("R-04 refused before anything is forwarded", () => {
  test.each([
    ["two lengths", `Content-Length: 5\r\nContent-Length: ${5 + HIDDEN.length}`, `hello${HIDDEN}`],
    ["a list of lengths", "Content-Length: 5, 5", "hello"],
    ["a length with a sign", "Content-Length: +5", `hello${HIDDEN}`],
    ["a negative length", "Content-Length: -5", `hello${HIDDEN}`],
    ["a hexadecimal length", "Content-Length: 0x5", `hello${HIDDEN}`],
    ["a length beyond all numbers", "Content-Length: 99999999999999999999999", "hello"],
    ["a space before a length's colon", "Content-Length : 5", `hello${HIDDEN}`],
    ["a folded Transfer-Encoding", "Transfer-Encoding:\r\n chunked", END],
    ["a folded header", "X-A: a\r\n b\r\nContent-Length: 0", ""],
    ["an unknown transfer coding", "Transfer-Encoding: xchunked", END],
    ["chunked that is not the last coding", "Transfer-Encoding: chunked, identity", END],
    ["two Transfer-Encodings", `${CHUNKED}\r\nTransfer-Encoding: identity`, END],
    [
      "a vertical tab before chunked",
      "Transfer-Encoding: \u000bchunked\r\nContent-Length: 5",
      `hello${HIDDEN}`,
    ],
    ["a space before Transfer-Encoding's colon", "Transfer-Encoding : chunked\r\nContent-Length: 5", END],
    ["a bare CR in a header", `X-A: a\r${CHUNKED}\r\nContent-Length: 5`, "hello"],
    ["a NUL in a header", "X-A: a\u0000b\r\nContent-Length: 5", "hello"],
    ["a header without a colon", "X-A\r\nContent-Length: 0", ""],
    ["a header without a name", ": a\r\nContent-Length: 0", ""],
  ])("%s", async (_, headers, body) => {
    const { statuses, closed, requests } = await attack(headers, body);
    expect(statuses).toEqual([400]);
    expect(closed).toBe(true);
    expect(requests).toEqual([]);
  });

  test("a chunked body from an HTTP/1.0 client", async () => {
    const { statuses, requests } = await attack(CHUNKED, END, "POST", "HTTP/1.0");
    expect([statuses, requests]).toEqual([[400], []]);
  });

  test.each([
    ["no Host", "GET /echo/h HTTP/1.1\r\n\r\n"],
    ["two Hosts", "GET /echo/h HTTP/1.1\r\nHost: localhost\r\nHost: other\r\n\r\n"],
    ["a path in the Host", "GET /echo/h HTTP/1.1\r\nHost: localhost/echo/other?\r\n\r\n"],
    ["a fragment in the Host", "GET /echo/h HTTP/1.1\r\nHost: localhost#\r\n\r\n"],
    ["a user in the Host", "GET /echo/h HTTP/1.1\r\nHost: a@localhost\r\n\r\n"],
    ["a space in the target", "GET /echo/h h HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["a target that starts with @", "GET @localhost/echo/h HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["no version", "GET /echo/h\r\n\r\n"],
    [
      "the gateway's own path in the Host",
      "GET /echo/h HTTP/1.1\r\nHost: localhost/_portico/health?\r\n\r\n",
    ],
  ])("R-01 a request line with %s", async (_, text) => {
    const client = await RawClient.connect(gateway.port);
    client.send(text);
    await until("there is an answer", () => client.statuses.length > 0);
    client.reset();
    expect(client.statuses).toEqual([400]);
    expect(origin.requests("/echo/h")).toEqual([]);
    expect(origin.requests("/echo/other")).toEqual([]);
  });
});

describe("R-04 forwarded once, with a framing of its own", () => {
  test.each([
    ["a length beside chunked, which wins", `Content-Length: ${END.length}\r\n${CHUNKED}`, END, ""],
    ["twice the same length", "Content-Length: 5\r\nContent-Length: 5", "hello", "hello"],
    ["chunked in capitals", "Transfer-Encoding: CHUNKED", "5\r\nhello\r\n0\r\n\r\n", "hello"],
    [
      "Transfer_Encoding, which is another header",
      "Transfer_Encoding: chunked\r\nContent-Length: 5",
      "hello",
      "hello",
    ],
    ["chunk extensions", CHUNKED, "5;a=b\r\nhello\r\n0\r\n\r\n", "hello"],
    ["leading zeros of a chunk's size", CHUNKED, "000000000005\r\nhello\r\n0\r\n\r\n", "hello"],
    ["trailers that name a framing", CHUNKED, "5\r\nhello\r\n0\r\nContent-Length: 99\r\n\r\n", "hello"],
  ])("%s", async (_, headers, body, seen) => {
    const { statuses, received, requests } = await attack(headers, body);
    expect(statuses).toEqual([200]);
    expect(requests).toHaveLength(1);
    const sent = requests[0]?.headers ?? [];
    const framing = [...valuesOf(sent, "content-length"), ...valuesOf(sent, "transfer-encoding")];
    expect(framing).toHaveLength(1);
    expect(JSON.parse(received.slice(received.indexOf("{"), received.lastIndexOf("}") + 1)).body).toBe(seen);
  });

  test.each([
    ["GET with a body", "GET", `Content-Length: ${HIDDEN.length}`, HIDDEN],
    ["GET with a chunked body", "GET", CHUNKED, `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`],
    ["HEAD with a body", "HEAD", `Content-Length: ${HIDDEN.length}`, HIDDEN],
    [
      "an upgrade with a body",
      "GET",
      `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nContent-Length: ${HIDDEN.length}`,
      HIDDEN,
    ],
    [
      "an upgrade to h2c with a body",
      "POST",
      `Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: ${HIDDEN.length}`,
      HIDDEN,
    ],
    ["Expect: 100-continue", "POST", "Content-Length: 5\r\nExpect: 100-continue", "hello"],
  ])("%s", async (_, method, headers, body) => {
    const { statuses, requests } = await attack(headers, body, method);
    expect(statuses.filter((status) => status !== 100)).toEqual([200]);
    expect(requests.map((request) => request.method)).toEqual([method]);
    expect(valuesOf(requests[0]?.headers ?? [], "upgrade")).toEqual([]);
  });
});

describe("R-04 a chunked body that is malformed never ends as a whole one", () => {
  test.each([
    [
      "chunked beside a length that cuts it",
      `${CHUNKED}\r\nContent-Length: 4`,
      `2c\r\n${HIDDEN}\r\n0\r\n\r\n`,
    ],
    ["bare LF", CHUNKED, "5\nhello\n0\n\n"],
    ["LF in an extension", CHUNKED, `5;a=\nb\r\nhello\r\n${END}`],
    ["a negative size", CHUNKED, `-5\r\nhello\r\n${END}`],
    ["0x before a size", CHUNKED, `0x5\r\nhello\r\n${END}`],
    ["a size beyond 64 bits", CHUNKED, `10000000000000005\r\nhello\r\n${END}`],
    ["no line end behind a chunk", CHUNKED, `5\r\nhelloXX${END}`],
  ])("%s", async (_, headers, body) => {
    const { statuses, closed, requests } = await attack(headers, body);
    expect(statuses.every((status) => status === 400 || status === 503)).toBe(true);
    expect(closed).toBe(true);
    const [request] = requests;
    if (request) expect(await origin.saw("closed", request.path)).toMatchObject({ finished: false });
  });
});

test("R-04 requests in one packet are two, each answered in its turn", async () => {
  const client = await RawClient.connect(gateway.port);
  client.send(["one", "two"].map((name) => `GET /echo/${name} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join(""));
  await until("both are answered", () => client.statuses.length === 2);
  client.reset();
  expect(client.received.indexOf('"/echo/one"')).toBeLessThan(client.received.indexOf('"/echo/two"'));
  expect([origin.requests("/echo/one").length, origin.requests("/echo/two").length]).toEqual([1, 1]);
});

test("an HTTP/2 preface is no request", async () => {
  const client = await RawClient.connect(gateway.port);
  client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  await until("it is over", () => client.closed);
  expect(client.statuses.filter((status) => status < 400)).toEqual([]);
});
