import { expect, test } from "vitest";
import { routeTable } from "../../cli/print.ts";
import { parseValue } from "../../src/config/parse.ts";
import { RouteEntry } from "../../src/config/schemas.ts";

function table(routes: Readonly<Record<string, object>>): readonly string[] {
  const parsed = Object.entries(routes).map(([key, more]) => {
    const entry = parseValue(key, { integration: { type: "mock" }, ...more }, RouteEntry);
    if (!entry.ok) throw new Error(JSON.stringify(entry.problems));
    return [key, entry.value] as const;
  });
  return routeTable(new Map(parsed));
}

test("the route table shows what guards and limits each route", () => {
  expect(
    table({
      "GET /a": { throttle: { rate: 10, per: "ip" }, concurrency: { limit: 5 } },
      "GET /b": { throttle: { rate: 1000, interval: "hour" }, authorizer: "issuer", apiKeyRequired: true },
      "GET /c": {},
      "GET /d": {
        throttle: [
          { rate: 0.5, interval: "minute", per: "route" },
          { rate: 100, per: "stage" },
        ],
        concurrency: { limit: 2, per: "jwt.sub" },
      },
    }),
  ).toEqual([
    "GET  /a  mock  10/s per ip, 5 at a time",
    "GET  /b  mock  issuer, API key, 1000/hour",
    "GET  /c  mock",
    "GET  /d  mock  0.5/minute, 100/s per stage, 2 at a time per jwt.sub",
  ]);
});
