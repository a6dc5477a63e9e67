/** Time, so that what depends on it can be run on any. */
export interface Clock {
  /** Ms since the epoch. */
  now(): number;
  /** Calls back after so many ms; the returned function calls it off. */
  after(ms: number, callback: () => void): () => void;
}

export const CLOCK: Clock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

export const sleep = (ms: number, clock: Clock): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve);
  });
