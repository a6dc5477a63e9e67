import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const JARS = process.env["JAVA_JARS"] ?? "/usr/share/java";
const CLASSPATH = ["json-path-2.0.0", "json-smart", "accessors-smart", "asm", "slf4j-api", "slf4j-nop"]
  .map((name) => join(JARS, `${name}.jar`))
  .join(":");

/** Runs the Java program over lines; needs a JDK and Debian's libjsonpath-java. */
export function askOracle(lines: readonly string[], ...mode: string[]): string[] {
  const classes = mkdtempSync(join(tmpdir(), "jayway-"));
  try {
    const source = join(import.meta.dirname, "JaywayOracle.java");
    execFileSync("javac", ["-nowarn", "-cp", CLASSPATH, "-d", classes, source], { stdio: "ignore" });
    const input = lines.map((line) => `${line}\n`).join("");
    return execFileSync("java", ["-cp", `${CLASSPATH}:${classes}`, "JaywayOracle", ...mode], {
      input,
      encoding: "utf8",
      maxBuffer: 256 * 1024 * 1024,
    })
      .split("\n")
      .slice(0, lines.length);
  } finally {
    rmSync(classes, { recursive: true });
  }
}
