import { afterEach, expect, test } from "vitest";
import { Launched, portico, run } from "./support/process.ts";
import { copyRepository, NO_ROUTES, REPOSITORY, type TempFolder, tempFolder } from "./support/root.ts";

const folders: TempFolder[] = [];
let running: Launched | undefined;

afterEach(async () => {
  await running?.abandon();
  running = undefined;
  for (const folder of folders.splice(0)) folder.remove();
});

function temp(): string {
  const folder = tempFolder();
  folders.push(folder);
  return folder.path;
}

/** What a start with these routes says before it gives up. */
async function failure(routes: Readonly<Record<string, string>>) {
  const root = copyRepository(routes);
  folders.push(root);
  return portico(root.path, "start", "--port", "0", "--data", temp());
}

const route = (integration: string) =>
  `openapi: "3.0.1"\npaths:\n  /a:\n    get:\n      x-amazon-apigateway-integration:\n${integration
    .split("\n")
    .map((line) => `        ${line}\n`)
    .join("")}`;

test("a reader that has seen enough ends a command without a word", async () => {
  const pipe = "node cli/portico.ts routes | head -n 1";
  const { output, errors } = await run("bash", ["-c", `${pipe}; exit "\${PIPESTATUS[0]}"`], REPOSITORY);
  expect([output.trimEnd().split("\n").length, errors]).toEqual([1, ""]);
});

test("on a port that is taken, a second start says so in one line", async () => {
  running = await Launched.start(REPOSITORY, temp(), "node");
  const { port } = new URL(running.url);
  const second = await portico(REPOSITORY, "start", "--port", port, "--data", temp());
  expect(second.code).toBe(1);
  expect(second.errors).toBe(
    `portico: port ${port} is taken (choose another with --port, or stop what listens there)\n`,
  );
  expect((await fetch(`${running.url}/hello`)).status).toBe(200);
});

test.each([
  ["a port", ["--port", "none"], "a port is 0 to 65535"],
  ["a flag", ["--prot", "1"], "Did you mean --port?"],
])("a start with %s that is none says so", async (_, flags, message) => {
  const { code, errors } = await portico(REPOSITORY, "start", ...flags);
  expect(code).toBe(1);
  expect(errors).toContain(message);
  expect(errors).not.toContain("    at ");
});

test.each<[string, Record<string, string>, string]>([
  [
    "an unknown key",
    { "openapi.yaml": route("type: mock\ntimeoutInMilis: 100") },
    'routes/openapi.yaml:7 paths./a.get#integration.timeoutInMilis: there is no key "timeoutInMilis" here (did you mean "timeoutInMillis"?)',
  ],
  [
    "an unknown function",
    { "openapi.yaml": route("type: aws_proxy\nuri: helo"), "hello.ts": "export const handler = () => 1;" },
    'routes/openapi.yaml:4 paths./a.get: GET /a calls the function "helo", but there is no routes/helo.ts (did you mean "hello"?)',
  ],
  [
    "an origin that is not http",
    { "openapi.yaml": route("type: http_proxy\nuri: ftp://files.example/") },
    'routes/openapi.yaml:7 paths./a.get#integration.uri: "ftp://files.example/" is not an http or https URL (an origin is written as https://host/path)',
  ],
  [
    "a second definition",
    { "openapi.json": '{"openapi":"3.0.1","paths":{}}' },
    "two definitions: routes/openapi.yaml, routes/openapi.json; keep one (move the others out of routes/)",
  ],
  ["YAML that is none", { "openapi.yaml": `${NO_ROUTES}  bad: [` }, "routes/openapi.yaml:3:"],
  [
    "a function that does not compile",
    {
      "openapi.yaml": route("type: aws_proxy\nuri: broken"),
      "broken.ts": "export const handler = () => {\n  const x = ;\n};\n",
    },
    'routes/broken.ts:2:12: Unexpected ";"',
  ],
  [
    "a function that imports what is not there",
    {
      "openapi.yaml": route("type: aws_proxy\nuri: broken"),
      "broken.ts": 'import x from "no-such-package";\nexport const handler = () => x;\n',
    },
    'routes/broken.ts:1:14: Could not resolve "no-such-package"',
  ],
])("%s is one line that names its place, and nothing is started", async (_, routes, line) => {
  const { code, output, errors } = await failure(routes);
  expect(code).toBe(1);
  expect(errors.trimEnd().split("\n")).toHaveLength(1);
  expect(errors).toContain(`portico: ${line}`);
  expect(output).not.toContain("Portico serves");
});

test("routes says how many it leaves out, and puts a base path before the others", async () => {
  const good = "  /b:\n    get:\n      x-amazon-apigateway-integration: { type: mock }\n";
  const text = `${route("type: mokc")}${good}servers: [{ url: "https://a.test/shop/v1" }]\n`;
  const root = copyRepository({ "openapi.yaml": text });
  folders.push(root);
  expect(await portico(root.path, "routes", "--basepath", "prepend")).toEqual({
    code: 0,
    output: "GET  /shop/v1/b  mock\n1 route has errors: npm run portico -- check\n",
    errors: "",
  });
});

test.each(["check", "routes", "push", "dev"])("%s refuses two definitions, too", async (command) => {
  const root = copyRepository({ "openapi.yml": NO_ROUTES });
  folders.push(root);
  const data = command === "push" || command === "dev" ? ["--data", temp()] : [];
  expect(await portico(root.path, command, ...data)).toEqual({
    code: 1,
    output: "",
    errors:
      "portico: two definitions: routes/openapi.yaml, routes/openapi.yml; keep one (move the others out of routes/)\n",
  });
});

test("several problems are counted, and check lists them all", async () => {
  const other = route("type: mokc")
    .replace(/^[\s\S]*paths:\n/, "")
    .replace("/a", "/b");
  const routes = { "openapi.yaml": `${route("type: mock\ntimeoutInMilis: 100")}${other}` };
  const { errors } = await failure(routes);
  expect(errors.trimEnd().split("\n")).toHaveLength(1);
  expect(errors).toContain("(and 1 more: npm run portico -- check)");
  const root = copyRepository(routes);
  folders.push(root);
  const check = await portico(root.path, "check");
  expect(check.code).toBe(1);
  expect(check.output).toContain('there is no key "timeoutInMilis" here (did you mean "timeoutInMillis"?)');
  expect(check.output).toMatch(/openapi\.yaml:\d+ paths\.\/b\.get#integration\.type: .*mokc/);
  expect(check.output).toContain("routes/openapi.yaml: 0 routes, 2 errors, 0 warnings");
});
