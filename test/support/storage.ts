import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The test files of a folder, apart by whether they reach for the engine's bindings, by
 * themselves or by what they import: those that do need an isolate of their own and empty
 * storage for each test, the others do not.
 *
 * @param except folders in it that are left out
 */
export function testsByStorage(folder: string, except: readonly string[]) {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts") && !except.some((other) => name.startsWith(`${other}/`)))
    .map((name) => join(folder, name));
  const sources = new Map<string, Source>();
  const withStorage = files.filter((file) => reachesBindings(file, sources));
  return { withStorage, without: files.filter((file) => !withStorage.includes(file)) };
}

interface Source {
  readonly bindings: boolean;
  readonly imports: readonly string[];
}

function reachesBindings(file: string, sources: Map<string, Source>): boolean {
  const seen = new Set([file]);
  for (const path of seen) {
    const source = sources.get(path) ?? read(path);
    sources.set(path, source);
    if (source.bindings) return true;
    for (const imported of source.imports) seen.add(imported);
  }
  return false;
}

function read(path: string): Source {
  const text = readFileSync(path, "utf8");
  const imports = [...text.matchAll(/from "(\.[^"]+\.ts)"/g)].map(([, name = ""]) =>
    join(dirname(path), name),
  );
  return {
    bindings: /(?:from |import\()"cloudflare:/.test(text),
    imports: imports.filter((imported) => existsSync(imported)),
  };
}
