import type { Outcome } from "./trial.ts";

const COLUMNS: readonly (readonly [string, (outcome: Outcome) => string])[] = [
  ["", ({ name }) => name],
  ["requests", ({ requests }) => `${requests}`],
  ["admitted", ({ admitted }) => `${admitted}`],
  ["allowed", ({ allowed }) => `${allowed}`],
  ["share", ({ admitted, allowed }) => (admitted / allowed).toFixed(3)],
  ["settled", ({ settledShare }) => settledShare.toFixed(3)],
  ["bound", ({ bound }) => bound.toFixed(0)],
  ["excess", ({ excess }) => excess.toFixed(1)],
  ["calls/100", ({ callsPer100 }) => callsPer100.toFixed(2)],
  ["settled", ({ settledCallsPer100 }) => settledCallsPer100.toFixed(2)],
  ["free p50", ({ freeP50 }) => freeP50.toFixed(1)],
  ["free p99", ({ freeP99 }) => freeP99.toFixed(1)],
  ["+p50", ({ addedP50 }) => addedP50.toFixed(1)],
  ["+p99", ({ addedP99 }) => addedP99.toFixed(1)],
];

/** One line for each attempt. */
export function table(outcomes: readonly Outcome[]): string {
  const lines = [
    COLUMNS.map(([title]) => title),
    ...outcomes.map((outcome) => COLUMNS.map(([, show]) => show(outcome))),
  ];
  const width = (column: number): number => Math.max(...lines.map((line) => line[column]?.length ?? 0));
  return lines
    .map((line) =>
      line.map((cell, at) => (at === 0 ? cell.padEnd(width(at)) : cell.padStart(width(at)))).join("  "),
    )
    .join("\n");
}
