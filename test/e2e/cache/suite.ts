import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { SuiteTest } from "http-cache-tests/tests/index.mjs";
import { bounded, until } from "../support/wait.ts";

/** What came of each test, by id: `true`, or what went wrong. */
export type Results = Readonly<Record<string, true | readonly [kind: string, message: string]>>;

const PACKAGE = dirname(createRequire(import.meta.url).resolve("http-cache-tests/package.json"));
const CLIENT = fileURLToPath(new URL("./suite-client.ts", import.meta.url));

class Script {
  printed = "";
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, ["--no-warnings", ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child.stdout?.on("data", (chunk: Buffer) => (this.printed += chunk.toString()));
    this.#ended = new Promise((resolve) => this.#child.once("close", resolve));
  }

  end(): Promise<unknown> {
    return bounded("the script", this.#ended, 60_000);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

/** The public suite's origin, in its own process. */
export class SuiteServer {
  readonly url: string;
  readonly #script: Script;

  private constructor(url: string, script: Script) {
    this.url = url;
    this.#script = script;
  }

  static async start(): Promise<SuiteServer> {
    // It is told in npm's way.
    const script = new Script([`${PACKAGE}/server/server.mjs`], {
      npm_config_protocol: "http",
      npm_config_port: "0",
      npm_config_pidfile: "/dev/null",
    });
    const port = await until(
      "the suite's server listens",
      () => /Listening on .*:(\d+)\/$/m.exec(script.printed)?.[1],
    );
    return new SuiteServer(`http://127.0.0.1:${port}`, script);
  }

  async stop(): Promise<void> {
    this.#script.kill();
    await this.#script.end();
  }
}

/** Runs tests of the public suite against a cache before its server, 100 of them at once. */
export async function runSuite(
  cache: string,
  { url }: SuiteServer,
  tests: readonly SuiteTest[],
): Promise<Results> {
  const script = new Script([CLIENT, cache, url, ...tests.map(({ id }) => id)], {});
  try {
    await script.end();
  } finally {
    script.kill();
  }
  return JSON.parse(script.printed);
}
