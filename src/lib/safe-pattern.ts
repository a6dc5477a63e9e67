import { PatternError, type PatternNode, parsePattern } from "./pattern-syntax.ts";

/** How many ways of having matched the text so far a backtracking matcher may have to try. */
const MAX_RUNS = 32;
/** Parts of a pattern, copies counted. */
const MAX_BUILT = 10_000;
/** How many characters a pattern may be about, `[a-z]{3,20}` being 20 of them. */
const MAX_POSITIONS = 1_000;
const MAX_SITUATIONS = 2_000;
const MAX_LENGTH = 2_000;

/**
 * Says why a regular expression of the configuration may not be run on what a client sends;
 * undefined when it may.
 *
 * JavaScript's matcher backtracks: it tries the ways in which a text can fit one after the
 * other, and for `(a+)+` there are exponentially many, for `a*a*` quadratically many. So
 * every pattern is followed through all texts at once, counting for each text the ways in
 * which the pattern can have got there (positions of Glushkov's automaton, with
 * multiplicity). When the count stays under a constant for every text, matching a whole
 * text takes linear time; where it does not, the pattern is refused. So are backreferences,
 * lookarounds and inline flags, whose cost cannot be told this way.
 *
 * This holds for `wholePattern()`, not for a search inside a text, which tries every start.
 */
export function unsafePattern(pattern: string): string | undefined {
  if (pattern.length > MAX_LENGTH) return `the pattern is longer than ${MAX_LENGTH} characters`;
  try {
    new RegExp(pattern);
  } catch (error) {
    return `"${pattern}" is no regular expression: ${error instanceof Error ? error.message : String(error)}`;
  }
  try {
    followAllTexts(new Automaton(parsePattern(pattern)));
    return undefined;
  } catch (error) {
    if (error instanceof PatternError) return `"${pattern}" ${error.message}`;
    throw error;
  }
}

/** The pattern as one that has to take a text from its start to its end. */
export function wholePattern(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

/** Positions with the number of ways to get there. */
type Ways = Map<number, number>;

interface Part {
  /** In how many ways it takes no character at all. */
  readonly empty: number;
  readonly first: Ways;
  readonly last: Ways;
}

/** One position per character of the pattern, and which may follow which, in how many ways. */
class Automaton {
  /** How the pattern writes the characters at each position. */
  readonly sources: string[] = [];
  readonly follow: Ways[] = [];
  readonly first: Ways;
  #built = 0;

  constructor(root: PatternNode) {
    this.first = this.#build(root).first;
  }

  #build(node: PatternNode): Part {
    // Copies of what is empty have no positions to be counted by.
    this.#built += 1;
    if (this.#built > MAX_BUILT) throw new PatternError("repeats too much to be checked");
    switch (node.kind) {
      case "empty":
        return { empty: 1, first: new Map(), last: new Map() };
      case "character":
        return this.#character(node.source);
      case "choice":
        return node.items.map((item) => this.#build(item)).reduce(either);
      case "sequence":
        return node.items
          .map((item) => this.#build(item))
          .reduce((a, b) => this.#then(a, b), { empty: 1, first: new Map(), last: new Map() });
      case "repeat":
        return this.#repeat(node);
    }
  }

  #character(source: string): Part {
    const position = this.sources.length;
    if (position >= MAX_POSITIONS) throw new PatternError("repeats too much to be checked");
    this.sources.push(source);
    this.follow.push(new Map());
    return { empty: 0, first: new Map([[position, 1]]), last: new Map([[position, 1]]) };
  }

  #then(a: Part, b: Part): Part {
    this.#join(a.last, b.first);
    return {
      empty: few(a.empty * b.empty),
      first: merged(a.first, b.first, a.empty),
      last: merged(b.last, a.last, b.empty),
    };
  }

  /** `x{2,4}` is `x x (x (x)?)?`, and `x{2,}` is `x x x*`: every copy has positions of its own. */
  #repeat({ item, min, max }: Extract<PatternNode, { kind: "repeat" }>): Part {
    let part: Part | undefined;
    if (max === Number.POSITIVE_INFINITY) {
      const loop = this.#build(item);
      this.#join(loop.last, loop.first);
      part = min === 0 ? optional(loop) : loop;
    } else {
      for (let copy = min; copy < max; copy++) {
        const once = this.#build(item);
        part = optional(part ? this.#then(once, part) : once);
      }
    }
    const own = max === Number.POSITIVE_INFINITY ? min - 1 : min;
    for (let copy = 0; copy < own; copy++) {
      const once = this.#build(item);
      part = part ? this.#then(once, part) : once;
    }
    return part ?? { empty: 1, first: new Map(), last: new Map() };
  }

  #join(from: Ways, to: Ways): void {
    for (const [position, ways] of from) {
      const follow = this.follow[position];
      if (follow) for (const [next, more] of to) add(follow, next, ways * more);
    }
  }
}

const either = (a: Part, b: Part): Part => ({
  empty: few(a.empty + b.empty),
  first: merged(a.first, b.first, 1),
  last: merged(a.last, b.last, 1),
});

const optional = (part: Part): Part => ({ ...part, empty: few(part.empty + 1) });

function merged(a: Ways, b: Ways, times: number): Ways {
  const sum = new Map(a);
  if (times > 0) for (const [position, ways] of b) add(sum, position, ways * times);
  return sum;
}

function add(ways: Ways, position: number, more: number): void {
  ways.set(position, few((ways.get(position) ?? 0) + more));
}

function few(ways: number): number {
  if (ways > MAX_RUNS) throw ambiguous();
  return ways;
}

function ambiguous(): PatternError {
  return new PatternError("can match one text in too many ways, so that a crafted one would take too long");
}

/** Follows the pattern through every text, a situation being where it can be and in how many ways. */
function followAllTexts({ sources, follow, first }: Automaton): void {
  const alphabet = lettersApart(sources);
  const seen = new Set<string>();
  const open: Ways[] = [];
  const visit = (from: Iterable<readonly [Ways, number]>, letter: ReadonlySet<number>): void => {
    const next: Ways = new Map();
    let runs = 0;
    for (const [ways, times] of from) {
      for (const [position, more] of ways) {
        if (!letter.has(position)) continue;
        runs += times * more;
        if (runs > MAX_RUNS) throw ambiguous();
        next.set(position, (next.get(position) ?? 0) + times * more);
      }
    }
    if (next.size === 0) return;
    const key = [...next].sort(([a], [b]) => a - b).join(" ");
    if (seen.has(key)) return;
    seen.add(key);
    if (seen.size > MAX_SITUATIONS) throw new PatternError("is too complex to be checked");
    open.push(next);
  };
  for (const letter of alphabet) visit([[first, 1]], letter);
  for (let now = open.pop(); now; now = open.pop()) {
    const from = [...now].map(([position, times]) => [follow[position] ?? new Map(), times] as const);
    for (const letter of alphabet) visit(from, letter);
  }
}

/**
 * Characters that the pattern tells apart, one of each kind, as the positions that take it.
 * What a set takes changes only at characters that the pattern writes, and at those that
 * `\s` and `.` are about; ASCII is tried in full.
 */
function lettersApart(sources: readonly string[]): readonly ReadonlySet<number>[] {
  const positions = new Map<string, number[]>();
  for (const [position, source] of sources.entries()) {
    const of = positions.get(source);
    if (of) of.push(position);
    else positions.set(source, [position]);
  }
  const tests = [...positions].map(([source, of]) => ({ of, takes: new RegExp(`^(?:${source})$`) }));
  const kinds = new Map<string, ReadonlySet<number>>();
  for (const code of candidates([...positions.keys()])) {
    const letter = String.fromCharCode(code);
    const taking = tests.filter(({ takes }) => takes.test(letter)).flatMap(({ of }) => of);
    if (taking.length > 0) kinds.set(taking.join(" "), new Set(taking));
  }
  return [...kinds.values()];
}

function candidates(sources: readonly string[]): ReadonlySet<number> {
  const codes = new Set(Array.from({ length: 0x80 }, (_, code) => code));
  const around = (code: number): void => {
    for (const near of [code - 1, code, code + 1]) if (near >= 0 && near <= 0xffff) codes.add(near);
  };
  for (const code of [0xff, 0xa0, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff]) {
    around(code);
  }
  for (const source of sources) {
    for (const [written] of source.matchAll(/\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4})/g)) {
      around(Number.parseInt(written.slice(2), 16));
    }
    for (let at = 0; at < source.length; at++)
      if (source.charCodeAt(at) > 0x7f) around(source.charCodeAt(at));
  }
  return codes;
}
