import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { parseValue } from "../../src/config/parse.ts";
import { checkPolicy, isWildcardPolicy, PolicyDocument, readPolicy } from "../../src/policy/schema.ts";

const Entry = v.strictObject({ policy: v.optional(PolicyDocument) });

const STATEMENT = {
  Effect: "Allow",
  Principal: "*",
  Action: "execute-api:Invoke",
  Resource: "execute-api:/*",
};
const OWN = { Effect: "Allow", Action: "execute-api:Invoke", Resource: "arn:aws:execute-api:*:*:abc/*" };

/** The problems of an entry with a policy of one statement: those of the schema, else those of the check. */
function problems(statement: object, use: "resource" | "identity" = "resource") {
  const base = use === "resource" ? STATEMENT : OWN;
  return problemsOf({ Version: "2012-10-17", Statement: [{ ...base, ...statement }] }, use);
}

function problemsOf(policy: unknown, use: "resource" | "identity" = "resource") {
  const parsed = parseValue("apis/x", { policy }, Entry);
  if (!parsed.ok) return parsed.problems;
  return parsed.value.policy ? checkPolicy("apis/x#policy", parsed.value.policy, use) : [];
}

describe("a policy is taken", () => {
  test.each<[name: string, statement: object]>([
    ["plain", {}],
    ["with a Sid", { Sid: "Everybody" }],
    ["with lists", { Action: ["execute-api:Invoke"], Resource: ["execute-api:/a/*", "*"] }],
    [
      "with accounts and users",
      { Principal: { AWS: ["123456789012", "arn:aws:iam::123456789012:user/ann"] } },
    ],
    ["with a service", { Principal: { Service: "apigateway.amazonaws.com" } }],
    [
      "with conditions of every kind",
      {
        Condition: {
          IpAddress: { "aws:SourceIp": ["10.0.0.0/8", "2001:db8::1"] },
          DateGreaterThan: { "AWS:currenttime": "2024-01-01T00:00:00Z" },
          NumericLessThan: { "aws:EpochTime": 4e9 },
          Bool: { "aws:SecureTransport": true },
          Null: { "aws:SourceVpce": "true" },
          "ForAnyValue:StringLikeIfExists": { "aws:Referer": "https://*" },
          ArnLike: { "aws:SourceArn": "arn:aws:s3:::b*" },
        },
      },
    ],
    ["with variables", { Resource: "execute-api:/*/${aws:username}/${aws:userid, 'x'}${*}" }],
  ])("%s", (_name, statement) => {
    expect(problems(statement)).toEqual([]);
  });

  test("with one statement and no list", () => {
    expect(problemsOf({ Version: "2012-10-17", Id: "x", Statement: STATEMENT })).toEqual([]);
  });

  test("of a caller, with actions and resources of other services beside", () => {
    expect(
      problems({ Action: ["s3:GetObject", "execute-api:*"], Resource: "arn:aws:s3:::b/*" }, "identity"),
    ).toEqual([]);
  });
});

const C = (operator: string, key: string, value: unknown) => ({
  Condition: { [operator]: { [key]: value } },
});

describe("a problem names its place and the way out", () => {
  test.each<[statement: object, place: string, said: string | RegExp]>([
    [{ Efect: "Deny" }, "Statement.0.Efect", 'did you mean "Effect"?'],
    [{ Conditions: {} }, "Statement.0.Conditions", 'did you mean "Condition"?'],
    [{ Effect: "allow" }, "Statement.0.Effect", 'did you mean "Allow"?'],
    [{ Effect: "Permit" }, "Statement.0.Effect", /none of Allow, Deny/],
    [{ NotAction: "*" }, "Statement.0", /either Action or NotAction/],
    [{ NotResource: "*" }, "Statement.0", /either Resource or NotResource/],
    [{ NotPrincipal: "*" }, "Statement.0", /either Principal or NotPrincipal/],
    [{ Action: [] }, "Statement.0.Action", /empty list/],
    [{ Resource: "" }, "Statement.0.Resource", /empty text/],
    [{ Resource: [""] }, "Statement.0.Resource.0", /empty text/],
    [{ Principal: "ann" }, "Statement.0.Principal", /a principal is/],
    [{ Principal: {} }, "Statement.0.Principal", /names somebody/],
    [{ Principal: { Aws: "*" } }, "Statement.0.Principal.Aws", 'did you mean "AWS"?'],
    [{ Principal: { AWS: "ann" } }, "Statement.0.Principal.AWS", /"ann" names no principal/],
    [
      { Principal: { AWS: "arn:aws:iam::123456789012:user/*" } },
      "Statement.0.Principal.AWS",
      /names no principal/,
    ],
    [{ Action: "execute-api:Invok" }, "Statement.0.Action", 'did you mean "execute-api:Invoke"?'],
    [{ Action: "s3:GetObject" }, "Statement.0.Action", /no action of execute-api/],
    [{ Resource: "/prod/GET/*" }, "Statement.0.Resource", /names no resource/],
    [{ Resource: "execute-api:prod/*" }, "Statement.0.Resource", /names no resource/],
    [{ Resource: "arn:aws:s3:::b/*" }, "Statement.0.Resource", /names no resource/],
    [{ Resource: "execute-api:/${aws:usrname}" }, "Statement.0.Resource", /did you mean \$\{aws:username\}/],
    [{ Resource: "execute-api:/${aws:username" }, "Statement.0.Resource", /begins with no variable/],
    [{ Resource: "execute-api:/${aws:username, x}" }, "Statement.0.Resource", /begins with no variable/],
    [
      C("StringEqual", "aws:Referer", "x"),
      "Statement.0.Condition.StringEqual",
      'did you mean "StringEquals"?',
    ],
    [C("ipaddress", "aws:SourceIp", "::1"), "Statement.0.Condition.ipaddress", 'did you mean "IpAddress"?'],
    [C("NullIfExists", "aws:Referer", "true"), "Statement.0.Condition.NullIfExists", /there is no key/],
    [C("toString", "aws:Referer", "x"), "Statement.0.Condition.toString", /there is no key/],
    [C("constructor", "aws:Referer", "x"), "Statement.0.Condition.constructor", /there is no key/],
    [
      C("IpAddress", "aws:SourceIP4", "::1"),
      "Statement.0.Condition.IpAddress.aws:SourceIP4",
      'did you mean "aws:SourceIp"?',
    ],
    [
      C("StringEquals", "aws:PrincipalTag/team", "x"),
      "Statement.0.Condition.StringEquals.aws:PrincipalTag/team",
      /is none of/,
    ],
    [
      C("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "10.0.0.0/33"]),
      "Statement.0.Condition.IpAddress.aws:SourceIp",
      /"10.0.0.0\/33" is no address/,
    ],
    [
      C("IpAddress", "aws:SourceIp", "010.0.0.1"),
      "Statement.0.Condition.IpAddress.aws:SourceIp",
      /no address/,
    ],
    [
      C("DateLessThan", "aws:CurrentTime", "soon"),
      "Statement.0.Condition.DateLessThan.aws:CurrentTime",
      /no date/,
    ],
    [
      C("NumericEquals", "aws:EpochTime", "x"),
      "Statement.0.Condition.NumericEquals.aws:EpochTime",
      /no number/,
    ],
    [
      C("Bool", "aws:SecureTransport", "yes"),
      "Statement.0.Condition.Bool.aws:SecureTransport",
      /neither true/,
    ],
    [C("Null", "aws:Referer", "absent"), "Statement.0.Condition.Null.aws:Referer", /neither true/],
    [C("ArnLike", "aws:PrincipalArn", "ann"), "Statement.0.Condition.ArnLike.aws:PrincipalArn", /no ARN/],
    [C("IpAddress", "aws:Referer", "::1"), "Statement.0.Condition.IpAddress.aws:Referer", /cannot compare/],
    [C("StringEquals", "aws:Referer", []), "Statement.0.Condition.StringEquals.aws:Referer", /empty list/],
    [
      C("StringEquals", "aws:Referer", { a: 1 }),
      "Statement.0.Condition.StringEquals.aws:Referer",
      /expected/,
    ],
    [{ Condition: { StringEquals: {} } }, "Statement.0.Condition.StringEquals", /at least one key/],
    [
      { Condition: { StringEquals: { "aws:Referer": "a", "aws:referer": "b" } } },
      "Statement.0.Condition.StringEquals",
      /twice/,
    ],
  ])("%j", (statement, place, said) => {
    const [problem, ...others] = problems(statement);
    expect(others).toEqual([]);
    expect(problem?.path).toBe(`apis/x#policy.${place}`);
    if (typeof said === "string") expect(problem?.hint).toBe(said);
    else expect(problem?.message).toMatch(said);
  });

  test("a condition under __proto__ is not passed over", () => {
    const statement: unknown = JSON.parse('{"StringEquals": {"__proto__": "x", "aws:Referer": "y"}}');
    expect(problems({ Condition: statement })).toHaveLength(1);
    const operators: unknown = JSON.parse('{"__proto__": {"aws:Referer": "y"}}');
    expect(problems({ Condition: operators })).toHaveLength(1);
  });

  test("in a single statement without a list", () => {
    const [problem] = problemsOf({ Statement: { ...STATEMENT, Actions: "*" } });
    expect(problem).toMatchObject({
      path: "apis/x#policy.Statement.Actions",
      hint: 'did you mean "Action"?',
    });
    const [checked] = problemsOf({ Statement: { ...STATEMENT, Action: "execute-api:Invok" } });
    expect(checked?.path).toBe("apis/x#policy.Statement.Action");
  });

  test.each([
    [{ Version: "2012-10-18", Statement: [STATEMENT] }, "apis/x#policy.Version"],
    [{ Version: "2012-10-17" }, "apis/x#policy.Statement"],
    [{ Statement: [] }, "apis/x#policy.Statement"],
    [{ Statement: "x" }, "apis/x#policy.Statement"],
    [{ Statement: [STATEMENT], Statements: [] }, "apis/x#policy.Statements"],
    ["{}", "apis/x#policy"],
  ])("%j", (policy, path) => {
    expect(problemsOf(policy).map((problem) => problem.path)).toEqual([path]);
  });

  test("a resource policy has at most 8192 characters", () => {
    const Resource = Array.from({ length: 300 }, (_, i) => `execute-api:/prod/GET/pets/${i}`);
    expect(problems({ Resource })).toMatchObject([{ code: "policy.size", path: "apis/x#policy" }]);
  });

  test("a caller's policy names no principal and no abbreviated resource", () => {
    expect(problems({ Principal: "*" }, "identity")).toMatchObject([
      { code: "policy.principal", path: "apis/x#policy.Statement.0.Principal" },
    ]);
    expect(problems({ Resource: "execute-api:/*" }, "identity")).toMatchObject([{ code: "policy.resource" }]);
  });

  test("a resource policy names its principals", () => {
    expect(problemsOf({ Statement: OWN })).toMatchObject([
      { code: "policy.principal", hint: 'write "Principal": "*" for everybody' },
    ]);
  });

  test("the place begins behind the key where the document is the whole entry", () => {
    const Statement = { ...OWN, Principal: "*" as const, Effect: "Allow" as const };
    expect(checkPolicy("credentials/AKIA1", { Statement }, "identity")[0]?.path).toBe(
      "credentials/AKIA1#Statement.Principal",
    );
  });
});

describe("a function authorizer's policy", () => {
  test.each<[name: string, value: unknown]>([
    ["of one statement", { Version: "2012-10-17", Statement: OWN }],
    ["without a version", { Statement: [OWN] }],
    ["with an empty condition", { Statement: [{ ...OWN, Condition: {} }] }],
    ["about other services", { Statement: [{ ...OWN, Action: "lambda:InvokeFunction", Resource: "x" }] }],
    ["with a resource of 512 characters", { Statement: [{ ...OWN, Resource: "a".repeat(512) }] }],
  ])("is read: %s", (_name, value) => {
    expect(readPolicy(value)).toEqual({ ok: true, policy: value });
  });

  test.each<[value: unknown, said: string | RegExp]>([
    [undefined, "there is no policyDocument"],
    [null, /expected/],
    ["Allow", /expected/],
    [[OWN], /a list/],
    [{}, 'policyDocument.Statement: the key "Statement" is missing'],
    [{ Statement: [] }, /empty list/],
    [{ Statement: [{ ...OWN, Effect: "allow" }] }, /"allow" is none of Allow, Deny; did you mean "Allow"\?/],
    [{ Statement: [{ Effect: "Allow", Action: "*" }] }, /either Resource/],
    [{ Statement: [{ Effect: "Allow", Resource: "*" }] }, /either Action/],
    [{ Statement: [{ ...OWN, Principal: "*" }] }, /Principal belongs into resource policies/],
    [{ Statement: [{ ...OWN, Conditions: {} }] }, /did you mean "Condition"/],
    [{ Statement: [{ ...OWN, Condition: { StringEqual: {} } }] }, /StringEqual/],
    [{ Statement: [{ ...OWN, Condition: { IpAddress: { "aws:SourceIp": "x" } } }] }, /no address/],
    [{ Statement: [{ ...OWN, Resource: "a".repeat(513) }] }, /at most 512 characters; this one has 513/],
    [{ Statement: [{ ...OWN, Resource: null }] }, /Resource/],
  ])("is refused: %j", (value, said) => {
    const read = readPolicy(value);
    expect(read).toMatchObject({ ok: false });
    if (read.ok) return;
    if (typeof said === "string") expect(read.message).toBe(said);
    else expect(read.message).toMatch(said);
  });
});

describe("a policy that protects nothing is seen", () => {
  const ip = { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } };
  test.each<[statements: object[], wildcard: boolean]>([
    [[{}], true],
    [[{ Resource: "*" }], true],
    [[{ Principal: { AWS: "*" } }], true],
    [[{ Condition: {} }], true],
    [[{ Resource: "execute-api:/*/*/*" }], true],
    [[{ Resource: "arn:aws:execute-api:eu-west-1:123456789012:abc/*" }], true],
    [[{ Resource: "arn:aws:execute-api:*:*:*" }], true],
    [[{ Resource: ["execute-api:/prod/*", "*"] }], true],
    [[{ Condition: ip }, {}], true],
    [[{ Resource: "execute-api:/prod/*" }], false],
    [[{ Resource: "arn:aws:execute-api:eu-west-1:123456789012:abc/prod/*" }], false],
    [[{ Principal: { AWS: "123456789012" } }], false],
    [[{ Condition: ip }], false],
    [[{ Effect: "Deny" }], false],
    [[{}, { Effect: "Deny", Condition: ip }], false],
  ])("%j: %j", (statements, wildcard) => {
    const policy = { Statement: statements.map((statement) => ({ ...STATEMENT, ...statement })) };
    const parsed = parseValue("policy", policy, PolicyDocument);
    expect(parsed.ok && isWildcardPolicy(parsed.value)).toBe(wildcard);
  });
});
