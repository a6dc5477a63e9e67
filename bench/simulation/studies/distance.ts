import { away } from "../fleet.ts";
import { lineChart } from "../plots/line-chart.ts";
import type { Case, Study } from "../study.ts";
import { steady } from "../traffic.ts";
import { row } from "./rows.ts";
import { seriesOf } from "./series.ts";
import { SHARE } from "./share.ts";

const RATE = 2_000;
const BURSTS = [2, 0.5, 0.05];
/** Round trips, in ms. */
const TRIPS = [5, 10, 25, 50, 100, 150, 200, 250];

const caseOf = (part: number, trip: number): Case =>
  row(
    { limit: { rate: RATE, burst: part * RATE }, fleet: away(30, trip), traffic: steady(2), seconds: 20 },
    { point: { series: `burst ${part} × rate`, x: trip } },
  );

export const distance: Study = {
  name: "distance",
  about: "how much of the limit is used, by the distance to the counter",
  cases: BURSTS.flatMap((part) => TRIPS.map((trip) => caseOf(part, trip))),
  plot: (results) =>
    lineChart({
      title: "Use of the limit by the distance to the counter",
      subtitle: "Twice the limit of 2,000 requests a second on 30 isolates, 10 to 20 s after a cold start",
      x: {
        label: "round trip to the counter, ms",
        scale: "linear",
        from: 0,
        to: 250,
        ticks: [5, 25, 50, 100, 150, 200, 250],
      },
      y: SHARE,
      series: seriesOf(results, ({ settledShare }) => settledShare),
    }),
};
