import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { testsByStorage } from "./test/support/storage.ts";

/**
 * `rules`, `engine` and `isolates` run inside workerd, as the gateway does: without storage, with
 * storage that is emptied after each test, and each file in an isolate of its own, which costs
 * most. `libraries` has Node.js compatibility, for functions that need it; `e2e` runs the
 * launcher over real sockets, from Node.js.
 */

const CONFORMANCE = new URL("../shared/conformance/", import.meta.url);
const FILES = [
  "routing",
  "events",
  "httpapi_events",
  "lambda_response",
  "httpapi_lambda_response",
  "limits",
  "uri",
  "headers",
  "http_integration",
  "mock",
  "sigv4",
  "jwt",
  "authorizer",
  "policy_match",
  "resource_policy",
  "validation",
  "vtl",
  "velocity_engine",
  "param_mapping",
  "passthrough",
  "gateway_responses",
  "binary",
  "openapi_import",
] as const;

/** The vectors, when they lie beside the repository; a clone alone has none. workerd has no file system. */
const conformance: Record<string, unknown> = {};
for (const file of FILES) {
  const url = new URL(`${file}.json`, CONFORMANCE);
  if (existsSync(url)) conformance[file] = JSON.parse(readFileSync(url, "utf8"));
}
if (Object.keys(conformance).length < FILES.length) {
  console.warn(`conformance vectors are missing in ${CONFORMANCE.pathname}: their tests are skipped`);
}

/** The JSON Schema Test Suite as Debian's libtest-json-schema-acceptance-perl brings it: texts of files by their paths. */
const SCHEMA_SUITE = "/usr/share/perl5/auto/share/dist/Test-JSON-Schema-Acceptance";
const textsIn = (folder: string, recursive: boolean): Record<string, string> =>
  existsSync(folder)
    ? Object.fromEntries(
        readdirSync(folder, { recursive, encoding: "utf8" })
          .filter((name) => name.endsWith(".json"))
          .sort()
          .map((name) => [name, readFileSync(`${folder}/${name}`, "utf8")]),
      )
    : {};
const jsonSchemaSuite = {
  remotes: textsIn(`${SCHEMA_SUITE}/remotes`, true),
  ...Object.fromEntries(
    ["draft4", "draft7", "draft2020-12"].map((draft) => [
      draft,
      textsIn(`${SCHEMA_SUITE}/tests/${draft}`, false),
    ]),
  ),
};

/** An origin that answers with what it was sent, in a Worker of its own. */
const ECHO_ORIGIN = `export default {
  async fetch(request) {
    const body = await request.text();
    return Response.json({ url: request.url, method: request.method, headers: [...request.headers], body });
  },
};`;

/** Consumes the queue `jobs`, keeps each message where a test can find it. */
const QUEUE_CONSUMER = `export default {
  async queue(batch, env) {
    for (const { id, body } of batch.messages) {
      const text = body instanceof ArrayBuffer ? { bytes: [...new Uint8Array(body)] } : { body };
      await env.CONSUMED.put(id, JSON.stringify(text));
    }
  },
};`;

/** A Durable Object that answers with its name and what it was sent. */
const ROOMS = `import { DurableObject } from "cloudflare:workers";
export class Room extends DurableObject {
  async fetch(request) {
    const body = await request.text();
    return Response.json({ room: this.ctx.id.name, url: request.url, method: request.method, body });
  }
}
export default { fetch: () => new Response(null, { status: 404 }) };`;

const compatibilityDate = "2026-08-03";

const miniflare = {
  // The runner's own parts need this date to be today's at most.
  workers: [
    { name: "origin", modules: true, compatibilityDate, script: ECHO_ORIGIN },
    { name: "rooms", modules: true, compatibilityDate, script: ROOMS, durableObjects: { ROOMS: "Room" } },
    {
      name: "consumer",
      modules: true,
      compatibilityDate,
      script: QUEUE_CONSUMER,
      kvNamespaces: { CONSUMED: "consumed" },
      queueConsumers: { jobs: { maxBatchTimeout: 0 } },
    },
  ],
  serviceBindings: { ORIGIN: "origin" },
  durableObjects: { ROOMS: { className: "Room", scriptName: "rooms" } },
  kvNamespaces: { PROFILES: "profiles", CONSUMED: "consumed" },
  r2Buckets: { FILES: "files" },
  d1Databases: { DB: "db" },
  queueProducers: { JOBS: { queueName: "jobs" } },
  bindings: { CONFIG_REFRESH_SECONDS: "1", ACCESS_LOG: "off", CANARY: "canary-7f3d" },
};

const tests = testsByStorage("test", ["e2e", "libraries"]);
/** What is about an isolate's first request, or counts what objects are asked. */
const OWN_ISOLATE = /^test\/(?:worker|throttle\/gateway-[a-z-]+)\.test\.ts$/;

const wrangler = { configPath: "./wrangler.toml" };

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [cloudflareTest({ wrangler, miniflare })],
        test: {
          name: "engine",
          include: tests.withStorage.filter((file) => !OWN_ISOLATE.test(file)),
          isolate: false,
          setupFiles: ["test/support/reset.ts"],
          testTimeout: 20_000,
          provide: { conformance, jsonSchemaSuite },
        },
      },
      {
        plugins: [cloudflareTest({ wrangler, miniflare })],
        test: {
          name: "isolates",
          include: tests.withStorage.filter((file) => OWN_ISOLATE.test(file)),
          setupFiles: ["test/support/reset.ts"],
          testTimeout: 20_000,
        },
      },
      {
        plugins: [cloudflareTest({ wrangler, miniflare })],
        test: {
          name: "rules",
          include: tests.without,
          isolate: false,
          testTimeout: 20_000,
          provide: { conformance, jsonSchemaSuite },
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler,
            miniflare: {
              ...miniflare,
              compatibilityFlags: ["global_fetch_strictly_public", "nodejs_compat"],
            },
          }),
        ],
        test: {
          name: "libraries",
          include: ["test/libraries/**/*.test.ts"],
          setupFiles: ["test/support/reset.ts"],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "e2e",
          // By itself: some of it measures what the engine does with its time.
          sequence: { groupOrder: 1 },
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
