/** Numbers that look random and are the same in every run (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** The time to the next of events that come `rate` times in a unit of time, each for itself. */
  gap(rate: number): number {
    return -Math.log(1 - this.next()) / rate;
  }
}

/** Picks indexes, each as often as its weight says. */
export function weighted(weights: readonly number[]): (random: Random) => number {
  let sum = 0;
  const sums = weights.map((weight) => {
    sum += weight;
    return sum;
  });
  return (random) => {
    const point = random.next() * sum;
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? sum) > point) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
