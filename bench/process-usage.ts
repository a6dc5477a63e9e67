import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Linux counts process times for user space in units of 1/100 s, whatever the kernel's tick is (proc(5)). */
const TICK_MICROS = 10_000;

/** CPU time that a process has used, user and system, all threads, in µs. */
export function cpuMicros(pid: number): number {
  if (process.platform !== "linux") return parsePsTime(ps(pid, "time"));
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is the program's name in brackets and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS;
}

/** The most memory that a process has held, in bytes; elsewhere than on Linux, what it holds now. */
export function peakBytes(pid: number): number {
  if (process.platform !== "linux") return Number(ps(pid, "rss")) * 1024;
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

function ps(pid: number, column: string): string {
  return execFileSync("ps", ["-o", `${column}=`, "-p", String(pid)], { encoding: "utf8" }).trim();
}

/** `[[days-]hours:]minutes:seconds[.hundredths]`, in µs. */
function parsePsTime(text: string): number {
  const [clock = "", days = "0"] = text.split("-").reverse();
  const seconds = clock.split(":").reduce((total, part) => total * 60 + Number(part), 0);
  return (Number(days) * 86_400 + seconds) * 1e6;
}
