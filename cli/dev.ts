import { spawn } from "node:child_process";
import { watch } from "node:fs";
import { join } from "node:path";
import { readDefinition } from "./definition.ts";
import { wranglerCommand, wranglerEnv } from "./engine/bundle.ts";
import { openLocalStore } from "./engine/local-store.ts";
import { problemLines, routeTable } from "./print.ts";
import { push } from "./push.ts";
import { checkedDefinition, exampleOrigin, type StartOptions, variables } from "./start.ts";
import { localStore } from "./store.ts";

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
  const { command, args } = wranglerCommand([
    "dev",
    "--ip",
    options.host,
    "--port",
    String(options.port),
    "--persist-to",
    options.data,
    ...vars,
  ]);
  const { CI: _, ...env } = wranglerEnv;
  const child = spawn(command, args, { cwd: options.root, env, stdio: "inherit" });
  const watcher = watch(join(options.root, "routes"), (_, file) => {
    if (file === null || !/^openapi\.(?:ya?ml|json)$/.test(file)) return;
    pushAgain(options.root, store.config, print).catch((error: unknown) => {
      print(error instanceof Error ? error.message : String(error));
    });
  });
  const code = await new Promise<number>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
    child.on("close", (status) => resolve(status ?? 0));
  });
  watcher.close();
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
