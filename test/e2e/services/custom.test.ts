import { createServer, type ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ask, RawClient } from "../support/client.ts";
import { api, type Gateway, startGateway } from "../support/gateway.ts";
import { until } from "../support/wait.ts";

let gateway: Gateway;
let answer: (response: ServerResponse) => void;
const methods: (string | undefined)[] = [];
const origin = createServer((request, response) => {
  methods.push(request.method);
  request.resume();
  answer(response);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
  const address = origin.address();
  const uri = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/`;
  const http = (response: object, more: object = {}) => ({
    type: "http",
    uri,
    timeoutInMillis: 2_000,
    responses: { default: { statusCode: 200, ...response }, "204": { statusCode: 204 } },
    ...more,
  });
  const template = (source: string) => ({ responseTemplates: { "application/json": source } });
  const routes = {
    "OPTIONS /pets": {
      type: "mock",
      requestTemplates: { "application/json": '{"statusCode": 200}' },
      responses: {
        default: {
          statusCode: "200",
          responseParameters: { "method.response.header.Access-Control-Allow-Origin": "'*'" },
        },
      },
    },
    "ANY /read": http(template('{"n":$input.path("$").size()}')),
    "ANY /passed": http({
      responseParameters: {
        "method.response.header.Set-Cookie": "integration.response.multivalueheader.Set-Cookie",
      },
    }),
    "ANY /interim": http(template("#set($context.responseOverride.status = 100)x")),
    "POST /sent": http({}, { requestTemplates: { "application/json": "$input.body" } }),
  };
  gateway = await startGateway({ entries: api("default", routes, { protocol: "REST" }) });
});

afterAll(async () => {
  await gateway?.stop();
  origin.close();
  origin.closeAllConnections();
});

beforeEach(() => {
  answer = (response) => void response.end("[1,2]");
  methods.length = 0;
});

describe("over the wire a custom integration", () => {
  test("answers a browser's question by its mock", async () => {
    const headers = { origin: "https://shop.test", "access-control-request-method": "GET" };
    const { status, headers: got, text } = await ask(gateway.port, "/pets", { method: "OPTIONS", headers });
    expect([status, got["access-control-allow-origin"], text]).toEqual([200, "*", ""]);
  });

  test("answers HEAD without a body, and the connection goes on", async () => {
    const client = await RawClient.connect(gateway.port);
    client.send("HEAD /read HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await until("the first answer", () => client.received.endsWith("\r\n\r\n"));
    client.send("GET /read HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    await until("both answers", () => client.closed);
    expect(client.statuses).toEqual([200, 200]);
    expect(client.received.split('{"n":2}')).toHaveLength(2);
    expect(methods).toEqual(["HEAD", "GET"]);
  });

  test("answers 204 without a body, and no status that does not end a response", async () => {
    answer = (response) => void response.writeHead(204).end();
    const { status, body, headers } = await ask(gateway.port, "/passed");
    expect([status, body.length, headers["content-length"]]).toEqual([204, 0, undefined]);
    answer = (response) => void response.end("{}");
    const interim = await ask(gateway.port, "/interim");
    expect([interim.status, interim.text]).toEqual([500, '{"message": "Internal server error"}']);
  });

  test("hands on each cookie in a line of its own", async () => {
    answer = (response) => {
      response.setHeader("set-cookie", ["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2"]);
      response.end("{}");
    };
    expect((await ask(gateway.port, "/passed")).headers["set-cookie"]).toEqual([
      "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
      "b=2",
    ]);
  });

  test("reads an answer of 5 MB, compressed and in chunks too", async () => {
    const items = JSON.stringify(Array(5_000).fill("x".repeat(1_000)));
    answer = (response) => void response.end(items);
    expect((await ask(gateway.port, "/read")).text).toBe('{"n":5000}');
    answer = (response) => {
      response.setHeader("content-encoding", "gzip");
      response.end(gzipSync(items));
    };
    expect((await ask(gateway.port, "/read")).text).toBe('{"n":5000}');
    answer = (response) => {
      response.write(items.slice(0, 1_000_000));
      response.end(items.slice(1_000_000));
    };
    expect((await ask(gateway.port, "/read")).text).toBe('{"n":5000}');
  });

  test.each<[string, number, (response: ServerResponse) => void]>([
    ["breaks off", 504, (response) => void response.write("[1,", () => response.destroy())],
    ["stalls", 504, (response) => void response.write("[1,")],
    ["never ends", 500, endless],
  ])("whose origin %s in the midst of what a template reads is %i", async (_, status, answers) => {
    answer = answers;
    const got = await ask(gateway.port, "/read");
    expect([got.status, Object.keys(JSON.parse(got.text))]).toEqual([status, ["message"]]);
    expect(got.text).not.toContain("127.0.0.1");
  });

  test("R-12 says nothing of its origin in what it refuses, and none of that is a bug of the gateway's", async () => {
    const body = "x".repeat(10);
    const nowhere = await ask(gateway.port, "/nowhere", { method: "POST", body });
    expect([nowhere.status, nowhere.text]).toEqual([403, '{"message":"Missing Authentication Token"}']);
    answer = (response) => void response.destroy();
    const down = await ask(gateway.port, "/sent", { method: "POST", body });
    expect([down.status, down.text]).toEqual([
      504,
      '{"message": "Network error communicating with endpoint"}',
    ]);
    expect(gateway.complaints.join("\n")).not.toContain("gateway.bug");
  });
});

/** More than is read of any answer. */
function endless(response: ServerResponse): void {
  const chunk = Buffer.alloc(1_048_576, "1");
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once("drain", more);
  };
  more();
}
