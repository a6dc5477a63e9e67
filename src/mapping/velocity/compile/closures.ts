import type { Item } from "../items.ts";
import type { Run } from "../run.ts";

/** A statement, ready to run: writes to the run. */
export type Render = (run: Run) => void;
/** An expression, ready to run; null is Velocity's null. */
export type Evaluate = (run: Run) => Item;
/** A condition, ready to run. */
export type Test = (run: Run) => boolean;
