import type { Problem } from "../config/problem.ts";

/** What reading a document found; readers add to it. */
export interface Findings {
  /** What forbids writing the entries. */
  readonly problems: Problem[];
  /** What is left out, without harm. */
  readonly warnings: Problem[];
}
