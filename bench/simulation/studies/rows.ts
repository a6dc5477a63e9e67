import type { Fail } from "../../../src/config/throttle-schema.ts";
import { portico } from "../contestants/portico.ts";
import { limitName, type Scenario } from "../scenario.ts";
import type { Case } from "../study.ts";

/** Portico in a scenario, with the names of what is in it. */
export function row(scenario: Scenario, more: Partial<Case> = {}): Case {
  const { fleet, traffic, seconds, limit, faults } = scenario;
  return {
    labels: {
      isolates: fleet.name,
      limit: `${limitName(limit)}${limit.exact ? ", exact" : ""}`,
      traffic: traffic(fleet, seconds).name,
      ...(faults ? { fault: `${faults.name}${failName(limit.fail)}` } : {}),
    },
    scenario,
    contestant: portico,
    ...more,
  };
}

const failName = (fail: Fail | undefined): string => (fail ? `, fail: ${fail}` : "");
