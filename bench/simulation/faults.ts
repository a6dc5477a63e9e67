import type { Random } from "./random.ts";

/** What goes wrong between isolates and their counter. */
export interface Faults {
  readonly name: string;
  /** What becomes of a call, `t` seconds after the start: it fails, or its answer gets lost on the way. */
  readonly call?: (t: number, random: Random) => "fails" | "hangs" | undefined;
  /** What every round trip takes more, in ms. */
  readonly delay?: number;
  /** Isolates that die in a second, one at a time in turn; a new one takes over at once. */
  readonly deathsPerSecond?: number;
  /** How often in a second the counter loses its memory, but not what it has written. */
  readonly lossesPerSecond?: number;
  /** For so long it is away then, in ms; calls that are under way break off. Without it nobody notices. */
  readonly awayMs?: number;
}

export const dying = (deathsPerSecond: number): Faults => ({
  name: deathsPerSecond === 1 ? "an isolate dies every second" : `${deathsPerSecond} isolates die a second`,
  deathsPerSecond,
});

/** Its memory is wanted for something else: the next call starts it anew. */
export const evicted = (lossesPerSecond: number): Faults => ({
  name: `counter evicted ${often(lossesPerSecond)}`,
  lossesPerSecond,
});

export const restarted = (lossesPerSecond: number, awayMs: number): Faults => ({
  name: `counter restarts ${often(lossesPerSecond)}, away for ${awayMs} ms`,
  lossesPerSecond,
  awayMs,
});

export const failing = (part: number): Faults => ({
  name: `${100 * part} % of the calls fail`,
  call: (_, random) => (random.next() < part ? "fails" : undefined),
});

export const hanging = (part: number): Faults => ({
  name: `${100 * part} % of the answers get lost`,
  call: (_, random) => (random.next() < part ? "hangs" : undefined),
});

export const down = (from: number, to: number): Faults => ({
  name: `counter down from ${from} to ${to} s`,
  call: (t) => (t >= from && t < to ? "fails" : undefined),
});

export const slow = (delay: number): Faults => ({ name: `counter slow, ${delay} ms more`, delay });

const often = (perSecond: number): string =>
  perSecond === 1 ? "every second" : `every ${(1 / perSecond).toLocaleString("en")} s`;
