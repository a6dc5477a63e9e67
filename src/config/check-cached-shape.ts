import type { RouteEntry } from "./schemas.ts";
import { isServiceIntegration } from "./service-schema.ts";

/**
 * Why what an origin says of a response does not hold for other requests of the same URL: a
 * mapping made the request, or the response, of what a URL does not tell. `Vary` names
 * headers of the request that the origin saw, which is not the client's then.
 *
 * @returns none where the URL tells all
 */
export function cannotFollowOrigin({ integration }: RouteEntry): string | undefined {
  if (isServiceIntegration(integration)) return undefined;
  const { type, requestParameters = {}, responseParameters = {} } = integration;
  if (type !== "http_proxy" && type !== "aws_proxy") {
    return `what an integration of type ${type} answers is made of more than its URL`;
  }
  const values = [requestParameters, ...Object.values(responseParameters)].flatMap(Object.values);
  return values.some((value) => typeof value === "string" && BEYOND_URL.test(value))
    ? "a mapping reads what the URL does not tell"
    : undefined;
}

const BEYOND_URL =
  /^(?:method\.request\.(?:header|multivalueheader|body)|context)\b|\$\{?(?:request\.(?:header|body)|context)\b/;
