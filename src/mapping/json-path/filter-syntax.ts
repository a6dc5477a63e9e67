import type { Cursor } from "./cursor.ts";
import { allOf, anyOf, compare, exists, matches, not, OPERATORS, type Operand } from "./filter.ts";
import { readSteps } from "./path-syntax.ts";
import { readPattern } from "./pattern.ts";
import { costOf, type Filter, isDefinite, type Step } from "./step.ts";

/** Parentheses within each other. */
const MAX_DEPTH = 32;

/**
 * Reads `(...)` of `[?(...)]`: comparisons and paths that have to exist, with `!`, `&&`, `||`
 * and parentheses.
 *
 * @throws PathError
 */
export function readFilter(cursor: Cursor): Filter {
  cursor.skipSpaces();
  if (cursor.next !== "(") throw cursor.error("a filter is written [?(...)]");
  return group(cursor, 0);
}

function group(cursor: Cursor, depth: number): Filter {
  if (depth > MAX_DEPTH) throw cursor.error(`parentheses are nested deeper than ${MAX_DEPTH}`);
  cursor.at++;
  const filter = either(cursor, depth + 1);
  cursor.expect(")", "what stands in parentheses");
  return filter;
}

function either(cursor: Cursor, depth: number): Filter {
  const filters = [both(cursor, depth)];
  while (cursor.take("||")) filters.push(both(cursor, depth));
  return one(filters) ?? anyOf(filters);
}

function both(cursor: Cursor, depth: number): Filter {
  const filters = [term(cursor, depth)];
  while (cursor.take("&&")) filters.push(term(cursor, depth));
  return one(filters) ?? allOf(filters);
}

const one = (filters: readonly Filter[]): Filter | undefined =>
  filters.length === 1 ? filters[0] : undefined;

function term(cursor: Cursor, depth: number): Filter {
  cursor.skipSpaces();
  const filter = simple(cursor, depth);
  cursor.skipSpaces();
  return filter;
}

function simple(cursor: Cursor, depth: number): Filter {
  if (cursor.next === "(") return group(cursor, depth);
  if (!cursor.take("!")) return comparison(cursor);
  cursor.skipSpaces();
  if (cursor.next === "(") return not(group(cursor, depth));
  const path = operand(cursor);
  if (path.kind !== "path" || readOperator(cursor) !== undefined) {
    throw cursor.error('"!" stands before a path or a parenthesis: !@.a, !(@.a == 1)');
  }
  return not(exists(path));
}

const OPERATOR = / *(==|!=|<=|>=|=~|<|>|(?:in|nin|contains|all|size|empty|exists)(?![\w]))(?!=)/iy;

const LIST_OPERATORS: ReadonlySet<string> = new Set(["in", "nin", "all"]);

function readOperator(cursor: Cursor): string | undefined {
  return cursor.match(OPERATOR)?.[1]?.toLowerCase();
}

function comparison(cursor: Cursor): Filter {
  const left = operand(cursor);
  const name = readOperator(cursor);
  if (name === undefined) {
    cursor.skipSpaces();
    if (left.kind === "path" && /^(?:\)|&&|\|\|)/.test(cursor.text.slice(cursor.at, cursor.at + 2))) {
      return exists(left);
    }
    throw cursor.error(`an operator is missing: ${[...OPERATORS.keys(), "=~"].join(", ")}`);
  }
  cursor.skipSpaces();
  const right = operand(cursor);
  const operator = OPERATORS.get(name);
  if (left.kind === "list" || (right.kind === "list" && !LIST_OPERATORS.has(name))) {
    throw cursor.error("a list stands on the right of in, nin and all");
  }
  if (operator && left.kind !== "pattern" && right.kind !== "pattern") return compare(left, operator, right);
  if (operator) throw cursor.error("a /pattern/ goes with =~; a text that looks like one is quoted");
  if (right.kind === "pattern" && left.kind !== "pattern") return matches(right.pattern, left);
  if (left.kind === "pattern" && right.kind !== "pattern") return matches(left.pattern, right);
  throw cursor.error("=~ compares with one /pattern/");
}

function operand(cursor: Cursor): Operand {
  switch (cursor.next) {
    case "@":
    case "$":
      return path(cursor);
    case "'":
    case '"':
      return { kind: "text", text: cursor.quoted() };
    case "[":
      return list(cursor);
    case "/":
      return { kind: "pattern", pattern: readPattern(cursor) };
    default:
      return { kind: "text", text: bare(cursor, BARE) };
  }
}

/** Up to what ends an operand: a parenthesis, `&&`, `||`, an operator's sign. */
const BARE = /(?:(?!&&|\|\|)[^()'"=<>!~ ]| +(?![ )=<>!&|]))+/y;
const BARE_ITEM = /[^,\]'"[ ]+/y;

function bare(cursor: Cursor, pattern: RegExp): string {
  const text = cursor.match(pattern)?.[0];
  if (text === undefined) throw cursor.error(`a value is missing at character ${cursor.at + 1}`);
  return text;
}

function list(cursor: Cursor): Operand {
  cursor.at++;
  const items: string[] = [];
  cursor.skipSpaces();
  if (cursor.take("]")) return { kind: "list", items };
  do {
    cursor.skipSpaces();
    items.push(cursor.next === "'" || cursor.next === '"' ? cursor.quoted() : bare(cursor, BARE_ITEM));
    cursor.skipSpaces();
  } while (cursor.take(","));
  cursor.expect("]", "a list");
  return { kind: "list", items };
}

const BRACKETS = /\[(?:[^'"[\]]|'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*")*\]/y;
const NAMES = /(?:(?!&&|\|\|)[^[\]()=<>!~ ]|\([^()]*\))+/y;

function path(cursor: Cursor): Operand {
  const start = cursor.at;
  cursor.at++;
  while (cursor.match(NAMES) || cursor.match(BRACKETS)) {
    // Goes on with the next part.
  }
  const text = cursor.text.slice(start, cursor.at);
  const steps = readSteps(text, () => {
    throw cursor.error(NOT_DEFINITE);
  });
  if (!steps.every(isDefinite)) throw cursor.error(NOT_DEFINITE);
  return { kind: "path", fromRoot: text.startsWith("$"), steps, cost: sum(steps) };
}

const sum = (steps: readonly Step[]): number => steps.reduce((cost, step) => cost + costOf(step), 0);

const NOT_DEFINITE = "a path in a filter leads to one value: no *, .., slices or filters";
