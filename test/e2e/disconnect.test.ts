import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, bodyOf, headOf, nextChunk, open, RawClient, reset } from "./support/client.ts";
import { answerWith, api, type Gateway, proxyTo, startGateway } from "./support/gateway.ts";
import { Origin } from "./support/origin.ts";
import { until } from "./support/wait.ts";

// A client that leaves with a plain FIN looks, to the engine on a socket of its own, like one
// that has said all and waits for its answer: it is found out at the next byte written to it,
// or at the route's timeout. A reset is seen at once. (An edge platform sees both.)

let origin: Origin;
let gateway: Gateway;

beforeAll(async () => {
  origin = await Origin.start();
  const everything = { "ANY /{proxy+}": proxyTo(`${origin.url}/{proxy}`) };
  gateway = await startGateway({
    entries: {
      ...api("default", {
        "GET /ping": answerWith("pong"),
        "ANY /patient/{proxy+}": proxyTo(`${origin.url}/{proxy}`, { timeoutInMillis: 300 }),
        ...everything,
      }),
      ...api("rest", everything, { protocol: "REST" }),
      ...api("limited", everything, { limits: { bodyBytes: 1000 } }),
    },
  });
});

afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
});

test.each([
  ["an HTTP API", "localhost"],
  ["a REST API", "rest.localhost"],
])("on %s, a client that leaves before the headers ends the origin's request", async (_, host) => {
  const path = `/never/${host}`;
  const sent = open(gateway.port, path, { headers: { host } }).end();
  await origin.saw("request", path);
  reset(sent);
  expect(await origin.saw("closed", path)).toMatchObject({ finished: false });
});

test("so it does with others' requests under way on the same gateway", async () => {
  const paths = Array.from({ length: 20 }, (_, index) => `/never/crowd-${index}`);
  const sent = paths.map((path) => open(gateway.port, path).end());
  for (const request of sent) request.on("error", () => undefined);
  for (const path of paths) await origin.saw("request", path);
  for (const request of sent.slice(0, 10)) reset(request);
  for (const path of paths.slice(0, 10)) await origin.saw("closed", path);
  const closed = paths.filter((path) => origin.events.some((e) => e.what === "closed" && e.path === path));
  expect(closed).toEqual(paths.slice(0, 10));
  for (const request of sent.slice(10)) reset(request);
  for (const path of paths) await origin.saw("closed", path);
});

test("a client that leaves amid the body ends the origin's answer", async () => {
  const path = "/slow/left";
  const sent = open(gateway.port, path).end();
  expect(await nextChunk(await headOf(sent))).toBe("first");
  reset(sent);
  expect(await origin.saw("closed", path)).toMatchObject({ finished: false });
});

test("a client that leaves politely amid a body ends the origin's answer with the next bytes", async () => {
  const path = "/down/left";
  const response = await headOf(open(gateway.port, `${path}?bytes=200000000`).end());
  await nextChunk(response);
  response.destroy();
  expect(await origin.saw("closed", path)).toMatchObject({ finished: false });
});

test("a client that leaves politely before the headers ends the origin's request with the timeout", async () => {
  const path = "/never/polite";
  const sent = open(gateway.port, `/patient${path}`).end();
  sent.on("error", () => undefined);
  await origin.saw("request", path);
  sent.destroy();
  expect(await origin.saw("closed", path)).toMatchObject({ finished: false });
});

test("a client that has only finished sending gets its answer", async () => {
  const client = await RawClient.connect(gateway.port);
  client.send("GET /slow/half-closed HTTP/1.1\r\nHost: localhost\r\n\r\n");
  client.end();
  await origin.saw("request", "/slow/half-closed");
  origin.release("/slow/half-closed");
  await until("the answer is there", () => client.received.includes("last"));
  expect(client.statuses).toEqual([200]);
});

test.each([
  ["with a declared length", "localhost", { "content-length": "1000" }],
  ["chunked", "localhost", { "transfer-encoding": "chunked" }],
  ["chunked and counted", "limited.localhost", { "transfer-encoding": "chunked" }],
])("a request body that breaks off reaches the origin as broken, %s", async (name, host, framing) => {
  const path = `/up/${name.replaceAll(" ", "-")}`;
  const sent = open(gateway.port, path, { method: "POST", headers: { host, ...framing } });
  sent.on("error", () => undefined);
  sent.write("half");
  await origin.saw("chunk", path);
  // Politely: the end of the connection is the end of no body that promised more.
  sent.destroy();
  expect(await origin.saw("closed", path)).toMatchObject({ finished: false });
});

test("an origin's keep-alive connection is not handed on with another's half answer on it", async () => {
  for (let i = 0; i < 10; i++) {
    const sent = open(gateway.port, `/slow/reuse-${i}`).end();
    await nextChunk(await headOf(sent));
    reset(sent);
    const answer = await ask(gateway.port, `/echo/reuse-${i}`);
    expect(JSON.parse(answer.text)).toMatchObject({ url: `/echo/reuse-${i}` });
  }
});

test("the gateway goes on and calls none of this its own fault", async () => {
  expect((await ask(gateway.port, "/ping")).text).toBe("pong");
  expect(await bodyOf(await headOf(open(gateway.port, "/echo/after").end()))).toMatchObject({ status: 200 });
  expect(gateway.complaints.join("\n")).not.toContain("gateway.bug");
});
