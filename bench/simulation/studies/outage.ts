import { down } from "../faults.ts";
import { world } from "../fleet.ts";
import { panels } from "../plots/panels.ts";
import type { Case, Study } from "../study.ts";
import { steady } from "../traffic.ts";
import { multiples, panelOf, STRETCH, seconds } from "./over-time.ts";
import { row } from "./rows.ts";

const MODES = [
  { fail: "local", note: "each goes on with its last slice", from: 10 },
  { fail: "closed", note: "nothing passes", from: 10 },
  { fail: "open", note: "everything passes", from: 10 },
  { fail: "local", note: "300 isolates, none has a slice yet", from: 0 },
] as const;

const caseOf = ({ fail, from }: (typeof MODES)[number]): Case =>
  row(
    {
      limit: { rate: 10_000, burst: 5_000, fail },
      fleet: world(300),
      traffic: steady(2),
      seconds: 30,
      faults: down(from, from + 10),
    },
    { mayExceed: fail === "open" || from === 0 },
  );

export const outage: Study = {
  name: "outage",
  about: "the counter does not answer for ten seconds",
  cases: MODES.map(caseOf),
  plot: (results) =>
    panels({
      title: "Admitted while the counter is away for ten seconds",
      subtitle: "300 isolates worldwide, 10,000 requests a second, burst 5,000; multiples of the limit",
      panels: results.map((result, index) => {
        const { fail, from, note } = MODES[index] ?? MODES[0];
        const spans = [{ from, to: from + 10, name: "the counter is away" }];
        return panelOf(result, `fail: ${fail}${from === 0 ? ", cold" : ""}`, note, spans);
      }),
      stretch: STRETCH,
      x: seconds(30),
      y: multiples(2.5),
    }),
};
