import { spawn } from "node:child_process";
import { watch } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as v from "valibot";
import { apiUrl } from "./api-url.ts";
import { readDefinition } from "./definition.ts";
import { wranglerEnv } from "./engine/bundle.ts";
import { failureLine } from "./engine/failure.ts";
import { openLocalStore } from "./engine/local-store.ts";
import { announce, localUrl, managementToken, TOKEN_VARIABLE } from "./local-gateway.ts";
import { problemLines, routeTable } from "./print.ts";
import { push } from "./push.ts";
import { checkedDefinition, exampleOrigin, type StartOptions, variables } from "./start.ts";
import { localStore } from "./store.ts";

const require = createRequire(import.meta.url);

/**
 * wrangler takes variables on its command line, which every user of the machine can read. So
 * the token comes in the environment, and is put where wrangler looks for its arguments only
 * once its process has begun.
 */
const TOKEN_ARGUMENT = `data:text/javascript,${encodeURIComponent(`
  const { ${TOKEN_VARIABLE}: token } = process.env;
  delete process.env.${TOKEN_VARIABLE};
  if (token) process.argv.push("--var", "${TOKEN_VARIABLE}:" + token);
`)}`;

/** What wrangler tells the process that started it, once it listens. */
const Ready = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ event: v.literal("DEV_SERVER_READY"), port: v.number() }),
);

/** `wrangler dev` on the same store: script and functions reload by themselves, the definition by us. */
export async function dev(options: StartOptions, print: (line: string) => void): Promise<number> {
  const definition = await checkedDefinition(options.root, print);
  const store = await openLocalStore(options.root, options.data);
  await push(definition, localStore(store.config), undefined, new Date());
  const origin = await exampleOrigin(definition);
  for (const line of routeTable(definition.routes)) print(`  ${line}`);
  const vars = Object.entries(variables(options.host)).flatMap(([name, value]) => [
    "--var",
    `${name}:${value}`,
  ]);
  // wrangler's own starter would show the arguments of the process that it starts.
  const args = [
    ...["--no-warnings", "--import", TOKEN_ARGUMENT, require.resolve("wrangler")],
    "dev",
    "--ip",
    options.host,
    "--port",
    String(options.port),
    "--persist-to",
    options.data,
    ...vars,
  ];
  const { CI: _, ...environment } = wranglerEnv;
  const env = { ...environment, [TOKEN_VARIABLE]: await managementToken(options.root, options.data) };
  const stdio = ["inherit", "inherit", "inherit", "ipc"] as const;
  const child = spawn(process.execPath, args, { cwd: options.root, env, stdio: [...stdio] });
  let announced: Promise<() => Promise<void>> | undefined;
  child.on("message", (message) => {
    const ready = v.safeParse(Ready, message);
    if (!ready.success || announced) return;
    announced = announce(options.data, localUrl(options.host, ready.output.port));
    print(`Portico serves ${apiUrl(definition.api, options.host, ready.output.port)}`);
  });
  const watcher = watch(join(options.root, "routes"), (_, file) => {
    if (file === null || !/^openapi\.(?:ya?ml|json)$/.test(file)) return;
    pushAgain(options.root, store.config, print).catch((error: unknown) => {
      print(failureLine(error));
    });
  });
  const code = await new Promise<number>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      // The store's own handler would end this process at once, and leave wrangler behind.
      process.removeAllListeners(signal);
      process.on(signal, () => child.kill(signal));
    }
    child.on("close", (status) => resolve(status ?? 0));
  });
  watcher.close();
  await (await announced)?.();
  origin?.close();
  await store.close();
  return code;
}

async function pushAgain(
  root: string,
  config: Parameters<typeof localStore>[0],
  print: (line: string) => void,
): Promise<void> {
  const definition = await readDefinition(root);
  for (const line of problemLines([...definition.problems, ...definition.warnings])) print(line);
  if (definition.problems.length > 0) return;
  await push(definition, localStore(config), undefined, new Date());
  print(`${definition.file} pushed`);
}
