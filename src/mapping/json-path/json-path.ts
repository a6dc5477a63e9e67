import type { Value } from "../values.ts";
import { PathError } from "./cursor.ts";
import { readFilter } from "./filter-syntax.ts";
import { type Budget, SearchBudget, Unreadable } from "./limit.ts";
import { readSteps } from "./path-syntax.ts";
import { follow, Search } from "./search.ts";
import { isDefinite, type Step } from "./step.ts";

export { type Budget, JsonPathLimit } from "./limit.ts";

export interface JsonPath {
  /** Leads to one value at most; an indefinite path gives a list. */
  readonly definite: boolean;
  /**
   * What the path leads to; undefined where a definite path finds nothing, and where Jayway
   * throws at reading, which API Gateway's templates see as nothing.
   *
   * @param budget what the search may cost, where several share one
   * @throws JsonPathLimit, and what the budget throws
   */
  read(root: Value, budget?: Budget): Value | undefined;
}

/** Why a path cannot be read, for its author. */
export interface JsonPathFault {
  readonly fault: string;
}

/**
 * Reads a path of Jayway JsonPath 2.0, the engine behind API Gateway's templates. Beyond it,
 * where it refuses a path or reads it as nobody means it, later versions' reading counts:
 * parentheses, double quotes, negative indexes, the operators that are words.
 */
export function compileJsonPath(path: string): JsonPath | JsonPathFault {
  try {
    return new CompiledPath(readSteps(path, readFilter));
  } catch (error) {
    if (error instanceof PathError) return { fault: error.message };
    throw error;
  }
}

class CompiledPath implements JsonPath {
  readonly definite: boolean;
  readonly #read: (root: Value, budget?: Budget) => Value | undefined;

  constructor(steps: readonly Step[]) {
    this.definite = steps.every(isDefinite);
    this.#read = steps.every(isDefinite)
      ? (root) => follow(steps, root)
      : (root, budget) => search(steps, root, budget);
  }

  read(root: Value, budget?: Budget): Value | undefined {
    // Nothing is in null, not even null.
    if (root === null) return undefined;
    try {
      return this.#read(root, budget);
    } catch (error) {
      if (error instanceof Unreadable) return undefined;
      throw error;
    }
  }
}

function search(steps: readonly Step[], root: Value, budget: Budget = new SearchBudget()): Value | undefined {
  const search = new Search(steps, root, budget);
  return search.from(0, root) ? search.found : undefined;
}
