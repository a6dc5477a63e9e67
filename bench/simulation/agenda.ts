interface Event {
  readonly at: number;
  /** Of two at the same time the one that was added first comes first. */
  readonly order: number;
  readonly run: () => void;
  calledOff: boolean;
}

/** What is going to happen, in the order of time: a binary heap. */
export class Agenda {
  readonly #heap: Event[] = [];
  #added = 0;

  /** @returns calls it off */
  add(at: number, run: () => void): () => void {
    const event = { at, order: this.#added++, run, calledOff: false };
    this.#rise(event, this.#heap.length);
    return () => {
      event.calledOff = true;
    };
  }

  /** When the next event is; Infinity when there is none. */
  get nextAt(): number {
    while (this.#heap[0]?.calledOff) this.#removeFirst();
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Takes the next event off. */
  take(): (() => void) | undefined {
    while (this.#heap[0]?.calledOff) this.#removeFirst();
    const first = this.#heap[0];
    this.#removeFirst();
    return first?.run;
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last && this.#heap.length > 0) this.#sink(last, 0);
  }

  #rise(event: Event, from: number): void {
    const heap = this.#heap;
    let index = from;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (!parent || !isBefore(event, parent)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = event;
  }

  #sink(event: Event, from: number): void {
    const heap = this.#heap;
    let index = from;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      const isRight = left !== undefined && right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (!child || !isBefore(child, event)) break;
      heap[index] = child;
      index = 2 * index + (isRight ? 2 : 1);
    }
    heap[index] = event;
  }
}

const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
