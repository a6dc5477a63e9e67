import { callPerRequest } from "../contestants/alternatives.ts";
import { portico } from "../contestants/portico.ts";
import { synchronised } from "../contestants/synchronised.ts";
import { world } from "../fleet.ts";
import type { Contestant } from "../outcome.ts";
import { lineChart } from "../plots/line-chart.ts";
import type { Case, Study } from "../study.ts";
import { steady } from "../traffic.ts";
import { row } from "./rows.ts";
import { seriesOf } from "./series.ts";

const ISOLATES = 30;
/** Requests a second that each isolate sees. */
const DEMANDS = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1_000];
/** So many requests say enough, and few isolates wait so long for them. */
const REQUESTS = 60_000;
const SHORTEST = 20;
const LONGEST = 120;

function caseOf(contestant: Contestant, times: number, demand: number, series: string): Case {
  const rate = (demand * ISOLATES) / times;
  const limit = { rate, burst: Math.max(1, rate / 2) };
  const seconds = Math.min(LONGEST, Math.max(SHORTEST, Math.round(REQUESTS / (demand * ISOLATES))));
  const { labels, ...rest } = row(
    { limit, fleet: world(ISOLATES), traffic: steady(times), seconds },
    { contestant, point: { series, x: demand } },
  );
  return { ...rest, labels: { "limited by": series, "each isolate's demand": `${demand}/s`, ...labels } };
}

const across = (contestant: Contestant, times: number, series: string): readonly Case[] =>
  DEMANDS.map((demand) => caseOf(contestant, times, demand, series));

export const demand: Study = {
  name: "demand",
  about: "calls to the counter, by how many requests each of 30 isolates sees",
  cases: [
    ...across(portico, 0.5, "Portico, half the limit"),
    ...across(portico, 2, "Portico, twice the limit"),
    ...across(synchronised(1), 0.5, "sync every 1 s"),
    ...across(callPerRequest, 0.5, "a call per request"),
  ],
  plot: (results) =>
    lineChart({
      title: "Calls to the counter by the demand of each isolate",
      subtitle: "30 isolates worldwide, burst 0.5 × rate, in the second half of each run",
      x: {
        label: "requests a second that each isolate sees",
        scale: "log",
        from: 0.1,
        to: 1_000,
        ticks: [0.1, 1, 10, 100, 1_000],
      },
      y: {
        label: "calls per 100 requests",
        scale: "log",
        from: 0.1,
        to: 1_000,
        ticks: [0.1, 1, 10, 100, 1_000],
      },
      series: seriesOf(results, ({ settledCallsPer100 }) => settledCallsPer100),
    }),
};
