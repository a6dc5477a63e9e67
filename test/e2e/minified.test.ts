import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle } from "../../cli/engine/bundle.ts";
import { type Engine, startEngine } from "../../cli/engine/engine.ts";
import { copyRepository, type TempFolder, tempFolder } from "./support/root.ts";

/** The script as `npm run deploy` uploads it: names are shorter there, and nothing may depend on them. */
let engine: Engine;
const folders: TempFolder[] = [];

const HELLO = "export const handler = async (event: { rawPath: string }) => ({ path: event.rawPath });\n";
const WHO = "export const handler = async () => ({ isAuthorized: false });\n";

const toFunction = (uri: string) => ({ type: "aws_proxy", uri, payloadFormatVersion: "2.0" });

const ENTRIES: Readonly<Record<string, unknown>> = {
  "apis/default/authorizers/who": {
    type: "request",
    authorizerUri: "who",
    authorizerPayloadFormatVersion: "2.0",
    enableSimpleResponses: true,
    identitySource: "$request.header.authorization",
  },
  "apis/default/routes/GET /hello": { integration: toFunction("hello") },
  "apis/default/routes/GET /once": { integration: toFunction("hello"), throttle: { rate: 0.001, burst: 1 } },
  "apis/default/routes/GET /cached": { integration: toFunction("hello"), cache: { mode: "ttl" } },
  "apis/default/routes/GET /closed": { integration: toFunction("hello"), authorizer: "who" },
};

beforeAll(async () => {
  const root = copyRepository({ "hello.ts": HELLO, "who.ts": WHO });
  const data = tempFolder();
  folders.push(root, data);
  engine = await startEngine({
    root: root.path,
    bundle: await bundle(root.path, join(data.path, "build"), { minify: true }),
    host: "127.0.0.1",
    port: 0,
    data: data.path,
    vars: {},
    onLog: () => {},
  });
  for (const [key, value] of Object.entries(ENTRIES)) await engine.config.put(key, JSON.stringify(value));
});

afterAll(async () => {
  await engine?.stop();
  for (const folder of folders) folder.remove();
});

const ask = (path: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${engine.port}${path}`, { headers });

test("functions, limits, authorizers and the cache work", async () => {
  expect(await (await ask("/hello")).json()).toEqual({ path: "/hello" });
  expect([(await ask("/once")).status, (await ask("/once")).status]).toEqual([200, 429]);
  expect((await ask("/closed", { authorization: "x" })).status).toBe(403);
  await ask("/cached");
  expect((await ask("/cached")).headers.get("cache-status")).toMatch(/^portico; hit/);
  expect((await ask("/none")).status).toBe(404);
});
