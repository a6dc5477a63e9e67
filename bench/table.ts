import type { ScriptResult } from "./script.ts";
import type { Budget, Figure, Row } from "./summary.ts";

const CPU = ["CPU µs", "ratio", "(median)", "budget", ""];
const REST = ["req/s", "ratio", "p50 µs", "ratio", "p99 µs", "ratio", "peak MB", "ratio"];

/** The rows of one case, aligned; the baseline first. Calls are shown where any are counted. */
export function caseTable(name: string, rows: readonly Row[]): string {
  const isCounted = rows.some(({ callsPer100 }) => callsPer100 !== undefined);
  const cells = rows.map(({ cpuMicrosPerRequest: cpu, ...row }) => [
    row.name,
    cpu.mean.toFixed(0),
    cpu.ratio.toFixed(2),
    `(${cpu.medianRatio.toFixed(2)})`,
    row.budget ? budgetText(row.budget) : "",
    row.budget ? verdict(row.budget.ratio, row.budget.limit) : "",
    ...(isCounted ? [row.callsPer100?.toFixed(2) ?? ""] : []),
    ...figure(row.requestsPerSecond),
    ...figure(row.p50Micros),
    ...figure(row.p99Micros),
    (row.peakBytes / 1e6).toFixed(0),
    row.peakRatio.toFixed(2),
  ]);
  return align([[name, ...CPU, ...(isCounted ? ["calls/100"] : []), ...REST], ...cells]);
}

/** With the ratio where it is not the one to the baseline, which stands beside it. */
function budgetText({ limit, against, ratio }: Budget): string {
  const most = `≤ ${limit.toFixed(2)}`;
  return against === undefined ? most : `${ratio.toFixed(2)} ${most} × ${against}`;
}

export function scriptTable(script: ScriptResult): string {
  const { size, startUpMs, budget } = script;
  const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1);
  return align([
    ["script, no functions", "", "budget", ""],
    ["size, kB", kilobytes(size.bytes), "", ""],
    [
      "size, kB gzip",
      kilobytes(size.gzipBytes),
      `≤ ${kilobytes(budget.gzipBytes)}`,
      verdict(size.gzipBytes, budget.gzipBytes),
    ],
    ["start-up, ms", startUpMs.toFixed(1), `≤ ${budget.startUpMs}`, verdict(startUpMs, budget.startUpMs)],
  ]);
}

function figure({ median, ratio }: Figure): readonly [string, string] {
  return [median.toFixed(0), ratio.toFixed(2)];
}

function verdict(value: number, budget: number): string {
  return value <= budget ? "met" : "missed";
}

/** Names to the left, figures to the right. */
function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
