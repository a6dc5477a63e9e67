import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Bundle, bundle } from "../cli/engine/bundle.ts";
import { workerOptions } from "../cli/engine/worker-options.ts";
import type { ScriptName } from "./case.ts";

/** A script ready to start: the folder with its wrangler.toml, and what was bundled there. */
export interface Script {
  readonly root: string;
  readonly bundle: Bundle;
}

const BENCH = import.meta.dirname;
const REPOSITORY = join(BENCH, "..");

/** Scripts with a Durable Object class `Limiter`. */
const WITH_LIMITER: ReadonlySet<ScriptName> = new Set(["durable-object", "hono-durable-object-store"]);

const LIMITER = `
[[durable_objects.bindings]]
name = "COUNTERS"
class_name = "Limiter"

[[migrations]]
tag = "v1"
new_sqlite_classes = ["Limiter"]
`;

/** Not copied: what is large, another's, or replaced. */
const LEFT_OUT = new Set(["node_modules", "bench", "test", "routes"]);

/**
 * The gateway with the functions of a folder in place of `routes/`, so that the figures do not
 * move with the sample API; with `minify` as it is deployed.
 */
export async function buildGateway(
  folder: string,
  functions: string | undefined,
  options: { readonly minify?: boolean } = {},
): Promise<Script> {
  const filter = (source: string): boolean => {
    const name = basename(source);
    return source === REPOSITORY || !(LEFT_OUT.has(name) || name.startsWith("."));
  };
  await cp(REPOSITORY, folder, { recursive: true, filter });
  if (functions === undefined) await mkdir(join(folder, "routes"));
  else await cp(functions, join(folder, "routes"), { recursive: true });
  return build(folder, options);
}

/** A script of `contestants/`, with the compatibility settings that the gateway has. */
export async function buildContestant(folder: string, name: Exclude<ScriptName, "gateway">): Promise<Script> {
  const { compatibilityDate, compatibilityFlags = [] } = workerOptions(REPOSITORY);
  const configuration = `name = "${name}"
main = "worker.ts"
compatibility_date = "${compatibilityDate}"
compatibility_flags = ${JSON.stringify(compatibilityFlags)}

[[kv_namespaces]]
binding = "CONFIG"
id = "portico-config"
${WITH_LIMITER.has(name) ? LIMITER : ""}`;
  const from = JSON.stringify(`./contestants/${name}.ts`);
  await cp(join(BENCH, "contestants"), join(folder, "contestants"), { recursive: true });
  await writeFile(join(folder, "wrangler.toml"), configuration);
  await writeFile(join(folder, "worker.ts"), `export * from ${from};\nexport { default } from ${from};\n`);
  return build(folder);
}

async function build(folder: string, options: { readonly minify?: boolean } = {}): Promise<Script> {
  await symlink(join(REPOSITORY, "node_modules"), join(folder, "node_modules"), "junction");
  return { root: folder, bundle: await bundle(folder, join(folder, "dist"), options) };
}
