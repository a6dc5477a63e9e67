import { Cursor, PathError } from "./cursor.ts";
import { type Filter, isDefinite, type Step } from "./step.ts";

const MAX_LENGTH = 4_096;
const MAX_STEPS = 256;

/** Reads `?(...)` up to the bracket that closes it. */
export type ReadFilter = (cursor: Cursor) => Filter;

/**
 * The steps of a path, as Jayway JsonPath writes them. A path without `$` starts at the root
 * all the same.
 *
 * @throws PathError
 */
export function readSteps(path: string, readFilter: ReadFilter): readonly Step[] {
  if (path.length > MAX_LENGTH) throw new PathError(`a path has at most ${MAX_LENGTH} characters`);
  // Java trims control characters as well.
  const trimmed = path.replace(/^[\0- ]+|[\0- ]+$/g, "");
  const cursor = new Cursor(/^[$@]/.test(trimmed) ? trimmed : `$.${trimmed}`);
  cursor.at = 1;
  if (!cursor.atEnd && !/[.[]/.test(cursor.next)) {
    throw cursor.error(`"." or "[" has to follow ${trimmed.charAt(0)}`);
  }
  const steps: Step[] = [];
  while (!cursor.atEnd) {
    readStep(cursor, steps, readFilter);
    if (steps.length > MAX_STEPS) throw cursor.error(`a path has at most ${MAX_STEPS} steps`);
  }
  checkOrder(steps, cursor);
  return steps.map((step, at) => (step.kind === "property" ? { ...step, quiet: isQuiet(steps, at) } : step));
}

function readStep(cursor: Cursor, steps: Step[], readFilter: ReadFilter): void {
  if (cursor.take("..")) {
    steps.push({ kind: "scan" });
    return;
  }
  const dotted = cursor.take(".");
  if (cursor.atEnd) throw cursor.error('a path does not end with "."');
  if (cursor.next === "[") {
    steps.push(readBracket(cursor, readFilter));
    return;
  }
  if (dotted ? cursor.match(WILDCARD_NAME) : cursor.take("*")) {
    steps.push({ kind: "wildcard" });
    return;
  }
  const free = dotted || steps.at(-1)?.kind === "scan";
  const name = cursor.match(free ? NAME : PLAIN_NAME)?.[0];
  if (name === undefined)
    throw cursor.error(cursor.next === " " ? SPACE : `"${cursor.next}" starts no step here`);
  steps.push({ kind: "property", name, quiet: false });
}

const SPACE = "a name with spaces is written in brackets: ['a b']";
/** `.*` is every member, `.*a` one of this name. */
const WILDCARD_NAME = /\*(?=$|[.[])/y;
const NAME = /[^.[\] ]+/y;
/** Without a dot, straight after a bracket. */
const PLAIN_NAME = /\w[^.[\] ]*/y;

const INDEXES = /-?\d+(?: *, *-?\d+)*(?: *,)?/y;
/** A third number, a step width elsewhere, means nothing to Jayway. */
const SLICE = /(-?\d+)? *: *(-?\d+)?(?: *: *-?\d*)?/y;
const BEFORE_END = /\( *@ *\. *(?:length|size) *(?:\( *\) *)?- *(\d+) *\)/y;

function readBracket(cursor: Cursor, readFilter: ReadFilter): Step {
  cursor.at++;
  cursor.skipSpaces();
  const step = readInside(cursor, readFilter);
  cursor.skipSpaces();
  cursor.expect("]", "what stands in brackets");
  return step;
}

function readInside(cursor: Cursor, readFilter: ReadFilter): Step {
  if (cursor.next === "'" || cursor.next === '"') return readNames(cursor);
  if (cursor.take("*")) return { kind: "wildcard" };
  if (cursor.take("?")) return { kind: "filter", takes: readFilter(cursor) };
  const distance = cursor.match(BEFORE_END)?.[1];
  if (distance !== undefined) return { kind: "before_end", distance: integer(distance, cursor) };
  const start = cursor.at;
  const slice = cursor.match(SLICE);
  if (slice) return readSlice(slice, cursor);
  cursor.at = start;
  const indexes = cursor.match(INDEXES)?.[0].split(",");
  if (!indexes) throw cursor.error("brackets hold quoted names, indexes, a slice, * or a filter ?(...)");
  if (indexes.at(-1)?.trim() === "") indexes.pop();
  const numbers = indexes.map((index) => integer(index.trim(), cursor));
  const [index] = numbers;
  return numbers.length === 1 && index !== undefined
    ? { kind: "index", index }
    : { kind: "indexes", indexes: numbers };
}

function readNames(cursor: Cursor): Step {
  const names: string[] = [];
  do {
    cursor.skipSpaces();
    if (cursor.next !== "'" && cursor.next !== '"') throw cursor.error("a name in brackets is quoted");
    names.push(cursor.quoted());
    cursor.skipSpaces();
  } while (cursor.take(","));
  const [name] = names;
  return names.length === 1 && name !== undefined
    ? { kind: "property", name, quiet: false }
    : { kind: "properties", names };
}

function readSlice([, from, to]: RegExpExecArray, cursor: Cursor): Step {
  if (from === undefined && to === undefined) throw cursor.error("a slice has a start or an end");
  return {
    kind: "slice",
    from: from === undefined ? undefined : integer(from, cursor),
    to: to === undefined ? undefined : integer(to, cursor),
  };
}

function integer(digits: string, cursor: Cursor): number {
  const value = Number(digits);
  if (value !== (value | 0)) throw cursor.error(`${digits} is too large`);
  return value;
}

/** @throws PathError for what Jayway reads and then finds nothing by, whatever the document. */
function checkOrder(steps: readonly Step[], cursor: Cursor): void {
  for (const [at, step] of steps.entries()) {
    const next = steps[at + 1];
    if (step.kind === "scan" && !next) throw cursor.error('a path does not end with ".."');
    if (step.kind === "scan" && next?.kind === "scan") throw cursor.error('".." is written once');
    if (step.kind === "properties" && next) throw cursor.error("several names can only stand at the end");
  }
}

/** Jayway asks whether all is definite from the step before on, and only then complains. */
function isQuiet(steps: readonly Step[], at: number): boolean {
  return at < steps.length - 1 && !steps.slice(Math.max(0, at - 1)).every(isDefinite);
}
