import { existsSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { ask } from "./support/client.ts";
import { type Command, Launched, runs } from "./support/process.ts";
import { copyRepository, REPOSITORY, type TempFolder, tempFolder } from "./support/root.ts";
import { until } from "./support/wait.ts";

let data: TempFolder | undefined;
let root: TempFolder | undefined;
let started: Command | undefined;

afterEach(async () => {
  await started?.abandon();
  data?.remove();
  root?.remove();
  started = undefined;
  data = undefined;
  root = undefined;
});

async function launch(how: "npm" | "node"): Promise<Launched> {
  data = tempFolder();
  const launched = await Launched.start(REPOSITORY, data.path, how);
  started = launched;
  return launched;
}

async function text(url: string, init?: RequestInit): Promise<string> {
  const response = await fetch(url, init);
  expect(response.status).toBe(200);
  return response.text();
}

test("npm start prints what a user needs, and the sample API answers", async () => {
  const gateway = await launch("npm");
  const { output, url } = gateway;
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(output).toMatch(/^ {2}GET +\/hello +function hello$/m);
  expect(output).toMatch(/^ {2}GET +\/orders\/\{id\} +function orders$/m);
  expect(output).toMatch(/^ {2}ANY +\/api\/\{proxy\+\} +http:\/\/127\.0\.0\.1:8788\/\{proxy\}$/m);
  expect(output).toMatch(/config {2}routes\/openapi\.yaml/);
  expect(output).toMatch(/npx wrangler kv key put --binding CONFIG --local --persist-to \S+ KEY VALUE/);
  expect(output).toMatch(/^ {2}data +\S+/m);

  expect(JSON.parse(await text(`${url}/hello`))).toEqual({ message: "Hello, world!" });
  expect(JSON.parse(await text(`${url}/orders/42?expand=items`))).toEqual({
    orderId: "42",
    expand: ["items"],
  });
  expect(JSON.parse(await text(`${url}/time`))).toMatchObject({ path: "/time" });
  expect(JSON.parse(await text(`${url}/api/x?y=1`))).toMatchObject({ method: "GET", path: "/x?y=1" });
  const echo = { method: "POST", headers: { "content-type": "text/plain" }, body: "echo me" };
  expect(await text(`${url}/api/echo`, echo)).toBe("echo me");
  const missing = await fetch(`${url}/nothing`);
  expect([missing.status, await missing.text()]).toEqual([404, '{"message":"Not Found"}']);
  expect(missing.headers.get("x-portico-reason")).toBe("route.none: no route matches GET /nothing");
  expect(JSON.parse(await text(`${url}/_portico/health`))).toMatchObject({ status: "ok" });
});

test("an API of another name is served where the launcher says", async () => {
  root = copyRepository({
    "openapi.yaml": `openapi: "3.0.1"
x-portico-api: imp
paths:
  /a:
    get:
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: { application/json: '{"statusCode": 200}' }
        responses: { default: { statusCode: 200, responseTemplates: { application/json: imp } } }
`,
  });
  data = tempFolder();
  const gateway = await Launched.start(root.path, data.path, "node");
  started = gateway;
  const served = new URL(/^Portico serves (\S+)$/m.exec(gateway.output)?.[1] ?? "");
  expect(served.hostname).toBe("imp.localhost");
  const answer = await ask(Number(served.port), "/a", { headers: { host: served.host } });
  expect([answer.status, answer.text]).toEqual([200, "imp"]);
  expect(gateway.output).toContain(`health  http://localhost:${served.port}/_portico/health`);
});

describe.runIf(existsSync("/proc/self/stat"))("it stops", () => {
  test.each([
    ["node", "SIGTERM", "terminate"],
    ["node", "SIGINT to the whole group (Ctrl-C)", "interrupt"],
  ] as const)(
    "run by %s, on %s: with code 0, the last log lines, and no process left",
    async (how, _, stop) => {
      const gateway = await launch(how);
      await text(`${gateway.url}/hello?name=last`);
      const processes = gateway.tree();
      expect(processes.length).toBeGreaterThan(1);
      gateway[stop]();
      expect(await gateway.end()).toBe(0);
      expect(gateway.output).toMatch(/"path":"\/hello".*"status":200/);
      expect(gateway.errors).toBe("");
      expect(processes.filter(runs)).toEqual([]);
    },
  );

  test.each([
    ["SIGTERM to npm alone", "terminate"],
    ["SIGINT to the whole group (Ctrl-C)", "interrupt"],
  ] as const)("run by npm, on %s: with the last log lines, and no process left", async (_, stop) => {
    const gateway = await launch("npm");
    await text(`${gateway.url}/hello?name=last`);
    const processes = gateway.tree();
    expect(processes.length).toBeGreaterThan(2);
    gateway[stop]();
    await until("every process has ended", () => processes.filter(runs).length === 0);
    await gateway.end();
    expect(gateway.output).toMatch(/"path":"\/hello".*"status":200/);
  });

  test("with requests under way, on SIGTERM", async () => {
    const gateway = await launch("node");
    const processes = gateway.tree();
    const clients = Promise.allSettled(
      Array.from({ length: 10 }, async () => {
        for (;;) await text(`${gateway.url}/hello`);
      }),
    );
    await until("they are served", () => text(`${gateway.url}/hello`));
    gateway.terminate();
    expect(await gateway.end()).toBe(0);
    expect(processes.filter(runs)).toEqual([]);
    expect((await clients).map(({ status }) => status)).not.toContain("fulfilled");
  });
});
