import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, RawClient } from "./support/client.ts";
import { api, type Gateway, proxyTo, startGateway } from "./support/gateway.ts";
import { Origin, valuesOf } from "./support/origin.ts";
import { until } from "./support/wait.ts";

// The engine's socket for developers lets a header say who is calling and CONNECT open the
// engine's own RPC; the launcher takes both out (cli/engine/harden.ts).

const WHO = `export const handler = async ({ requestContext }: any) => ({
  statusCode: 200, body: requestContext.http?.sourceIp ?? requestContext.identity.sourceIp,
});`;
const CF = `export default { fetch: (request: Request) =>
  Response.json({ cf: request.cf ?? null, forwarded: request.headers.get("x-forwarded-for") }) };`;

let origin: Origin;
let gateway: Gateway;

beforeAll(async () => {
  origin = await Origin.start();
  gateway = await startGateway({
    routes: { "who.ts": WHO, "cf.ts": CF },
    entries: api("default", {
      "GET /two": { type: "aws_proxy", uri: "who", payloadFormatVersion: "2.0" },
      "GET /one": { type: "aws_proxy", uri: "who", payloadFormatVersion: "1.0" },
      "GET /module": { type: "aws_proxy", uri: "cf" },
      "GET /origin": proxyTo(`${origin.url}/echo/origin`),
    }),
  });
});

afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
});

const CLAIMS: readonly (readonly [string, string])[] = [
  ["MF-CF-Blob", '{"clientIp":"9.9.9.9"}'],
  ["MF-CF-Blob", '{"clientIp":"9.9.9.9:1","colo":"XXX","tlsClientAuth":{"certVerified":"SUCCESS"}}'],
  ["MF-CF-Blob", "not json"],
  ["CF-Connecting-IP", "9.9.9.9"],
  ["CF-Connecting-IPv6", "9::9"],
  ["X-Forwarded-For", "9.9.9.9"],
  ["X-Forwarded-For", "9.9.9.9, 8.8.8.8, 7.7.7.7, 10.0.0.1, 127.0.0.1"],
  ["X-Forwarded_For", "9.9.9.9"],
  ["X-Real-IP", "9.9.9.9"],
  ["True-Client-IP", "9.9.9.9"],
  ["Forwarded", 'for="9.9.9.9"'],
  ["X-Client-IP", "9.9.9.9"],
];

describe("R-07 the source address is the connection's, whatever a header claims", () => {
  test.each(CLAIMS)("%s: %s", async (name, value) => {
    const headers = { [name]: value };
    expect((await ask(gateway.port, "/two", { headers })).text).toBe("127.0.0.1");
    expect((await ask(gateway.port, "/one", { headers })).text).toBe("127.0.0.1");
    const module = await ask(gateway.port, "/module", { headers });
    expect(JSON.parse(module.text)).toMatchObject({ forwarded: "127.0.0.1" });
    expect(module.text).not.toContain("9.9.9.9");
    const echo: { headers: string[] } = JSON.parse((await ask(gateway.port, "/origin", { headers })).text);
    expect(valuesOf(echo.headers, "x-forwarded-for")).toEqual(["127.0.0.1"]);
    expect(valuesOf(echo.headers, "forwarded").join()).toMatch(/^for=127\.0\.0\.1;host=/);
    // The developers' header means nothing here, so it may pass like any unknown one.
    if (!name.startsWith("MF-")) expect(JSON.stringify(echo.headers)).not.toContain("9.9.9.9");
  });

  test("nor does the log believe one", async () => {
    const lines = await gateway.logged("/two", CLAIMS.length);
    expect(new Set(lines.map(({ sourceIp }) => sourceIp))).toEqual(new Set(["127.0.0.1"]));
  });

  test.each([
    ["MF-Original-URL", "http://localhost/two"],
    ["MF-Route-Override", "core:entry"],
    ["MF-Custom-Fetch-Service", "x"],
    ["X-Original-URL", "/two"],
    ["X-Rewrite-URL", "/two"],
    ["X-HTTP-Method-Override", "POST"],
    ["CF-Worker", "x"],
  ])("R-02 %s does not choose another path", async (name, value) => {
    const { status } = await ask(gateway.port, "/nothing", { headers: { [name]: value } });
    expect(status).toBe(404);
    expect((await ask(gateway.port, "/two", { headers: { [name]: value } })).status).toBe(200);
  });
});

describe("R-07 the engine's own RPC is not open to clients", () => {
  test.each([
    "miniflare-unsafe-internal-capnp-connect",
    "miniflare-unsafe-internal-capnp-connect:80",
    "localhost:80",
    "127.0.0.1:22",
  ])("CONNECT %s is refused", async (target) => {
    const client = await RawClient.connect(gateway.port);
    client.send(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
    await until("it is refused", () => client.closed || client.statuses.length > 0);
    client.send(Buffer.alloc(64));
    await until("the connection is closed", () => client.closed);
    expect(client.statuses).toHaveLength(1);
    expect(client.statuses[0]).toBeGreaterThanOrEqual(400);
    expect((await ask(gateway.port, "/two")).status).toBe(200);
  });
});
