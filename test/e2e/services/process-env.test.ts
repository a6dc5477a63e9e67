import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Running, start } from "../../../cli/start.ts";
import { ask } from "../support/client.ts";
import { copyRepository, type TempFolder, tempFolder } from "../support/root.ts";
import { AwsServer } from "./aws-server.ts";

const SHOWN = `import process from "node:process";
const atLoad = { ...process.env };
export const handler = async () => ({
  statusCode: 200,
  body: JSON.stringify({ atLoad, now: process.env, global: globalThis.process.env }),
});`;

const CREDENTIALS = {
  accessKeyId: "canary-8be1-id",
  secretAccessKey: "canary-8be1-secret",
  sessionToken: "canary-8be1-token",
};
const VARIABLES = {
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  AWS_SESSION_TOKEN: CREDENTIALS.sessionToken,
  AWS_REGION: "eu-west-1",
  CREDENTIALS_KEY: "canary-8be1-key",
  MANAGEMENT_TOKEN: "canary-8be1-token-of-enough-characters",
  TABLE: "orders",
};
const ENTRIES = {
  "apis/default/routes/GET /shown": { integration: { type: "aws_proxy", uri: "shown" } },
  "apis/default/routes/GET /jobs": {
    integration: {
      type: "aws_proxy",
      integrationSubtype: "SQS-PurgeQueue",
      requestParameters: { QueueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs" },
    },
  },
};

const aws = new AwsServer(CREDENTIALS);
let running: Running;
const folders: TempFolder[] = [];

beforeAll(async () => {
  const root = copyRepository({ "shown.ts": SHOWN });
  const data = tempFolder();
  folders.push(root, data);
  const file = join(root.path, "wrangler.toml");
  const flags = '"global_fetch_strictly_public"';
  const text = readFileSync(file, "utf8");
  // As README says for functions that need Node.js APIs.
  writeFileSync(file, text.replace(`[${flags}]`, `[${flags}, "nodejs_compat"]`));
  await aws.start();
  const variables = Object.entries({ ...VARIABLES, AWS_ENDPOINT_URL: aws.url });
  writeFileSync(join(root.path, ".dev.vars"), variables.map((pair) => pair.join("=")).join("\n"));
  const place = { root: root.path, host: "127.0.0.1", port: 0, data: join(data.path, "data") };
  running = await start(place, () => undefined);
  for (const [key, entry] of Object.entries(ENTRIES)) {
    await running.engine.config.put(key, JSON.stringify(entry));
  }
});

afterAll(async () => {
  await running?.stop();
  aws.stop();
  for (const folder of folders) folder.remove();
});

test("R-12 under nodejs_compat process.env has a function's variables, and no secret of the gateway's", async () => {
  const { status, text } = await ask(running.engine.port, "/shown");
  expect(status).toBe(200);
  const { atLoad, now, global } = JSON.parse(text);
  expect([atLoad.TABLE, now.TABLE, global.TABLE]).toEqual(["orders", "orders", "orders"]);
  expect(text).not.toContain("canary-8be1");
  expect(text).not.toContain("AWS_");
  expect((await ask(running.engine.port, "/jobs")).status).toBe(200);
  await aws.expectSigned(aws.received[0], "sqs");
});
