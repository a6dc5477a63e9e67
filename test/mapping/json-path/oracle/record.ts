/**
 * Records what Jayway JsonPath says, for tests that run where there is no Java:
 * `node test/mapping/json-path/oracle/record.ts`.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { DOCUMENTS } from "./documents.ts";
import { queries, texts } from "./generate.ts";
import { askOracle } from "./oracle.ts";
import { QUERIES } from "./queries.ts";
import { TEXTS } from "./texts.ts";

const SEED = 20_15;
const SAMPLE = 6_000;
/** Generated cases kept: most of those that find something, some of those that do not. */
const KEPT = { value: 900, empty: 200, nothing: 200 };

/** `[path, document's name, outcome]` for the written ones, the document itself for generated ones. */
type Case = readonly [path: string, document: string, outcome: string];

function outcomes(cases: readonly (readonly [path: string, document: string])[]): readonly string[] {
  return askOracle(cases.map((query) => JSON.stringify(query)));
}

function written(): readonly Case[] {
  const cases = QUERIES.flatMap(({ of, paths }) =>
    of.flatMap((name) => paths.map((path) => [path, name] as const)),
  );
  const answers = outcomes(cases.map(([path, name]) => [path, DOCUMENTS[name] ?? ""]));
  return cases.map(([path, name], at) => [path, name, answers[at] ?? ""]);
}

function generated(): readonly Case[] {
  const cases = fc.sample(queries, { seed: SEED, numRuns: SAMPLE });
  const answers = outcomes(cases.map(({ path, document }) => [path, document]));
  const left = { ...KEPT };
  return cases.flatMap(({ path, document }, at): Case[] => {
    const outcome = answers[at] ?? "";
    const kind = outcome === "nothing" ? "nothing" : outcome === "[]" ? "empty" : "value";
    return document.length < 300 && left[kind]-- > 0 ? [[path, document, outcome]] : [];
  });
}

/** `[document, String.valueOf of it, its JSON]` */
function printed(): readonly Case[] {
  const documents = [...TEXTS, ...fc.sample(texts, { seed: SEED, numRuns: 150 })];
  const asText = askOracle(documents, "text");
  const asJson = outcomes(documents.map((document) => ["$", document]));
  return documents.map((document, at) => [document, JSON.parse(asText[at] ?? ""), asJson[at] ?? ""]);
}

/** What is not ASCII would not survive every way of loading the file. */
function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

for (const [name, cases] of Object.entries({
  written: written(),
  generated: generated(),
  printed: printed(),
})) {
  const file = join(import.meta.dirname, `${name}.json`);
  writeFileSync(file, JSON.stringify(cases).replace(/[^ -~]/g, escaped));
  execFileSync("biome", ["format", "--write", file], { stdio: "inherit" });
}
