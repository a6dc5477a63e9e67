import childProcess, { type ChildProcess } from "node:child_process";
import { hardenSockets } from "./harden.ts";

interface Watch {
  pid: number | undefined;
  failure: Error | undefined;
}

let watch: Watch | undefined;

/**
 * Stands between miniflare and the engine it starts: hardens the configuration (see
 * harden.ts) and learns the engine's process id, neither of which miniflare offers. Applies
 * to engines started after the call; other child processes pass untouched.
 *
 * @param publicSocket the name of the socket that clients reach
 */
export function watchEngine(publicSocket: string): Watch {
  if (watch) return watch;
  const current: Watch = { pid: undefined, failure: undefined };
  watch = current;
  const spawn = childProcess.spawn;
  const wrapped = (...args: unknown[]): ChildProcess => {
    const child: ChildProcess = Reflect.apply(spawn, childProcess, args);
    if (!isEngine(args[1]) || !child.stdin) return child;
    current.pid = child.pid;
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

function isEngine(args: unknown): boolean {
  return Array.isArray(args) && args[0] === "serve" && args.includes("--binary");
}
