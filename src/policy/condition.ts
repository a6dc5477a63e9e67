import { type Cidr, cidrContains, formatAddress, parseAddress, parseCidr } from "../lib/ip-address.ts";
import type { ConditionContext } from "./conditions.ts";
import { constantPieces, fillTemplate, parseTemplate, plainText } from "./template.ts";
import { parseBool, parseDate, parseNumber } from "./values.ts";
import { type Comparison, comparable, conditionKey, type Operator, operatorNamed } from "./vocabulary.ts";
import { compileWildcard, matchesWildcard, type Piece, type Wildcard } from "./wildcard.ts";

export type ConditionTest = (context: ConditionContext) => boolean;

/** Whether a value of the request compares with one of the policy. */
type ValueTest = (value: string, context: ConditionContext) => boolean;

/** A comparison of the request's value with one of the policy's; undefined when the latter is malformed. */
type ValueCompiler = (value: string) => ValueTest | undefined;

/**
 * Compiles one key of one operator: `{"IpAddress": {"aws:SourceIp": [...]}}`.
 *
 * Several values are alternatives; a negated operator holds when none of them compares. A key
 * that the request does not have fails a condition, except a negated one, one that ends in
 * IfExists, and ForAllValues (IAM's operator reference).
 *
 * @returns undefined for what cannot be evaluated, which the check of a policy refuses
 */
export function compileCondition(
  name: string,
  keyName: string,
  values: readonly string[],
  version: string | undefined,
): ConditionTest | undefined {
  const operator = operatorNamed(name);
  const known = conditionKey(keyName);
  if (!operator || !known) return undefined;
  const key = known.toLowerCase();
  const { comparison } = operator;
  if (comparison === "null") return compileNull(key, values);
  if (!comparable(known, comparison.type)) return undefined;
  if (comparison.type === "ip") return compileIp(key, operator, values);
  const tests = every(values, valueCompiler(comparison, known === "aws:SourceIp", version));
  if (!tests) return undefined;
  const { negated, set } = operator;
  const absent = holdsWithout(operator);
  return (context) => {
    const value = context.value(key);
    if (value === undefined) return absent;
    // To the set operators an empty text is a set of nothing.
    if (value === "" && set !== undefined) return set === "all";
    for (const test of tests) if (test(value, context)) return !negated;
    return negated;
  };
}

/** Whether the condition holds for a request without the key. */
function holdsWithout({ ifExists, negated, set }: Operator): boolean {
  return ifExists || set === "all" || (negated && set === undefined);
}

function compileNull(key: string, values: readonly string[]): ConditionTest | undefined {
  const wanted = every(values, parseBool);
  return wanted && ((context) => wanted.includes(context.value(key) === undefined));
}

/** Addresses are compared as numbers, so that how one is spelt does not matter. */
function compileIp(key: string, operator: Operator, values: readonly string[]): ConditionTest | undefined {
  const blocks: readonly Cidr[] | undefined = every(values, parseCidr);
  if (!blocks) return undefined;
  const { negated } = operator;
  const absent = holdsWithout(operator);
  if (key !== "aws:sourceip") return () => absent;
  return (context) => {
    const address = context.address();
    if (!address) return absent;
    for (const block of blocks) if (cidrContains(block, address)) return !negated;
    return negated;
  };
}

function valueCompiler(
  comparison: Comparison,
  isAddress: boolean,
  version: string | undefined,
): ValueCompiler {
  switch (comparison.type) {
    case "string":
      return (value) => compileText(isAddress ? oneSpelling(value) : value, comparison.by, version);
    case "arn":
      return (value) => compileArn(value, version);
    case "numeric":
      return ordered(parseNumber, comparison.by);
    case "date":
      return ordered(parseDate, comparison.by);
    default:
      return (value) => {
        const wanted = parseBool(value);
        return wanted === undefined ? undefined : (given) => parseBool(given) === wanted;
      };
  }
}

/** An address as the request's own is written; other text as it is. */
function oneSpelling(text: string): string {
  const address = parseAddress(text);
  return address ? formatAddress(address) : text;
}

function compileText(
  text: string,
  by: "equals" | "ignore-case" | "like",
  version: string | undefined,
): ValueTest | undefined {
  const parsed = parseTemplate(text, version);
  if (!parsed.ok) return undefined;
  const { template, variables } = parsed;
  const compile = by === "like" ? like : by === "equals" ? equal : equalIgnoringCase;
  if (!variables) return compile(constantPieces(template));
  return (value, context) => {
    const pieces = fillTemplate(template, context);
    return pieces !== undefined && compile(pieces)(value, context);
  };
}

function like(pieces: readonly Piece[]): ValueTest {
  const wildcard = compileWildcard(pieces);
  return (value) => matchesWildcard(wildcard, value);
}

function equal(pieces: readonly Piece[]): ValueTest {
  const text = plainText(pieces);
  return (value) => value === text;
}

function equalIgnoringCase(pieces: readonly Piece[]): ValueTest {
  const text = plainText(pieces).toLowerCase();
  return (value) => value.toLowerCase() === text;
}

/** ARNs are compared part by part: no `*` reaches over one of the first five colons. */
function compileArn(text: string, version: string | undefined): ValueTest | undefined {
  const parsed = parseTemplate(text, version);
  if (!parsed.ok) return undefined;
  const { template, variables } = parsed;
  if (!variables) return arnLike(constantPieces(template));
  return (value, context) => {
    const pieces = fillTemplate(template, context);
    return pieces !== undefined && (arnLike(pieces)?.(value, context) ?? false);
  };
}

function arnLike(pieces: readonly Piece[]): ValueTest | undefined {
  const [only] = pieces;
  if (pieces.length === 1 && only === "*") return () => true;
  const patterns = arnParts(pieces)?.map(compileWildcard);
  return patterns && ((value) => matchesArn(patterns, value));
}

function matchesArn(patterns: readonly Wildcard[], value: string): boolean {
  const parts = arnParts([value]);
  if (!parts) return false;
  return patterns.every((pattern, i) => matchesWildcard(pattern, plainText(parts[i] ?? [])));
}

/** The six parts of an ARN; none when there are fewer. The last one keeps its colons. */
function arnParts(pieces: readonly Piece[]): readonly (readonly Piece[])[] | undefined {
  const parts: Piece[][] = [[]];
  for (const piece of pieces) {
    let text = typeof piece === "string" ? piece : piece.literal;
    const push = (part: string) => parts.at(-1)?.push(typeof piece === "string" ? part : { literal: part });
    for (let colon = text.indexOf(":"); colon >= 0 && parts.length < 6; colon = text.indexOf(":")) {
      push(text.slice(0, colon));
      parts.push([]);
      text = text.slice(colon + 1);
    }
    push(text);
  }
  return parts.length === 6 ? parts : undefined;
}

/** Compares numbers, or times as numbers. */
function ordered(
  parse: (text: string) => number | undefined,
  by: "=" | "<" | "<=" | ">" | ">=",
): ValueCompiler {
  const compare = ORDERS[by];
  return (value) => {
    const bound = parse(value);
    if (bound === undefined) return undefined;
    return (given) => {
      const number = parse(given);
      return number !== undefined && compare(number, bound);
    };
  };
}

const ORDERS = {
  "=": (a: number, b: number) => a === b,
  "<": (a: number, b: number) => a < b,
  "<=": (a: number, b: number) => a <= b,
  ">": (a: number, b: number) => a > b,
  ">=": (a: number, b: number) => a >= b,
};

/** All of them converted; undefined when one of them cannot be. */
function every<T>(
  values: readonly string[],
  convert: (value: string) => T | undefined,
): readonly T[] | undefined {
  const converted = values.map(convert).filter((value) => value !== undefined);
  return converted.length === values.length ? converted : undefined;
}
