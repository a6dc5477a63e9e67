import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, bodyOf, headOf, nextChunk, open } from "../support/client.ts";
import { api, type Gateway, startGateway } from "../support/gateway.ts";
import { Origin } from "../support/origin.ts";

let origin: Origin;
let gateway: Gateway;

beforeAll(async () => {
  origin = await Origin.start();
  const proxy = (more: object = {}) => ({ type: "http_proxy", uri: `${origin.url}/{proxy}`, ...more });
  const routes = {
    "ANY /buffered/{proxy+}": proxy({ responseTransferMode: "BUFFERED" }),
    "ANY /stream/{proxy+}": proxy({ responseTransferMode: "STREAM" }),
    "ANY /retried/{proxy+}": proxy({ retry: {}, circuit: {}, fallback: { statusCode: 500 } }),
    "ANY /raw/{proxy+}": {
      type: "http_proxy",
      uri: `${origin.rawUrl}/{proxy}`,
      responseTransferMode: "STREAM",
    },
  };
  gateway = await startGateway({
    entries: {
      ...api("default", routes),
      ...api("rest", routes, { protocol: "REST" }),
      ...api("small", routes, { minimumCompressionSize: 0 }),
    },
  });
});

afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
});

const HOSTS = ["localhost", "rest.localhost", "small.localhost"];
const headers = (host: string) => ({ host, "accept-encoding": "gzip, deflate, br" });

describe.each(["buffered", "stream", "retried"])("on a route that is %s", (mode) => {
  test.each(HOSTS)(
    "server-sent events come one by one, while the origin's response is open (%s)",
    async (host) => {
      const path = `/events/${mode}-${host}`;
      const response = await headOf(open(gateway.port, `/${mode}${path}`, { headers: headers(host) }).end());
      for (const i of [1, 2, 3]) {
        expect(await nextChunk(response)).toBe(`id: ${i}\ndata: event ${i}\n\n`);
        origin.release(path);
      }
      expect(await bodyOf(response)).toMatchObject({ text: "", complete: true });
    },
  );

  test("a client that goes away ends the origin's response", async () => {
    const path = `/events/left-${mode}`;
    const response = await headOf(open(gateway.port, `/${mode}${path}`).end());
    await nextChunk(response);
    response.destroy();
    origin.release(path);
    expect(await origin.saw("closed", path)).toMatchObject({ finished: false });
  });

  test("an origin that falls silent in mid-body keeps its client for now: what came is there", async () => {
    const path = `/slow/silent-${mode}`;
    const response = await headOf(open(gateway.port, `/${mode}${path}`).end());
    expect(await nextChunk(response)).toBe("first");
    for (let i = 0; i < 20; i++) expect((await ask(gateway.port, `/${mode}/echo`)).status).toBe(200);
    expect([response.complete, response.destroyed]).toEqual([false, false]);
    origin.release(path);
    expect(await bodyOf(response)).toMatchObject({ text: "last", complete: true });
  });
});

describe("STREAM", () => {
  test.each(["reset-after-headers", "cut-length", "cut-chunked", "reset-body"])(
    "an origin that breaks off (%s) is seen to have broken off",
    async (name) => {
      const response = await headOf(open(gateway.port, `/raw/${name}`).end());
      const body = bodyOf(response);
      origin.release(`/${name}`);
      expect((await body).complete).toBe(false);
    },
  );

  test("asks for a response that is not compressed, and passes it piece by piece, compressed for nobody", async () => {
    const echoed = await ask(gateway.port, "/stream/echo", { headers: headers("small.localhost") });
    expect(echoed.headers["content-encoding"]).toBeUndefined();
    const seen: { headers: string[] } = JSON.parse(echoed.text);
    const at = seen.headers.findIndex((name) => name.toLowerCase() === "accept-encoding");
    expect(seen.headers[at + 1]).toBe("identity");
  });

  test("a large body comes whole, status and headers too", async () => {
    const answer = await ask(gateway.port, "/stream/down?bytes=20000000");
    expect([answer.status, answer.body.length, answer.complete]).toEqual([200, 20_000_000, true]);
    expect((await ask(gateway.port, "/stream/status?code=204")).status).toBe(204);
    expect((await ask(gateway.port, "/stream/echo", { method: "HEAD" })).status).toBe(200);
  });
});
