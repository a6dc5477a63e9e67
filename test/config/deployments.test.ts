import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { FaultyKV } from "../support/faulty-kv.ts";
import { answerWith, api, gateway, type TestGateway, writeEntries } from "../support/gateway.ts";

const deployment = (id: string, text: string, more: object = {}) => ({
  id,
  createdAt: "2026-11-21T00:00:00Z",
  routes: { "GET /a": { integration: answerWith(text) } },
  ...more,
});

async function answers(subject: TestGateway, target: string): Promise<string> {
  const response = await subject.fetch(target);
  return `${response.status} ${await response.text()}`;
}

describe("a stage that is pinned to a deployment", () => {
  const entries = {
    ...api({ "GET /a": answerWith("live"), "GET /new": answerWith("new") }),
    "apis/default/stages/prod": { deployment: "1", variables: { v: "1" } },
    "apis/default/stages/dev": { autoDeploy: true },
    "apis/default/deployments/1": deployment("1", "one"),
  };

  test("serves its snapshot while another follows the entries", async () => {
    const subject = await gateway(entries);
    expect(await answers(subject, "/prod/a")).toBe("200 one");
    expect((await subject.fetch("/prod/new")).status).toBe(404);
    expect(await answers(subject, "/dev/a")).toBe("200 live");
    expect(await answers(subject, "/dev/new")).toBe("200 new");
    expect((await subject.fetch("/a")).status).toBe(404);
  });

  test("moves with its pointer, in one step", async () => {
    const subject = await gateway(entries);
    await subject.fetch("/prod/a");
    await writeEntries({
      "apis/default/deployments/2": deployment("2", "two", { api: { protocol: "REST" } }),
      "apis/default/stages/prod": { deployment: "2" },
    });
    expect(await answers(subject, "/prod/a")).toBe("200 one");
    await subject.store.refresh(subject.kv);
    expect(await answers(subject, "/prod/a")).toBe("200 two");
    expect((await subject.fetch("/prod/none")).status).toBe(403);
  });

  test("reads its deployment once: it is immutable", async () => {
    const kv = new FaultyKV();
    const subject = await gateway(
      {
        "apis/default/stages/$default": { deployment: "1" },
        "apis/default/deployments/1": deployment("1", "one"),
      },
      { kv: kv.namespace },
    );
    expect(await answers(subject, "/a")).toBe("200 one");
    const { gets } = kv;
    await subject.store.refresh(subject.kv);
    // The account's entry, the stages' pointers in one bulk read, and no live entries.
    expect(kv.gets - gets).toBe(2);
  });
});

describe("R-29 a stage whose new deployment is bad keeps the old one", () => {
  test.each([
    ["there is none", undefined, "deployment.none"],
    ["it is no JSON", "{", "json.malformed"],
    ["it is no deployment", { id: "2" }, "key.missing"],
    ["its API's settings are bad", deployment("2", "two", { api: { protocol: "SOAP" } }), "value.unknown"],
  ])("%s", async (_, value, code) => {
    const subject = await gateway({
      "apis/default/stages/$default": { deployment: "1" },
      "apis/default/deployments/1": deployment("1", "one"),
    });
    expect(await answers(subject, "/a")).toBe("200 one");
    await writeEntries({ "apis/default/stages/$default": { deployment: "2" } });
    if (value !== undefined) await writeEntries({ "apis/default/deployments/2": value });
    for (let i = 0; i < 3; i++) await subject.store.refresh(subject.kv);
    expect(await answers(subject, "/a")).toBe("200 one");
    expect(subject.problems.map((problem) => problem.code)).toContain(code);
    await writeEntries({
      "apis/default/deployments/3": deployment("3", "three"),
      "apis/default/stages/$default": { deployment: "3" },
    });
    await subject.store.refresh(subject.kv);
    expect(await answers(subject, "/a")).toBe("200 three");
  });

  test("its own entry that becomes bad keeps it too", async () => {
    const subject = await gateway({
      "apis/default/stages/$default": { deployment: "1" },
      "apis/default/deployments/1": deployment("1", "one"),
    });
    await subject.fetch("/a");
    await writeEntries({ "apis/default/stages/$default": { deploymentId: "2" } });
    await subject.store.refresh(subject.kv);
    expect(await answers(subject, "/a")).toBe("200 one");
    expect(subject.problems).toMatchObject([
      { code: "key.unknown", path: "apis/default/stages/$default#deploymentId" },
    ]);
  });

  test("cold, it answers 500 with the reason, and other stages go on", async () => {
    const subject = await gateway(
      {
        ...api({ "GET /a": answerWith("live") }),
        "apis/default/stages/prod": { deployment: "9" },
        "apis/default/stages/dev": {},
      },
      { showReasons: true },
    );
    const response = await subject.fetch("/prod/a");
    expect(response.status).toBe(500);
    expect(response.headers.get("x-portico-reason")).toContain('there is no deployment "9"');
    expect(await answers(subject, "/dev/a")).toBe("200 live");
  });

  test("a bad route in a deployment costs that route", async () => {
    const routes = { "GET /a": { integration: answerWith("a") }, "GET /b": { integration: { type: "x" } } };
    const subject = await gateway({
      "apis/default/stages/$default": { deployment: "1" },
      "apis/default/deployments/1": deployment("1", "", { routes }),
    });
    expect(await answers(subject, "/a")).toBe("200 a");
    expect((await subject.fetch("/b")).status).toBe(500);
    expect(subject.problems).toMatchObject([
      { path: "apis/default/deployments/1#routes.GET /b#integration.type" },
    ]);
  });
});

test("an API whose own entry is bad answers 500 in the words of an HTTP API, and only it", async () => {
  const subject = await gateway({
    ...api({ "GET /a": answerWith("a") }),
    ...api({ "GET /a": answerWith("shop") }, { protocol: "SOAP" }, "shop"),
  });
  expect((await subject.fetch("/a", { host: "shop.test" })).status).toBe(500);
  expect(await answers(subject, "/a")).toBe("200 a");
  await env.CONFIG.delete("apis/shop");
  await subject.store.refresh(subject.kv);
  expect(await (await subject.fetch("/a", { host: "shop.test" })).text()).toBe("shop");
});
