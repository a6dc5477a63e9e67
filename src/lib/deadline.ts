import { CLOCK, type Clock } from "./clock.ts";

/**
 * Waits for work, but no longer than this many ms. What loses the race is not stopped here:
 * it ends with its request, which is over as soon as the answer is sent.
 */
export function withDeadline<T>(
  work: Promise<T>,
  ms: number,
  expired: () => Error,
  clock: Clock = CLOCK,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(expired()));
    work.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}
