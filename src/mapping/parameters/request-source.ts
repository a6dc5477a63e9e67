import type { Call } from "../../call.ts";
import { contextValue } from "../../context.ts";
import { percentDecode } from "../../lib/percent.ts";
import { headerReader } from "../../request-header.ts";
import type { RequestSource } from "./expression.ts";

/**
 * A request as mappings read it: what only the gateway may say is its own word.
 *
 * @param body the request's body as text, where an expression needs it
 */
export function requestSource(call: Call, body: string): RequestSource {
  return {
    header: (name) => headerReader(name.toLowerCase())(call),
    querystring(name) {
      const values = new URLSearchParams(call.query).getAll(name);
      return values.length === 0 ? undefined : values.join(",");
    },
    path(name) {
      const { parameters } = call.route;
      return Object.hasOwn(parameters, name) ? percentDecode(parameters[name] ?? "") : undefined;
    },
    requestPath: call.path,
    body,
    context: (name) => contextValue(call, name),
  };
}
