import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { REPOSITORY } from "./root.ts";
import { bounded, until } from "./wait.ts";

const ENV: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${join(REPOSITORY, "node_modules", ".bin")}${delimiter}${process.env["PATH"] ?? ""}`,
  NO_COLOR: "1",
  WRANGLER_SEND_METRICS: "false",
};

/** A command as a user types it, in a process group of its own, as a terminal gives it one. */
export class Command {
  output = "";
  errors = "";
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | string>;

  constructor(command: string, args: readonly string[], cwd: string) {
    const child = spawn(command, args, { cwd, env: ENV, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (this.errors += chunk.toString()));
    this.#child = child;
    this.#ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      // Not "exit": the last lines of the output count.
      child.once("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The exit code, or the signal that ended it. */
  end(limitMs = 60_000): Promise<number | string> {
    return bounded(`the command (${this.output} ${this.errors})`, this.#ended, limitMs);
  }

  /** What Ctrl-C does: the whole group gets the signal. */
  interrupt(): void {
    process.kill(-this.pid, "SIGINT");
  }

  terminate(): void {
    process.kill(this.pid, "SIGTERM");
  }

  /** The process and all below it, the engine included. */
  tree(): readonly number[] {
    const all = processes();
    const found = [this.pid];
    for (const pid of found) for (const { pid: child, parent } of all) if (parent === pid) found.push(child);
    return found;
  }

  /** Ends what a failed test left: by its ids, and only what this command started. */
  async abandon(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    for (const pid of this.tree()) end(pid);
    await this.end();
  }
}

/** `npm start` or the launcher without npm, up to the line that says where it serves. */
export class Launched extends Command {
  static async start(root: string, data: string, how: "npm" | "node", ...more: string[]): Promise<Launched> {
    const flags = ["--port", "0", "--data", data, ...more];
    const launched =
      how === "npm"
        ? new Launched("npm", ["start", "--", ...flags], root)
        : new Launched("node", ["cli/portico.ts", "start", ...flags], root);
    await until(
      "the launcher says where it serves",
      () => {
        if (launched.#failed()) throw new Error(`${launched.output}\n${launched.errors}`);
        return launched.url !== "" && launched.output.includes("health  http");
      },
      60_000,
    );
    return launched;
  }

  get url(): string {
    return (/^Portico serves (\S+)$/m.exec(this.output)?.[1] ?? "").replace("localhost", "127.0.0.1");
  }

  #failed(): boolean {
    return this.errors.includes("portico: ");
  }
}

/** Runs a command to its end. */
export async function run(command: string, args: readonly string[], cwd: string) {
  const child = new Command(command, args, cwd);
  const code = await child.end();
  return { code, output: child.output, errors: child.errors };
}

export const portico = (root: string, ...args: string[]) => run("node", ["cli/portico.ts", ...args], root);

/** Whether a process runs; one that has ended and waits for its parent does not. */
export function runs(pid: number): boolean {
  return processes().some((process) => process.pid === pid);
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

function processes(): readonly { readonly pid: number; readonly parent: number }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return state === "Z" ? [] : [{ pid: Number(name), parent: Number(parent) }];
      } catch {
        return [];
      }
    });
}
