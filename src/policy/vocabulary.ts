/** The words of IAM's policy language that the gateway knows: actions, condition keys, operators. */

export const ACTIONS = [
  "execute-api:Invoke",
  "execute-api:InvalidateCache",
  "execute-api:ManageConnections",
] as const;

export type Action = (typeof ACTIONS)[number];

/** What a key's or an operator's values are. */
export type ValueType = "string" | "numeric" | "date" | "bool" | "ip" | "arn";

/**
 * The condition keys of execute-api (aws-semantics 10), each with the families of operators
 * besides the string ones that can compare it. Keys of private APIs, of calls by AWS services
 * and of temporary credentials are known but in no request here.
 */
const KEY_TYPES = {
  "aws:SourceIp": ["ip"],
  "aws:VpcSourceIp": ["ip"],
  "aws:SourceVpc": [],
  "aws:SourceVpce": [],
  "aws:SourceArn": ["arn"],
  "aws:SourceAccount": [],
  "aws:Referer": [],
  "aws:UserAgent": [],
  "aws:CurrentTime": ["date"],
  "aws:EpochTime": ["date", "numeric"],
  "aws:SecureTransport": ["bool"],
  "aws:PrincipalArn": ["arn"],
  "aws:PrincipalAccount": [],
  "aws:PrincipalOrgID": [],
  "aws:PrincipalType": [],
  "aws:userid": [],
  "aws:username": [],
  "aws:TokenIssueTime": ["date"],
  "aws:MultiFactorAuthPresent": ["bool"],
  "aws:MultiFactorAuthAge": ["numeric"],
} as const satisfies Readonly<Record<string, readonly ValueType[]>>;

export type ConditionKey = keyof typeof KEY_TYPES;

const isKey = (name: string): name is ConditionKey => Object.hasOwn(KEY_TYPES, name);

export const CONDITION_KEYS: readonly ConditionKey[] = Object.keys(KEY_TYPES).filter(isKey);

const BY_LOWER_CASE: ReadonlyMap<string, ConditionKey> = new Map(
  CONDITION_KEYS.map((key) => [key.toLowerCase(), key]),
);

/** The key as AWS spells it; keys are written in any case. */
export const conditionKey = (name: string): ConditionKey | undefined => BY_LOWER_CASE.get(name.toLowerCase());

/** Whether operators of this family can compare the key. */
export function comparable(key: ConditionKey, type: ValueType): boolean {
  const types: readonly ValueType[] = KEY_TYPES[key];
  return type === "string" || types.includes(type);
}

/** How a value of the request is compared with one of the policy. */
export type Comparison =
  | { readonly type: "string"; readonly by: "equals" | "ignore-case" | "like" }
  | { readonly type: "arn"; readonly by: "like" }
  | { readonly type: "numeric" | "date"; readonly by: "=" | "<" | "<=" | ">" | ">=" }
  | { readonly type: "bool" | "ip"; readonly by: "equals" };

export interface Operator {
  readonly comparison: Comparison | "null";
  /** The condition holds when none of the policy's values compares. */
  readonly negated: boolean;
  /** It holds too when the request does not have the key. */
  readonly ifExists: boolean;
  /** `ForAllValues:` and `ForAnyValue:`; the keys here have one value at most. */
  readonly set: "all" | "any" | undefined;
}

const COMPARISONS: Readonly<Record<string, readonly [comparison: Comparison, negated?: true]>> = {
  StringEquals: [{ type: "string", by: "equals" }],
  StringNotEquals: [{ type: "string", by: "equals" }, true],
  StringEqualsIgnoreCase: [{ type: "string", by: "ignore-case" }],
  StringNotEqualsIgnoreCase: [{ type: "string", by: "ignore-case" }, true],
  StringLike: [{ type: "string", by: "like" }],
  StringNotLike: [{ type: "string", by: "like" }, true],
  NumericEquals: [{ type: "numeric", by: "=" }],
  NumericNotEquals: [{ type: "numeric", by: "=" }, true],
  NumericLessThan: [{ type: "numeric", by: "<" }],
  NumericLessThanEquals: [{ type: "numeric", by: "<=" }],
  NumericGreaterThan: [{ type: "numeric", by: ">" }],
  NumericGreaterThanEquals: [{ type: "numeric", by: ">=" }],
  DateEquals: [{ type: "date", by: "=" }],
  DateNotEquals: [{ type: "date", by: "=" }, true],
  DateLessThan: [{ type: "date", by: "<" }],
  DateLessThanEquals: [{ type: "date", by: "<=" }],
  DateGreaterThan: [{ type: "date", by: ">" }],
  DateGreaterThanEquals: [{ type: "date", by: ">=" }],
  Bool: [{ type: "bool", by: "equals" }],
  IpAddress: [{ type: "ip", by: "equals" }],
  NotIpAddress: [{ type: "ip", by: "equals" }, true],
  // ArnEquals and ArnLike do the same (IAM's operator reference).
  ArnEquals: [{ type: "arn", by: "like" }],
  ArnLike: [{ type: "arn", by: "like" }],
  ArnNotEquals: [{ type: "arn", by: "like" }, true],
  ArnNotLike: [{ type: "arn", by: "like" }, true],
};

const SETS = { "": undefined, "ForAllValues:": "all", "ForAnyValue:": "any" } as const;

/** Every operator by its exact name. `Null` asks for absence itself and has no variants. */
const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ...Object.entries(COMPARISONS).flatMap(([name, [comparison, negated = false]]) =>
    Object.entries(SETS).flatMap(([prefix, set]): [string, Operator][] => [
      [`${prefix}${name}`, { comparison, negated, ifExists: false, set }],
      [`${prefix}${name}IfExists`, { comparison, negated, ifExists: true, set }],
    ]),
  ),
  ["Null", { comparison: "null", negated: false, ifExists: false, set: undefined }] as const,
]);

export const OPERATOR_NAMES: readonly string[] = [...OPERATORS.keys()];

export const operatorNamed = (name: string): Operator | undefined => OPERATORS.get(name);

/** What a document writes alone or as a list, as a list. */
export const listOf = <T>(value: T | readonly T[]): readonly T[] => (isList(value) ? value : [value]);

const isList = <T>(value: T | readonly T[]): value is readonly T[] => Array.isArray(value);
