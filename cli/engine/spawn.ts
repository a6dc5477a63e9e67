import childProcess, { type ChildProcess } from "node:child_process";
import { hardenSockets } from "./harden.ts";

interface Watch {
  /** The engine started last. */
  engine: ChildProcess | undefined;
  failure: Error | undefined;
}

let watch: Watch | undefined;

/**
 * Stands between miniflare and the engine it starts: hardens the configuration (see
 * harden.ts) and learns which process the engine is, neither of which miniflare offers. Applies
 * to engines started after the call; other child processes pass untouched.
 *
 * @param publicSocket the name of the socket that clients reach
 */
export function watchEngine(publicSocket: string): Watch {
  if (watch) return watch;
  const current: Watch = { engine: undefined, failure: undefined };
  watch = current;
  const spawn = childProcess.spawn;
  const wrapped = (...args: unknown[]): ChildProcess => {
    if (!isEngine(args[1])) return Reflect.apply(spawn, childProcess, args);
    const child: ChildProcess = Reflect.apply(spawn, childProcess, [args[0], args[1], ownGroup(args[2])]);
    if (!child.stdin) return child;
    current.engine = child;
    const { stdin } = child;
    const write = stdin.write.bind(stdin);
    stdin.write = (chunk: unknown): boolean => {
      if (!(chunk instanceof Uint8Array))
        throw new Error("the engine's configuration came in an unknown form");
      try {
        if (hardenSockets(chunk, (name) => name === publicSocket) === 0) {
          throw new Error("the engine's configuration has no socket that clients reach");
        }
      } catch (error) {
        current.failure = error instanceof Error ? error : new Error(String(error));
        child.kill();
        throw current.failure;
      }
      return write(chunk);
    };
    return child;
  };
  childProcess.spawn = wrapped as typeof spawn;
  return current;
}

/**
 * Ends an engine and waits until all that it printed has been read: miniflare closes the pipe
 * first, and whatever of the log is in it then is lost.
 */
export async function endEngine(engine: ChildProcess): Promise<void> {
  if (engine.exitCode !== null || engine.signalCode !== null) return;
  const closed = new Promise((resolve) => engine.once("close", resolve));
  engine.kill("SIGKILL");
  await closed;
}

/**
 * Ctrl-C goes to every process of the terminal's group: the engine must outlive it by as long
 * as the launcher takes to ask for the log's last lines. (Windows would open a window.)
 */
function ownGroup(options: unknown): unknown {
  const given = typeof options === "object" && options !== null ? options : {};
  return process.platform === "win32" ? given : { ...given, detached: true };
}

function isEngine(args: unknown): boolean {
  return Array.isArray(args) && args[0] === "serve" && args.includes("--binary");
}
