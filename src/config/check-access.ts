import { checkPolicy } from "../policy/schema.ts";
import type { AuthorizerEntry } from "./authorizer-schema.ts";
import type { Authorizers } from "./check-authorizer.ts";
import { nearest, type Parsed, type Problem } from "./problem.ts";
import type { RouteEntry } from "./schemas.ts";

/** The authorizer that every API has without an entry. */
export const AWS_IAM = "AWS_IAM";

/** Says of a route that it is meant to be open; so is one that names nothing, which `check` asks about. */
export const NONE = "NONE";

/**
 * Whether what guards a route is there and fits. A route with problems answers 500: an
 * authorizer that nobody knows is a mistake, never an open door.
 */
export function checkAccess(key: string, route: RouteEntry, authorizers: Authorizers): readonly Problem[] {
  const problems: Problem[] = [];
  if (route.policy) problems.push(...checkPolicy(`${key}#policy`, route.policy, "resource"));
  const { authorizer: name, authorizationScopes: scopes } = route;
  if (name === undefined || name === NONE) {
    if (scopes.length > 0) {
      problems.push({
        code: "scopes.authorizer",
        path: `${key}#authorizationScopes`,
        message: "scopes without an authorizer guard nothing",
        hint: 'name one with "authorizer"',
      });
    }
    return problems;
  }
  const authorizer = known(name, authorizers);
  if (!authorizer) {
    const near = nearest(name, [...authorizers.keys(), AWS_IAM]);
    problems.push({
      code: "authorizer.unknown",
      path: `${key}#authorizer`,
      message: `there is no authorizer "${name}"`,
      ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
    });
  } else if (!authorizer.ok) {
    const [first] = authorizer.problems;
    problems.push({
      code: "authorizer.bad",
      path: `${key}#authorizer`,
      message: `the authorizer "${name}" is bad: ${first?.path ?? ""}: ${first?.message ?? ""}`,
    });
  } else if (scopes.length > 0 && !hasScopes(authorizer.value)) {
    problems.push({
      code: "scopes.authorizer",
      path: `${key}#authorizationScopes`,
      message: `an authorizer of type ${authorizer.value?.type ?? AWS_IAM} knows no scopes`,
      hint: "scopes belong to jwt and cognito_user_pools",
    });
  }
  return problems;
}

function known(name: string, authorizers: Authorizers): Parsed<AuthorizerEntry | undefined> | undefined {
  // An entry of that name must not stand for something else than signatures.
  return name === AWS_IAM ? { ok: true, value: undefined } : authorizers.get(name);
}

function hasScopes(authorizer: AuthorizerEntry | undefined): boolean {
  return authorizer?.type === "jwt" || authorizer?.type === "cognito_user_pools";
}
