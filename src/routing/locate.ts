import { DEFAULT_STAGE, type Domain } from "../config/api-config.ts";
import { collapseLeadingSlashes } from "./path.ts";

/** Which APIs and domains there are; the configuration store answers. */
export interface Directory {
  domain(hostname: string): Domain | undefined;
  hasApi(name: string): boolean;
}

export interface Location {
  readonly api: string;
  /** The stage that an API mapping names; none when the path has to say. */
  readonly stage: string | undefined;
  /** The path behind the mapping's base path. */
  readonly path: string;
  /** The mapping key that matched; none when the host is no custom domain. */
  readonly basePath: string | undefined;
  /** What the domain asks of client certificates. */
  readonly mutualTls?: Domain["mutualTls"];
}

export type NotLocated = "domain.none" | "api.none";

/** What an API is called that is addressed by no name. */
const DEFAULT_API = "default";

/**
 * Host to API: a `domains/{host}` entry, else the host's first label naming an API
 * (`shop.localhost:8787`), else the API `default` (DESIGN section 4).
 *
 * @param host as the client wrote it, lower-case, with its port
 */
export function locate(host: string, path: string, directory: Directory): Location | NotLocated {
  const hostname = hostnameOf(host);
  const domain = directory.domain(hostname);
  if (domain) return byMapping(domain, path) ?? "domain.none";
  const dot = hostname.indexOf(".");
  const label = dot < 0 ? hostname : hostname.slice(0, dot);
  const api = directory.hasApi(label) ? label : DEFAULT_API;
  return directory.hasApi(api) ? { api, stage: undefined, path, basePath: undefined } : "api.none";
}

/** A host without its port and the dot of an absolute name. */
export function hostnameOf(host: string): string {
  if (host.startsWith("[")) return host.slice(0, host.indexOf("]") + 1);
  const colon = host.indexOf(":");
  const name = colon < 0 ? host : host.slice(0, colon);
  // `shop.example.` is `shop.example` written absolutely.
  return name.endsWith(".") ? name.slice(0, -1) : name;
}

/** The longest base path that fits, on whole segments; the API's routes play no part. */
function byMapping(domain: Domain, path: string): Location | undefined {
  let best: Domain["mappings"][number] | undefined;
  let bestRest = path;
  for (const mapping of domain.mappings) {
    const rest = behind(path, mapping.basePath);
    if (rest === undefined || (best && mapping.basePath.length <= best.basePath.length)) continue;
    best = mapping;
    bestRest = rest;
  }
  if (!best) return undefined;
  return {
    api: best.api,
    stage: best.stage,
    path: bestRest === "" ? "/" : bestRest,
    basePath: best.basePath,
    mutualTls: domain.mutualTls,
  };
}

/** What a path has behind a base path; runs of slashes count as one, as they do for routes. */
function behind(path: string, basePath: string): string | undefined {
  if (basePath === "") return path;
  let at = 0;
  for (const segment of basePath.split("/")) {
    if (path[at] !== "/") return undefined;
    while (path[at] === "/") at++;
    if (!path.startsWith(segment, at)) return undefined;
    at += segment.length;
  }
  return at === path.length || path[at] === "/" ? path.slice(at) : undefined;
}

export interface StagePath<S> {
  readonly stage: S;
  /** The path that the stage's routes are matched against. */
  readonly path: string;
  /** Whether the stage's name was taken off the front of the path. */
  readonly named: boolean;
}

/** A first path segment that names a stage chooses it, else `$default` serves the whole path. */
export function chooseStage<S>(
  stages: ReadonlyMap<string, S>,
  mapped: string | undefined,
  path: string,
): StagePath<S> | undefined {
  if (mapped !== undefined) {
    const stage = stages.get(mapped);
    return stage === undefined ? undefined : { stage, path: collapseLeadingSlashes(path), named: false };
  }
  const end = path.indexOf("/", 1);
  const first = end < 0 ? path.slice(1) : path.slice(1, end);
  const named = first === DEFAULT_STAGE ? undefined : stages.get(first);
  if (named !== undefined) {
    return { stage: named, path: end < 0 ? "/" : collapseLeadingSlashes(path.slice(end)), named: true };
  }
  const stage = stages.get(DEFAULT_STAGE);
  return stage === undefined ? undefined : { stage, path: collapseLeadingSlashes(path), named: false };
}
