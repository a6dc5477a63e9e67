/** A stretch of a pattern: text with `*` and `?`, or text that stands for itself. */
export type Piece = string | { readonly literal: string };

/** A compiled pattern of `*` (any run, `/` and `:` included) and `?` (exactly one UTF-16 unit). */
export interface Wildcard {
  /** Whether it has a `*`; without one it is `first` alone. */
  readonly open: boolean;
  /** What stands before the first `*`. */
  readonly first: Run;
  /** What stands between two `*`. */
  readonly floating: readonly Run[];
  /** What stands behind the last `*`. */
  readonly last: Run;
  /** No shorter value can match. */
  readonly minLength: number;
}

/** A stretch without `*`, which has one length. */
interface Run {
  readonly length: number;
  /** The run itself, when no `?` is in it. */
  readonly text: string | undefined;
  /** UTF-16 units; `ONE` for `?`. */
  readonly codes: readonly number[];
  /** Long runs: how far a broken match reaches back (Knuth, Morris and Pratt). */
  readonly borders: readonly number[] | undefined;
  /** Runs with `?`: by unit, a bit for each place where it fits (Baeza-Yates and Gonnet). */
  readonly masks: ReadonlyMap<number, Int32Array> | undefined;
}

const ANY = -1;
const ONE = -2;

/** Up to here the engine's own search is linear enough, and the fastest. */
const SHORT = 32;

/** Compiles a pattern once, so that matching has nothing to build. */
export function compileWildcard(pieces: readonly Piece[]): Wildcard {
  const runs: number[][] = [[]];
  for (const piece of pieces) {
    const text = typeof piece === "string" ? piece : piece.literal;
    for (let i = 0; i < text.length; i++) {
      const code = typeof piece === "string" ? codeAt(text, i) : text.charCodeAt(i);
      if (code === ANY) runs.push([]);
      else runs.at(-1)?.push(code);
    }
  }
  const open = runs.length > 1;
  return {
    open,
    first: anchored(runs[0] ?? []),
    floating: runs
      .slice(1, -1)
      .filter((codes) => codes.length > 0)
      .map(searchable),
    last: anchored(open ? (runs.at(-1) ?? []) : []),
    minLength: runs.reduce((sum, codes) => sum + codes.length, 0),
  };
}

function codeAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code === 0x2a ? ANY : code === 0x3f ? ONE : code;
}

function anchored(codes: readonly number[]): Run {
  const text = codes.includes(ONE) ? undefined : codes.map((code) => String.fromCharCode(code)).join("");
  return { length: codes.length, text, codes, borders: undefined, masks: undefined };
}

function searchable(codes: readonly number[]): Run {
  const run = anchored(codes);
  if (run.text === undefined) return { ...run, masks: masksOf(codes) };
  return run.length > SHORT ? { ...run, borders: bordersOf(codes) } : run;
}

/** Whether the pattern matches whatever comes. */
export const matchesAnything = (wildcard: Wildcard): boolean => wildcard.open && wildcard.minLength === 0;

/**
 * Whether the pattern matches the whole value. The runs between stars are looked for from left
 * to right, each from where the last one ended, and nothing is ever tried again: the
 * work grows with the value's length, for a run of m units with `?` times m/32.
 */
export function matchesWildcard(wildcard: Wildcard, value: string): boolean {
  const { first, last } = wildcard;
  if (value.length < wildcard.minLength) return false;
  if (!wildcard.open) return value.length === first.length && standsAt(first, value, 0);
  let from = first.length;
  const to = value.length - last.length;
  if (!standsAt(first, value, 0) || !standsAt(last, value, to)) return false;
  for (const run of wildcard.floating) {
    const end = endOfFirst(run, value, from, to);
    if (end < 0) return false;
    from = end;
  }
  return true;
}

function standsAt(run: Run, value: string, at: number): boolean {
  if (run.text !== undefined) return value.startsWith(run.text, at);
  for (let i = 0; i < run.length; i++) {
    const code = run.codes[i];
    if (code !== ONE && code !== value.charCodeAt(at + i)) return false;
  }
  return true;
}

/** Where the run's first occurrence within the bounds ends; -1 where there is none. */
function endOfFirst(run: Run, value: string, from: number, to: number): number {
  if (run.masks) return searchByBits(run, run.masks, value, from, to);
  if (run.borders) return searchByBorders(run, run.borders, value, from, to);
  const at = value.indexOf(run.text ?? "", from);
  return at < 0 || at + run.length > to ? -1 : at + run.length;
}

/** For each length of a match, the longest shorter one that is still a match. */
function bordersOf(codes: readonly number[]): readonly number[] {
  const borders = [0];
  let length = 0;
  for (let i = 1; i < codes.length; i++) {
    while (length > 0 && codes[i] !== codes[length]) length = borders[length - 1] ?? 0;
    if (codes[i] === codes[length]) length++;
    borders.push(length);
  }
  return borders;
}

function searchByBorders(
  run: Run,
  borders: readonly number[],
  value: string,
  from: number,
  to: number,
): number {
  let length = 0;
  for (let i = from; i < to; i++) {
    const code = value.charCodeAt(i);
    while (length > 0 && code !== run.codes[length]) length = borders[length - 1] ?? 0;
    if (code === run.codes[length]) length++;
    if (length === run.length) return i + 1;
  }
  return -1;
}

/** Under `ONE` itself: the places where every unit fits. */
function masksOf(codes: readonly number[]): ReadonlyMap<number, Int32Array> {
  const words = Math.ceil(codes.length / 32);
  const everywhere = new Int32Array(words);
  codes.forEach((code, i) => {
    if (code === ONE) everywhere[i >> 5] = (everywhere[i >> 5] ?? 0) | (1 << (i & 31));
  });
  const masks = new Map([[ONE, everywhere]]);
  codes.forEach((code, i) => {
    if (code === ONE) return;
    const mask = masks.get(code) ?? everywhere.slice();
    mask[i >> 5] = (mask[i >> 5] ?? 0) | (1 << (i & 31));
    masks.set(code, mask);
  });
  return masks;
}

/** Keeps a bit for each length of a match that ends here, and moves all of them on at once. */
function searchByBits(
  run: Run,
  masks: ReadonlyMap<number, Int32Array>,
  value: string,
  from: number,
  to: number,
): number {
  const everywhere = masks.get(ONE);
  const words = Math.ceil(run.length / 32);
  const state = new Int32Array(words);
  const whole = 1 << ((run.length - 1) & 31);
  for (let i = from; i < to; i++) {
    const mask = masks.get(value.charCodeAt(i)) ?? everywhere;
    let carry = 1;
    for (let word = 0; word < words; word++) {
      const bits = state[word] ?? 0;
      state[word] = ((bits << 1) | carry) & (mask?.[word] ?? 0);
      carry = bits >>> 31;
    }
    if (((state[words - 1] ?? 0) & whole) !== 0) return i + 1;
  }
  return -1;
}
