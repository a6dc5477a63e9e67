import { writeFileSync } from "node:fs";
import fc from "fast-check";
import { FEATURES } from "./features.ts";
import { BODY, PRELUDE, pieces, template } from "./grammar.ts";
import { type Case, startJava } from "./java.ts";
import { METHODS } from "./methods.ts";
import { REALISTIC } from "./realistic.ts";

/**
 * Records what the stock engine renders, for tests where there is no Java:
 * `node test/mapping/oracle/record.ts`. A case is a template and its text, null where the
 * engine fails.
 */

const GIVEN = {
  body: BODY,
  params: { path: { who: "me" }, querystring: { q: "a b" }, header: { "X-Test": "1" } },
  context: { requestId: "r-1", identity: { sourceIp: "192.0.2.1", user: null } },
  stageVariables: { env: "test" },
} as const;

/** Not recorded: how Java names objects, and failures of the engine itself rather than of the template. */
const isOfJava = (text: string | undefined, error: string | undefined): boolean =>
  /\[L?[A-Z];?@|java\.|@[0-9a-f]{5,}/.test(text ?? "") ||
  /Encountered: <EOF>|"t" is null|: null$|wrong number of/.test(error ?? "");

const java = startJava();
try {
  await record("features", PRELUDE, FEATURES);
  await record("methods", "", METHODS);
  await record("pieces", PRELUDE, fc.sample(pieces, { numRuns: 700, seed: 1 }));
  await record("generated", PRELUDE, fc.sample(template(2), { numRuns: 400, seed: 1 }));
  await recordRealistic();
} finally {
  java.close();
}

async function record(name: string, prelude: string, templates: readonly string[]): Promise<void> {
  const unique = [...new Set(templates)];
  const answers = await java.render(unique.map((one) => ({ ...GIVEN, template: prelude + one })));
  const cases = unique.flatMap((one, index) => {
    const { text, error } = answers[index] ?? {};
    return isOfJava(text, error) ? [] : [[one, text ?? null]];
  });
  write(name, { given: { ...GIVEN, prelude }, cases });
}

async function recordRealistic(): Promise<void> {
  const answers = await java.render(REALISTIC.map(({ name: _, ...one }): Case => one));
  const cases = REALISTIC.map((one, index) => ({ ...one, expected: answers[index]?.text ?? null }));
  write("realistic", { cases });
}

function write(
  name: string,
  recorded: { readonly given?: object; readonly cases: readonly unknown[] },
): void {
  const file = new URL(`recorded/${name}.json`, import.meta.url).pathname;
  writeFileSync(file, `${JSON.stringify(recorded, null, 2)}\n`);
  console.log(`${name}: ${recorded.cases.length} cases`);
}
