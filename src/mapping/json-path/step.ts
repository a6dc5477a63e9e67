import type { Value } from "../values.ts";
import type { Budget } from "./limit.ts";

/** A step that leads to one value at most. */
export type DefiniteStep =
  | {
      readonly kind: "property";
      readonly name: string;
      /** Where nothing of this name is, the search goes on elsewhere: Jayway misses steps on the way quietly. */
      readonly quiet: boolean;
    }
  /** `['a','b']`: a map of those there are. */
  | { readonly kind: "properties"; readonly names: readonly string[] }
  /** Negative ones count from the end. */
  | { readonly kind: "index"; readonly index: number }
  /** `[(@.length - 2)]` */
  | { readonly kind: "before_end"; readonly distance: number };

/** Whether a filter takes an item. Throws Unreadable and JsonPathLimit. */
export type Filter = (item: Value, root: Value, budget: Budget) => boolean;

export type Step =
  | DefiniteStep
  | { readonly kind: "indexes"; readonly indexes: readonly number[] }
  /** `[from:to]`, one of them may be left out. */
  | { readonly kind: "slice"; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly kind: "wildcard" }
  | { readonly kind: "filter"; readonly takes: Filter }
  /** `..`: the step after it is tried at every level. */
  | { readonly kind: "scan" };

/** Members that a step looks for at one place. */
export function costOf(step: Step): number {
  return step.kind === "properties" ? step.names.length : 1;
}

export function isDefinite(step: Step): step is DefiniteStep {
  switch (step.kind) {
    case "property":
    case "properties":
    case "index":
    case "before_end":
      return true;
    default:
      return false;
  }
}
