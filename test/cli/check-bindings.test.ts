import { expect, test } from "vitest";
import { type Bindings, checkBindings } from "../../cli/check-bindings.ts";
import { parseValue } from "../../src/config/parse.ts";
import { RouteEntry } from "../../src/config/schemas.ts";

const BINDINGS: Bindings = {
  queue: ["JOBS"],
  kv: ["CONFIG", "PROFILES"],
  ...{ r2: ["FILES"], d1: [], workflow: [], service: [], durable_object: ["COUNTERS"], analytics_engine: [] },
};

test.each<[object, string | undefined, string | undefined]>([
  [{ type: "kv", binding: "PROFILES", operation: "get" }, undefined, undefined],
  [
    { type: "kv", binding: "PROFILE", operation: "get" },
    "wrangler.toml has no binding PROFILE: every request ends in 500",
    'did you mean "PROFILES"?',
  ],
  [
    { type: "d1", binding: "DB", operation: "all" },
    "wrangler.toml has no binding DB: every request ends in 500",
    undefined,
  ],
  [
    { type: "queue", binding: "FILES", operation: "send" },
    "FILES is a binding of the type r2 in wrangler.toml, not queue: every request ends in 500",
    undefined,
  ],
  // An error in itself.
  [{ type: "r2", binding: "ORIGIN", operation: "get" }, undefined, undefined],
  [{ type: "mock" }, undefined, undefined],
])("%j", (integration, message, hint) => {
  const entry = parseValue("r", { integration }, RouteEntry);
  if (!entry.ok) throw new Error(JSON.stringify(entry.problems));
  expect(checkBindings("r", entry.value, BINDINGS)).toEqual(
    message === undefined
      ? []
      : [{ code: "binding.unknown", path: "r#integration.binding", message, ...(hint && { hint }) }],
  );
});
