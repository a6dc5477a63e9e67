import { parseValue } from "../../src/config/parse.ts";
import { requestConditions } from "../../src/policy/conditions.ts";
import { compilePolicy, type Effect, type PolicyRequest } from "../../src/policy/policy.ts";
import { PolicyDocument } from "../../src/policy/schema.ts";

export const SCOPE = "arn:aws:execute-api:eu-west-1:123456789012:abc";
export const METHOD_ARN = `${SCOPE}/prod/GET/pets/1`;
/** 2024-02-29T12:00:00Z */
export const NOW = 1_709_208_000_000;

export interface Asked {
  readonly resource?: string;
  readonly action?: PolicyRequest["action"];
  readonly address?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly scheme?: "http" | "https";
  readonly principal?: { arn: string; accountId: string; userId: string; orgId?: string };
}

export const ANN = {
  arn: "arn:aws:iam::123456789012:user/staff/ann",
  accountId: "123456789012",
  userId: "AIDAANN",
  orgId: "o-1",
};

export function request(asked: Asked = {}): PolicyRequest {
  const { principal, address = "192.0.2.7", headers = {}, scheme = "https" } = asked;
  return {
    action: asked.action ?? "execute-api:Invoke",
    resource: asked.resource ?? METHOD_ARN,
    principal,
    conditions: requestConditions({ address, headers: new Headers(headers), now: NOW, scheme, principal }),
  };
}

/** A document as an entry has it, through the schema. */
export function policy(...statements: readonly unknown[]): PolicyDocument {
  const parsed = parseValue("policy", { Version: "2012-10-17", Statement: statements }, PolicyDocument);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

/** What a policy of one statement, an Allow of everything else that it does not say, says of a call. */
export function ask(statement: object, asked: Asked = {}): Effect {
  const document = policy({
    Effect: "Allow",
    ...("NotAction" in statement ? {} : { Action: "*" }),
    ...("NotResource" in statement ? {} : { Resource: "*" }),
    ...statement,
  });
  return compilePolicy(document, SCOPE).evaluate(request(asked));
}
