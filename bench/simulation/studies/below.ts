import { world } from "../fleet.ts";
import { lineChart } from "../plots/line-chart.ts";
import type { Case, Study } from "../study.ts";
import { steady } from "../traffic.ts";
import { row } from "./rows.ts";
import { seriesOf } from "./series.ts";
import { SHARE } from "./share.ts";

const ISOLATES = 30;
const LOAD = 0.5;
/** Requests a second that each isolate sees. */
const DEMANDS = [10, 3, 1, 0.3];
/** The limit's burst for each isolate, in tokens. */
const BURSTS = [0.5, 1, 2, 5, 10, 20];

function caseOf(demand: number, tokens: number): Case {
  const limit = { rate: (demand * ISOLATES) / LOAD, burst: tokens * ISOLATES };
  const { labels, ...rest } = row(
    { limit, fleet: world(ISOLATES), traffic: steady(LOAD), seconds: 60 },
    { point: { series: `${demand} a second on each`, x: tokens } },
  );
  return { ...rest, labels: { "each isolate's demand": `${demand}/s`, ...labels } };
}

export const below: Study = {
  name: "below",
  about: "how much of half the limit passes, by the burst that there is for each of 30 isolates",
  cases: DEMANDS.flatMap((demand) => BURSTS.map((tokens) => caseOf(demand, tokens))),
  plot: (results) =>
    lineChart({
      title: "What passes of traffic at half the limit",
      subtitle: "30 isolates worldwide with few requests each; one bucket would refuse next to none",
      x: { label: "burst ÷ isolates, tokens", scale: "log", from: 0.5, to: 20, ticks: BURSTS },
      y: SHARE,
      series: seriesOf(results, ({ share }) => share),
    }),
};
