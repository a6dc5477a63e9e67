import type { RouteConfig } from "./api-config.ts";
import { AWS_IAM, NONE } from "./check-access.ts";
import type { Authorizers } from "./check-authorizer.ts";
import { nearest, type Parsed, type Problem } from "./problem.ts";
import type { RouteEntry, StageEntry } from "./schemas.ts";
import type { AccountEntry, Concurrency, Throttle } from "./throttle-schema.ts";

/** Where limits stand, which is also whom their buckets belong to by default. */
type Level = "route" | "stage" | "api" | "account";

/**
 * Whether each limit of a route can tell its callers apart, and none stands twice. On wider
 * levels callers without the value share one bucket; a route knows who its callers are.
 */
export function checkRouteLimits(
  key: string,
  route: RouteEntry,
  authorizers: Authorizers,
): readonly Problem[] {
  const problems: Problem[] = [];
  for (const member of ["throttle", "concurrency"] as const) {
    const limits = route[member];
    const place = `${key}#${member}`;
    problems.push(...duplicates(place, limits, "route"));
    for (const [index, { per }] of limits.entries()) {
      const found = per === undefined ? undefined : whyUnknown(per, route, authorizers);
      // One limit is mostly written without a list.
      const at = limits.length === 1 ? place : `${place}.${index}`;
      if (found) problems.push({ code: `${member}.per`, path: `${at}.per`, ...found });
    }
  }
  return problems;
}

/** Limits of an API's, a stage's or the account's entry. */
export function checkThrottle(
  key: string,
  limits: readonly Throttle[],
  level: Exclude<Level, "route">,
): readonly Problem[] {
  return duplicates(`${key}#throttle`, limits, level);
}

/** A stage's settings for routes that it does not have: they limit nothing. */
export function checkRouteSettings(
  key: string,
  stage: StageEntry,
  routes: readonly RouteConfig[],
): readonly Problem[] {
  const keys = new Set(routes.map((route) => route.key));
  return Object.keys(stage.routeSettings)
    .filter((name) => !keys.has(name))
    .map((name) => {
      const near = nearest(name, keys);
      return {
        code: "route_settings.unknown",
        path: `${key}#routeSettings.${name}`,
        message: `the stage has no route "${name}": these settings limit nothing`,
        ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
      };
    });
}

/** An entry whose limits cannot be all meant counts as one that does not parse. */
export function checkedAccount(key: string, entry: Parsed<AccountEntry>): Parsed<AccountEntry> {
  const problems = entry.ok ? checkThrottle(key, entry.value.throttle, "account") : [];
  return problems.length > 0 ? { ok: false, problems } : entry;
}

/** Why the callers of a route have no such value. */
function whyUnknown(
  per: string,
  route: RouteEntry,
  authorizers: Authorizers,
): Pick<Problem, "message" | "hint"> | undefined {
  const { authorizer = NONE, apiKeyRequired } = route;
  if (per === "apiKey" && !apiKeyRequired) {
    return {
      message: "the route asks for no API key, so all its callers would share one bucket",
      hint: 'put "apiKeyRequired": true on the route, or limit it per ip',
    };
  }
  if (per.startsWith("authorizer.") && authorizer === NONE) {
    return {
      message: `${per} is what an authorizer says, and the route has none`,
      hint: 'name one with "authorizer"',
    };
  }
  if (!per.startsWith("jwt.")) return undefined;
  // One that is not there, or bad, is a problem of its own.
  const entry = authorizers.get(authorizer);
  const type = authorizer === AWS_IAM ? AWS_IAM : entry?.ok ? entry.value.type : undefined;
  if (type === "jwt" || type === "cognito_user_pools" || (type === undefined && authorizer !== NONE)) {
    return undefined;
  }
  return {
    message: `${per} is a token's claim, and the route ${type === undefined ? "has no authorizer" : `has an authorizer of type ${type}`}`,
    hint: "claims come from authorizers of type jwt and cognito_user_pools",
  };
}

function duplicates(
  place: string,
  limits: readonly (Throttle | Concurrency)[],
  level: Level,
): readonly Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, number>();
  for (const [index, limit] of limits.entries()) {
    const identity = identityOf(limit, level);
    const first = seen.get(identity);
    if (first === undefined) seen.set(identity, index);
    else {
      const member = place.slice(place.lastIndexOf("#") + 1);
      problems.push({
        code: `${member}.duplicate`,
        path: `${place}.${index}`,
        message: `this limit is the same as ${member}.${first}`,
        hint: "take one of them out",
      });
    }
  }
  return problems;
}

/** Members in one order, with what is meant where nothing is said. */
function identityOf(limit: Throttle | Concurrency, level: Level): string {
  const { per = level, ...members } = limit;
  // A header's name has no case.
  const whose = per.startsWith("header.") ? per.toLowerCase() : per;
  return JSON.stringify(Object.entries({ ...members, per: whose }).sort(([a], [b]) => (a < b ? -1 : 1)));
}
