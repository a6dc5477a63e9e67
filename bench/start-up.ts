import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Bundle } from "../cli/engine/bundle.ts";
import { workerOptions } from "../cli/engine/worker-options.ts";
import type { Script } from "./build.ts";
import { median } from "./summary.ts";

const STARTS = 15;

const EMPTY: Bundle = {
  modules: [{ type: "ESModule", path: "empty.js", contents: "export default { fetch() {} };" }],
};

const require = createRequire(import.meta.url);
/** The engine's program, as its package gives it. */
const { default: program }: { default: string } = require("workerd");

/**
 * How long the script takes to compile and evaluate, in ms. The engine does so before it
 * listens, so this is the time from its start until then, beyond that of an empty script.
 */
export async function startUpMs({ root, bundle }: Script): Promise<number> {
  const script = await prepare(bundle, root, "start-up");
  const empty = await prepare(EMPTY, root, "start-up-empty");
  const differences: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    const without = await untilListening(empty);
    differences.push((await untilListening(script)) - without);
  }
  return median(differences);
}

const KINDS = { ESModule: "esModule", Text: "text", Data: "data", CompiledWasm: "wasm" } as const;

/** The engine's own configuration, without the launcher's and miniflare's parts. */
async function prepare({ modules }: Bundle, root: string, name: string): Promise<string> {
  const { compatibilityDate, compatibilityFlags = [] } = workerOptions(root);
  const folder = join(root, name);
  await mkdir(folder);
  for (const { path, contents } of modules) await writeFile(join(folder, path), contents);
  const list = modules.map(({ type, path }) => `(name = "${path}", ${KINDS[type]} = embed "${path}")`);
  const file = join(folder, "config.capnp");
  await writeFile(
    file,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "script", worker = (
    modules = [${list.join(", ")}],
    compatibilityDate = "${compatibilityDate}",
    compatibilityFlags = ${JSON.stringify(compatibilityFlags)},
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "script")],
);
`,
  );
  return file;
}

async function untilListening(file: string): Promise<number> {
  const startedAt = performance.now();
  const engine = spawn(program, ["serve", "--control-fd=3", file], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const exit = once(engine, "exit");
  let stderr = "";
  engine.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const control = engine.stdio[3];
  const listening = control ? once(control, "data") : exit;
  await Promise.race([listening, exit]);
  const elapsed = performance.now() - startedAt;
  if (engine.exitCode !== null) throw new Error(`the engine did not start: ${stderr}`);
  engine.kill();
  await exit;
  return elapsed;
}
