import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, bodyOf, headOf, open } from "./support/client.ts";
import { api, type Gateway, proxyTo, startGateway } from "./support/gateway.ts";
import { Origin, valuesOf } from "./support/origin.ts";

let origin: Origin;
let gateway: Gateway;

beforeAll(async () => {
  origin = await Origin.start();
  const everything = { "ANY /{proxy+}": proxyTo(`${origin.url}/{proxy}`) };
  gateway = await startGateway({
    entries: { ...api("default", everything), ...api("rest", everything, { protocol: "REST" }) },
  });
});

afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
});

const HOSTS = [
  ["an HTTP API", "localhost"],
  ["a REST API", "rest.localhost"],
] as const;

/** What the origin got of a request. */
async function received(headers: readonly string[], method = "GET", body = "") {
  const answer = await ask(gateway.port, "/echo", { method, headers, body });
  const echo: { headers: string[]; body: string; method: string } = JSON.parse(answer.text);
  return { ...echo, values: (name: string) => valuesOf(echo.headers, name) };
}

describe("R-03 hop-by-hop headers stop here", () => {
  const HOP = {
    connection: "keep-alive, x-listed, x-forwarded-for, x-portico-hops",
    "keep-alive": "timeout=99",
    "proxy-authorization": "Basic c2VjcmV0",
    "proxy-connection": "keep-alive",
    te: "trailers",
    "x-listed": "of this hop only",
  };

  test.each(HOSTS)("requests to %s", async (_, host) => {
    const echo = await received(["host", host, "x-kept", "yes", ...Object.entries(HOP).flat()]);
    for (const name of Object.keys(HOP)) {
      if (name !== "connection") expect([name, echo.values(name)]).toEqual([name, []]);
    }
    expect(echo.values("connection").join()).not.toContain("x-listed");
    expect(echo.values("x-kept")).toEqual(["yes"]);
    // What the gateway adds cannot be taken off by listing it.
    if (host === "localhost") expect(echo.values("x-forwarded-for")).toEqual(["127.0.0.1"]);
    expect(echo.values("x-portico-hops")).toEqual(["1"]);
  });

  test.each(HOSTS)("responses of %s", async (_, host) => {
    const { headers, rawHeaders } = await ask(gateway.port, "/headers", { headers: { host } });
    for (const name of ["x-listed", "keep-alive", "proxy-authenticate"])
      expect(headers).not.toHaveProperty(name);
    expect(valuesOf(rawHeaders, "x-kept").join()).toMatch(/^one, ?two$|^one,two$/);
  });

  test("an upgrade that the client asks for does not reach an origin by way of a header", async () => {
    const echo = await received(["host", "localhost", "connection", "upgrade", "upgrade", "h2c"]);
    expect(echo.values("upgrade")).toEqual([]);
  });
});

test.each(HOSTS)("R-05 repeated Set-Cookie stay apart on %s", async (_, host) => {
  const { headers } = await ask(gateway.port, "/headers", { headers: { host } });
  expect(headers["set-cookie"]).toEqual(["a=1; Path=/", "b=2, with a comma", "c=3"]);
});

test("repeated request headers keep all their values", async () => {
  const echo = await received([
    "host",
    "localhost",
    "x-many",
    "one",
    "x-many",
    "two",
    "cookie",
    "a=1",
    "cookie",
    "b=2",
  ]);
  expect(echo.values("x-many").join(", ")).toBe("one, two");
  expect(echo.values("cookie").join("; ")).toMatch(/a=1[;,] b=2/);
});

describe("an encoded body", () => {
  test("passes undecoded on an HTTP API", async () => {
    const answer = await ask(gateway.port, "/gzip", { headers: { "accept-encoding": "gzip" } });
    expect(answer.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(answer.body).toString()).toBe("compressed by the origin");
  });

  test("passes undecoded to a client that did not ask for it, as the origin chose", async () => {
    const answer = await ask(gateway.port, "/gzip");
    expect(answer.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(answer.body).toString()).toBe("compressed by the origin");
  });

  test("comes decoded from a REST API, which drops the header", async () => {
    const answer = await ask(gateway.port, "/gzip", { headers: { host: "rest.localhost" } });
    expect(answer.headers).not.toHaveProperty("content-encoding");
    expect(answer.text).toBe("compressed by the origin");
  });

  test("the client's Accept-Encoding is what the origin sees", async () => {
    expect(
      (await received(["host", "localhost", "accept-encoding", "br;q=1, zstd"])).values("accept-encoding"),
    ).toEqual(["br;q=1, zstd"]);
    expect((await received(["host", "localhost"])).values("accept-encoding")).toEqual([]);
  });
});

test("trailers are for the hop and stop here, the body before them does not", async () => {
  const answer = await ask(gateway.port, "/trailers");
  expect(answer).toMatchObject({ status: 200, text: "a body with a trailer", complete: true, trailers: [] });
  const sent = open(gateway.port, "/echo/trailers", { method: "POST", headers: { trailer: "x-sum" } });
  const head = headOf(sent);
  sent.write("body");
  sent.addTrailers({ "x-sum": "1", authorization: "smuggled" });
  sent.end();
  const echo = JSON.parse((await bodyOf(await head)).text);
  expect(echo.body).toBe("body");
  expect(echo.headers).not.toContain("smuggled");
  expect(origin.events.filter(({ what }) => what === "trailers")).toEqual([]);
});

describe.each(HOSTS)("on %s", (_, host) => {
  test.each([200, 201, 204, 205, 304, 400, 404, 418, 500, 503, 599])(
    "status %i passes as it is",
    async (code) => {
      const answer = await ask(gateway.port, `/status?code=${code}`, { headers: { host } });
      expect(answer).toMatchObject({ status: code, text: "", complete: true });
    },
  );

  test.each([301, 302, 303, 307, 308])("a redirect (%i) is the client's to follow", async (code) => {
    const path = `/status/${host}/${code}?code=${code}&location=http://169.254.169.254/`;
    const { status, headers } = await ask(gateway.port, path, { headers: { host } });
    expect([status, headers["location"]]).toEqual([code, "http://169.254.169.254/"]);
  });

  test("HEAD is answered without a body, and the connection goes on", async () => {
    const answer = await ask(gateway.port, "/status?code=200&length=77", {
      method: "HEAD",
      headers: { host },
    });
    expect(answer).toMatchObject({ status: 200, text: "", complete: true });
    const length = host === "localhost" ? "content-length" : "x-amzn-remapped-content-length";
    expect(answer.headers[length]).toBe("77");
  });

  test.each(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])(
    "%s passes with its body",
    async (method) => {
      const body = method === "GET" ? "" : "a body";
      const length = body === "" ? [] : ["content-length", "6"];
      const echo = await received(["host", host, ...length], method, body);
      // REST APIs send none with OPTIONS (aws-semantics 6.1).
      const sent = method === "OPTIONS" && host !== "localhost" ? "" : body;
      expect([echo.method, echo.body]).toEqual([method, sent]);
    },
  );
});

test("a declared length stays one, and bytes are bytes", async () => {
  const echo = await received(["host", "localhost", "content-length", "4"], "POST", "\u0000\u00ff\r\n");
  expect(echo.values("transfer-encoding")).toEqual([]);
  expect(echo.values("content-length").length).toBeLessThanOrEqual(1);
});

test("path and query reach the origin as they were sent", async () => {
  const target = "/echo/caf%C3%A9/a%20b+c/x;y=1/~z/?q=a%20b&q=%2F&empty=&flag&u=http://x/?y#no";
  const answer = await ask(gateway.port, target.replace(/#.*/, ""));
  expect(JSON.parse(answer.text).url).toBe(target.replace(/#.*/, ""));
});
