import type { Call } from "../../call.ts";

/** There is no account here; events carry one because typed handlers expect it. */
export const accountId = "000000000000";

/** The host without its port. */
export function domainName(call: Call): string {
  const { host } = call;
  return host.startsWith("[") ? host.slice(0, host.indexOf("]") + 1) : (host.split(":")[0] ?? host);
}

/**
 * The path that an event shows. REST APIs take the stage off, except on a custom domain;
 * HTTP APIs show what the client asked for (aws-semantics 1).
 */
export function pathForEvent(call: Call): string {
  const rest = call.stage.settings.protocol === "REST";
  return rest && call.basePath === undefined ? call.path : call.fullPath;
}

/** A stable stand-in for the id that API Gateway gives a resource: six of a-z 0-9. */
export function resourceId(path: string): string {
  let hash = 2_166_136_261;
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 16_777_619) >>> 0;
  return hash.toString(36).padStart(6, "0").slice(-6);
}
