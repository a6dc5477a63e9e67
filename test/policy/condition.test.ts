import { describe, expect, test } from "vitest";
import { compileCondition } from "../../src/policy/condition.ts";
import { OPERATOR_NAMES } from "../../src/policy/vocabulary.ts";
import { ANN, type Asked, ask, NOW, request } from "./documents.ts";

const holds = (operator: string, key: string, value: unknown, asked: Asked = {}): boolean =>
  ask({ Condition: { [operator]: { [key]: value } } }, asked) === "Allow";

const UA = "aws:UserAgent";
const agent = (value: string): Asked => ({ headers: { "user-agent": value } });

/** Operator, key, value in the policy, request; whether the condition holds, then whether its negation does. */
type Row = readonly [
  operator: string,
  negated: string,
  key: string,
  value: unknown,
  asked: Asked,
  holds: boolean,
];

const PAIRS: readonly Row[] = [
  ["StringEquals", "StringNotEquals", UA, "curl", agent("curl"), true],
  ["StringEquals", "StringNotEquals", UA, "curl", agent("Curl"), false],
  ["StringEquals", "StringNotEquals", UA, "c*", agent("curl"), false],
  ["StringEquals", "StringNotEquals", UA, ["wget", "curl"], agent("curl"), true],
  ["StringEquals", "StringNotEquals", UA, ["wget", "lynx"], agent("curl"), false],
  ["StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", UA, "CURL", agent("cUrl"), true],
  ["StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", UA, "CURLS", agent("cUrl"), false],
  ["StringLike", "StringNotLike", UA, "c*/?", agent("curl/8"), true],
  ["StringLike", "StringNotLike", UA, "c*/?", agent("curl/88"), false],
  ["StringLike", "StringNotLike", UA, "C*", agent("curl"), false],
  ["StringLike", "StringNotLike", UA, ["w*", "c*"], agent("curl"), true],
  ["NumericEquals", "NumericNotEquals", "aws:EpochTime", NOW / 1000, {}, true],
  ["NumericEquals", "NumericNotEquals", "aws:EpochTime", `${NOW / 1000}.0`, {}, true],
  ["NumericEquals", "NumericNotEquals", "aws:EpochTime", [1, 2], {}, false],
  ["DateEquals", "DateNotEquals", "aws:CurrentTime", "2024-02-29T13:00:00+01:00", {}, true],
  ["DateEquals", "DateNotEquals", "aws:CurrentTime", "2024-02-29", {}, false],
  ["DateEquals", "DateNotEquals", "aws:EpochTime", NOW / 1000, {}, true],
  ["IpAddress", "NotIpAddress", "aws:SourceIp", "192.0.2.0/24", {}, true],
  ["IpAddress", "NotIpAddress", "aws:SourceIp", "192.0.2.8", {}, false],
  ["IpAddress", "NotIpAddress", "aws:SourceIp", ["10.0.0.0/8", "::ffff:192.0.2.7"], {}, true],
  ["IpAddress", "NotIpAddress", "aws:SourceIp", ["10.0.0.0/8", "2001:db8::/32"], {}, false],
  ["ArnEquals", "ArnNotEquals", "aws:PrincipalArn", ANN.arn, { principal: ANN }, true],
  ["ArnEquals", "ArnNotEquals", "aws:PrincipalArn", "arn:*:iam::*:user/*", { principal: ANN }, true],
  [
    "ArnLike",
    "ArnNotLike",
    "aws:PrincipalArn",
    "arn:aws:iam::1234?6789012:user/*/ann",
    { principal: ANN },
    true,
  ],
  ["ArnLike", "ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/*", { principal: ANN }, false],
  ["ArnLike", "ArnNotLike", "aws:PrincipalArn", "arn:aws:iam:*:*:*", { principal: ANN }, true],
  // A star does not reach over one of the first five colons.
  ["ArnLike", "ArnNotLike", "aws:PrincipalArn", "arn:*:*:x:x:user/staff/ann", { principal: ANN }, false],
  ["ArnLike", "ArnNotLike", "aws:PrincipalArn", "*", { principal: ANN }, true],
];

describe("an operator and its negation", () => {
  test.each(PAIRS)("%s / %s of %s %j", (operator, negated, key, value, asked, expected) => {
    expect(holds(operator, key, value, asked)).toBe(expected);
    expect(holds(negated, key, value, asked)).toBe(!expected);
    for (const set of ["ForAllValues:", "ForAnyValue:"]) {
      expect(holds(`${set}${operator}`, key, value, asked)).toBe(expected);
      expect(holds(`${set}${negated}`, key, value, asked)).toBe(!expected);
    }
    expect(holds(`${operator}IfExists`, key, value, asked)).toBe(expected);
    expect(holds(`${negated}IfExists`, key, value, asked)).toBe(!expected);
  });
});

describe("an ordering", () => {
  const before = "2024-02-29T11:59:59Z";
  const now = "2024-02-29T12:00:00Z";
  const after = "2024-02-29T12:00:01Z";
  test.each([
    ["LessThan", [false, false, true]],
    ["LessThanEquals", [false, true, true]],
    ["GreaterThan", [true, false, false]],
    ["GreaterThanEquals", [true, true, false]],
  ])("%s", (order, expected) => {
    expect([before, now, after].map((date) => holds(`Date${order}`, "aws:CurrentTime", date))).toEqual(
      expected,
    );
    const seconds = [NOW / 1000 - 1, NOW / 1000, NOW / 1000 + 1];
    expect(seconds.map((value) => holds(`Numeric${order}`, "aws:EpochTime", value))).toEqual(expected);
    // Alternatives: one of them is enough.
    expect(holds(`Date${order}`, "aws:CurrentTime", [before, after])).toBe(true);
  });
});

test.each([
  ["true", "https", true],
  [true, "https", true],
  ["TRUE", "https", true],
  ["false", "https", false],
  [false, "http", true],
  [["true", "false"], "http", true],
] as const)("Bool aws:SecureTransport %j over %s: %j", (value, scheme, expected) => {
  expect(holds("Bool", "aws:SecureTransport", value, { scheme })).toBe(expected);
});

test.each([
  ["true", {}, true],
  ["false", {}, false],
  ["true", agent("x"), false],
  ["false", agent("x"), true],
  [["true", "false"], {}, true],
] as const)("Null aws:UserAgent %j with %j: %j", (value, asked, expected) => {
  expect(holds("Null", UA, value, asked)).toBe(expected);
});

describe("a key that the request does not have", () => {
  /** A key that no request here has, and a value, for each family. */
  const ABSENT: Readonly<Record<string, readonly [key: string, value: string]>> = {
    String: ["aws:SourceVpc", "vpc-1"],
    Numeric: ["aws:MultiFactorAuthAge", "1"],
    Date: ["aws:TokenIssueTime", "2024-01-01"],
    Bool: ["aws:MultiFactorAuthPresent", "false"],
    Arn: ["aws:SourceArn", "arn:aws:s3:::b"],
    Ip: ["aws:VpcSourceIp", "10.0.0.0/8"],
    NotIp: ["aws:VpcSourceIp", "10.0.0.0/8"],
  };
  const names = OPERATOR_NAMES.filter((name) => name !== "Null");

  test("there are operators to look at", () => {
    expect(names).toHaveLength(25 * 6);
  });

  test.each(names)("%s", (name) => {
    const family = Object.keys(ABSENT).find((start) => name.replace(/^.*:/, "").startsWith(start)) ?? "";
    const [key = "", value = ""] = ABSENT[family] ?? [];
    const expected =
      name.endsWith("IfExists") ||
      name.startsWith("ForAllValues:") ||
      (/Not/.test(name) && !name.startsWith("ForAnyValue:"));
    expect(holds(name, key, value)).toBe(expected);
  });

  test("an empty text is a set of nothing", () => {
    expect(holds("ForAllValues:StringEquals", UA, "x", agent(""))).toBe(true);
    expect(holds("ForAnyValue:StringEquals", UA, "", agent(""))).toBe(false);
    expect(holds("StringEquals", UA, "", agent(""))).toBe(true);
  });
});

describe("the request's facts", () => {
  test.each<[key: string, asked: Asked, expected: string | undefined]>([
    ["aws:SourceIp", { address: "::ffff:192.0.2.7" }, "192.0.2.7"],
    ["aws:SourceIp", { address: "2001:DB8:0::1" }, "2001:db8::1"],
    ["aws:SourceIp", { address: "unknown" }, undefined],
    ["aws:Referer", { headers: { referer: "https://a.example/" } }, "https://a.example/"],
    ["aws:Referer", {}, undefined],
    ["aws:UserAgent", agent("x"), "x"],
    ["aws:CurrentTime", {}, "2024-02-29T12:00:00Z"],
    ["aws:EpochTime", {}, "1709208000"],
    ["aws:SecureTransport", { scheme: "http" }, "false"],
    ["aws:PrincipalArn", { principal: ANN }, ANN.arn],
    ["aws:PrincipalArn", {}, undefined],
    ["aws:PrincipalAccount", { principal: ANN }, "123456789012"],
    ["aws:PrincipalOrgID", { principal: ANN }, "o-1"],
    ["aws:PrincipalType", { principal: ANN }, "User"],
    ["aws:PrincipalType", { principal: { ...ANN, arn: "arn:aws:iam::123456789012:root" } }, "Account"],
    ["aws:PrincipalType", { principal: { ...ANN, arn: "arn:aws:sts::1:assumed-role/r/s" } }, "AssumedRole"],
    ["aws:userid", { principal: ANN }, "AIDAANN"],
    ["aws:username", { principal: ANN }, "ann"],
    ["aws:username", { principal: { ...ANN, arn: "arn:aws:sts::1:assumed-role/r/s" } }, undefined],
    ["aws:username", {}, undefined],
    ["aws:SourceVpc", { headers: { "x-amz-source-vpc": "x", sourcevpc: "x" } }, undefined],
  ])("%s with %j is %j", (key, asked, expected) => {
    expect(request(asked).conditions.value(key.toLowerCase())).toBe(expected);
  });

  test("keys are named in any case", () => {
    expect(holds("StringEquals", "AWS:useragent", "x", agent("x"))).toBe(true);
  });
});

describe("operators and keys together", () => {
  test("all of them have to hold", () => {
    const Condition = {
      StringEquals: { [UA]: "curl", "aws:Referer": "r" },
      IpAddress: { "aws:SourceIp": "192.0.2.7" },
    };
    const both = { "user-agent": "curl", referer: "r" };
    expect(ask({ Condition }, { headers: both })).toBe("Allow");
    expect(ask({ Condition }, { headers: { ...both, referer: "s" } })).toBe("None");
    expect(ask({ Condition }, { headers: both, address: "192.0.2.8" })).toBe("None");
  });
});

describe("R-13 what cannot be evaluated compiles to nothing", () => {
  test.each([
    ["StringEqual", UA, "x"],
    ["stringequals", UA, "x"],
    ["ForAllValues:Null", UA, "true"],
    ["NullIfExists", UA, "true"],
    ["toString", UA, "x"],
    ["StringEquals", "aws:PrincipalTag/team", "x"],
    ["StringEquals", "__proto__", "x"],
    ["IpAddress", UA, "10.0.0.0/8"],
    ["IpAddress", "aws:SourceIp", "10.0.0.0/33"],
    ["DateLessThan", "aws:CurrentTime", "tomorrow"],
    ["NumericEquals", "aws:EpochTime", "x"],
    ["Bool", "aws:SecureTransport", "yes"],
    ["Null", UA, "maybe"],
    ["ArnLike", "aws:PrincipalArn", "ann"],
    ["StringLike", UA, "${aws:nobody}"],
    ["StringLike", UA, "${aws:username"],
  ])("%s of %s %j", (operator, key, value) => {
    expect(compileCondition(operator, key, [value], "2012-10-17")).toBeUndefined();
  });
});
