import { OWN_BINDINGS } from "../src/config/check-service.ts";
import type { Problem } from "../src/config/problem.ts";
import { nearest } from "../src/config/problem.ts";
import type { RouteEntry } from "../src/config/schemas.ts";
import { isServiceIntegration, type ServiceType } from "../src/config/service-schema.ts";

/** The bindings of wrangler.toml that integrations can name, by type. */
export type Bindings = Readonly<Record<ServiceType, readonly string[]>>;

/**
 * Whether wrangler.toml has the binding that a service integration names.
 *
 * @param place where the route stands
 */
export function checkBindings(place: string, entry: RouteEntry, bindings: Bindings): readonly Problem[] {
  const { integration } = entry;
  // That one is the gateway's own is a problem in itself.
  if (!isServiceIntegration(integration)) return [];
  const { type, binding } = integration;
  if (OWN_BINDINGS.includes(binding) || bindings[type].includes(binding)) return [];
  const [other] = Object.entries(bindings).find(([, names]) => names.includes(binding)) ?? [];
  const near = nearest(binding, bindings[type]);
  return [
    {
      code: "binding.unknown",
      path: `${place}#integration.binding`,
      message:
        other === undefined
          ? `wrangler.toml has no binding ${binding}: every request ends in 500`
          : `${binding} is a binding of the type ${other} in wrangler.toml, not ${type}: every request ends in 500`,
      ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
    },
  ];
}
