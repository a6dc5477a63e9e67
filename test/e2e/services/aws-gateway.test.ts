import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import frames from "../../integrations/aws/event-stream.json" with { type: "json" };
import { type Answer, type Ask, headOf, nextChunk, open, reset, ask as send } from "../support/client.ts";
import { api, type Gateway, startGateway } from "../support/gateway.ts";
import { until } from "../support/wait.ts";
import { FUNCTIONS, ROUTES } from "./aws-routes.ts";
import { AwsServer } from "./aws-server.ts";

const CREDENTIALS = {
  accessKeyId: "AKIACANARY5D0C",
  secretAccessKey: "canary-secret-5d0c/+=",
  sessionToken: "canary-token-5d0c/+=",
};
const SECRETS = [CREDENTIALS.secretAccessKey, CREDENTIALS.sessionToken, CREDENTIALS.accessKeyId];

const aws = new AwsServer(CREDENTIALS);
let gateway: Gateway;
const answers: Answer[] = [];

/** Where nobody listens: the port of a server that is gone. */
const closedPort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });

beforeAll(async () => {
  await aws.start();
  gateway = await startGateway({
    routes: FUNCTIONS,
    entries: {
      ...api("default", ROUTES),
      ...api("rest", ROUTES, { protocol: "REST" }),
      ...api("small", ROUTES, { limits: { bodyBytes: 1_000 } }),
    },
    devVars: [
      `AWS_ACCESS_KEY_ID=${CREDENTIALS.accessKeyId}`,
      `AWS_SECRET_ACCESS_KEY="${CREDENTIALS.secretAccessKey}"`,
      `AWS_SESSION_TOKEN="${CREDENTIALS.sessionToken}"`,
      "AWS_REGION=eu-west-1",
      `AWS_ENDPOINT_URL=${aws.url}`,
      `AWS_ENDPOINT_URL_KINESIS=http://127.0.0.1:${await closedPort()}`,
      "GREETING=hello",
    ].join("\n"),
  });
});

afterAll(async () => {
  await gateway?.stop();
  aws.stop();
});

beforeEach(() => {
  aws.received.length = 0;
  aws.answer = (response) => void response.end("{}");
});

async function ask(path: string, options: Ask = {}, host = "localhost"): Promise<Answer> {
  const answer = await send(gateway.port, path, {
    ...options,
    headers: { host, ...Object(options.headers) },
  });
  answers.push(answer);
  return answer;
}

const post = (path: string, body = "{}", host = "localhost") => ask(path, { method: "POST", body }, host);
const bytesOf = (...names: readonly Exclude<keyof typeof frames, "$comment">[]): Buffer =>
  Buffer.concat(names.map((name) => Buffer.from(frames[name], "base64")));

describe("with the credentials of .dev.vars", () => {
  test.each<[string, string, Ask, string, string]>([
    ["sqs", "/jobs", { method: "POST", body: '{"ü":1}' }, "POST /", '"MessageBody":"{\\"ü\\":1}"'],
    [
      "appconfig",
      "/settings",
      {},
      "GET /applications/shop/environments/prod/configurations/settings?client_id=127.0.0.1",
      "",
    ],
    ["dynamodb", "/items/a%22b%C3%BC", {}, "POST /", '{"id":{"S":"a\\"b\\u00FC"}}'],
    ["sns", "/notices", { method: "POST", body: "a b&c=d" }, "POST /", "Message=a%20b%26c%3Dd"],
    ["s3", "/files/a%20b/%C3%BC+'.txt", {}, "GET /bucket/a%20b/%C3%BC%2B%27.txt", ""],
    ["s3", "/files/k", { method: "PUT", body: "hello" }, "PUT /bucket/k", "hello"],
    ["s3", "/files/k", { method: "DELETE" }, "DELETE /bucket/k", ""],
    [
      "lambda",
      "/orders/7",
      { method: "POST", body: "{}" },
      "POST /2015-03-31/functions/",
      '"routeKey":"POST /orders/{id}"',
    ],
    ["lambda", "/told", { method: "POST", body: '{"a":1}' }, "POST /2015-03-31/functions/", '{"a":1}'],
  ])("%s gets what %s %j means, signed", async (name, path, options, start, part) => {
    await ask(path, options);
    expect(aws.received).toHaveLength(1);
    const { method, target, headers, body } = await aws.expectSigned(aws.received[0], name);
    expect(`${method} ${target}`.startsWith(start)).toBe(true);
    expect(body.toString()).toContain(part);
    expect(headers["x-amz-security-token"]).toBe(CREDENTIALS.sessionToken);
  });

  test("an object of 12 MB goes to S3 and comes from there whole, a part of it as a part", async () => {
    const bytes = Buffer.alloc(12 * 1024 * 1024, "0123456789abcdef");
    const stored = await ask("/files/big", { method: "PUT", body: bytes });
    expect(stored.status).toBe(200);
    expect(aws.received[0]?.body.equals(bytes)).toBe(true);
    aws.answer = (response) => void response.end(bytes);
    const fetched = await ask("/files/big");
    expect([fetched.status, fetched.complete, fetched.body.equals(bytes)]).toEqual([200, true, true]);
    aws.answer = (response, { headers }) => {
      expect(headers["range"]).toBe("bytes=0-3");
      response.writeHead(206, { "content-range": "bytes 0-3/16" }).end("0123");
    };
    const part = await ask("/files/big", { headers: { range: "bytes=0-3" } });
    expect([part.status, part.text]).toEqual([206, "0123"]);
  });

  test("HEAD of an object has its headers and no body", async () => {
    const { status, text, complete } = await ask("/files/k", { method: "HEAD" });
    expect([status, text, complete, aws.received[0]?.method]).toEqual([200, "", true, "HEAD"]);
  });

  test("a function of an account answers, and its cookies are its own lines", async () => {
    aws.answer = (response) =>
      void response.end(JSON.stringify({ statusCode: 201, cookies: ["a=1", "b=2"], body: "made" }));
    const { status, text, headers } = await post("/orders/7");
    expect([status, text, headers["set-cookie"]]).toEqual([201, "made", ["a=1", "b=2"]]);
  });

  test("a function that streams is read as it writes, and left when its client leaves", async () => {
    let left = false;
    aws.answer = (response) => {
      response.on("close", () => (left = !response.writableFinished));
      response.write(bytesOf("metadataAndBody"));
    };
    const sent = open(gateway.port, "/stream", { headers: { host: "localhost" } }).end();
    const response = await headOf(sent);
    expect([response.statusCode, await nextChunk(response)]).toEqual([200, "first "]);
    reset(sent);
    await until("the function is left", () => left);
  });

  test("a function that fails while it streams has its response break off", async () => {
    aws.answer = (response) => void response.end(bytesOf("metadataAndBody", "hello", "failed"));
    const { status, complete } = await ask("/stream");
    expect([status, complete]).toEqual([200, false]);
  });
});

describe("what goes wrong", () => {
  test.each([
    ["localhost", 503, "Service Unavailable"],
    ["rest.localhost", 504, "Network error communicating with endpoint"],
  ])("on %s a service that is down is %i", async (host, status, message) => {
    const answer = await post("/clicks", "x", host);
    expect([answer.status, JSON.parse(answer.text)]).toEqual([status, { message }]);
  });

  test.each([
    ["localhost", 503, "Service Unavailable"],
    ["rest.localhost", 504, "Endpoint request timed out"],
  ])("on %s a service that is late is %i, and is left", async (host, status, message) => {
    let left = false;
    aws.answer = (response) => void response.on("close", () => (left = true));
    const answer = await post("/late", "", host);
    expect([answer.status, JSON.parse(answer.text)]).toEqual([status, { message }]);
    await until("the service is left", () => left);
  });

  test("a service that breaks off its answer is seen to break off, or is 503 where it is read", async () => {
    aws.answer = (response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("half");
      setTimeout(() => response.destroy(), 50);
    };
    const streamed = await ask("/files/k");
    expect([streamed.status, streamed.complete]).toEqual([200, false]);
    const read = await post("/orders/7");
    expect([read.status, JSON.parse(read.text)]).toEqual([503, { message: "Service Unavailable" }]);
  });

  test("a service's refusal of the request is the client's to read", async () => {
    const refusal = {
      __type: "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
      message: "no table",
    };
    aws.answer = (response) => void response.writeHead(400).end(JSON.stringify(refusal));
    const { status, text } = await ask("/items/7");
    expect([status, JSON.parse(text)]).toEqual([400, refusal]);
  });

  test.each(["localhost", "rest.localhost"])(
    "R-12 on %s its refusal of the credentials is not",
    async (host) => {
      aws.answer = (response, { headers, target }) =>
        void response
          .writeHead(403, { "content-type": "application/xml" })
          .end(
            `<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>${CREDENTIALS.accessKeyId}</AWSAccessKeyId>` +
              `<CanonicalRequest>GET ${target} ${JSON.stringify(headers)}</CanonicalRequest></Error>`,
          );
      for (const path of ["/files/k", "/items/7", "/settings"]) {
        const { status, text } = await ask(path, {}, host);
        expect([status, Object.keys(JSON.parse(text))]).toEqual([500, ["message"]]);
      }
      const [line] = await gateway.logged("/items/7", 1);
      expect(line).toBeDefined();
    },
  );

  test.each(["/jobs", "/notices", "/told", "/orders/7", "/files/k"])(
    "a body over the API's limit is refused on %s, and AWS hears nothing",
    async (path) => {
      const method = path.startsWith("/files") ? "PUT" : "POST";
      const { status } = await ask(path, { method, body: "1".repeat(1_001) }, "small.localhost");
      expect([status, aws.received]).toEqual([413, []]);
    },
  );

  test.each<[string, string, Ask, number]>([
    ["no body", "/jobs", { method: "POST" }, 400],
    ["a path that leads elsewhere", "/files/..%2fother/k", {}, 400],
    ["a NUL in a key", "/files/a%00b", {}, 400],
    ["another method", "/jobs", { method: "PATCH", body: "x" }, 404],
    ["no JSON for a function", "/told", { method: "POST", body: "{no" }, 400],
    [
      "over 6 MiB for a proxied function",
      "/orders/7",
      { method: "POST", body: Buffer.alloc(6_291_457, "1") },
      413,
    ],
  ])("a request with %s is refused, and AWS hears nothing", async (_, path, options, status) => {
    const answer = await ask(path, options);
    expect([answer.status, aws.received]).toEqual([status, []]);
    expect(Object.keys(JSON.parse(answer.text))).toEqual(["message"]);
  });
});

describe("R-12 the secrets", () => {
  test("are not in a function's env", async () => {
    const { status, text } = await ask("/env");
    expect(status).toBe(200);
    const { env, keys, process } = JSON.parse(text);
    expect([env.GREETING, keys.filter((key: string) => key.startsWith("AWS_")), process]).toEqual([
      "hello",
      [],
      "undefined",
    ]);
  });

  test("are not in a function's event, context or template", async () => {
    for (const host of ["localhost", "rest.localhost"]) {
      for (const path of ["/event", "/mapped"]) expect((await post(path, '{"a":1}', host)).status).toBe(200);
    }
  });

  test("are in no answer and no line of the log", async () => {
    await gateway.logged("/event", 2);
    const said = [
      ...answers.map(({ rawHeaders, body }) => rawHeaders.join("\n") + body.toString("latin1")),
      ...gateway.printed,
      ...gateway.complaints,
    ].join("\n");
    expect(answers.length).toBeGreaterThan(30);
    expect(gateway.log.some(({ reason }) => reason === "aws.credentials")).toBe(true);
    for (const secret of SECRETS) {
      for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")]) {
        expect(said).not.toContain(form);
      }
    }
  });
});
