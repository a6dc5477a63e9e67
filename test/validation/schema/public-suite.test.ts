import { describe, expect, inject, test } from "vitest";
import { type Json, list, record, text } from "../../conformance/vectors.ts";
import { type Dialect, faults } from "./support.ts";

declare module "vitest" {
  interface ProvidedContext {
    jsonSchemaSuite: Record<string, Record<string, unknown>>;
  }
}

const DIALECTS: Readonly<Record<string, Dialect>> = { draft4: "draft-04", draft7: "draft-07" };

/** Groups of which no case need hold, with the reason; the same in both drafts. Of all others each case has to. */
const DIFFER: Readonly<Record<string, string>> = {
  "definitions.json: valid definition": "refers to the metaschema, which is not carried",
  "definitions.json: invalid definition": "refers to the metaschema, which is not carried",
  "ref.json: remote ref, containing refs itself": "refers to the metaschema, which is not carried",
  "refRemote.json: remote ref": "documents elsewhere are never fetched (R-16)",
  "refRemote.json: fragment within remote ref": "documents elsewhere are never fetched (R-16)",
  "refRemote.json: ref within remote ref": "documents elsewhere are never fetched (R-16)",
  "refRemote.json: base URI change": "documents elsewhere are never fetched (R-16)",
  "refRemote.json: base URI change - change folder": "documents elsewhere are never fetched (R-16)",
  "refRemote.json: base URI change - change folder in subschema":
    "documents elsewhere are never fetched (R-16)",
  "refRemote.json: root ref in remote ref": "documents elsewhere are never fetched (R-16)",
  "patternProperties.json: patternProperties validates properties matching a regex":
    "a search for f.*o takes quadratic time (R-21)",
};

/**
 * The required cases of the JSON Schema Test Suite. 2020-12 is not in the package that there
 * is to install; `keywords.test.ts` and `references.test.ts` have it by keyword.
 */
describe("the JSON Schema Test Suite", () => {
  const suite = inject("jsonSchemaSuite");
  if (Object.keys(suite).length === 0) {
    console.warn("the package json-schema-test-suite is not installed: its cases are NOT run");
    test.skip("all cases (json-schema-test-suite is not installed)", () => undefined);
  }
  for (const [draft, files] of Object.entries(suite)) {
    const dialect = DIALECTS[draft] ?? "draft-04";
    test.each(Object.entries(files))(`${draft}: %s`, (file, groups) => {
      const failed = new Set<string>();
      for (const group of list(groups).map(record)) {
        for (const one of list(group["tests"]).map(record)) {
          if (!holds(group["schema"], one, dialect)) failed.add(`${file}: ${text(group["description"])}`);
        }
      }
      expect([...failed]).toEqual(Object.keys(DIFFER).filter((name) => name.startsWith(`${file}: `)));
    });
  }
});

function holds(schema: unknown, { data, valid }: Json, dialect: Dialect): boolean {
  try {
    return (faults(schemaOf(schema), data, dialect).length === 0) === valid;
  } catch {
    return false;
  }
}

/** A schema that is `true` or `false` as one that says so. */
const schemaOf = (schema: unknown) => (typeof schema === "boolean" ? { allOf: [schema] } : record(schema));
