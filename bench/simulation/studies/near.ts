import { near as sideBySide } from "../fleet.ts";
import type { Limit } from "../scenario.ts";
import type { Case, Study } from "../study.ts";
import { apart, flood, growing, one, steady, type TrafficOf, together, zipf } from "../traffic.ts";
import { row } from "./rows.ts";

const LIMIT: Limit = { rate: 1_000, burst: 500 };
const SECONDS = 10;
/** Of what is allowed, this much is admitted at least while more is asked for. */
const LEAST = 0.97;

const beside = (traffic: TrafficOf, limit: Limit = LIMIT, more: Partial<Case> = {}): Case =>
  row({ limit, fleet: sideBySide(8), traffic, seconds: SECONDS }, { quick: true, ...more });

export const near: Study = {
  name: "near",
  about: "8 isolates, 1 ms from their counter, 10 s from a cold start",
  cases: [
    beside(steady(0.5)),
    beside(steady(0.95)),
    beside(steady(2), LIMIT, { least: LEAST }),
    beside(flood(10), LIMIT, { least: LEAST }),
    beside(flood(100), { rate: 100, burst: 50 }, { least: LEAST }),
    beside(growing),
    beside(one(2)),
    beside(zipf(2)),
    beside(together),
    beside(apart),
    beside(steady(0.5), { rate: 10, burst: 20 }),
    beside(steady(4), { rate: 10, burst: 20 }),
    beside(steady(100), { rate: 10, burst: 1 }),
    beside(steady(2), { rate: 100, burst: 50, exact: true }),
  ],
};
