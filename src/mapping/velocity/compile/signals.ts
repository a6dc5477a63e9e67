/** What `#break` and `#stop` throw. It is caught before a rendering ends and never an error. */
export class Stop {
  readonly #reach: "nearest" | "all" | object;

  constructor(reach: "nearest" | "all" | object) {
    this.#reach = reach;
  }

  /** Whether it ends at a loop, macro or block. */
  endsAt(owner: object): boolean {
    return this.#reach === "nearest" || this.#reach === owner;
  }

  /** Whether it ends at an `#evaluate`, as at the template itself. */
  get endsEvaluate(): boolean {
    return typeof this.#reach === "string";
  }
}

/** `#break`: ends the innermost loop, macro or block. */
export const BREAK = new Stop("nearest");
/** `#stop`: ends the rendering; what is written stays. */
export const STOP = new Stop("all");
