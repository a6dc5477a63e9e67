import { checkPolicy } from "../policy/schema.ts";
import { checkGatewayResponses } from "./check-gateway-responses.ts";
import { checkThrottle } from "./check-limits.ts";
import type { Problem } from "./problem.ts";
import type { ApiEntry } from "./schemas.ts";

/** What a schema cannot see of an API's own entry; an API with problems keeps what it served before. */
export function checkApi(place: string, api: ApiEntry): readonly Problem[] {
  return [
    ...(api.policy === undefined ? [] : checkPolicy(`${place}#policy`, api.policy, "resource")),
    ...checkThrottle(place, api.throttle, "api"),
    ...checkGatewayResponses(place, api.gatewayResponses),
  ];
}
