const SLOTS = 10;

/**
 * How many events there were within a window of time, and how many of them were marked. The
 * window moves by tenths of its length. Pure: times are given, in ms.
 */
export class SlidingCounts {
  readonly #slotMs: number;
  readonly #totals: number[] = new Array<number>(SLOTS).fill(0);
  readonly #marks: number[] = new Array<number>(SLOTS).fill(0);
  /** The slot of time that was looked at last, counted from the epoch. */
  #latest = 0;
  #total = 0;
  #marked = 0;

  constructor(windowMs: number) {
    this.#slotMs = windowMs / SLOTS;
  }

  add(now: number, marked: boolean): void {
    this.#moveTo(now);
    const index = this.#latest % SLOTS;
    this.#totals[index] = (this.#totals[index] ?? 0) + 1;
    this.#total += 1;
    if (!marked) return;
    this.#marks[index] = (this.#marks[index] ?? 0) + 1;
    this.#marked += 1;
  }

  total(now: number): number {
    this.#moveTo(now);
    return this.#total;
  }

  marked(now: number): number {
    this.#moveTo(now);
    return this.#marked;
  }

  clear(): void {
    this.#totals.fill(0);
    this.#marks.fill(0);
    this.#total = 0;
    this.#marked = 0;
  }

  #moveTo(now: number): void {
    const slot = Math.floor(now / this.#slotMs);
    // A clock that was put back counts into the slot that it had reached.
    if (slot <= this.#latest) return;
    if (slot - this.#latest >= SLOTS) this.clear();
    else {
      for (let passed = this.#latest + 1; passed <= slot; passed++) {
        const index = passed % SLOTS;
        this.#total -= this.#totals[index] ?? 0;
        this.#marked -= this.#marks[index] ?? 0;
        this.#totals[index] = 0;
        this.#marks[index] = 0;
      }
    }
    this.#latest = slot;
  }
}
