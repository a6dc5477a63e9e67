import type { Item } from "./items.ts";
import type { Run } from "./run.ts";

/** A variable that a rendering begins with; one that is costly to make is made when it is asked for. */
export type Given = Item | (() => Item);

/** The variables of a rendering. */
export class Scope {
  readonly #values = new Map<string, Item>();
  readonly #given: ReadonlyMap<string, Given>;

  constructor(given: ReadonlyMap<string, Given> = new Map()) {
    this.#given = given;
  }

  /** null for a variable that is not there. */
  get(_run: Run, name: string): Item {
    const value = this.#values.get(name);
    return value === undefined ? this.#first(name) : value;
  }

  #first(name: string): Item {
    const given = this.#given.get(name);
    if (given === undefined) return null;
    const value = typeof given === "function" ? given() : given;
    this.#values.set(name, value);
    return value;
  }

  put(name: string, value: Item): void {
    this.#values.set(name, value);
  }

  remove(name: string): void {
    this.#values.set(name, null);
  }

  /** How an argument of the macro was written in its call, when the name is one. */
  written(_name: string): string | undefined {
    return undefined;
  }
}

/** What a macro was called with. Velocity evaluates it anew each time that the macro names it. */
export interface Argument {
  readonly value: (run: Run) => Item;
  readonly written: () => string;
}

/**
 * The variables of a macro while it runs. What it sets is set for the template too
 * (`velocimacro.context.localscope` is false), but hides the argument of that name.
 */
export class MacroScope extends Scope {
  readonly #outer: Scope;
  readonly #args: Map<string, Argument>;

  constructor(outer: Scope, args: Map<string, Argument>) {
    super();
    this.#outer = outer;
    this.#args = args;
  }

  override get(run: Run, name: string): Item {
    const local = super.get(run, name);
    if (local !== null) return local;
    const arg = this.#args.get(name);
    return arg ? this.#outside(run, arg.value) : this.#outer.get(run, name);
  }

  override put(name: string, value: Item): void {
    super.put(name, value);
    this.#outer.put(name, value);
  }

  /** Sets a variable that only the macro sees. */
  putLocal(name: string, value: Item): void {
    super.put(name, value);
  }

  override remove(name: string): void {
    super.remove(name);
    this.#args.delete(name);
    this.#outer.remove(name);
  }

  override written(name: string): string | undefined {
    return this.#args.get(name)?.written() ?? this.#outer.written(name);
  }

  #outside(run: Run, value: (run: Run) => Item): Item {
    const { scope } = run;
    run.scope = this.#outer;
    run.enter(2);
    try {
      return value(run);
    } finally {
      run.leave(2);
      run.scope = scope;
    }
  }
}
