import { Compiler, type SchemaProblem } from "./compile.ts";
import { Library, type ModelSource } from "./library.ts";
import { type Check, type Fault, Run, TooManySteps } from "./run.ts";

/**
 * JSON Schema for what clients send: compiled once, without code generation, in time and
 * depth that no value can stretch, with faults that name places and no values.
 */
export interface Validator {
  /**
   * What is wrong with a JSON value; none when it fits.
   *
   * @param most how many faults to name, 1 or more
   */
  faults(value: unknown, most: number): readonly Fault[];
}

export type CompiledModel =
  | { readonly ok: true; readonly validator: Validator }
  | { readonly ok: false; readonly problems: readonly SchemaProblem[] };

/** An API's models as validators. */
export class Models {
  readonly #library: Library;
  readonly #compiled = new Map<string, CompiledModel>();

  /** @param complete false for a model by itself, which may refer to others that are not there */
  constructor(models: ModelSource, complete = true) {
    this.#library = new Library(models, complete);
  }

  /** Compiled at its first use. */
  get(name: string): CompiledModel {
    const known = this.#compiled.get(name);
    if (known) return known;
    const compiled = this.#compile(name);
    this.#compiled.set(name, compiled);
    return compiled;
  }

  #compile(name: string): CompiledModel {
    const document = this.#library.document(name);
    const root = typeof document === "object" ? document.root : undefined;
    if (!root) {
      const message = typeof document === "string" ? document : `there is no model "${name}"`;
      const pointer = typeof document === "string" ? "/$schema" : "";
      return { ok: false, problems: [{ model: name, pointer, message }] };
    }
    const compiler = new Compiler(this.#library);
    const check = compiler.compile(root);
    const { problems } = compiler;
    return problems.length > 0
      ? { ok: false, problems }
      : { ok: true, validator: { faults: (value, most) => faultsOf(check, value, most) } };
  }
}

const NONE: readonly Fault[] = [];

/** The verdict first; only a value that does not fit is looked through for what is wrong. */
function faultsOf(check: Check, value: unknown, most: number): readonly Fault[] {
  try {
    if (check(value, new Run(0), undefined, undefined)) return NONE;
    const run = new Run(most);
    check(value, run, undefined, undefined);
    return run.faults?.length ? run.faults : [{ pointer: "", detail: "does not fit" }];
  } catch (error) {
    // The engine's own limits are ours where its regular expressions or its stack meet them first.
    if (error instanceof TooManySteps || error instanceof RangeError) {
      return [{ pointer: "", detail: "takes too many steps to validate" }];
    }
    throw error;
  }
}
