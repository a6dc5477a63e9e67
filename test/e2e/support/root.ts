import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository under test. */
export const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));

export interface TempFolder {
  readonly path: string;
  remove(): void;
}

export function tempFolder(): TempFolder {
  const path = mkdtempSync(join(tmpdir(), "portico-e2e-"));
  return {
    path,
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}

/** A definition without routes: what a test serves, it writes as KV entries. */
export const NO_ROUTES = 'openapi: "3.0.1"\npaths: {}\n';

/**
 * A copy of the repository with routes of its own, as a user has it: the same scripts, the
 * same dependencies.
 *
 * @param routes file names under `routes/` to contents
 */
export function copyRepository(routes: Readonly<Record<string, string>>): TempFolder {
  const folder = tempFolder();
  for (const part of ["src", "cli", "package.json", "wrangler.toml", "tsconfig.json", ".npmrc"]) {
    cpSync(join(REPOSITORY, part), join(folder.path, part), { recursive: true, force: true });
  }
  symlinkSync(join(REPOSITORY, "node_modules"), join(folder.path, "node_modules"), "junction");
  writeRoutes(folder.path, { "openapi.yaml": NO_ROUTES, ...routes });
  return folder;
}

export function writeRoutes(root: string, routes: Readonly<Record<string, string>>): void {
  for (const [name, contents] of Object.entries(routes)) {
    const file = join(root, "routes", name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents);
  }
}
