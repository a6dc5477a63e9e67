const nextTurn = (): Promise<undefined> => new Promise((resolve) => setTimeout(() => resolve(undefined), 0));

/**
 * Tells what a stream has to give now. The streams of codecs take whatever is written to
 * them, and hold what comes of it in memory: who writes has to look first whether everything
 * was read.
 *
 * @returns for a read its result, or nothing when none has come within a turn of the event loop
 */
export function readiness(): <T>(read: Promise<T>) => Promise<T | undefined> {
  // One for many reads: the engine allows a request so many timers.
  let turn = nextTurn();
  return async (read) => {
    const result = await Promise.race([read, turn]);
    if (result !== undefined) return result;
    // That turn may have begun long before the read.
    turn = nextTurn();
    return Promise.race([read, turn]);
  };
}
