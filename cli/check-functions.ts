import type { AuthorizerEntry } from "../src/config/authorizer-schema.ts";
import { functionName } from "../src/config/integration-uri.ts";
import { nearest, type Problem } from "../src/config/problem.ts";
import type { RouteEntry } from "../src/config/schemas.ts";
import { isServiceIntegration } from "../src/config/service-schema.ts";

/**
 * Whether there is the function that a route calls.
 *
 * @param path where the route names it
 * @param functions the modules under routes/, as integrations name them
 */
export function checkRouteFunction(
  path: string,
  routeKey: string,
  { integration }: RouteEntry,
  functions: readonly string[],
): readonly Problem[] {
  // Services have no function, and neither has what the gateway calls without one.
  if (isServiceIntegration(integration) || integration.integrationSubtype !== undefined) return [];
  const { type, uri, invoke } = integration;
  if (uri === undefined || invoke === "remote" || (type !== "aws_proxy" && type !== "aws")) return [];
  return checkFunction(uri, routeKey, path, functions);
}

/** Whether there is the function that an authorizer asks. */
export function checkAuthorizerFunction(
  path: string,
  name: string,
  authorizer: AuthorizerEntry,
  functions: readonly string[],
): readonly Problem[] {
  if (authorizer.type !== "token" && authorizer.type !== "request") return [];
  return checkFunction(authorizer.authorizerUri, `the authorizer "${name}"`, path, functions);
}

function checkFunction(
  uri: string,
  caller: string,
  path: string,
  functions: readonly string[],
): readonly Problem[] {
  if (uri.includes("${stageVariables.") || /^https?:/i.test(uri)) return [];
  const name = functionName(uri);
  if (name === undefined || functions.includes(name)) return [];
  const near = nearest(name, functions);
  return [
    {
      code: "function.unknown",
      path,
      message: `${caller} calls the function "${name}", but there is no routes/${name}.ts`,
      ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
    },
  ];
}
