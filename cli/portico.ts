#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError, Option } from "commander";
import { DEFAULT_STAGE } from "../src/config/api-config.ts";
import { stageKey } from "../src/config/keys.ts";
import { BASE_PATH_MODES, type BasePathMode } from "../src/openapi/base-path.ts";
import { accessCommands } from "./access-commands.ts";
import { cacheCommands } from "./cache.ts";
import { checkStored } from "./check-stored.ts";
import { functionNames, readDefinition } from "./definition.ts";
import { dev } from "./dev.ts";
import { readBindings } from "./engine/bindings.ts";
import { Failure, failureLine } from "./engine/failure.ts";
import { problemLines, routeTable } from "./print.ts";
import { push } from "./push.ts";
import { checkedDefinition, type StartOptions, start } from "./start.ts";
import { readStored } from "./stored-entries.ts";
import { type StoreFlags, storeOptions, withStore } from "./with-store.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(readFileSync(resolve(root, "package.json"), "utf8")) as { version: string };
const print = (line: string): void => void process.stdout.write(`${line}\n`);

interface ServeFlags {
  readonly host: string;
  readonly port: number;
  readonly data: string;
}

const program = new Command("portico").version(version).description("The front door of your API");

function serving(command: Command): Command {
  return command
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port to listen on", port, 8787)
    .option("--data <folder>", "where configuration and state are kept", ".portico");
}

serving(program.command("start"))
  .description("run the gateway on this machine, as in production")
  .action(async (flags: ServeFlags) => {
    const starting = start(options(flags), print);
    onStop(async () => (await starting).stop());
    await starting;
  });

serving(program.command("dev"))
  .description("run the gateway with reload on every edit")
  .action(async (flags: ServeFlags) => {
    process.exitCode = await dev(options(flags), print);
  });

const basePathOption = (): Option =>
  new Option("--basepath <mode>", "what becomes of the definition's base path")
    .choices(BASE_PATH_MODES)
    .default("ignore");

storeOptions(program.command("push"))
  .description("write routes/openapi.yaml into a config store")
  .option("--stage <name>", "deploy besides: an immutable deployment that this stage then serves")
  .addOption(basePathOption())
  .action(async (flags: StoreFlags & { stage?: string; basepath: BasePathMode }) => {
    const definition = await checkedDefinition(root, print, flags);
    await withStore(root, flags, async (store) => {
      const result = await push(definition, store, flags.stage, new Date());
      print(`${result.written} entries written to the ${flags.remote ? "remote" : "local"} store`);
      for (const key of result.replaced) print(`replaced ${key}, which had been put by hand`);
      for (const key of result.removed) print(`removed ${key}, which the definition no longer has`);
      if (result.deployment === undefined) return;
      print(`stage ${flags.stage ?? ""} serves deployment ${result.deployment}`);
      const rootStage = stageKey(definition.api, DEFAULT_STAGE);
      if ((await store.get(rootStage)) === undefined) {
        print(
          `an API with stages is served below them only; for its root too, put {} under the key ${rootStage}`,
        );
      }
    });
  });

accessCommands(program, root, print);
cacheCommands(program, root, print);

storeOptions(program.command("check"))
  .description("parse and lint routes/openapi.yaml, or what is stored, without writing anything")
  .option("--stored", "check the entries of a config store in place of routes/openapi.yaml")
  .addOption(basePathOption())
  .action(async (flags: StoreFlags & { stored?: boolean; basepath: BasePathMode }, command: Command) => {
    const others = flags.stored ? ["basepath"] : ["remote", "data"];
    const other = others.find((name) => command.getOptionValueSource(name) === "cli");
    if (other !== undefined) {
      throw flags.stored
        ? new Failure(`--${other} is about the definition, which --stored leaves alone`)
        : new Failure(`--${other} names a store, and the definition is checked`, "add --stored");
    }
    const findings = flags.stored
      ? await checkStored(await readStored(root, flags), {
          bindings: readBindings(root),
          functions: await functionNames(root),
        })
      : await readDefinition(root, flags);
    const { problems, warnings, routes } = findings;
    for (const line of problemLines(warnings)) print(`warning: ${line}`);
    for (const line of problemLines(problems)) print(`error: ${line}`);
    const what = "file" in findings ? findings.file : `the ${flags.remote ? "remote" : "local"} store`;
    print(`${what}: ${routes.size} routes, ${problems.length} errors, ${warnings.length} warnings`);
    if (problems.length > 0) process.exitCode = 1;
  });

program
  .command("routes")
  .description("print the table of routes")
  .addOption(basePathOption())
  .action(async (flags: { basepath: BasePathMode }) => {
    const { routes, operations } = await readDefinition(root, flags);
    for (const line of routeTable(routes)) print(line);
    const bad = operations - routes.size;
    if (bad > 0) print(`${bad} ${bad === 1 ? "route has" : "routes have"} errors: npm run portico -- check`);
  });

/**
 * The first signal stops in good order, a second one at once. A process that npm runs is told
 * of SIGTERM by nobody: npm ends the shell between them, and the shell ends without a word.
 */
function onStop(stop: () => Promise<void>): void {
  let stopping = false;
  const end = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, end);
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const { ppid } = process;
  const watch = setInterval(() => {
    if (process.ppid === ppid) return;
    clearInterval(watch);
    if (!stopping) end();
  }, 250);
  watch.unref();
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError("a port is 0 to 65535.");
  return value;
}

function options(flags: ServeFlags): StartOptions {
  return { root, host: flags.host, port: flags.port, data: resolve(root, flags.data) };
}

// Whoever reads may have seen enough: `portico routes | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Failure) && process.env["DEBUG"] !== undefined) throw error;
  process.stderr.write(`portico: ${failureLine(error)}\n`);
  process.exitCode = 1;
}
