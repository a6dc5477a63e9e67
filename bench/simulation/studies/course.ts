import { callPerRequest, divided, each } from "../contestants/alternatives.ts";
import { portico } from "../contestants/portico.ts";
import { synchronised } from "../contestants/synchronised.ts";
import { world } from "../fleet.ts";
import type { Contestant } from "../outcome.ts";
import { panels } from "../plots/panels.ts";
import type { Case, Study } from "../study.ts";
import { course as courseOf, type Phase } from "../traffic.ts";
import { multiples, panelOf, STRETCH, seconds } from "./over-time.ts";
import { row } from "./rows.ts";

const PHASES: readonly [Phase, ...Phase[]] = [
  { until: 10, times: 0.8, half: 0 },
  { until: 20, times: 5, half: 0 },
  { until: 30, times: 2, half: 1 },
];
const SCENARIO = {
  limit: { rate: 1_000, burst: 500 },
  fleet: world(60),
  traffic: courseOf("0.8 ×, flood, move", PHASES),
  seconds: 30,
};

const CONTESTANTS = [
  { contestant: portico, note: "never above burst + rate × time" },
  { contestant: callPerRequest, note: "every request waits for the counter" },
  { contestant: divided, note: "what other isolates have is of no use" },
  { contestant: each, note: "60 times the limit in all" },
  { contestant: synchronised(1), note: "too much, then nothing, in turns" },
  { contestant: synchronised(10), note: "a flood is over before it is seen" },
];

const SPANS = [
  { from: 0, to: 10, name: "0.8 ×, half of them" },
  { from: 10, to: 20, name: "5 ×, the same half" },
  { from: 20, to: 30, name: "2 ×, the other half" },
];

function caseOf({ contestant }: { readonly contestant: Contestant }): Case {
  const { labels, ...rest } = row(SCENARIO, { contestant });
  return { ...rest, labels: { "limited by": contestant.name, ...labels } };
}

export const course: Study = {
  name: "course",
  about: "steady traffic, a flood, then traffic on other isolates",
  cases: CONTESTANTS.map(caseOf),
  plot: (results) =>
    panels({
      title: "Admitted over time: steady, flood, then on other isolates",
      subtitle:
        "60 isolates worldwide, 1,000 requests a second, burst 500; multiples of the limit, in stretches of half a second",
      panels: results.map((result, index) =>
        panelOf(result, result.of.contestant.name, CONTESTANTS[index]?.note ?? "", SPANS),
      ),
      stretch: STRETCH,
      x: seconds(30),
      y: multiples(5.5),
    }),
};
