import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { Failure } from "./failure.ts";

const require = createRequire(import.meta.url);

export interface Module {
  readonly type: "ESModule" | "Text" | "Data" | "CompiledWasm";
  readonly path: string;
  readonly contents: string | Uint8Array<ArrayBuffer>;
}

export interface Bundle {
  /** The script first, then what it imports besides. */
  readonly modules: readonly Module[];
}

/** The command line of the installed wrangler, run by this Node. */
function wranglerCommand(args: readonly string[]): { command: string; args: string[] } {
  const bin = join(dirname(require.resolve("wrangler/package.json")), "bin", "wrangler.js");
  return { command: process.execPath, args: [bin, ...args] };
}

/** What every wrangler is told: no metrics, no banner, no questions. */
export const wranglerEnv: NodeJS.ProcessEnv = {
  ...process.env,
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CI: "1",
};

export interface WranglerRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function runWrangler(args: readonly string[], cwd: string): Promise<WranglerRun> {
  const { command, args: all } = wranglerCommand(args);
  return new Promise((resolve, reject) => {
    const child = spawn(command, all, { cwd, env: wranglerEnv, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

/**
 * Bundles the script exactly as `wrangler deploy` does; with `minify` as `npm run deploy` has it
 * do, where errors are shown by their places in the source, from maps that go with the script.
 *
 * @throws Failure that names the file and line which does not compile
 */
export async function bundle(
  root: string,
  outdir: string,
  { minify = false }: { readonly minify?: boolean } = {},
): Promise<Bundle> {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  const flags = minify ? ["--minify"] : [];
  const run = await runWrangler(["deploy", "--dry-run", "--outdir", outdir, ...flags], root);
  if (run.code !== 0) throw new Failure(compileError(`${run.stderr}\n${run.stdout}`));
  const modules: Module[] = [];
  for (const file of (await readdir(outdir)).sort()) {
    const type = moduleType(file);
    if (!type) continue;
    const contents = await readFile(join(outdir, file));
    const text = type === "ESModule" || type === "Text";
    modules.push({ type, path: file, contents: text ? contents.toString("utf8") : new Uint8Array(contents) });
  }
  modules.sort((a, b) => Number(b.path === "worker.js") - Number(a.path === "worker.js"));
  return { modules };
}

function moduleType(file: string): Module["type"] | undefined {
  switch (extname(file)) {
    case ".js":
    case ".mjs":
      return "ESModule";
    case ".txt":
    case ".html":
    case ".sql":
      return "Text";
    case ".bin":
      return "Data";
    case ".wasm":
      return "CompiledWasm";
    default:
      return undefined;
  }
}

/** The first complaint in wrangler's output, with its place, as one line. */
function compileError(output: string): string {
  const plain = output.replace(/\u001b\[[0-9;]*m/g, "");
  const errors = [...plain.matchAll(/\[ERROR\] (.+)/g)].map((match) => match[1] ?? "");
  const message = errors.find((error) => !error.startsWith("Build failed")) ?? errors[0];
  const place = /^\s+(\S+:\d+:\d+):\s*$/m.exec(plain)?.[1];
  return `${place === undefined ? "" : `${place}: `}${message ?? `the script cannot be bundled: ${plain.trim().slice(-300)}`}`;
}
