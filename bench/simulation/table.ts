import type { Figures } from "./figures.ts";
import type { Result } from "./study.ts";

const HEADS = ["share", "settled", "too many", "calls/100", "settled", "waited %", "p50 ms", "p99 ms"];

/** A row for each result, aligned: names to the left, figures to the right. */
export function table(results: readonly Result[]): string {
  return aligned(results)
    .map((row) => row.join("  ").trimEnd())
    .join("\n");
}

/** The same for a document. */
export function markdownTable(results: readonly Result[]): string {
  const [heads = [], ...rows] = aligned(results);
  const names = namesOf(results).length;
  const rule = heads.map(({ length }, column) =>
    column < names ? "-".repeat(length) : `${"-".repeat(length - 1)}:`,
  );
  return [heads, rule, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function aligned(results: readonly Result[]): readonly (readonly string[])[] {
  const names = namesOf(results);
  const rows = [
    [...names, ...HEADS],
    ...results.map(({ of, figures }) => [...names.map((name) => of.labels[name] ?? ""), ...cells(figures)]),
  ];
  const widths = [...names, ...HEADS].map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column < names.length ? cell.padEnd(width) : cell.padStart(width);
    }),
  );
}

const namesOf = (results: readonly Result[]): readonly string[] => Object.keys(results[0]?.of.labels ?? {});

const cells = (figures: Figures): readonly string[] => [
  figures.share.toFixed(3),
  figures.settledShare.toFixed(3),
  Math.max(0, Math.round(figures.excess)).toLocaleString("en"),
  figures.callsPer100.toFixed(2),
  figures.settledCallsPer100.toFixed(2),
  (100 * figures.waited).toFixed(2),
  figures.p50Wait.toFixed(0),
  figures.p99Wait.toFixed(0),
];
