import { NONE } from "../src/config/check-access.ts";
import { functionName } from "../src/config/integration-uri.ts";
import type { Problem } from "../src/config/problem.ts";
import type { RouteEntry } from "../src/config/schemas.ts";
import { isServiceIntegration } from "../src/config/service-schema.ts";
import type { Concurrency, Throttle } from "../src/config/throttle-schema.ts";

/** Problems as lines: place, what, and how to mend it. */
export function problemLines(problems: readonly Problem[]): readonly string[] {
  return problems.map(
    ({ path, message, hint }) => `${path}: ${message}${hint === undefined ? "" : ` (${hint})`}`,
  );
}

/** The table of routes: method, path, where it goes, what guards it. */
export function routeTable(routes: ReadonlyMap<string, RouteEntry>): readonly string[] {
  const rows = [...routes].map(([key, entry]) => {
    const space = key.indexOf(" ");
    const [method, path] = space < 0 ? ["*", key] : [key.slice(0, space), key.slice(space + 1)];
    return [method, path, destination(entry.integration), guards(entry)] as const;
  });
  rows.sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0));
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map(([method, path, to, guarded]) =>
    `${method.padEnd(widths[0] ?? 0)}  ${path.padEnd(widths[1] ?? 0)}  ${to.padEnd(guarded === "" ? 0 : (widths[2] ?? 0))}  ${guarded}`.trimEnd(),
  );
}

function destination(integration: RouteEntry["integration"]): string {
  if (isServiceIntegration(integration)) return `${integration.type} ${integration.binding}`;
  const { type, uri, integrationSubtype } = integration;
  if (type === "mock") return "mock";
  if (integrationSubtype !== undefined) return integrationSubtype;
  const name = type === "aws_proxy" || type === "aws" ? functionName(uri ?? "") : undefined;
  return name === undefined ? (uri ?? "") : `function ${name}`;
}

function guards(route: RouteEntry): string {
  const { authorizer = NONE, authorizationScopes, apiKeyRequired, policy, throttle, concurrency } = route;
  const scopes = authorizationScopes.length === 0 ? "" : ` (${authorizationScopes.join(" ")})`;
  return [
    ...(authorizer === NONE ? [] : [authorizer + scopes]),
    ...(apiKeyRequired ? ["API key"] : []),
    ...(policy ? ["policy"] : []),
    ...throttle.map(often),
    ...concurrency.map(atATime),
  ].join(", ");
}

/** `10/s per ip`, `1000/hour` */
function often({ rate, interval, per }: Throttle): string {
  return `${rate}/${interval === "second" ? "s" : interval}${whose(per)}`;
}

/** `5 at a time` */
function atATime({ limit, per }: Concurrency): string {
  return `${limit} at a time${whose(per)}`;
}

const whose = (per: string | undefined): string =>
  per === undefined || per === "route" ? "" : ` per ${per}`;
