import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, ask, bodyOf, headOf, open } from "./support/client.ts";
import { answerWith, api, type Gateway, proxyTo, startGateway } from "./support/gateway.ts";
import { Origin } from "./support/origin.ts";

let origin: Origin;
let gateway: Gateway;

beforeAll(async () => {
  origin = await Origin.start();
  const routes = {
    "GET /ping": answerWith("pong"),
    "GET /raw/{proxy+}": proxyTo(`${origin.rawUrl}/{proxy}`, { timeoutInMillis: 2000 }),
    "GET /short/{proxy+}": proxyTo(`${origin.rawUrl}/{proxy}`, { timeoutInMillis: 200 }),
    "GET /refused": proxyTo(origin.refusedUrl),
    "GET /unknown": proxyTo("http://no-such-host.invalid/"),
  };
  gateway = await startGateway({
    entries: { ...api("default", routes), ...api("rest", routes, { protocol: "REST" }) },
  });
});

afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
});

/** The answers of aws-semantics 15: HTTP APIs know one, REST APIs tell three apart. */
const HTTP_ANSWER = [503, '{"message":"Service Unavailable"}'];
const NETWORK = [504, '{"message": "Network error communicating with endpoint"}'];
const TIMEOUT = [504, '{"message": "Endpoint request timed out"}'];
const UNREACHABLE = [500, '{"message": "Internal server error"}'];

const on = (host: string, path: string): Promise<Answer> => ask(gateway.port, path, { headers: { host } });

/** Others' requests are answered as ever, and no failure is one of the gateway's own. */
async function others(): Promise<void> {
  expect((await ask(gateway.port, "/ping")).text).toBe("pong");
  expect(gateway.complaints.join("\n")).not.toContain("gateway.bug");
}

describe("an origin that gives no answer", () => {
  test.each([
    ["refuses the connection", "/refused", "integration.network", NETWORK],
    ["is an unknown host", "/unknown", "integration.unreachable", UNREACHABLE],
    ["resets before its headers", "/raw/reset-before-headers", "integration.network", NETWORK],
    ["closes before its headers", "/raw/close-before-headers", "integration.network", NETWORK],
    ["closes amid its headers", "/raw/close-in-headers", "integration.network", NETWORK],
    ["sends a header of 512 kB", "/raw/huge-headers", "integration.network", NETWORK],
    ["sends 50,000 headers", "/raw/many-headers", "integration.network", NETWORK],
    ["speaks another protocol", "/raw/no-http", "integration.network", NETWORK],
    ["speaks TLS without being asked", "/raw/binary", "integration.network", NETWORK],
    ["sends a status that is no number", "/raw/no-status", "integration.network", NETWORK],
    ["sends the status 999", "/raw/odd-status", "integration.network", NETWORK],
    ["switches protocols without being asked", "/raw/switches", "integration.network", NETWORK],
    ["declares two lengths", "/raw/two-lengths", "integration.network", NETWORK],
    ["stalls before its headers", "/short/stall", "integration.timeout", TIMEOUT],
    ["stalls amid its headers", "/short/stall-in-headers", "integration.timeout", TIMEOUT],
  ])("because it %s", async (_, path, reason, rest) => {
    for (const [host, expected] of [
      ["localhost", HTTP_ANSWER],
      ["rest.localhost", rest],
    ] as const) {
      const { status, text, headers } = await on(host, path);
      expect([status, text]).toEqual(expected);
      if (host === "rest.localhost") {
        expect(headers["x-amzn-errortype"]).toBe("InternalServerErrorException");
      }
    }
    const lines = await gateway.logged(path, 2);
    expect(lines.map((line) => line.reason)).toEqual([reason, reason]);
    expect(lines[0]?.detail).toMatch(/^the (?:origin|integration) .*\/\S+/);
    await others();
  });
});

describe("R-12 the client is not told where the origin is", () => {
  test("neither in the body nor in a header but the developers' reason", async () => {
    const { text, rawHeaders } = await on("localhost", "/refused");
    const { port } = new URL(origin.refusedUrl);
    const shown = rawHeaders.filter(
      (_value, index) => index % 2 === 1 && rawHeaders[index - 1] !== "x-portico-reason",
    );
    expect([text, ...shown].join("\n")).not.toContain(port);
  });
});

describe("an origin that breaks off its answer is seen to have broken off", () => {
  test.each([
    ["a reset after the headers", "reset-after-headers", ""],
    ["a body shorter than its length", "cut-length", "0123456789"],
    ["a chunked body without its end", "cut-chunked", "0123456789"],
    ["a reset amid a body", "reset-body", "0123456789"],
  ])("%s", async (_, name, begun) => {
    for (const host of ["localhost", "rest.localhost"]) {
      const response = await headOf(open(gateway.port, `/raw/${name}`, { headers: { host } }).end());
      expect(response.statusCode).toBe(200);
      const body = bodyOf(response);
      origin.release(`/${name}`);
      const { complete, text } = await body;
      expect(complete).toBe(false);
      expect(begun.startsWith(text)).toBe(true);
      await others();
    }
  });
});

describe("an origin that is only odd", () => {
  test.each([
    ["sends byte by byte", "byte-by-byte", "0123456789"],
    ["sends 100 Continue first", "continue-first", "final"],
    ["sends 103 Early Hints first", "hints-first", "final"],
    ["sends more than its length, which nobody sees", "length-too-short", "01234"],
    ["sends another response behind its own, which nobody sees", "trailing-bytes", "01234"],
  ])("%s", async (_, name, text) => {
    for (const host of ["localhost", "rest.localhost"]) {
      const answer = await on(host, `/raw/${name}`);
      expect([answer.status, answer.text, answer.complete]).toEqual([200, text, true]);
      expect(JSON.stringify(answer.rawHeaders)).not.toContain("smuggled");
      await others();
    }
  });

  test("R-04 nor is what it sent too much taken for the next answer", async () => {
    for (let i = 0; i < 10; i++) {
      expect((await on("localhost", "/raw/length-too-short")).text).toBe("01234");
      expect((await on("localhost", "/raw/continue-first")).text).toBe("final");
    }
  });

  test("R-16 redirects to itself: the client gets one redirect, the origin one request", async () => {
    const before = origin.requests("/loop").length;
    const { status, headers } = await on("localhost", "/raw/loop");
    expect([status, headers["location"]]).toEqual([302, "/loop"]);
    expect(origin.requests("/loop").length).toBe(before + 1);
  });
});

test("while forty requests wait for a stalled origin, others are served", async () => {
  const stalled = Array.from({ length: 40 }, () => on("localhost", "/short/stall"));
  for (let i = 0; i < 40; i++) await others();
  for (const { status } of await Promise.all(stalled)) expect(status).toBe(503);
});

test("a timeout ends the origin's request", async () => {
  const closed = () =>
    origin.events.filter((event) => event.what === "closed" && event.path === "/stall").length;
  const requests = () => origin.requests("/stall").length;
  await on("localhost", "/short/stall");
  await expect.poll(() => requests() - closed()).toBe(0);
});
