import type { StageConfig } from "../src/config/api-config.ts";
import { stageKey } from "../src/config/keys.ts";
import type { Problem } from "../src/config/problem.ts";
import { stageVariablesRead } from "../src/openapi/stage-variables.ts";
import { someOf } from "./entries.ts";

/** The variables that are read of what a stage serves, and that the stage has not. */
export function checkStageVariables(stage: StageConfig): readonly Problem[] {
  const readers = new Map<string, string[]>();
  const read = (reader: string, value: unknown): void => {
    for (const name of stageVariablesRead(value)) {
      if (!Object.hasOwn(stage.variables, name)) readers.set(name, [...(readers.get(name) ?? []), reader]);
    }
  };
  for (const route of stage.routes) if (route.ok) read(route.key, route.entry);
  for (const [name, authorizer] of stage.authorizers) read(`the authorizer "${name}"`, authorizer);
  read("a gateway response", stage.settings.gatewayResponses);
  const key = stageKey(stage.api, stage.stage);
  return [...readers].map(([name, from]) => ({
    code: "stage.variable",
    path: `${key}#variables`,
    message: `this stage has no variable "${name}", which is read by ${someOf(from)}`,
    hint: `write "variables": {"${name}": "..."} into the stage's entry`,
  }));
}
