import { expect, test } from "vitest";
import { checkRoute } from "../../src/config/check-route.ts";
import { parseValue } from "../../src/config/parse.ts";
import { API_DEFAULTS, RouteEntry } from "../../src/config/schemas.ts";
import { importOpenApi } from "../../src/openapi/import.ts";

const kv = (binding: string) => ({ type: "kv", binding, operation: "get", parameters: { key: "a" } });

test.each([
  ["CONFIG", true],
  ["COUNTERS", true],
  ["CACHE", true],
  ["ORIGIN", true],
  ["PROFILES", false],
  ["config", false],
])("the binding %s is the gateway's own: %s", (binding, own) => {
  const entry = parseValue("r", { integration: kv(binding) }, RouteEntry);
  if (!entry.ok) throw new Error(JSON.stringify(entry.problems));
  expect(checkRoute("r", entry.value, API_DEFAULTS)).toEqual(
    own
      ? [
          {
            code: "binding.own",
            path: "r#integration.binding",
            message: `${binding} is the gateway's own binding: no integration can use it`,
            hint: "bind a service of your own under another name in wrangler.toml",
          },
        ]
      : [],
  );
  const get = { "x-amazon-apigateway-integration": kv(binding) };
  const { problems } = importOpenApi({ openapi: "3.0.1", paths: { "/a": { get } } });
  expect(problems.map(({ path }) => path)).toEqual(own ? ["paths./a.get#integration.binding"] : []);
});
