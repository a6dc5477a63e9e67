import { DEFAULT_STAGE } from "../config/api-config.ts";
import type { AuthorizerEntry } from "../config/authorizer-schema.ts";
import { stageKey } from "../config/keys.ts";
import type { Problem } from "../config/problem.ts";
import { type Definition, placeOfRoute } from "./lint.ts";
import { stageVariablesRead } from "./stage-variables.ts";

interface NamedDefinition extends Definition {
  readonly api: string;
  readonly authorizers: ReadonlyMap<string, AuthorizerEntry>;
  readonly schemesPlace: string;
}

/** The stage variables that a document reads: it has no place to give them a value. */
export function lintStageVariables(definition: NamedDefinition): readonly Problem[] {
  const { api, settings, routes, authorizers, schemesPlace } = definition;
  const readers = [
    ...[...routes].map(([key, entry]) => [placeOfRoute(definition, key), entry] as const),
    ...[...authorizers].map(([name, entry]) => [`${schemesPlace}.${name}`, entry] as const),
    ["x-amazon-apigateway-gateway-responses", settings.gatewayResponses] as const,
  ];
  const found = readers.flatMap(([path, value]) =>
    [...stageVariablesRead(value)].map((name) => ({ name, path })),
  );
  const names = [...new Set(found.map(({ name }) => name))];
  const [first] = found;
  if (!first) return [];
  const variables = Object.fromEntries(names.map((name) => [name, "..."]));
  return [
    {
      code: "stage.variables",
      path: first.path,
      message: `stageVariables.${names.join(", stageVariables.")} ${names.length > 1 ? "are" : "is"} read, and no document carries stage variables: the stage's entry does`,
      hint: `put ${JSON.stringify({ variables })} under the key ${stageKey(api, DEFAULT_STAGE)}`,
    },
  ];
}
