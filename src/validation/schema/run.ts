import type { Resource } from "./document.ts";
import { canonical } from "./equality.ts";
import type { Evaluated } from "./evaluated.ts";

/** Where in a value: the way back to its root. */
export interface Place {
  readonly parent: Place | undefined;
  readonly key: string | number;
}

/** What is wrong with a value; never a part of the value itself. */
export interface Fault {
  /** A JSON pointer (RFC 6901), empty for the whole value. */
  readonly pointer: string;
  readonly detail: string;
}

/**
 * Whether a value fits one keyword or one schema.
 *
 * @param at known only while faults are collected
 * @param seen members and items that a schema in the same place has looked at; undefined
 *   where no `unevaluated...` keyword asks
 */
export type Check = (value: unknown, run: Run, at: Place | undefined, seen: Evaluated | undefined) => boolean;

/** Schemas that one value may be held against, each counted as often as it is. */
const MAX_STEPS = 5_000_000;
/** Schemas within each other, on the engine's stack. */
const MAX_DEPTH = 2_000;
const CHARACTERS_PER_STEP = 16;
/** Of a member's name, which is the client's word. */
const MAX_POINTER = 200;

/** Thrown when a value takes too many steps: alternatives within alternatives multiply. */
export class TooManySteps extends Error {}

/** One value on its way through a schema. */
export class Run {
  /** Undefined while only the verdict counts. */
  faults: Fault[] | undefined;
  /** Schema resources entered so far, outermost first; for `$dynamicRef`. */
  readonly scope: Resource[] = [];
  readonly #most: number;
  #steps = 0;
  #depth = 0;

  /** @param most how many faults to collect; 0 for the verdict alone */
  constructor(most: number) {
    this.#most = most;
    this.faults = most > 0 ? [] : undefined;
  }

  enter(): void {
    if (++this.#steps > MAX_STEPS || ++this.#depth > MAX_DEPTH) throw new TooManySteps();
  }

  leave(): void {
    this.#depth--;
  }

  /** A value's canonical text, at its price: it is as long as the value is large. */
  readonly canonical = (value: unknown): string => {
    const text = canonical(value);
    this.#steps += text.length / CHARACTERS_PER_STEP;
    if (this.#steps > MAX_STEPS) throw new TooManySteps();
    return text;
  };

  /** Whether it is worth looking for more faults after one. */
  get goesOn(): boolean {
    return this.faults !== undefined && this.faults.length < this.#most;
  }

  /** Notes a fault; false, so that a check can return it. */
  fail(at: Place | undefined, detail: string): false {
    if (this.faults && this.goesOn) this.faults.push({ pointer: pointerOf(at), detail });
    return false;
  }

  /** The verdict of a check whose faults are nobody's business: one of several alternatives. */
  quietly(check: Check, value: unknown, seen: Evaluated | undefined): boolean {
    const { faults } = this;
    this.faults = undefined;
    const fits = check(value, this, undefined, seen);
    this.faults = faults;
    return fits;
  }

  /** The place of a member or item, while places are of interest. */
  below(parent: Place | undefined, key: string | number): Place | undefined {
    return this.faults && { parent, key };
  }
}

function pointerOf(at: Place | undefined): string {
  const keys: string[] = [];
  for (let place = at; place; place = place.parent) {
    keys.unshift(`/${String(place.key).slice(0, MAX_POINTER).replaceAll("~", "~0").replaceAll("/", "~1")}`);
  }
  return keys.join("").slice(0, MAX_POINTER);
}
