/** A search that takes too long: a scan over a huge body, or one inside another. */
export class JsonPathLimit extends Error {}

/** What Jayway gives a whole search up for: an index into what is no list, text compared with a number. */
export class Unreadable extends Error {}

/** Visited nodes, and what else a search does in that order of cost: about 50 ms in all. */
const MAX_VISITS = 1_000_000;
/** Levels that a search goes down; a body has 500 at most. */
export const MAX_DEPTH = 1_000;

/** What searches may still cost. */
export interface Budget {
  /** Counts visits; throws when there are too many. */
  spend(visits: number): void;
}

/** The budget of a search that has one for itself. */
export class SearchBudget implements Budget {
  #left = MAX_VISITS;

  /** @throws JsonPathLimit */
  spend(visits: number): void {
    this.#left -= visits;
    if (this.#left < 0) throw new JsonPathLimit(`the path visits more than ${MAX_VISITS} nodes`);
  }
}
