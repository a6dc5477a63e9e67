import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkStored } from "../../cli/check-stored.ts";
import { wranglerKv } from "../../cli/store.ts";
import { wranglerEntries } from "../../cli/stored-entries.ts";
import { portico, run } from "./support/process.ts";
import { copyRepository, type TempFolder, tempFolder } from "./support/root.ts";

const BINDINGS = {
  ...{ queue: [], kv: ["CONFIG", "PROFILES"], r2: [], d1: [], workflow: [], service: [] },
  ...{ durable_object: ["COUNTERS", "CACHE"], analytics_engine: [] },
};
const WORKER = { bindings: BINDINGS, functions: ["guard", "hello"] };
const PROXY = { integration: { type: "http_proxy", uri: "https://a.test/" } };
const HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/** What is said of entries, by their keys; text is taken as it is. */
async function said(entries: Readonly<Record<string, unknown>>) {
  const texts = Object.entries(entries).map(
    ([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)] as const,
  );
  const { problems, warnings, routes } = await checkStored(new Map(texts), WORKER);
  const line = ({ code, path }: { readonly code: string; readonly path: string }) => `${code} ${path}`;
  return { errors: problems.map(line), warnings: warnings.map(line), routes: routes.size };
}

describe("entries", () => {
  test("that are good have nothing to say", async () => {
    const found = await said({
      "apis/default": { protocol: "REST", binaryMediaTypes: ["image/*"] },
      "apis/default/routes/GET /a": { ...PROXY, authorizer: "guard" },
      "apis/default/authorizers/guard": { type: "request", authorizerUri: "guard" },
      "apis/default/models/Pet": { schema: { type: "object" } },
      "apis/default/stages/prod": { deployment: "1" },
      "apis/default/deployments/1": {
        id: "1",
        createdAt: "2026-11-21T12:00:00Z",
        routes: { "GET /a": PROXY },
      },
      "domains/a.test": { mappings: [{ api: "default", stage: "prod" }] },
      account: { throttle: { rate: 100 } },
      "usage-plans/basic": { apiStages: [{ api: "default", stage: "prod" }] },
      [`api-keys/${HASH}`]: { id: "k", usagePlans: ["basic"] },
    });
    expect(found).toEqual({ errors: [], warnings: [], routes: 1 });
  });

  test.each<[string, unknown, readonly string[]]>([
    ["apis/default/routes/GET /a", "{", ["json.malformed apis/default/routes/GET /a"]],
    ["apis/default/routes/GET /a", "", ["json.malformed apis/default/routes/GET /a"]],
    ["apis/default/routes/GET a", PROXY, ["route.key apis/default/routes/GET a"]],
    [
      "apis/default/routes/GET /a",
      { ...PROXY, authoriser: "x" },
      ["key.unknown apis/default/routes/GET /a#authoriser"],
    ],
    [
      "apis/default/routes/GET /a",
      { ...PROXY, authorizer: "x" },
      ["authorizer.unknown apis/default/routes/GET /a#authorizer"],
    ],
    [
      "apis/default/routes/GET /a",
      { integration: { type: "kv", binding: "CONFIG", operation: "get", parameters: { key: "a" } } },
      ["binding.own apis/default/routes/GET /a#integration.binding"],
    ],
    ["apis/default", { protocoll: "REST" }, ["key.unknown apis/default#protocoll"]],
    ["apis/default/rotes/GET /a", PROXY, ["key.unknown apis/default/rotes/GET /a"]],
    [
      "apis/default/stages/prod",
      { deployment: "none" },
      ["deployment.none apis/default/stages/prod#deployment"],
    ],
    ["apis/default/stages/prod", { variable: {} }, ["key.unknown apis/default/stages/prod#variable"]],
    [
      "apis/default/authorizers/guard",
      { type: "jwt" },
      ["key.missing apis/default/authorizers/guard#jwtConfiguration"],
    ],
    [
      "apis/default/models/Pet",
      { schema: { type: "strin" } },
      ["model.schema apis/default/models/Pet#schema.type"],
    ],
    ["apis/default", [], ["value.invalid apis/default"]],
    ["domains/a.test", { mappings: [] }, ["value.invalid domains/a.test#mappings"]],
    ["account", { throttel: [] }, ["key.unknown account#throttel"]],
    ["usage-plans/basic", {}, ["key.missing usage-plans/basic#apiStages"]],
    ["usage-plans/a b", { apiStages: [] }, ["key.name usage-plans/a b"]],
    [`api-keys/${HASH}`, { id: "a b" }, [`value.invalid api-keys/${HASH}#id`]],
    ["api-keys/secret", { id: "k" }, ["key.name api-keys/secret"]],
    ["credentials/AKIDEXAMPLE", { secret: "plain" }, ["value.invalid credentials/AKIDEXAMPLE#secret"]],
  ])("that are bad are errors: %s %j", async (key, value, errors) => {
    expect(await said({ [key]: value })).toMatchObject({ errors, warnings: [] });
  });

  test.each<[string, unknown, string]>([
    ["api/default/routes/GET /a", PROXY, "key.unknown api/default/routes/GET /a"],
    ["notes", "x", "key.unknown notes"],
    ["apis/default", { binaryMediaTypes: ["*~1*"] }, "media_type.unmatched apis/default#binaryMediaTypes.0"],
    [
      "apis/default/models/Pet",
      { schema: { requried: ["a"] } },
      "model.keyword apis/default/models/Pet#schema.requried",
    ],
    [
      "apis/default/routes/POST /a",
      { integration: { type: "mock" } },
      "integration.responses apis/default/routes/POST /a#integration",
    ],
    [
      "apis/default/routes/GET /a",
      { integration: { type: "kv", binding: "PROFILE", operation: "get", parameters: { key: "a" } } },
      "binding.unknown apis/default/routes/GET /a#integration.binding",
    ],
    [
      "apis/default/routes/GET /a",
      { integration: { type: "aws_proxy", uri: "helo" } },
      "function.unknown apis/default/routes/GET /a#integration.uri",
    ],
    [
      "apis/default/authorizers/guard",
      { type: "request", authorizerUri: "gard" },
      "function.unknown apis/default/authorizers/guard#authorizerUri",
    ],
    [
      "apis/default/routes/GET /a",
      { integration: { type: "http_proxy", uri: "https://a.test/${stageVariables.version}" } },
      "stage.variable apis/default/stages/$default#variables",
    ],
    ["domains/a.test", { mappings: [{ api: "shop" }] }, "mapping.api domains/a.test#mappings.0.api"],
  ])("that are probably not meant are warnings: %s %j", async (key, value, warning) => {
    expect(await said({ [key]: value })).toMatchObject({ errors: [], warnings: [warning] });
  });

  test("of an API whose own entry is bad are checked against what is good of it", async () => {
    const routes = {
      "apis/b4/routes/GET /a": { integration: { type: "http_proxy" } },
      "apis/b4/routes/GET /b": { ...PROXY, throtle: {} },
      "apis/b4/routes/GET /c": { ...PROXY, authorizer: "none" },
      "apis/b4/routes/GET /d": { ...PROXY, requestValidator: "all" },
      "apis/b4/routes/GET /e": { integration: { type: "aws_proxy", uri: "helo" } },
      "apis/b4/routes/GET /f": { integration: { type: "aws_proxy", uri: "hello", httpMethod: "GET" } },
    };
    const errors = [
      "uri.missing apis/b4/routes/GET /a#integration.uri",
      "key.unknown apis/b4/routes/GET /b#throtle",
      "authorizer.unknown apis/b4/routes/GET /c#authorizer",
    ];
    const api = { protocol: "REST", requestValidators: { all: { validateRequestBdy: true } } };
    expect(await said({ "apis/b4": api, ...routes })).toEqual({
      errors: [
        "key.unknown apis/b4#requestValidators.all.validateRequestBdy",
        ...errors,
        "function.method apis/b4/routes/GET /f#integration.httpMethod",
      ],
      warnings: ["function.unknown apis/b4/routes/GET /e#integration.uri"],
      routes: 6,
    });
    expect(await said({ "apis/b4": "{", ...routes })).toMatchObject({
      errors: ["json.malformed apis/b4", ...errors],
    });
  });

  test("of an API that serves a deployment name what is bad of its own entry, too", async () => {
    const found = await said({
      "apis/b4": { protocoll: "REST" },
      "apis/b4/routes/GET /a": { integration: { type: "http_proxy" } },
      "apis/b4/stages/prod": { deployment: "1" },
      "apis/b4/deployments/1": { id: "1", createdAt: "2026-11-21T12:00:00Z", routes: { "GET /a": PROXY } },
    });
    expect(found.errors).toEqual([
      "key.unknown apis/b4#protocoll",
      "uri.missing apis/b4/routes/GET /a#integration.uri",
    ]);
  });

  test("of stages are held against what reads their variables", async () => {
    const uri = "https://${stageVariables.host}/${stageVariables.version}";
    const integration = { type: "http_proxy", uri };
    const texts = Object.entries({
      "apis/shop/routes/GET /a": { integration },
      "apis/shop/routes/GET /b": { integration },
      "apis/shop/stages/live": { variables: { host: "a.test", version: "v1" } },
      "apis/shop/stages/beta": { variables: { host: "b.test" } },
    }).map(([key, value]) => [key, JSON.stringify(value)] as const);
    expect((await checkStored(new Map(texts), WORKER)).warnings).toEqual([
      {
        code: "stage.variable",
        path: "apis/shop/stages/beta#variables",
        message: 'this stage has no variable "version", which is read by GET /a, GET /b',
        hint: 'write "variables": {"version": "..."} into the stage\'s entry',
      },
    ]);
  });

  test("are checked whether a stage serves them or not", async () => {
    const deployment = (routes: object) => ({ id: "1", createdAt: "2026-11-21T12:00:00Z", routes });
    const found = await said({
      "apis/shop/stages/prod": { deployment: "1" },
      "apis/shop/deployments/1": deployment({ "GET /a": { integration: { type: "http_proxy" } } }),
      "apis/shop/deployments/0": deployment({ "GET /b": { integration: { type: "http_proxy" } } }),
      "apis/shop/routes/GET /c": { integration: { type: "http_proxy" } },
    });
    expect(found).toEqual({
      errors: [
        "uri.missing apis/shop/deployments/1#routes.GET /a#integration.uri",
        "uri.missing apis/shop/routes/GET /c#integration.uri",
      ],
      // Nobody can mend it.
      warnings: ["uri.missing apis/shop/deployments/0#routes.GET /b#integration.uri"],
      routes: 1,
    });
  });

  test("of several APIs and domains are held together", async () => {
    const found = await said({
      "apis/one/routes/GET /a": PROXY,
      "apis/two/routes/GET /a": { ...PROXY, throtle: {} },
      "domains/a.test": { mutualTls: "required", mappings: [{ api: "one" }] },
    });
    expect(found).toEqual({
      errors: ["key.unknown apis/two/routes/GET /a#throtle", "mutual_tls.bypass domains/a.test#mutualTls"],
      warnings: [],
      routes: 2,
    });
  });
});

describe("portico check --stored", () => {
  let root: TempFolder;
  let data: TempFolder;

  beforeAll(() => {
    const definition = `swagger: "2.0"
basePath: /shop/v1
paths:
  /pets:
    get:
      x-amazon-apigateway-integration: { type: http_proxy, uri: "https://a.test/pets" }
`;
    root = copyRepository({ "openapi.yaml": definition });
    data = tempFolder();
  });

  afterAll(() => {
    root.remove();
    data.remove();
  });

  const check = (...flags: string[]) => portico(root.path, "check", ...flags);
  const stored = (): ReturnType<typeof check> => check("--stored", "--data", data.path);

  test("says that there is no store, and makes none", async () => {
    const { code, errors } = await stored();
    expect(code).toBe(1);
    expect(errors).toMatch(
      /^portico: there is no config store in \S+ \(npm start makes one, --data names another\)\n$/,
    );
    expect(readdirSync(data.path)).toEqual([]);
  });

  test("names what was put by hand, after a push with a base path that had nothing to name", async () => {
    const pushed = await portico(root.path, "push", "--basepath", "split", "--data", data.path);
    expect([pushed.code, pushed.output]).toEqual([0, "2 entries written to the local store\n"]);
    expect(await stored()).toEqual({
      code: 0,
      output: "the local store: 1 routes, 0 errors, 0 warnings\n",
      errors: "",
    });
    const put = ["kv", "key", "put", "--binding", "CONFIG", "--local", "--persist-to", data.path];
    const entry = '{"integration":{"type":"http_proxy","uri":"https://a.test/"},"authoriser":"guard"}';
    const { code } = await run(
      "npx",
      ["wrangler", ...put, "apis/default/routes/GET /admin", entry],
      root.path,
    );
    expect(code).toBe(0);
    expect(await stored()).toEqual({
      code: 1,
      output: `error: apis/default/routes/GET /admin#authoriser: there is no key "authoriser" here (did you mean "authorizer"?)
the local store: 2 routes, 1 errors, 0 warnings
`,
      errors: "",
    });
    const kv = wranglerKv(root.path, ["--local", "--persist-to", data.path]);
    expect([...(await wranglerEntries(kv))]).toEqual([
      ["apis/default", '{"protocol":"REST"}'],
      ["apis/default/routes/GET /admin", entry],
      [
        "apis/default/routes/GET /v1/pets",
        '{"integration":{"type":"http_proxy","uri":"https://a.test/pets"}}',
      ],
    ]);
  });

  test("takes a base path for a definition only, and a store for entries only", async () => {
    const { output, code } = await check("--basepath", "prepend");
    expect([code, output]).toEqual([0, "routes/openapi.yaml: 1 routes, 0 errors, 0 warnings\n"]);
    expect((await check()).output).toContain("warning: routes/openapi.yaml:2 basePath: paths are served as");
    expect(await check("--stored", "--basepath", "split")).toMatchObject({
      code: 1,
      errors: "portico: --basepath is about the definition, which --stored leaves alone\n",
    });
    expect(await check("--data", data.path)).toMatchObject({
      code: 1,
      errors: "portico: --data names a store, and the definition is checked (add --stored)\n",
    });
  });
});

test("the bulk reads of a remote store are of a hundred keys each, and hold plain values", async () => {
  const names = Array.from({ length: 250 }, (_, index) => `apis/default/routes/GET /${index}`);
  const batches: number[] = [];
  let batch: readonly (readonly [string, string | null])[] = [];
  const entries = await wranglerEntries({
    run: async ([, command]) =>
      JSON.stringify(command === "list" ? names.map((name) => ({ name })) : Object.fromEntries(batch)),
    withFile: async (content, use) => {
      const keys = Array.isArray(content) ? content.map(String) : [];
      batches.push(keys.length);
      batch = keys.map((key) => [key, key.endsWith("/7") ? null : "{}"]);
      return use("bulk.json");
    },
  });
  expect(batches).toEqual([100, 100, 50]);
  expect(entries.size).toBe(249);
});
