import { functionArn } from "../integrations/aws/signed/lambda/function-arn.ts";
import { parseServiceUri } from "../integrations/aws/signed/service-uri.ts";
import { checkMapping } from "./check-mapping.ts";
import { checkResilience } from "./check-resilience.ts";
import { checkSubtype } from "./check-subtype.ts";
import { checkUrl } from "./check-url.ts";
import type { GatewayIntegration as Integration } from "./integration-schema.ts";
import { functionName } from "./integration-uri.ts";
import type { Problem } from "./problem.ts";
import type { ApiEntry } from "./schemas.ts";

/** Whether the members of one of API Gateway's integrations fit together and its API. */
export function checkIntegration(
  key: string,
  integration: Integration,
  api: ApiEntry,
  isCached: boolean,
): readonly Problem[] {
  const at = (member: string): string => `${key}#integration.${member}`;
  return [
    ...checkDestination(integration, api, at),
    ...checkMethod(integration, at),
    ...(integration.integrationSubtype === undefined ? [] : checkSubtype(key, integration)),
    ...checkResilience(key, integration, isCached),
    ...checkMapping(integration, at),
  ];
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY"];

function checkMethod({ httpMethod }: Integration, at: (member: string) => string): readonly Problem[] {
  if (httpMethod === undefined || METHODS.includes(httpMethod)) return [];
  const message = `an integration is called with ${METHODS.join(", ")}, not ${httpMethod}`;
  return [{ code: "method.unknown", path: at("httpMethod"), message }];
}

function checkDestination(
  integration: Integration,
  api: ApiEntry,
  at: (member: string) => string,
): readonly Problem[] {
  const { type, uri, origins, integrationSubtype } = integration;
  if (type === "mock" || origins || integrationSubtype !== undefined) return [];
  if (uri === undefined) {
    const message = `an integration of type ${type} needs a uri`;
    return [{ code: "uri.missing", path: at("uri"), message }];
  }
  if (integration.invoke === "remote" && !uri.includes("${stageVariables.")) {
    if (functionArn(uri)) return [];
    const message = `"${uri}" is no ARN of a Lambda function`;
    const hint = "write arn:aws:lambda:REGION:ACCOUNT:function:NAME";
    return [{ code: "uri.function", path: at("uri"), message, hint }];
  }
  if (type === "aws" && /:(?:path|action)\//.test(uri) && functionName(uri) === undefined) {
    return checkService(uri, at("uri"));
  }
  if (type === "aws_proxy" || type === "aws") return checkFunction(integration, uri, api, at);
  return checkUrl(uri, at("uri"));
}

function checkService(uri: string, path: string): readonly Problem[] {
  if (uri.includes("${stageVariables.")) return [];
  const parsed = parseServiceUri(uri);
  return "fault" in parsed ? [{ code: "uri.service", path, message: parsed.fault }] : [];
}

function checkFunction(
  integration: Integration,
  uri: string,
  api: ApiEntry,
  at: (member: string) => string,
): readonly Problem[] {
  const problems: Problem[] = [];
  if (!uri.includes("${stageVariables.") && functionName(uri) === undefined) {
    problems.push({
      code: "uri.function",
      path: at("uri"),
      message: `"${uri}" names no function`,
      hint: "write a module's name (hello for routes/hello.ts) or a Lambda ARN",
    });
  }
  if (
    integration.type === "aws_proxy" &&
    api.protocol === "REST" &&
    integration.httpMethod !== undefined &&
    integration.httpMethod !== "POST"
  ) {
    problems.push({
      code: "function.method",
      path: at("httpMethod"),
      message: `a function is invoked with POST, not ${integration.httpMethod}`,
      hint: "the client's own method reaches the function in its event; leave httpMethod out",
    });
  }
  return problems;
}
