import { parseArgs } from "node:util";

export interface Options {
  /** The one study to run; all when absent. */
  readonly only: string | undefined;
  readonly quick: boolean;
  readonly seed: number;
  readonly help: boolean;
}

/** The seed of the figures in `docs/`. */
export const SEED = 42;

export const usage = (studies: readonly { readonly name: string; readonly about: string }[]): string =>
  `npm run simulate -- [--only NAME] [--quick] [--seed N] [--help]

  --only NAME  runs one study
  --quick      runs parts of some in ten seconds or so, and writes nothing
  --seed N     other requests, ${SEED} by default; with another one nothing is written
  --help       says this

It ends with 1 when Portico admits a request too many, or too few of those that are allowed.

Studies:
${studies.map(({ name, about }) => `  ${name.padEnd(13)}${about}`).join("\n")}`;

/** @throws TypeError for an unknown option, RangeError for a value that is none */
export function parseOptions(args: readonly string[], names: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      seed: { type: "string", default: String(SEED) },
      help: { type: "boolean", default: false },
    },
  });
  const { only, quick, help } = values;
  if (only !== undefined && !names.includes(only)) {
    throw new RangeError(`--only takes one of ${names.join(", ")}`);
  }
  const seed = Number(values.seed);
  if (!/^\d+$/.test(values.seed) || !Number.isSafeInteger(seed)) {
    throw new RangeError(`--seed takes a whole number, not ${values.seed}`);
  }
  return { only, quick, seed, help };
}
