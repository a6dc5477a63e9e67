import type { Problem } from "../src/config/problem.ts";
import type { RouteEntry } from "../src/config/schemas.ts";

/** Problems as lines: place, what, and how to mend it. */
export function problemLines(problems: readonly Problem[]): readonly string[] {
  return problems.map(
    ({ path, message, hint }) => `${path}: ${message}${hint === undefined ? "" : ` (${hint})`}`,
  );
}

/** The table of routes: method, path, where it goes. */
export function routeTable(routes: ReadonlyMap<string, RouteEntry>): readonly string[] {
  const rows = [...routes].map(([key, { integration }]) => {
    const space = key.indexOf(" ");
    const [method, path] = space < 0 ? ["*", key] : [key.slice(0, space), key.slice(space + 1)];
    return [method, path, destination(integration)] as const;
  });
  rows.sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0));
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map(
    ([method, path, to]) => `${method.padEnd(widths[0] ?? 0)}  ${path.padEnd(widths[1] ?? 0)}  ${to}`,
  );
}

function destination(integration: RouteEntry["integration"]): string {
  const { type, uri } = integration;
  if (type === "mock") return "mock";
  return type === "aws_proxy" ? `function ${uri ?? ""}` : (uri ?? "");
}
