import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Effort } from "./rounds.ts";

export interface Options extends Effort {
  /** The one case to run, or `script`; all when absent. */
  readonly only: string | undefined;
  readonly json: string;
}

export const USAGE =
  "npm run bench -- [--only CASE] [--rounds N] [--requests N] [--connections N] [--warm-up N] [--json FILE]";

/** @throws TypeError for an unknown option, RangeError for a value that is none */
export function parseOptions(args: readonly string[], names: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      rounds: { type: "string", default: "15" },
      requests: { type: "string", default: "1500" },
      connections: { type: "string", default: "4" },
      "warm-up": { type: "string", default: "20000" },
      json: { type: "string", default: join(import.meta.dirname, "results.json") },
    },
  });
  if (values.only !== undefined && !names.includes(values.only)) {
    throw new RangeError(`--only takes one of ${names.join(", ")}`);
  }
  return {
    only: values.only,
    json: values.json,
    rounds: count("rounds", values.rounds),
    requests: count("requests", values.requests),
    connections: count("connections", values.connections),
    warmUp: count("warm-up", values["warm-up"]),
  };
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RangeError(`--${name} takes a whole number above 0, not ${text}`);
}
