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
  return customService(awsService(uri), integration, stage);
}
