import type { Handler } from "../../call.ts";
import type { StageConfig } from "../../config/api-config.ts";
import type { GatewayIntegration } from "../../config/integration-schema.ts";
import { fillStageVariables, functionName } from "../../config/integration-uri.ts";
import { bundledFunction, customFunction, remoteCustomFunction } from "./function.ts";
import { customService } from "./service.ts";
import { awsService } from "./signed/aws-service.ts";
import { remoteFunction } from "./signed/lambda/remote-function.ts";

/**
 * `aws`: a function with a payload that a template makes, or a service of AWS
 * (aws-semantics 6.1). Which of them, the URI says.
 */
export function awsIntegration(integration: GatewayIntegration, stage: StageConfig): Handler {
  const uri = fillStageVariables(integration.uri ?? "", stage.variables);
  if (integration.invoke === "remote") {
    return customFunction(remoteCustomFunction(remoteFunction(uri)), integration, stage);
  }
  const name = functionName(uri);
  if (name !== undefined) return customFunction(bundledFunction(name), integration, stage);
  const unset = unsetVariable(integration.uri ?? "", stage.variables);
  // Without its bucket, a path's next segment would be one.
  const service = unset === undefined ? awsService(uri) : { fault: `the stage has no variable "${unset}"` };
  return customService(service, integration, stage);
}

/** The first variable in a URI that the stage does not have, or has empty. */
function unsetVariable(uri: string, variables: StageConfig["variables"]): string | undefined {
  const named = [...uri.matchAll(/\$\{stageVariables\.([A-Za-z0-9_]+)\}/g)].map(([, name = ""]) => name);
  return named.find((name) => !Object.hasOwn(variables, name) || variables[name] === "");
}
