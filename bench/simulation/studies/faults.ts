import { down, dying, evicted, type Faults, failing, hanging, restarted, slow } from "../faults.ts";
import { near, world } from "../fleet.ts";
import type { Limit } from "../scenario.ts";
import type { Case, Study } from "../study.ts";
import { steady } from "../traffic.ts";
import { row } from "./rows.ts";

const NEAR: Limit = { rate: 1_000, burst: 500 };
const WIDE: Limit = { rate: 10_000, burst: 5_000 };

const beside = (faults: Faults, limit: Limit = NEAR, more: Partial<Case> = {}): Case =>
  row({ limit, fleet: near(8), traffic: steady(2), seconds: 10, faults }, { quick: true, ...more });

const across = (faults: Faults, limit: Limit = WIDE, more: Partial<Case> = {}): Case =>
  row({ limit, fleet: world(300), traffic: steady(2), seconds: 20, faults }, more);

const QUICK = { quick: true };
/** More than ten isolates that know of nothing but themselves. */
const COLD = { mayExceed: true };

export const faults: Study = {
  name: "faults",
  about: "twice the limit while things break",
  cases: [
    beside(dying(1)),
    beside(evicted(1)),
    beside(restarted(0.5, 200)),
    beside(failing(0.3)),
    beside(hanging(0.1)),
    beside(slow(300)),
    beside(down(0, 4), NEAR),
    beside(down(3, 7), { ...NEAR, fail: "local" }),
    beside(down(3, 7), { ...NEAR, fail: "closed" }),
    beside(down(3, 7), { ...NEAR, fail: "open" }, { mayExceed: true }),
    across(dying(30), WIDE, QUICK),
    across(evicted(1), WIDE, QUICK),
    across(restarted(0.5, 200), WIDE, QUICK),
    across(failing(0.3)),
    across(hanging(0.1)),
    across(slow(300)),
    across(down(8, 14), { ...WIDE, fail: "local" }, QUICK),
    across(down(0, 5), { ...WIDE, fail: "local" }, COLD),
  ],
};
