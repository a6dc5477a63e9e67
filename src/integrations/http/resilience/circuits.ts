import type { Circuit as CircuitSettings, Retry } from "../../../config/resilience-schema.ts";
import { BoundedMap } from "../../../lib/bounded-map.ts";
import { Circuit } from "./circuit.ts";
import { RetryBudget } from "./retry-budget.ts";

/** Origins that an isolate remembers at most; an origin forgotten starts anew. */
const CAPACITY = 1000;

/**
 * What an isolate has learnt of its origins. It outlives every configuration: routes that are
 * built anew find the same circuits, by origin and settings.
 */
export class Circuits {
  readonly #circuits = new BoundedMap<string, Circuit>(CAPACITY);
  readonly #budgets = new BoundedMap<string, RetryBudget>(CAPACITY);

  /** @param authority host and port, lower-case */
  circuit(authority: string, { statuses, ...settings }: CircuitSettings): Circuit {
    const key = JSON.stringify([authority, settings, statuses]);
    return found(this.#circuits, key, () => new Circuit(settings));
  }

  /** What the routes to the same origins may retry. */
  budget(authorities: readonly string[], { budgetPercent }: Retry): RetryBudget {
    const key = JSON.stringify([[...authorities].sort(), budgetPercent]);
    return found(this.#budgets, key, () => new RetryBudget(budgetPercent));
  }
}

function found<V>(map: BoundedMap<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
