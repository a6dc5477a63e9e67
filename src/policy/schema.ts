import * as v from "valibot";
import { parseValue } from "../config/parse.ts";
import { checkAuthorizerPolicy } from "./check.ts";
import { principalSet } from "./principal.ts";
import { CONDITION_KEYS, conditionKey, listOf, OPERATOR_NAMES } from "./vocabulary.ts";

export { checkPolicy } from "./check.ts";

/**
 * IAM's policy language, for resource policies, credentials' policies and what function
 * authorizers answer. Strict: what is misspelt or cannot be evaluated is refused, since a
 * restriction that is not understood would be one that does not hold (R-13).
 */

const text = v.pipe(v.string(), v.nonEmpty("an empty text names nothing"));

/**
 * A value or a list of such values. Its members are visible to the search for the nearest
 * known key (`parse.ts`), as a plain schema's would be.
 */
function oneOrMany<T extends v.GenericSchema>(item: T) {
  const many = v.pipe(v.array(item), v.minLength(1, "an empty list names nothing"));
  return Object.assign(
    v.lazy((input: unknown) => (Array.isArray(input) ? many : item)),
    { item, ...("entries" in item ? { entries: item.entries } : {}) },
  );
}

/** The schema library leaves such members out without a word. */
const UNSAFE = new Set(["__proto__", "constructor", "prototype"]);

/** Whether each key stands here once, whatever its case: of two, one would be lost. */
function hasDistinctKeys(input: unknown): boolean {
  const keys = typeof input === "object" && input !== null ? Object.keys(input) : [];
  return (
    new Set(keys.map((key) => key.toLowerCase())).size === keys.length && !keys.some((key) => UNSAFE.has(key))
  );
}

const block = v.pipe(
  v.unknown(),
  v.check(hasDistinctKeys, "a condition key stands here twice, in different case, or is none"),
  v.record(
    v.pipe(
      v.string(),
      v.transform((name) => conditionKey(name) ?? name),
      v.picklist(CONDITION_KEYS),
    ),
    oneOrMany(v.union([v.string(), v.number(), v.boolean()])),
  ),
  v.check((keys) => Object.keys(keys).length > 0, "a condition names at least one key"),
);

/** Without a prototype: `toString` is no operator either. */
const operators: Record<string, v.OptionalSchema<typeof block, undefined>> = Object.create(null);
for (const name of OPERATOR_NAMES) operators[name] = v.optional(block);

const everybody = v.literal("*", 'a principal is "*" or an object such as {"AWS": "123456789012"}');
const principals = v.pipe(
  v.strictObject({
    AWS: v.optional(oneOrMany(text)),
    Service: v.optional(oneOrMany(text)),
    Federated: v.optional(oneOrMany(text)),
    CanonicalUser: v.optional(oneOrMany(text)),
  }),
  v.check((kinds) => Object.keys(kinds).length > 0, "a principal names somebody"),
);

const principal = v.optional(
  Object.assign(
    v.lazy((input: unknown) => (typeof input === "string" ? everybody : principals)),
    { entries: principals.entries },
  ),
);

const PolicyStatement = v.pipe(
  v.strictObject({
    Sid: v.optional(v.string()),
    Effect: v.picklist(["Allow", "Deny"]),
    Principal: principal,
    NotPrincipal: principal,
    Action: v.optional(oneOrMany(text)),
    NotAction: v.optional(oneOrMany(text)),
    Resource: v.optional(oneOrMany(text)),
    NotResource: v.optional(oneOrMany(text)),
    Condition: v.optional(v.strictObject(operators)),
  }),
  v.check(
    ({ Action, NotAction }) => (Action === undefined) !== (NotAction === undefined),
    "a statement has either Action or NotAction",
  ),
  v.check(
    ({ Resource, NotResource }) => (Resource === undefined) !== (NotResource === undefined),
    "a statement has either Resource or NotResource",
  ),
);

export const PolicyDocument = v.strictObject({
  Version: v.optional(v.picklist(["2012-10-17", "2008-10-17"])),
  Id: v.optional(v.string()),
  Statement: oneOrMany(PolicyStatement),
});

export type PolicyStatement = v.InferOutput<typeof PolicyStatement>;
export type PolicyDocument = v.InferOutput<typeof PolicyDocument>;

/**
 * Reads the policy that a function authorizer answered. A document that cannot be evaluated
 * whole is refused; API Gateway then answers 500 (aws-semantics 9.3).
 */
export function readPolicy(
  value: unknown,
): { readonly ok: true; readonly policy: PolicyDocument } | { readonly ok: false; readonly message: string } {
  if (value === undefined) return { ok: false, message: "there is no policyDocument" };
  const parsed = parseValue("policyDocument", value, PolicyDocument);
  const problems = parsed.ok ? checkAuthorizerPolicy("policyDocument", parsed.value) : parsed.problems;
  const [problem] = problems;
  if (problem) {
    const hint = problem.hint === undefined ? "" : `; ${problem.hint}`;
    return { ok: false, message: `${problem.path.replace("#", ".")}: ${problem.message}${hint}` };
  }
  return parsed.ok ? { ok: true, policy: parsed.value } : { ok: false, message: "not a policy" };
}

/**
 * Whether a policy lets everybody do everything without a condition, and denies nothing: it
 * then protects nothing, which may be meant and should be seen.
 */
export function isWildcardPolicy(document: PolicyDocument): boolean {
  const statements = listOf(document.Statement);
  return (
    statements.every(({ Effect }) => Effect === "Allow") &&
    statements.some(
      ({ Principal = "*", NotPrincipal, Resource = [], Condition = {} }) =>
        NotPrincipal === undefined &&
        principalSet(Principal).anybody &&
        listOf(Resource).some(coversApi) &&
        Object.keys(Condition).length === 0,
    )
  );
}

/** `*`, `execute-api:/*`, or an ARN that ends in a star at the API or before it. */
function coversApi(resource: string): boolean {
  if (!resource.endsWith("*")) return false;
  let end = resource.length;
  while (end > 0 && "*/:".includes(resource.charAt(end - 1))) end--;
  return /^(?:execute-api|arn(?::[^:/]*){0,5})?$/.test(resource.slice(0, end));
}
