import { isWordCharacter, LINE_ENDS } from "./char-set.ts";
import type { Step } from "./program.ts";
import type { Assertion } from "./syntax.ts";

/** Where a match's groups are, begin and end by turns; the match itself is group 0. -1 for a group without a match. */
export type Groups = readonly number[];

/** What a match costs is told to, and stopped by, whoever has it run. */
export interface Budget {
  work(characters: number): void;
  error(kind: "limit", message: string): Error;
}

/** Words of 32 marks that one search may keep. */
const MAX_MARKS = 8 * 1024 * 1024;
/** What a step costs, in characters of other work. */
const STEP = 12;

/**
 * Matches as a backtracking matcher does, in linear time: what has failed at a place once is
 * marked and not tried there again, however it was come by. One thing differs from
 * Java: there a round of `(a??)*` that takes nothing ends the repeat, here it is undone.
 */
export class Matcher {
  readonly #steps: readonly Step[];
  readonly #slots: number;
  readonly #text: string;
  readonly #run: Budget;
  readonly #stride: number;
  readonly #marks: Uint32Array;
  #tried = 0;
  #words: Uint8Array | undefined;

  constructor(run: Budget, steps: readonly Step[], groups: number, text: string) {
    this.#run = run;
    this.#steps = steps;
    this.#slots = 2 * (groups + 1);
    this.#text = text;
    this.#stride = Math.ceil(steps.length / 32);
    const words = this.#stride * (text.length + 1);
    if (words > MAX_MARKS) throw run.error("limit", "the text is too long for the regular expression");
    run.work(words);
    this.#marks = new Uint32Array(words);
  }

  /** The first match at or behind a place. */
  search(from: number): Groups | undefined {
    for (let start = from; start <= this.#text.length; start++) {
      const groups = this.at(start, false);
      if (groups) return groups;
    }
    return undefined;
  }

  /** A match that begins at a place, and ends at the text's end when it has to be the whole. */
  at(start: number, whole: boolean): Groups | undefined {
    const groups = new Array<number>(this.#slots).fill(-1);
    // Where to go on when a way has failed: a step and a place, or a slot and what it held.
    const open: number[] = [0, start];
    while (open.length > 0) {
      const at = open.pop() ?? 0;
      const step = open.pop() ?? 0;
      if (step < 0) {
        groups[-step - 1] = at;
        continue;
      }
      const end = this.#follow(step, at, groups, open, whole);
      if (end < 0) continue;
      groups[0] = start;
      groups[1] = end;
      // What was passed on the way to a match has not failed.
      this.#marks.fill(0, end * this.#stride, (end + 1) * this.#stride);
      return groups;
    }
    return undefined;
  }

  /** Goes one way until it matches, whose end is answered, or fails: -1. */
  #follow(first: number, start: number, groups: number[], open: number[], whole: boolean): number {
    let next = first;
    let at = start;
    for (;;) {
      if (this.#isMarked(next, at)) return -1;
      const step = this.#steps[next];
      switch (step?.op) {
        case "set": {
          const code = this.#text.codePointAt(at);
          if (code === undefined || !step.set.has(code)) return -1;
          at += code > 0xffff ? 2 : 1;
          next += 1;
          break;
        }
        case "split":
          open.push(step.second, at);
          next = step.first;
          break;
        case "jump":
          next = step.to;
          break;
        case "save":
          open.push(-step.slot - 1, groups[step.slot] ?? -1);
          groups[step.slot] = at;
          next += 1;
          break;
        case "assert":
          if (!this.#holds(step.assertion, at)) return -1;
          next += 1;
          break;
        default:
          return whole && at < this.#text.length ? -1 : at;
      }
    }
  }

  /** Marks a step at a place, and says whether it was marked. */
  #isMarked(step: number, at: number): boolean {
    this.#tried += 1;
    if (this.#tried % 1024 === 0) this.#run.work(STEP * 1024);
    const word = at * this.#stride + (step >>> 5);
    const bit = 1 << (step & 31);
    const marks = this.#marks[word] ?? 0;
    if ((marks & bit) !== 0) return true;
    this.#marks[word] = marks | bit;
    return false;
  }

  #holds(assertion: Assertion, at: number): boolean {
    const text = this.#text;
    switch (assertion) {
      case "start":
        return at === 0;
      case "end":
        return at === text.length;
      case "last-end":
        return at === text.length || (this.#endsLine(at) && at + this.#lineEnd(at) === text.length);
      case "line-start":
        return at === 0 || (at < text.length && LINE_ENDS(text.charCodeAt(at - 1)) && !this.#inPair(at));
      case "line-end":
        return at === text.length || this.#endsLine(at);
      default:
        return (this.#isWord(at - 1) !== this.#isWord(at)) === (assertion === "word");
    }
  }

  #endsLine(at: number): boolean {
    return LINE_ENDS(this.#text.charCodeAt(at)) && !this.#inPair(at);
  }

  /** Between the two characters of one line end. */
  #inPair(at: number): boolean {
    return this.#text[at - 1] === "\r" && this.#text[at] === "\n";
  }

  #lineEnd(at: number): number {
    return this.#text.startsWith("\r\n", at) ? 2 : 1;
  }

  #isWord(at: number): boolean {
    const code = this.#text.charCodeAt(at);
    if (!(code >= 128)) return isWordCharacter(code);
    // 1 and 2 for what is known to be none, and one.
    this.#words ??= new Uint8Array(this.#text.length);
    this.#words[at] ||= /\p{L}|\p{Nd}/u.test(this.#text[at] ?? "") ? 2 : 1;
    return this.#words[at] === 2;
  }
}
