import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Imported, ImportOptions } from "../src/openapi/import.ts";
import { importText } from "./definition-text.ts";
import { readBindings } from "./engine/bindings.ts";
import { Failure } from "./engine/failure.ts";

/** The API as `routes/openapi.yaml` defines it, checked against the modules beside it. */
export interface Definition extends Imported {
  readonly file: string;
}

const NAMES = ["openapi.yaml", "openapi.yml", "openapi.json"];

/** @throws Failure when there is no definition, more than one, or it is no YAML, and when wrangler.toml cannot be read */
export async function readDefinition(root: string, options: ImportOptions = {}): Promise<Definition> {
  const [file, ...others] = NAMES.map((name) => join(root, "routes", name)).filter((path) =>
    existsSync(path),
  );
  if (file === undefined) {
    throw new Failure("there is no routes/openapi.yaml", "it names the routes; README.md shows a small one");
  }
  if (others.length > 0) {
    const names = [file, ...others].map((path) => relative(root, path));
    throw new Failure(`two definitions: ${names.join(", ")}; keep one`, "move the others out of routes/");
  }
  const shown = relative(root, file);
  const imported = importText(await readFile(file, "utf8"), shown, {
    ...options,
    functions: await functionNames(root),
    bindings: readBindings(root),
  });
  return { ...imported, file: shown };
}

/** The modules under routes/, as integrations name them. */
export async function functionNames(root: string): Promise<readonly string[]> {
  const files = await readdir(join(root, "routes"), { recursive: true });
  return files
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
    .map((file) => file.slice(0, -3))
    .sort();
}
