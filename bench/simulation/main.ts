/** `npm run simulate`: the rate limiter in virtual time, worldwide. See docs/throttling.md. */
import { document } from "./document.ts";
import { type Options, parseOptions, SEED, usage } from "./options.ts";
import { studies } from "./studies/index.ts";
import { broken, runCases, type Study } from "./study.ts";
import { table } from "./table.ts";

const options = readOptions();
if (options.help) {
  console.log(usage(studies));
  process.exit(0);
}
const problems: string[] = [];
for (const study of studies.filter(({ name }) => options.only === undefined || name === options.only)) {
  problems.push(...(await run(study, options)));
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;

function readOptions(): Options {
  try {
    return parseOptions(
      process.argv.slice(2),
      studies.map(({ name }) => name),
    );
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage(studies)}`);
    process.exit(2);
  }
}

/** @returns what Portico did not keep */
async function run(study: Study, { quick, seed }: Options): Promise<readonly string[]> {
  const cases = study.cases.filter((one) => !quick || one.quick === true);
  if (cases.length === 0) return [];
  const results = await runCases(cases, seed);
  console.log(`${study.name}: ${study.about}\n\n${table(results)}\n`);
  if (!quick && seed === SEED) await document(study, results, seed);
  return broken(study, results);
}
