import { expect } from "vitest";
import { parseValue } from "../../src/config/parse.ts";
import { requestConditions } from "../../src/policy/conditions.ts";
import { compilePolicy, type Effect } from "../../src/policy/policy.ts";
import { type AuthorizerKind, decide } from "../../src/policy/resource-decision.ts";
import { checkPolicy, PolicyDocument, readPolicy } from "../../src/policy/schema.ts";
import { headersOf, type Json, record, replay, text, type Vector } from "./vectors.ts";

const SCOPE = "arn:aws:execute-api:eu-west-1:123456789012:abc123";

/** What a policy says of a call from an address; the headers are the vector's. */
function effect(document: PolicyDocument, resource: string, input: Json): Effect {
  const conditions = requestConditions({
    address: text(input["sourceIp"]) || "203.0.113.5",
    headers: headersOf(input["headers"]),
    now: Date.UTC(2025, 0, 1),
    scheme: "https",
    principal: undefined,
  });
  const request = { action: "execute-api:Invoke", resource, conditions } as const;
  return compilePolicy(document, SCOPE).evaluate(request);
}

/** A function authorizer's policy: one resource to match, or whole statements. */
replay("policy_match", ({ input, expected }: Vector) => {
  const Statement = input["statements"] ?? [
    { Effect: "Allow", Action: "execute-api:Invoke", Resource: input["policy_resource"] },
  ];
  const read = readPolicy({ Version: "2012-10-17", Statement });
  if (!read.ok) expect.fail(read.message);
  const allowed = effect(read.policy, text(input["method_arn"]), input) === "Allow";
  expect({ allowed }).toEqual({ allowed: expected["allowed"] ?? expected["match"] });
});

const STATUS = { Allow: 200, "Implicit Deny": 403, "Explicit Deny": 403 };

const KINDS: Readonly<Record<string, AuthorizerKind>> = {
  NONE: "none",
  CUSTOM: "lambda",
  AWS_IAM: "iam",
  COGNITO_USER_POOLS: "identity",
};

const EFFECTS: Readonly<Record<string, Effect>> = { Allow: "Allow", Deny: "Deny", None: "None" };

/** A row of a table, for each kind of caller with a policy; or a resource policy and a caller's address. */
replay("resource_policy", ({ input, expected }: Vector) => {
  if ("policy" in input) {
    const parsed = parseValue("apis/x", input["policy"], PolicyDocument);
    if (!parsed.ok) expect.fail(JSON.stringify(parsed.problems));
    expect(checkPolicy("apis/x", parsed.value, "resource")).toEqual([]);
    const said = effect(parsed.value, `${SCOPE}/prod/GET/pets`, record(input));
    const kind = KINDS[text(input["auth"])] ?? "none";
    expect(STATUS[decide(kind, "None", said, false)]).toBe(expected["http"]);
    return;
  }
  const own = EFFECTS[text(input["identity_or_authorizer_policy"])];
  const resource = EFFECTS[text(input["resource_policy"])];
  if (own === undefined || resource === undefined) expect.fail("a policy says Allow, Deny or None");
  for (const kind of ["lambda", "iam"] as const) {
    const result = decide(kind, own, resource, input["cross_account"] === true);
    expect({ result, http: STATUS[result] }).toEqual(expected);
  }
});
