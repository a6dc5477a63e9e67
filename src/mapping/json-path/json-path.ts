import type { Value } from "../values.ts";
import { PathError } from "./cursor.ts";
import { readFilter } from "./filter-syntax.ts";
import { Budget, Unreadable } from "./limit.ts";
import { readSteps } from "./path-syntax.ts";
import { follow, Search } from "./search.ts";
import { isDefinite, type Step } from "./step.ts";

export { JsonPathLimit } from "./limit.ts";

export interface JsonPath {
  /** Leads to one value at most; an indefinite path gives a list. */
  readonly definite: boolean;
  /**
   * What the path leads to; undefined where a definite path finds nothing, and where Jayway
   * throws at reading, which API Gateway's templates see as nothing.
   *
   * @throws JsonPathLimit
   */
  read(root: Value): Value | undefined;
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
  readonly #read: (root: Value) => Value | undefined;

  constructor(steps: readonly Step[]) {
    this.definite = steps.every(isDefinite);
    this.#read = steps.every(isDefinite) ? (root) => follow(steps, root) : (root) => search(steps, root);
  }

  read(root: Value): Value | undefined {
    // Nothing is in null, not even null.
    if (root === null) return undefined;
    try {
      return this.#read(root);
    } catch (error) {
      if (error instanceof Unreadable) return undefined;
      throw error;
    }
  }
}

function search(steps: readonly Step[], root: Value): Value | undefined {
  const search = new Search(steps, root, new Budget());
  return search.from(0, root) ? search.found : undefined;
}
