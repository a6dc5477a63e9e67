import type { Call } from "../call.ts";
import type { StageConfig } from "../config/api-config.ts";

/** Who an API is in ARNs: `arn` of its entry, else a stand-in that typed handlers can take apart. */
interface ApiArn {
  readonly prefix: string;
  readonly account: string;
  readonly id: string;
}

const known = new WeakMap<StageConfig, ApiArn>();

export function apiArn(stage: StageConfig): ApiArn {
  let arn = known.get(stage);
  if (!arn) {
    const prefix = stage.settings.arn ?? `arn:aws:execute-api:local:000000000000:${stage.api}`;
    const [, , , , account = "", id = ""] = prefix.split(":");
    arn = { prefix, account, id };
    known.set(stage, arn);
  }
  return arn;
}

export const accountId = (call: Call): string => apiArn(call.stage).account;
export const apiId = (call: Call): string => apiArn(call.stage).id;

/**
 * What a policy calls this request (aws-semantics 9.3): `{api}/{stage}/{METHOD}/{path}`, the
 * root ending in a slash; an HTTP API's `routeArn` has the same form. The path is spelt one
 * way only: as the router compares it, with runs of slashes as one and, on REST APIs,
 * without a slash at its end.
 */
export function methodArn(call: Call): string {
  let path = call.path.includes("//") ? call.path.replace(/\/{2,}/g, "/") : call.path;
  const rest = call.stage.settings.protocol === "REST";
  if (rest && path.length > 1 && path.endsWith("/")) path = path.slice(0, -1);
  return `${apiArn(call.stage).prefix}/${call.stage.stage}/${call.method}${path}`;
}

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
