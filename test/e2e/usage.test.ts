import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { Command, Launched, portico, run } from "./support/process.ts";
import { copyRepository, type TempFolder, tempFolder } from "./support/root.ts";
import { until } from "./support/wait.ts";

const QUOTA = 5;

const DEFINITION = `openapi: "3.0.1"
components:
  securitySchemes:
    api_key: { type: apiKey, name: x-api-key, in: header }
paths:
  /guarded:
    get:
      security: [{ api_key: [] }]
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: { application/json: '{"statusCode": 200}' }
        responses: { default: { statusCode: 200, responseTemplates: { application/json: in } } }
  /env:
    get:
      x-amazon-apigateway-integration: { type: aws_proxy, uri: env, payloadFormatVersion: "2.0" }
`;

/** Shows all that a function is given of the bindings. */
const ENV = `export default { fetch: (_, env) => Response.json(env) };`;

/** Where the process list can be read as files. */
const onLinux = test.runIf(existsSync("/proc/self/stat"));

const folders: TempFolder[] = [];
let running: Command | undefined;

afterEach(async () => {
  await running?.abandon();
  running = undefined;
  for (const folder of folders.splice(0)) folder.remove();
});

function keep(folder: TempFolder): string {
  folders.push(folder);
  return folder.path;
}

const repository = (): string => keep(copyRepository({ "openapi.yaml": DEFINITION, "env.ts": ENV }));

async function start(root: string, data: string): Promise<Launched> {
  const launched = await Launched.start(root, data, "node");
  running = launched;
  return launched;
}

async function stop(gateway: Launched): Promise<void> {
  gateway.terminate();
  expect(await gateway.end()).toBe(0);
  running = undefined;
}

/** A key in a plan of its own with a quota: its text and its id. */
async function createKey(root: string, data: string): Promise<{ readonly key: string; readonly id: string }> {
  const plan = ["usage-plans", "create", "basic", "--stage", "default:$default"];
  const created = await portico(root, ...plan, "--quota", `${QUOTA}/MONTH`, "--data", data);
  expect([created.code, created.errors]).toEqual([0, ""]);
  const { output, errors } = await portico(root, "keys", "create", "--plan", "basic", "--data", data);
  return { key: output.trim(), id: /the key (\S+);/.exec(errors)?.[1] ?? "" };
}

/** What the last line of the table says: used and remaining. */
async function totals(root: string, data: string, id: string): Promise<readonly number[]> {
  const { code, output, errors } = await portico(root, "usage", id, "--data", data);
  expect([code, errors]).toEqual([0, ""]);
  const lines = output.trimEnd().split("\n");
  expect(lines).toHaveLength(32);
  expect(lines[0]).toMatch(/^DAY +USED +REMAINING$/);
  const [, used, remaining] = /^TOTAL +(\d+) +(\d+)$/.exec(lines.at(-1) ?? "") ?? [];
  return [Number(used), Number(remaining)];
}

/** What `portico usage` says that is asked about a deployed gateway. */
async function deployed(root: string, token: string, ...args: string[]): Promise<string> {
  const variables = token === "" ? ["-u", "PORTICO_TOKEN"] : [`PORTICO_TOKEN=${token}`];
  const { code, output, errors } = await run(
    "env",
    [...variables, "node", "cli/portico.ts", "usage", ...args],
    root,
  );
  expect(code).toBe(errors === "" ? 0 : 1);
  return output + errors;
}

const tokenIn = (data: string): string => readFileSync(join(data, "management-token"), "utf8").trim();

test("usage is shown by day, survives a restart, and ends with the quota", async () => {
  const root = repository();
  const data = keep(tempFolder());
  let gateway = await start(root, data);
  const { key, id } = await createKey(root, data);
  const call = async (): Promise<readonly [number, string]> => {
    const response = await fetch(`${gateway.url}/guarded`, { headers: { "x-api-key": key } });
    return [response.status, await response.text()];
  };
  // The gateway may have looked for keys before this one was there; none of that counts.
  await until("the key is known", async () => (await call())[0] === 200);
  expect(await call()).toEqual([200, "in"]);
  expect(await call()).toEqual([200, "in"]);
  expect(await totals(root, data, id)).toEqual([3, 2]);

  await stop(gateway);
  const stopped = await portico(root, "usage", id, "--data", data);
  expect([stopped.code, stopped.output]).toEqual([1, ""]);
  expect(stopped.errors).toContain("portico: no gateway runs on ");
  expect(stopped.errors).toContain("start it: npm start");

  gateway = await start(root, data);
  expect(await totals(root, data, id)).toEqual([3, 2]);
  expect(await call()).toEqual([200, "in"]);
  expect(await call()).toEqual([200, "in"]);
  expect(await call()).toEqual([429, '{"message":"Limit Exceeded"}']);
  expect(await call()).toEqual([429, '{"message":"Limit Exceeded"}']);
  expect(await totals(root, data, id)).toEqual([QUOTA, 0]);

  const json = await portico(root, "usage", id, "--plan", "basic", "--json", "--data", data);
  const usage = JSON.parse(json.output);
  expect(usage).toMatchObject({ usagePlanId: "basic", items: { [id]: expect.any(Array) } });
  expect(usage.items[id]).toHaveLength(30);
  await stop(gateway);
});

onLinux("R-12 R-14 npm start makes a token of its own, for its owner alone, and keeps it", async () => {
  const root = repository();
  const data = keep(tempFolder());
  let gateway = await start(root, data);
  const token = tokenIn(data);
  expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(statSync(join(data, "management-token")).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(join(data, "gateway.json"), "utf8"))).toEqual({
    url: gateway.url,
    pid: gateway.pid,
  });

  const question = "/_portico/usage?plan=basic&key=k_1&from=2026-11-20&to=2026-11-21";
  const ask = async (bearer?: string): Promise<number> => {
    const headers: Record<string, string> = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
    const response = await fetch(gateway.url + question, { headers });
    expect(await response.text()).not.toContain(token);
    return response.status;
  };
  expect([await ask(), await ask(`${token}x`), await ask(token)]).toEqual([401, 401, 200]);

  const asked = ["k_1", "--plan", "basic", "--url", gateway.url];
  expect(await deployed(root, token, ...asked)).toBe(
    "the key k_1 has used no quota of the usage plan basic\n",
  );
  expect(await deployed(root, `${token}x`, ...asked)).toBe(
    `portico: the gateway at ${gateway.url} does not take the token (PORTICO_TOKEN has to be the gateway's secret MANAGEMENT_TOKEN)\n`,
  );
  expect(await deployed(root, "", ...asked)).toBe(
    "portico: PORTICO_TOKEN is not set (its value is the gateway's secret MANAGEMENT_TOKEN)\n",
  );
  expect(await deployed(root, token, "k_1", "--url", gateway.url)).toBe(
    "portico: no plan is named (write --plan NAME, or --remote to look it up in the deployed store)\n",
  );
  expect(await deployed(root, token, "k_1", "--url", "gateway.example")).toBe(
    'portico: --url "gateway.example" is no http or https URL (write it as https://api.example.com)\n',
  );
  expect(await deployed(root, token, "k_1", "--remote")).toBe(
    "portico: --remote says where the keys are, not the gateway (add --url https://...)\n",
  );

  const environment = await (await fetch(`${gateway.url}/env`)).text();
  expect(Object.keys(JSON.parse(environment))).not.toContain("MANAGEMENT_TOKEN");
  expect(environment).not.toContain(token);
  for (const pid of gateway.tree()) {
    expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).not.toContain(token);
  }
  await stop(gateway);
  expect(() => statSync(join(data, "gateway.json"))).toThrow("ENOENT");
  expect(gateway.output + gateway.errors).not.toContain(token);

  gateway = await start(root, data);
  expect([tokenIn(data), await ask(token)]).toEqual([token, 200]);
  await stop(gateway);
});

test("R-14 a token in .dev.vars takes the made one's place; a short one turns management off", async () => {
  const root = repository();
  const data = keep(tempFolder());
  const own = "one-that-is-my-own-and-long-enough";
  writeFileSync(join(root, ".dev.vars"), `MANAGEMENT_TOKEN="${own}"\n`);
  let gateway = await start(root, data);
  const { id } = await createKey(root, data);
  const shown = await portico(root, "usage", id, "--data", data);
  expect([shown.code, shown.output]).toEqual([
    0,
    `the key ${id} has used no quota of the usage plan basic\n`,
  ]);

  // The command line goes by what is configured now, the gateway by what it was started with.
  writeFileSync(join(root, ".dev.vars"), `MANAGEMENT_TOKEN="${own}-now"\n`);
  const changed = await portico(root, "usage", id, "--data", data);
  expect([changed.code, changed.output]).toEqual([1, ""]);
  expect(changed.errors).toContain("does not take the token (its token has changed since it started");
  await stop(gateway);

  writeFileSync(join(root, ".dev.vars"), 'MANAGEMENT_TOKEN="too-short"\n');
  gateway = await start(root, data);
  const off = await portico(root, "usage", id, "--data", data);
  expect([off.code, off.output]).toEqual([1, ""]);
  expect(off.errors).toContain(`portico: management is off at ${gateway.url}`);
  await stop(gateway);
  expect(gateway.errors).toContain("MANAGEMENT_TOKEN is shorter than 32 characters");
  expect(gateway.output + gateway.errors + off.errors).not.toContain("too-short");
});

onLinux("R-12 npm run dev passes the token unseen, and says where it listens", async () => {
  const root = repository();
  const data = keep(tempFolder());
  const gateway = new Command("node", ["cli/portico.ts", "dev", "--port", "0", "--data", data], root);
  running = gateway;
  const file = join(data, "gateway.json");
  const url = await until(
    "wrangler says where it listens",
    () => {
      try {
        return String(JSON.parse(readFileSync(file, "utf8")).url);
      } catch {
        return undefined;
      }
    },
    60_000,
  );
  const token = tokenIn(data);
  const question = `${url}/_portico/usage?plan=basic&key=k_1&from=2026-11-20&to=2026-11-21`;
  expect((await fetch(question)).status).toBe(401);
  expect((await fetch(question, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  const processes = gateway.tree();
  expect(processes.length).toBeGreaterThan(2);
  for (const pid of processes) {
    expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).not.toContain(token);
  }
  gateway.terminate();
  await gateway.end();
  running = undefined;
  expect(() => statSync(file)).toThrow("ENOENT");
  expect(gateway.output + gateway.errors).not.toContain(token);
});
