import { describe, expect, test } from "vitest";
import { type AuthorizerKind, decide } from "../../src/policy/resource-decision.ts";

const [A, I, E] = ["Allow", "Implicit Deny", "Explicit Deny"] as const;
const [ALLOW, NONE, DENY] = ["Allow", "None", "Deny"] as const;

/** Grant of the caller's policy, resource policy, then what follows. */
const TABLE_A = [
  [ALLOW, ALLOW, A],
  [ALLOW, NONE, A],
  [ALLOW, DENY, E],
  [NONE, ALLOW, A],
  [NONE, NONE, I],
  [NONE, DENY, E],
  [DENY, ALLOW, E],
  [DENY, NONE, E],
  [DENY, DENY, E],
] as const;

const TABLE_B = TABLE_A.map(
  ([grant, resource, result]) =>
    [grant, resource, result === A && (grant === NONE || resource === NONE) ? I : result] as const,
);

/** The resource policy by itself; the CONFLICT of aws-semantics 10 is settled on the safe side. */
const ALONE = TABLE_A.map(
  ([grant, resource, result]) => [grant, resource, result === A && resource === NONE ? I : result] as const,
);

describe.each<[kind: AuthorizerKind, crossAccount: boolean, table: typeof TABLE_B]>([
  ["lambda", false, [...TABLE_A]],
  ["iam", false, [...TABLE_A]],
  ["iam", true, TABLE_B],
  ["none", false, ALONE],
  ["identity", false, ALONE],
])("%s, cross account: %j", (kind, crossAccount, table) => {
  test.each(table)("caller's policy %s, resource policy %s: %s", (grant, resource, expected) => {
    expect(decide(kind, grant, resource, crossAccount)).toBe(expected);
  });
});
