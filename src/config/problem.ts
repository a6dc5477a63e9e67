/**
 * What is wrong with a configuration: data, never an exception, so that one bad
 * entry can be reported beside a hundred good ones.
 */
export interface Problem {
  /** What kind of mistake, for programs: `json.malformed`, `key.unknown`, `uri.scheme`. */
  readonly code: string;
  /** Where: the KV key, then the place inside its value, as `apis/x/routes/GET /y#integration.uri`. */
  readonly path: string;
  /** One sentence that names the culprit. */
  readonly message: string;
  /** How to mend it, where that is known. */
  readonly hint?: string;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The candidate that is the fewest edits away from `word`; none when nothing is near. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein's distance; both words are short (configuration keys, function names). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
