/**
 * The members and items of one value that schemas in the same place have looked at, for
 * `unevaluatedProperties` and `unevaluatedItems` (JSON Schema 2020-12, core 11).
 */
export class Evaluated {
  readonly #names = new Set<string>();
  readonly #items = new Set<number>();
  #allNames = false;
  /** So many items from the first on. */
  #prefix = 0;

  addName(name: string): void {
    this.#names.add(name);
  }

  addAllNames(): void {
    this.#allNames = true;
  }

  addItem(index: number): void {
    this.#items.add(index);
  }

  addPrefix(length: number): void {
    this.#prefix = Math.max(this.#prefix, length);
  }

  hasName(name: string): boolean {
    return this.#allNames || this.#names.has(name);
  }

  hasItem(index: number): boolean {
    return index < this.#prefix || this.#items.has(index);
  }

  /** Takes over what a schema that fits has looked at. */
  merge(other: Evaluated): void {
    for (const name of other.#names) this.#names.add(name);
    for (const index of other.#items) this.#items.add(index);
    this.#allNames ||= other.#allNames;
    this.addPrefix(other.#prefix);
  }
}
