import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, bodyOf, headOf, nextChunk, open } from "./support/client.ts";
import { api, type Gateway, proxyTo, startGateway } from "./support/gateway.ts";
import { Origin } from "./support/origin.ts";

const MB = 1024 * 1024;
const MUCH = 200 * MB;
/** What a body may add to the engine's memory however large it is. */
const FLAT = 64 * MB;

/** A Workers module that hands its request's body back as it comes. */
const STREAM = "export default { fetch: (request: Request) => new Response(request.body) };";

let origin: Origin;
let gateway: Gateway;

beforeAll(async () => {
  origin = await Origin.start();
  gateway = await startGateway({
    entries: api("default", {
      "POST /module": { type: "aws_proxy", uri: "stream" },
      "ANY /{proxy+}": proxyTo(`${origin.url}/{proxy}`),
    }),
    routes: { "stream.ts": STREAM },
  });
});

afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
});

/** The engine's peak of memory so far, in bytes. */
function peak(): number {
  const status = readFileSync(`/proc/${gateway.enginePid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

const measurable = existsSync("/proc/self/status");

test.runIf(measurable)("a body of 200 MB comes down with flat memory", async () => {
  await ask(gateway.port, "/down?bytes=1000000");
  const before = peak();
  const response = await headOf(open(gateway.port, `/down?bytes=${MUCH}`).end());
  expect(response.headers["content-length"]).toBe(String(MUCH));
  let bytes = 0;
  for await (const chunk of response) bytes += (chunk as Buffer).length;
  expect(bytes).toBe(MUCH);
  expect(peak() - before).toBeLessThan(FLAT);
});

test.runIf(measurable)(
  "a client that reads slowly holds the origin up, and the memory stays flat",
  async () => {
    const before = peak();
    const response = await headOf(open(gateway.port, `/down/slow-reader?bytes=${MUCH}`).end());
    await nextChunk(response);
    // Others are served while this one's body waits.
    for (let i = 0; i < 50; i++) expect((await ask(gateway.port, "/echo")).status).toBe(200);
    expect(peak() - before).toBeLessThan(FLAT);
    response.destroy();
  },
);

test.runIf(measurable).each([
  ["with a declared length", { "content-length": String(MUCH) }, String(MUCH)],
  ["chunked", { "transfer-encoding": "chunked" }, null],
])("a body of 200 MB goes up with flat memory, %s", async (_, headers, length) => {
  const before = peak();
  const sent = open(gateway.port, "/up", { method: "POST", headers });
  const head = headOf(sent);
  const chunk = Buffer.alloc(MB, "x");
  for (let i = 0; i < MUCH / MB; i++) {
    if (!sent.write(chunk)) await new Promise((resolve) => sent.once("drain", resolve));
  }
  sent.end();
  const { status, text } = await bodyOf(await head);
  expect(status).toBe(200);
  expect(JSON.parse(text)).toEqual({ bytes: MUCH, length });
  expect(peak() - before).toBeLessThan(FLAT);
});

test("the first bytes reach the client before the origin has sent its last", async () => {
  const response = await headOf(open(gateway.port, "/slow/down").end());
  expect(await nextChunk(response)).toBe("first");
  origin.release("/slow/down");
  expect(await bodyOf(response)).toMatchObject({ text: "last", complete: true });
});

test("the origin gets the first bytes before the client has sent its last", async () => {
  const sent = open(gateway.port, "/echo/up", {
    method: "POST",
    headers: { "transfer-encoding": "chunked" },
  });
  const head = headOf(sent);
  sent.write("first ");
  expect(await origin.saw("chunk", "/echo/up")).toMatchObject({ bytes: 6 });
  sent.end("last");
  expect(JSON.parse((await bodyOf(await head)).text)).toMatchObject({ body: "first last" });
});

test("server-sent events pass one by one", async () => {
  const response = await headOf(open(gateway.port, "/events/live").end());
  expect(response.headers["content-type"]).toBe("text/event-stream");
  for (const i of [1, 2, 3]) {
    expect(await nextChunk(response)).toBe(`id: ${i}\ndata: event ${i}\n\n`);
    origin.release("/events/live");
  }
  expect(await bodyOf(response)).toMatchObject({ text: "", complete: true });
});

test("a Workers module streams both ways", async () => {
  const sent = open(gateway.port, "/module", { method: "POST", headers: { "transfer-encoding": "chunked" } });
  const head = headOf(sent);
  sent.write("one");
  const response = await head;
  expect(await nextChunk(response)).toBe("one");
  sent.end("two");
  expect(await bodyOf(response)).toMatchObject({ text: "two", complete: true });
});
