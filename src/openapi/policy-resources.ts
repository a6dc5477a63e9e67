import type { PolicyDocument } from "../policy/schema.ts";
import { listOf } from "../policy/vocabulary.ts";
import type { Findings } from "./findings.ts";

/** The API that an ARN names outright: `arn:aws:execute-api:REGION:ACCOUNT:API`. */
const NAMED_API = /^arn:[^:*?$]+:execute-api:[^:*?$]+:\d{12}:[A-Za-z0-9-]+(?=\/|$)/;

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
    const named = Resource ?? NotResource ?? [];
    const other = listOf(named)
      .map((text) => NAMED_API.exec(text)?.[0])
      .find((api) => api !== undefined && api !== arn);
    if (other === undefined) continue;
    const opens = (Effect === "Deny") === (Resource !== undefined);
    (opens ? problems : warnings).push({
      code: "policy.resource",
      path: `${place}.Statement${isList ? `.${index}` : ""}.${Resource === undefined ? "NotResource" : "Resource"}`,
      message: `this statement is about another API, ${other}; this one is ${arn}`,
      hint: `x-portico-arn: ${other} makes this API that one`,
    });
  }
}
