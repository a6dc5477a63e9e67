import type { Problem } from "../config/problem.ts";
import { type Definition, placeOfRoute } from "./lint.ts";

/** What a caller writes as it likes, a new value for each request. */
const CHOSEN = /^(?:header|querystring)\./;

/** Routes whose limits hold for those callers only that do not change what they send. */
export function lintLimits(definition: Pick<Definition, "routes" | "places">): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [key, entry] of definition.routes) {
    for (const member of ["throttle", "concurrency"] as const) {
      const limits = entry[member];
      const whose = limits.map(({ per = "route" }) => per);
      if (whose.length === 0 || !whose.every((per) => CHOSEN.test(per))) continue;
      problems.push({
        code: "limit.chosen",
        path: `${placeOfRoute(definition, key)}.x-portico-${member}`,
        message: `${key} is limited per ${whose.join(", ")} only: callers choose their bucket`,
        hint: "give it a limit per ip or for the route beside it",
      });
    }
  }
  return problems;
}
