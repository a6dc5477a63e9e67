import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Where Debian keeps libvelocity-java and libjsonpath-java with what they need. */
const JARS = "/usr/share/java";
const CLASS_PATH = [
  "velocity-1.7.jar",
  "commons-collections3.jar",
  "commons-lang.jar",
  "json-path-2.0.0.jar",
  "json-smart.jar",
  "accessors-smart.jar",
  "asm.jar",
  "slf4j-api.jar",
  "slf4j-nop.jar",
].map((jar) => join(JARS, jar));

/** What a template is rendered with. */
export interface Case {
  readonly template: string;
  readonly body?: string;
  readonly params?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly stageVariables?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly text?: string;
  readonly error?: string;
}

/** The stock engine in a process of its own, which `close` ends. */
export interface Java {
  render(cases: readonly Case[]): Promise<readonly Answer[]>;
  close(): void;
}

export function startJava(): Java {
  const classes = mkdtempSync(join(tmpdir(), "oracle-"));
  const source = new URL("Oracle.java", import.meta.url).pathname;
  execFileSync("javac", ["-nowarn", "-cp", CLASS_PATH.join(":"), "-d", classes, source], { stdio: "pipe" });
  const java = spawn("java", ["-Xss512k", "-cp", [classes, ...CLASS_PATH].join(":"), "Oracle"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const lines = createInterface({ input: java.stdout })[Symbol.asyncIterator]();
  return {
    async render(cases) {
      const answers: Answer[] = [];
      for (const one of cases) {
        java.stdin.write(`${JSON.stringify(one)}\n`);
        const { value } = await lines.next();
        answers.push(value === undefined ? { error: "the oracle has ended" } : JSON.parse(value));
      }
      return answers;
    },
    close: () => java.kill(),
  };
}
