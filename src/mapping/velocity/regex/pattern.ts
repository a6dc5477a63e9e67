import type { Run } from "../run.ts";
import { type Budget, type Groups, Matcher } from "./matcher.ts";
import { compileSteps, type Step } from "./program.ts";
import { replacementOf } from "./replacement.ts";
import { type Node, PatternFault, parsePattern } from "./syntax.ts";

const MAX_LENGTH = 2_000;

/** A Java regular expression, ready to run; every one runs in linear time. */
export class Pattern {
  readonly #steps: readonly Step[];
  readonly #groups: number;
  readonly #names: ReadonlyMap<string, number>;
  /** The text that it means, when it is nothing but one. */
  readonly #literal: string | undefined;

  constructor(source: string) {
    const { root, groups, names } = parsePattern(source);
    this.#steps = compileSteps(root);
    this.#groups = groups;
    this.#names = names;
    this.#literal = literalOf(root);
  }

  /** Its steps, repeats written out. */
  get size(): number {
    return this.#steps.length;
  }

  /** Whether it takes the whole text. */
  matches(run: Budget, text: string): boolean {
    if (this.#literal !== undefined) return text === this.#literal;
    return new Matcher(run, this.#steps, this.#groups, text).at(0, true) !== undefined;
  }

  /** As `String.replaceAll`, or `replaceFirst`: `$1` and `${name}` are the groups. */
  replace(run: Run, text: string, replacement: string, { all }: { all: boolean }): string {
    let parts: ReturnType<typeof replacementOf> | undefined;
    let replaced = "";
    let end = 0;
    for (const groups of this.#find(run, text, all ? Number.POSITIVE_INFINITY : 1)) {
      const [from = 0, to = 0] = groups;
      // As in Java, a wrong replacement is wrong only where something is replaced.
      parts ??= replacementOf(run, replacement, this.#groups, this.#names);
      replaced += text.slice(end, from) + parts.map((part) => groupText(text, groups, part)).join("");
      run.checkText(replaced.length);
      end = to;
    }
    replaced += text.slice(end);
    run.checkText(replaced.length);
    run.work(replaced.length);
    return replaced;
  }

  /** As `String.split`: without a limit, empty texts at the end are dropped. */
  split(run: Run, text: string, limit: number): string[] {
    const parts: string[] = [];
    let end = 0;
    for (const [from = 0, to = 0] of this.#find(run, text, Number.POSITIVE_INFINITY)) {
      if (limit > 0 && parts.length === limit - 1) break;
      if (to === 0) continue;
      parts.push(text.slice(end, from));
      run.checkItems(parts.length);
      end = to;
    }
    if (parts.length === 0) return [text];
    parts.push(text.slice(end));
    if (limit === 0) while (parts.at(-1) === "") parts.pop();
    return parts;
  }

  *#find(run: Run, text: string, count: number): Iterable<Groups> {
    for (const groups of this.#matches(run, text, count)) {
      run.workOn(1);
      yield groups;
    }
  }

  *#matches(run: Run, text: string, count: number): Iterable<Groups> {
    if (this.#literal !== undefined && this.#literal !== "") {
      const { length } = this.#literal;
      let from = text.indexOf(this.#literal);
      for (let found = 0; from >= 0 && found < count; found++) {
        yield [from, from + length];
        from = text.indexOf(this.#literal, from + length);
      }
      return;
    }
    const matcher = new Matcher(run, this.#steps, this.#groups, text);
    let at = 0;
    for (let found = 0; found < count && at <= text.length; found++) {
      const groups = matcher.search(at);
      if (!groups) return;
      yield groups;
      const [from = 0, to = 0] = groups;
      at = to > from ? to : to + 1;
    }
  }
}

function groupText(text: string, groups: Groups, part: string | number): string {
  if (typeof part === "string") return part;
  const from = groups[2 * part] ?? -1;
  return from < 0 ? "" : text.slice(from, groups[2 * part + 1]);
}

function literalOf(root: Node): string | undefined {
  const items = root.kind === "sequence" ? root.items : [root];
  let text = "";
  for (const item of items) {
    if (item.kind !== "set" || item.character === undefined) return undefined;
    text += item.character;
  }
  return text;
}

/** @returns the reason when the pattern is wrong or not supported */
export function compilePattern(source: string): Pattern | { readonly fault: string } {
  if (source.length > MAX_LENGTH) {
    return { fault: `the regular expression is longer than ${MAX_LENGTH} characters` };
  }
  try {
    return new Pattern(source);
  } catch (error) {
    if (error instanceof PatternFault) return { fault: error.message };
    throw error;
  }
}
