import type { Answer } from "../support/client.ts";

/** An answer, or `broken` where the connection ended before its headers. */
export type Outcome = Answer | "broken";

/** What the cache said of a request, without what changes from second to second. */
export function wordsOf({ headers }: Pick<Answer, "headers">): string {
  return String(headers["cache-status"] ?? "").replace(/; ttl=-?\d+/, "");
}

/** How an answer looks to a client that trusts its framing: `whole` is the body that was meant. */
export function verdict(outcome: Outcome, whole: Buffer): "whole" | "broken" | `${number}` | "WRONG" {
  if (outcome === "broken" || !outcome.complete) return "broken";
  if (outcome.status !== 200) return `${outcome.status}`;
  return outcome.body.equals(whole) ? "whole" : "WRONG";
}

/** How often each text occurs. */
export function tally(texts: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}

/** Bytes that no other part of them is like, so that a piece in the wrong place shows; always the same. */
export function bytes(length: number): Buffer {
  const buffer = Buffer.alloc(length);
  let state = 1;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    buffer[at] = state >>> 24;
  }
  return buffer;
}
