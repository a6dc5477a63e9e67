import { world } from "../fleet.ts";
import { lineChart } from "../plots/line-chart.ts";
import type { Case, Study } from "../study.ts";
import { steady } from "../traffic.ts";
import { row } from "./rows.ts";
import { seriesOf } from "./series.ts";
import { SHARE } from "./share.ts";

const RATE = 10_000;
const BURSTS = [2, 0.5, 0.05];
const COUNTS = [1, 8, 30, 100, 300, 1_000];

const caseOf = (part: number, count: number): Case =>
  row(
    { limit: { rate: RATE, burst: part * RATE }, fleet: world(count), traffic: steady(2), seconds: 20 },
    { point: { series: `burst ${part} × rate`, x: count } },
  );

export const isolates: Study = {
  name: "isolates",
  about: "how much of the limit is used, by the number of isolates",
  cases: BURSTS.flatMap((part) => COUNTS.map((count) => caseOf(part, count))),
  plot: (results) =>
    lineChart({
      title: "Use of the limit by the number of isolates",
      subtitle:
        "Twice the limit of 10,000 requests a second, isolates worldwide, 10 to 20 s after a cold start",
      x: { label: "isolates", scale: "log", from: 1, to: 1_000, ticks: COUNTS },
      y: SHARE,
      series: seriesOf(results, ({ settledShare }) => settledShare),
    }),
};
