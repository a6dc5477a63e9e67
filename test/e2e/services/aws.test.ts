import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle } from "../../../cli/engine/bundle.ts";
import { workerOptions } from "../../../cli/engine/worker-options.ts";
import frames from "../../integrations/aws/event-stream.json" with { type: "json" };
import { ask } from "../support/client.ts";
import { REPOSITORY, type TempFolder, tempFolder } from "../support/root.ts";
import { AwsServer, type Received } from "./aws-server.ts";

const CREDENTIALS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret/+=", sessionToken: "token/+=" };

const aws = new AwsServer(CREDENTIALS);
let miniflare: Miniflare;
let port: number;
const folder: TempFolder = tempFolder();

beforeAll(async () => {
  await aws.start();
  const compatibilityDate = workerOptions(REPOSITORY).compatibilityDate ?? "";
  const main = join(REPOSITORY, "test/e2e/services/aws-host.js");
  await mkdir(join(folder.path, "host"), { recursive: true });
  await writeFile(
    join(folder.path, "host/wrangler.toml"),
    `name = "host"\nmain = ${JSON.stringify(main)}\ncompatibility_date = "${compatibilityDate}"\n`,
  );
  const { modules } = await bundle(join(folder.path, "host"), join(folder.path, "dist"));
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      logRequests: false,
      handleStructuredLogs: () => undefined,
      workers: [
        {
          name: "host",
          compatibilityDate,
          modules: modules.map((module) => ({ ...module })),
          bindings: {
            AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
            AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
            AWS_SESSION_TOKEN: CREDENTIALS.sessionToken,
            AWS_ENDPOINT_URL: aws.url,
          },
          unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
        },
      ],
    }),
  );
  port = Number((await miniflare.unsafeGetDirectURL("host")).port);
});

afterAll(async () => {
  await miniflare?.dispose();
  aws.stop();
  folder.remove();
});

interface Prepared {
  readonly uri: string;
  readonly method?: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly stream?: boolean;
}

async function send(prepared: Prepared, body?: string | Buffer, headers: Record<string, string> = {}) {
  const all = {
    ...headers,
    "x-prepared": encodeURIComponent(JSON.stringify({ method: "POST", ...prepared })),
  };
  const result = await ask(port, "/", {
    method: body === undefined ? "GET" : "POST",
    headers: all,
    ...(body !== undefined && { body }),
  });
  return { result, wire: aws.received.at(-1) };
}

const uriOf = (rest: string): string => `arn:aws:apigateway:eu-west-1:${rest}`;

const expectSigned = (wire: Received | undefined, service: string): Promise<Received> =>
  aws.expectSigned(wire, service);

describe("over the wire a request to AWS", () => {
  test("is what was signed, with whatever characters in its path and its query", async () => {
    const key = "a%20b/c+d/%C3%BC'(*)!&=~$@,;:%25%23%3F.txt";
    const { wire } = await send({
      uri: uriOf("s3:path/bucket/{key}"),
      method: "GET",
      path: { key },
      query: "versionId=a+b%2Bc&x=%27%28*%29!~%C3%BC",
      headers: { range: "bytes=0-1", "x-amz-meta-a": "two  spaces" },
    });
    const { target, headers } = await expectSigned(wire, "s3");
    expect(target).toBe(
      "/bucket/a%20b/c%2Bd/%C3%BC%27%28%2A%29%21%26%3D~%24%40%2C%3B%3A%25%23%3F.txt" +
        "?versionId=a%20b%2Bc&x=%27%28%2A%29%21~%C3%BC",
    );
    expect(headers["range"]).toBe("bytes=0-1");
    expect(headers["x-amz-security-token"]).toBe(CREDENTIALS.sessionToken);
  });

  test("has its body signed, and its path encoded twice in the signature of all but S3", async () => {
    const lambda = await send({
      uri: uriOf(
        "lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:a/invocations",
      ),
      body: '{"ü":1}',
    });
    const { target, body } = await expectSigned(lambda.wire, "lambda");
    expect(target).toBe(
      "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Aa/invocations",
    );
    expect(body.toString()).toBe('{"ü":1}');
    const dynamodb = await send({ uri: uriOf("dynamodb:action/GetItem"), body: "{}" });
    const { headers } = await expectSigned(dynamodb.wire, "dynamodb");
    expect(headers["x-amz-target"]).toBe("DynamoDB_20120810.GetItem");
    expect(headers["content-type"]).toBe("application/x-amz-json-1.0");
  });

  test("with a body that streams to S3 has its length, which S3 asks for, and no signed payload", async () => {
    const object = Buffer.alloc(12 * 1024 * 1024, "0123456789abcdef");
    const { wire } = await send(
      { uri: uriOf("s3:path/bucket/{key}"), method: "PUT", path: { key: "k" } },
      object,
    );
    if (!wire) throw new Error("nothing came");
    expect(wire.headers["content-length"]).toBe(String(object.length));
    expect(wire.headers["transfer-encoding"]).toBeUndefined();
    expect(wire.headers["x-amz-content-sha256"]).toBe("UNSIGNED-PAYLOAD");
    expect(wire.body.equals(object)).toBe(true);
    await expectSigned(wire, "s3");
  });

  test("with a body of no declared length is read before it goes to S3", async () => {
    const chunked = { "transfer-encoding": "chunked" };
    const prepared = { uri: uriOf("s3:path/bucket/{key}"), method: "PUT", path: { key: "k" } };
    const { wire } = await send(prepared, "in pieces", chunked);
    const { headers, body } = await expectSigned(wire, "s3");
    expect([headers["content-length"], body.toString()]).toEqual(["9", "in pieces"]);
    expect(headers["x-amz-content-sha256"]).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("a function that streams", () => {
  const uri = "arn:aws:lambda:eu-west-1:123456789012:function:hello";
  const bytes = (names: readonly Exclude<keyof typeof frames, "$comment">[]): Buffer =>
    Buffer.concat(names.map((name) => Buffer.from(frames[name], "base64")));

  test("answers the client with what it writes", async () => {
    aws.answer = (response) =>
      void response.end(bytes(["metadata", "delimiter", "hello", "world", "complete"]));
    const { result, wire } = await send({ uri, stream: true });
    expect([result.status, result.body.toString(), result.complete]).toEqual([201, "hello wörld", true]);
    expect(result.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
    await expectSigned(wire, "lambda");
  });

  test.each(["failed", "exception"] as const)("and %s has its response break off, not end", async (last) => {
    aws.answer = (response) => void response.end(bytes(["metadataAndBody", "hello", last]));
    const { result } = await send({ uri, stream: true });
    expect([result.status, result.complete]).toEqual([200, false]);
    expect(result.text).not.toContain("canary");
  });
});
