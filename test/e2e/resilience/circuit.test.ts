import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, open } from "../support/client.ts";
import { api, type Gateway, startGateway } from "../support/gateway.ts";
import { pause } from "../support/wait.ts";
import { inTurn, reset, ScriptedOrigin, status } from "./origin.ts";

let origins: readonly ScriptedOrigin[];
let gateway: Gateway;

const circuit = { failures: 3, openInMillis: 3000 };
const entries = (more: object = {}) =>
  api("default", {
    "ANY /one/{proxy+}": { type: "http_proxy", uri: `${origins[0]?.url}/{proxy}`, circuit, ...more },
    "GET /two/{proxy+}": {
      type: "http_proxy",
      origins: origins.slice(1).map(({ url }) => ({ uri: `${url}/{proxy}` })),
      circuit,
      retry: { backoffInMillis: 0 },
    },
  });

beforeAll(async () => {
  origins = await Promise.all([1, 2, 3].map(() => ScriptedOrigin.start()));
  gateway = await startGateway({ entries: entries() });
});

afterAll(async () => {
  await gateway?.stop();
  await Promise.all((origins ?? []).map((origin) => origin.stop()));
});

const reasons = async (path: string, count: number) =>
  (await gateway.logged(path, count)).map(({ reason }) => reason);

describe("a circuit", () => {
  test("R-26 stays closed whatever clients do to their uploads", async () => {
    for (let i = 0; i < 6; i++) {
      const sent = open(gateway.port, "/one/upload", {
        method: "POST",
        headers: { "content-length": "1000000" },
      });
      sent.on("error", () => undefined);
      sent.write("x".repeat(1000));
      await origins[0]?.request("/upload", i);
      sent.destroy();
    }
    for (let i = 0; i < 6; i++) {
      const sent = open(gateway.port, "/one/upload", {
        method: "POST",
        headers: { "transfer-encoding": "chunked" },
      });
      sent.on("error", () => undefined);
      sent.write("x");
      await origins[0]?.request("/upload", 6 + i);
      sent.socket?.write("no chunk\r\n");
      await new Promise((resolve) => sent.once("close", resolve));
    }
    expect((await ask(gateway.port, "/one/well")).status).toBe(200);
  });

  test("opens, refuses at once, lets one probe through, and closes", async () => {
    const [origin] = origins;
    origin?.on("/ill", inTurn(reset, status(503), reset, reset, status(200)));
    for (let i = 0; i < 3; i++) expect((await ask(gateway.port, "/one/ill")).status).toBe(503);
    const refused = await Promise.all(Array.from({ length: 10 }, () => ask(gateway.port, "/one/ill")));
    expect(refused.map((answer) => answer.status)).toEqual(Array(10).fill(503));
    expect(refused[0]?.headers["retry-after"]).toMatch(/^[123]$/);
    expect(refused[0]?.text).toBe('{"message":"Service Unavailable"}');
    expect(origin?.requests("/ill").length).toBe(3);
    expect((await reasons("/one/ill", 13)).slice(3)).toEqual(Array(10).fill("integration.circuit_open"));

    // A configuration that changes meanwhile changes nothing.
    for (const [key, value] of Object.entries(entries({ timeoutInMillis: 5000 })))
      await gateway.put(key, value);
    await pause(3200);
    const probes = await Promise.all(Array.from({ length: 5 }, () => ask(gateway.port, "/one/ill")));
    expect(probes.map((answer) => answer.status)).toEqual(Array(5).fill(503));
    expect(origin?.requests("/ill").length).toBe(4);
    expect((await ask(gateway.port, "/one/well")).status).toBe(503);

    await pause(3200);
    expect((await ask(gateway.port, "/one/ill")).status).toBe(200);
    for (let i = 0; i < 5; i++) expect((await ask(gateway.port, "/one/well")).status).toBe(200);
  });

  test("of one of two origins is unknown to the clients", async () => {
    const [, ill, well] = origins;
    ill?.on("/x", reset);
    for (let i = 0; i < 30; i++) expect((await ask(gateway.port, "/two/x")).status).toBe(200);
    expect(well?.requests("/x").length).toBe(30);
    // Three failures opened it; the machine may have been slow enough for a probe or two.
    expect(ill?.requests("/x").length).toBeLessThan(8);
  });
});
