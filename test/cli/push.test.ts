import { describe, expect, test } from "vitest";
import { push } from "../../cli/push.ts";
import { importOpenApi } from "../../src/openapi/import.ts";
import { answerWith, TestGateway, writeEntries } from "../support/gateway.ts";
import { MemoryStore } from "../support/memory-store.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const GUARDED = { integration: answerWith("admin"), authorizer: "AWS_IAM" };
const POLICY = {
  Version: "2012-10-17",
  Statement: {
    Effect: "Allow",
    Principal: "*",
    Action: "execute-api:Invoke",
    Resource: "execute-api:/*",
    Condition: { IpAddress: { "aws:SourceIp": "198.51.100.1" } },
  },
};

function definition(paths: Readonly<Record<string, string>>, root: object = {}) {
  const imported = importOpenApi({
    openapi: "3.0.1",
    // An HTTP API's, mocks or not.
    "x-amazon-apigateway-importexport-version": "1.0",
    info: { title: "t", version: "1" },
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, text]) => [
        path,
        { "x-amazon-apigateway-any-method": { "x-amazon-apigateway-integration": answerWith(text) } },
      ]),
    ),
    ...root,
  });
  expect(imported.problems).toEqual([]);
  return { ...imported, file: "routes/openapi.yaml" };
}

/** A gateway over what the store holds. */
async function serving(store: MemoryStore): Promise<TestGateway> {
  await writeEntries(Object.fromEntries(store.entries));
  return new TestGateway({});
}

describe("push", () => {
  test("removes what an earlier push wrote, and nothing that was put by hand", async () => {
    const store = new MemoryStore({ "apis/default/routes/GET /hand": GUARDED });
    await push(definition({ "/a": "a", "/b": "b" }), store, undefined, NOW);
    const result = await push(definition({ "/a": "a" }), store, undefined, NOW);
    expect(result).toEqual({
      written: 1,
      removed: ["apis/default/routes/ANY /b"],
      replaced: [],
      deployment: undefined,
    });
    expect([...store.entries.keys()].sort()).toEqual([
      "apis/default/routes/ANY /a",
      "apis/default/routes/GET /hand",
    ]);
  });

  test("R-13 writes what guards routes before the routes", async () => {
    const store = new MemoryStore();
    const written: string[] = [];
    const put = store.put.bind(store);
    store.put = (entries) => {
      written.push([...entries.keys()].join());
      return put(entries);
    };
    await push(definition({ "/a": "a" }, { "x-amazon-apigateway-policy": POLICY }), store, undefined, NOW);
    expect(written).toEqual(["apis/default", "apis/default/routes/ANY /a"]);
  });

  test("names what it replaces that was put by hand with another value", async () => {
    const pushed = definition({ "/a": "a", "/b": "b" });
    const store = new MemoryStore({
      "apis/default/routes/ANY /a": GUARDED,
      "apis/default/routes/ANY /b": pushed.entries.get("apis/default/routes/ANY /b"),
    });
    expect((await push(pushed, store, undefined, NOW)).replaced).toEqual(["apis/default/routes/ANY /a"]);
    expect((await push(pushed, store, undefined, NOW)).replaced).toEqual([]);
  });

  test("R-13 leaves a policy that was put by hand to a document that has a title only", async () => {
    const store = new MemoryStore({ "apis/default": { policy: POLICY } });
    await push(definition({ "/a": "a" }), store, undefined, NOW);
    expect(store.json("apis/default")).toEqual({ policy: POLICY });
  });

  test("names an API's entry that it replaces", async () => {
    const store = new MemoryStore({ "apis/default": { policy: POLICY } });
    const { replaced } = await push(
      definition({ "/a": "a" }, { "x-portico-protocol": "REST" }),
      store,
      undefined,
      NOW,
    );
    expect(replaced).toEqual(["apis/default"]);
  });
});

describe("push --stage", () => {
  test("R-13 the deployment holds the guards that were put by hand", async () => {
    const store = new MemoryStore({
      "apis/default": { policy: POLICY },
      "apis/default/routes/ANY /admin/{proxy+}": GUARDED,
      "apis/default/authorizers/guard": { type: "token", authorizerUri: "guard" },
      "apis/default/routes/GET /guarded": { integration: answerWith("guarded"), authorizer: "guard" },
    });
    const statuses = async () => {
      const subject = await serving(store);
      const found: number[] = [];
      for (const [path, peer] of [
        ["/admin/x", "198.51.100.1:1"],
        ["/guarded", "198.51.100.1:1"],
        ["/y", "198.51.100.1:1"],
        ["/y", "203.0.113.7:1"],
      ] as const) {
        found.push((await subject.fetch(path, { peer })).status);
      }
      return found;
    };
    await push(definition({ "/{proxy+}": "wide" }), store, undefined, NOW);
    expect(await statuses()).toEqual([403, 401, 200, 403]);
    const { deployment } = await push(definition({ "/{proxy+}": "wide" }), store, "$default", NOW);
    expect(store.json("apis/default/stages/$default")).toMatchObject({ deployment });
    expect(await statuses()).toEqual([403, 401, 200, 403]);
  });

  test("the definition's word comes before what was put by hand, and what it dropped is gone", async () => {
    const store = new MemoryStore({ "apis/default/routes/ANY /a": { integration: answerWith("hand") } });
    await push(definition({ "/a": "a", "/b": "b" }), store, undefined, NOW);
    await push(definition({ "/a": "a" }), store, "$default", NOW);
    const subject = await serving(store);
    expect(await (await subject.fetch("/a")).text()).toBe("a");
    expect((await subject.fetch("/b")).status).toBe(404);
  });

  test("leaves what the stage says as it was written: defaults are not spelt out", async () => {
    const said = { variables: { v: "1" }, throttle: { rate: 10 }, routeSettings: {}, autoDeploy: true };
    const store = new MemoryStore({ "apis/default/stages/prod": said });
    const { deployment } = await push(definition({ "/a": "a" }), store, "prod", NOW);
    const { autoDeploy: _, ...kept } = said;
    expect(store.json("apis/default/stages/prod")).toEqual({ ...kept, deployment });
    const other = await push(definition({ "/a": "a" }), store, "dev", NOW);
    expect(store.json("apis/default/stages/dev")).toEqual({ deployment: other.deployment });
  });

  test("refuses a stage whose entry is bad, and leaves it as it was", async () => {
    const store = new MemoryStore({ "apis/default/stages/prod": { throttle: { rate: 0 } } });
    await expect(push(definition({ "/a": "a" }), store, "prod", NOW)).rejects.toThrow(
      "the stage's entry apis/default/stages/prod is bad: a rate is more than 0",
    );
    expect(store.json("apis/default/stages/prod")).toEqual({ throttle: { rate: 0 } });
  });

  test("refuses an entry put by hand that is no JSON, and leaves the stage as it was", async () => {
    const store = new MemoryStore({ "apis/default/routes/GET /bad": "{" });
    await expect(push(definition({ "/a": "a" }), store, "$default", NOW)).rejects.toThrow(
      "apis/default/routes/GET /bad",
    );
    expect([...store.entries.keys()].filter((key) => /stages|deployments/.test(key))).toEqual([]);
  });

  test("other APIs' entries are none of it", async () => {
    const store = new MemoryStore({
      "apis/default-2": { policy: POLICY },
      "apis/default-2/routes/GET /a": GUARDED,
    });
    const { deployment } = await push(definition({ "/a": "a" }), store, "$default", NOW);
    const entry = store.json(`apis/default/deployments/${deployment ?? ""}`);
    expect(entry).toMatchObject({ routes: { "ANY /a": {} } });
    expect(JSON.stringify(entry)).not.toContain("AWS_IAM");
    expect(JSON.stringify(entry)).not.toContain("198.51.100.1");
  });
});
