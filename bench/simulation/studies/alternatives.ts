import { callPerRequest, divided, each } from "../contestants/alternatives.ts";
import { portico } from "../contestants/portico.ts";
import { synchronised } from "../contestants/synchronised.ts";
import { near, world } from "../fleet.ts";
import type { Scenario } from "../scenario.ts";
import type { Case, Study } from "../study.ts";
import { flood, steady, together, zipf } from "../traffic.ts";
import { row } from "./rows.ts";

const CONTESTANTS = [portico, callPerRequest, divided, each, synchronised(1), synchronised(10)];

const WIDE = { limit: { rate: 10_000, burst: 5_000 }, fleet: world(300), seconds: 20 };

function beside(scenario: Scenario, quick = false): readonly Case[] {
  return CONTESTANTS.map((contestant) => {
    const { labels, ...rest } = row(scenario, { contestant, quick });
    return { ...rest, labels: { ...labels, "limited by": contestant.name } };
  });
}

export const alternatives: Study = {
  name: "alternatives",
  about: "Portico and other ways to limit, with the same requests",
  cases: [
    ...beside({ limit: { rate: 1_000, burst: 500 }, fleet: near(8), traffic: steady(2), seconds: 20 }, true),
    ...beside({ ...WIDE, traffic: steady(2) }),
    ...beside({ ...WIDE, traffic: flood(6) }),
    ...beside({ ...WIDE, traffic: zipf(0.8) }),
    ...beside({ ...WIDE, traffic: together }),
  ],
};
