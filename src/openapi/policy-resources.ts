import type { ApiEntry } from "../config/schemas.ts";
import type { PolicyDocument } from "../policy/schema.ts";
import { listOf } from "../policy/vocabulary.ts";
import type { Findings } from "./findings.ts";

/** The API that an ARN names outright: `arn:aws:execute-api:REGION:ACCOUNT:API`. */
const NAMED_API = /^arn:[^:*?$]+:execute-api:[^:*?$]+:\d{12}:[A-Za-z0-9-]+(?=\/|$)/;

/** What comes of a statement that is about other APIs only, and keeps out whom it was to let in. */
const SHUTS = {
  Allow: ", so it lets nobody in: where no other statement does, every request ends in 403 (policy.silent)",
  Deny: ", so it keeps everybody out: every request ends in 403 (policy.denied)",
};

/** The ARN of an API that may have none of its own. */
export const apiArn = (api: string, { arn }: Pick<ApiEntry, "arn">): string =>
  arn ?? `arn:aws:execute-api:local:000000000000:${api}`;

/** The API that a resource names, where it is another one than this. */
function otherApi(resource: string, arn: string): string | undefined {
  const named = NAMED_API.exec(resource)?.[0];
  return named === arn ? undefined : named;
}

/** A policy without what its statements allow of other APIs. */
export function ownPolicy(policy: PolicyDocument, arn: string): PolicyDocument {
  const statements = listOf(policy.Statement).flatMap((statement) => {
    if (statement.Effect !== "Allow" || statement.Resource === undefined) return [statement];
    const own = listOf(statement.Resource).filter((text) => otherApi(text, arn) === undefined);
    return own.length === 0 ? [] : [{ ...statement, Resource: own }];
  });
  return { ...policy, Statement: statements };
}

/**
 * Names resources that are another API's, as those of every exported policy are until
 * `x-portico-arn` says which API this is. Where such a statement was to keep somebody out, it
 * keeps nobody out, which is a problem (R-13); where it was to let somebody in, it lets nobody in.
 *
 * @param arn this API's
 * @param place where the policy stands
 */
export function checkPolicyResources(
  policy: PolicyDocument,
  arn: string,
  place: string,
  { problems, warnings }: Findings,
): void {
  const isList = Array.isArray(policy.Statement);
  for (const [index, { Effect, Resource, NotResource }] of listOf(policy.Statement).entries()) {
    const named = listOf(Resource ?? NotResource ?? []);
    const others = named.flatMap((text) => otherApi(text, arn) ?? []);
    const [other] = others;
    if (other === undefined) continue;
    const isAll = others.length === named.length;
    const opens = (Effect === "Deny") === (Resource !== undefined);
    (opens ? problems : warnings).push({
      code: "policy.resource",
      path: `${place}.Statement${isList ? `.${index}` : ""}.${Resource === undefined ? "NotResource" : "Resource"}`,
      message: `this statement is about another API, ${other}; this one is ${arn}${!opens && isAll ? SHUTS[Effect] : ""}`,
      hint: `x-portico-arn: ${other} makes this API that one`,
    });
  }
}
