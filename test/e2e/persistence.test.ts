import { afterEach, expect, test } from "vitest";
import { Launched, portico, run } from "./support/process.ts";
import { copyRepository, type TempFolder, tempFolder, writeRoutes } from "./support/root.ts";
import { until } from "./support/wait.ts";

const folders: TempFolder[] = [];
let running: Launched | undefined;

afterEach(async () => {
  await running?.abandon();
  running = undefined;
  for (const folder of folders.splice(0)) folder.remove();
});

function keep(folder: TempFolder): string {
  folders.push(folder);
  return folder.path;
}

/** A definition whose paths answer with a text. */
function definition(answers: Readonly<Record<string, string>>): string {
  const paths = Object.entries(answers).map(
    ([path, text]) => `  ${path}:
    get:
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: { application/json: '{"statusCode": 200}' }
        responses: { default: { statusCode: 200, responseTemplates: { application/json: ${text} } } }
`,
  );
  return `openapi: "3.0.1"\nx-amazon-apigateway-importexport-version: "1.0"\npaths:\n${paths.join("")}`;
}

async function get(gateway: Launched, path: string): Promise<readonly [number, string]> {
  const response = await fetch(gateway.url + path);
  return [response.status, await response.text()];
}

const answers = (gateway: Launched, path: string, expected: readonly [number, string]) =>
  until(`${path} answers ${expected.join(" ")}`, async () => {
    const found = await get(gateway, path);
    return found[0] === expected[0] && found[1] === expected[1];
  });

const NOT_FOUND = [404, '{"message":"Not Found"}'] as const;

/** What the launcher prints for a user to type, with the key and value in it. */
function putByHand(gateway: Launched, root: string, key: string, text: string) {
  const printed = /npx (wrangler kv key put .*) KEY VALUE/.exec(gateway.output)?.[1] ?? "";
  const [command = "", ...args] = printed.split(" ");
  const template = { "application/json": text };
  const integration = {
    type: "mock",
    requestTemplates: { "application/json": '{"statusCode": 200}' },
    responses: { default: { statusCode: 200, responseTemplates: template } },
  };
  return run(command, [...args, key, JSON.stringify({ integration })], root);
}

async function stop(gateway: Launched): Promise<void> {
  gateway.terminate();
  expect(await gateway.end()).toBe(0);
}

test("entries put with wrangler while it runs answer, and survive a restart; what the definition dropped goes", async () => {
  const root = keep(copyRepository({ "openapi.yaml": definition({ "/kept": "one", "/dropped": "two" }) }));
  const data = keep(tempFolder());
  running = await Launched.start(root, data, "node");
  expect(await get(running, "/kept")).toEqual([200, "one"]);
  expect(await get(running, "/dropped")).toEqual([200, "two"]);
  expect(await get(running, "/by-hand")).toEqual(NOT_FOUND);

  const put = await putByHand(running, root, "apis/default/routes/GET /by-hand", "mine");
  expect([put.code, put.errors]).toEqual([0, expect.not.stringContaining("ERROR")]);
  await answers(running, "/by-hand", [200, "mine"]);
  await stop(running);

  writeRoutes(root, { "openapi.yaml": definition({ "/kept": "changed", "/added": "three" }) });
  running = await Launched.start(root, data, "node");
  expect(await get(running, "/kept")).toEqual([200, "changed"]);
  expect(await get(running, "/added")).toEqual([200, "three"]);
  expect(await get(running, "/by-hand")).toEqual([200, "mine"]);
  expect(await get(running, "/dropped")).toEqual(NOT_FOUND);
  await stop(running);
});

test("data that a killed gateway left serves the next one", async () => {
  const root = keep(copyRepository({ "openapi.yaml": definition({ "/a": "before" }) }));
  const data = keep(tempFolder());
  running = await Launched.start(root, data, "node");
  expect(await get(running, "/a")).toEqual([200, "before"]);
  await putByHand(running, root, "apis/default/routes/GET /by-hand", "mine");
  await answers(running, "/by-hand", [200, "mine"]);
  await running.abandon();
  running = await Launched.start(root, data, "node");
  expect(await get(running, "/a")).toEqual([200, "before"]);
  expect(await get(running, "/by-hand")).toEqual([200, "mine"]);
  await stop(running);
});

test("portico push --stage pins a stage to what it pushed; pushes without it do not move it", async () => {
  const root = keep(copyRepository({ "openapi.yaml": definition({ "/a": "first" }) }));
  const data = keep(tempFolder());
  running = await Launched.start(root, data, "node");
  const push = (...flags: string[]) => portico(root, "push", "--data", data, ...flags);

  // A stage entry of one's own: without it there is only the implicit $default.
  const keep$default = ["kv", "key", "put", "--binding", "CONFIG", "--local", "--persist-to", data];
  await run("wrangler", [...keep$default, "apis/default/stages/$default", "{}"], root);
  const first = await push("--stage", "prod");
  expect([first.code, first.output]).toEqual([
    0,
    expect.stringMatching(/stage prod serves deployment \d{8}-/),
  ]);
  await answers(running, "/prod/a", [200, "first"]);
  await answers(running, "/a", [200, "first"]);

  writeRoutes(root, { "openapi.yaml": definition({ "/a": "second", "/b": "new" }) });
  const second = await push();
  expect([second.code, second.output]).toEqual([0, "2 entries written to the local store\n"]);
  await answers(running, "/a", [200, "second"]);
  await answers(running, "/b", [200, "new"]);
  expect(await get(running, "/prod/a")).toEqual([200, "first"]);
  expect(await get(running, "/prod/b")).toEqual(NOT_FOUND);

  expect((await push("--stage", "prod")).code).toBe(0);
  await answers(running, "/prod/a", [200, "second"]);
  await answers(running, "/prod/b", [200, "new"]);

  writeRoutes(root, { "openapi.yaml": definition({ "/b": "new" }) });
  expect((await push()).output).toContain("removed apis/default/routes/GET /a");
  await answers(running, "/a", NOT_FOUND);
  expect(await get(running, "/prod/a")).toEqual([200, "second"]);
  await stop(running);
});

test("a push of a bad definition writes nothing", async () => {
  const root = keep(copyRepository({ "openapi.yaml": definition({ "/a": "good" }) }));
  const data = keep(tempFolder());
  running = await Launched.start(root, data, "node");
  writeRoutes(root, { "openapi.yaml": definition({ "/b": "bad" }).replace("type: mock", "type: mokc") });
  const { code, errors } = await portico(root, "push", "--data", data);
  expect(code).toBe(1);
  expect(errors).toMatch(/^portico: routes\/openapi\.yaml:\d+ .*mokc/);
  expect(await get(running, "/a")).toEqual([200, "good"]);
  await stop(running);
});
