import { world } from "../fleet.ts";
import type { Limit } from "../scenario.ts";
import type { Case, Study } from "../study.ts";
import { apart, flood, growing, one, steady, type TrafficOf, together, zipf } from "../traffic.ts";
import { row } from "./rows.ts";

const LARGE: Limit = { rate: 10_000, burst: 5_000 };
const SMALL: Limit = { rate: 100, burst: 50 };

const across = (count: number, traffic: TrafficOf, limit: Limit = LARGE, more: Partial<Case> = {}): Case =>
  row({ limit, fleet: world(count), traffic, seconds: 20 }, more);

export const worldwide: Study = {
  name: "worldwide",
  about: "isolates in 300 places, 5 to 250 ms from their counter, 20 s from a cold start",
  cases: [
    across(30, steady(2)),
    across(300, steady(0.6)),
    across(300, steady(0.95)),
    across(300, steady(2), LARGE, { quick: true }),
    across(300, flood(6)),
    across(300, growing),
    across(300, one(2)),
    across(300, zipf(2)),
    across(300, together),
    across(300, apart),
    across(300, steady(0.5), SMALL),
    across(300, flood(60), SMALL, { quick: true }),
    across(1_000, steady(0.6)),
    across(1_000, steady(2)),
    across(1_000, zipf(2)),
    across(1_000, flood(60), SMALL),
    row(
      { limit: { rate: 1_000, burst: 500 }, fleet: world(300), traffic: steady(2), seconds: 10 },
      { quick: true },
    ),
  ],
};
