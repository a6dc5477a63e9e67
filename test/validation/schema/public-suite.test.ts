import { describe, expect, inject, test } from "vitest";
import { type Json, list, record, text } from "../../conformance/vectors.ts";
import { type Dialect, faults, type Schema } from "./support.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Texts of files by path: `remotes`, and the cases of each draft. */
    jsonSchemaSuite: Record<string, Record<string, string>>;
  }
}

const DRAFTS: Readonly<Record<string, Dialect>> = {
  draft4: "draft-04",
  draft7: "draft-07",
  "draft2020-12": "2020-12",
};

/** Groups of which some case does not hold, by the reason. Of all others each case has to. */
const DIFFER: Readonly<Record<string, readonly string[]>> = {
  "the metaschema is not carried": [
    "anchor.json: invalid anchors",
    "definitions.json: validate definition against metaschema",
    "defs.json: validate definition against metaschema",
    "id.json: Invalid use of fragments in location-independent $id",
    "id.json: Unnormalized $ids are allowed but discouraged",
    "id.json: Valid use of empty fragments in location-independent $id",
    "ref.json: URN base URI with f-component",
    "ref.json: remote ref, containing refs itself",
  ],
  "no vocabularies but those of the drafts": [
    "vocabulary.json: ignore unrecognized optional vocabulary",
    "vocabulary.json: schema that uses custom metaschema with with no validation vocabulary",
  ],
  "a document has one address, its $id (nothing is fetched, R-16)": [
    "refRemote.json: remote HTTP ref with different $id",
    "refRemote.json: remote HTTP ref with different URN $id",
  ],
  "a search for f.*o takes quadratic time (R-21)": [
    "patternProperties.json: patternProperties validates properties matching a regex",
  ],
};

describe("the required cases of the JSON Schema Test Suite", () => {
  const { remotes = {}, ...drafts } = inject("jsonSchemaSuite");
  if (Object.keys(remotes).length === 0) {
    console.warn(
      "libtest-json-schema-acceptance-perl is not installed: the JSON Schema Test Suite is NOT run",
    );
    test.skip("all cases (libtest-json-schema-acceptance-perl is not installed)", () => undefined);
  }
  for (const [draft, files] of Object.entries(drafts)) {
    const dialect = DRAFTS[draft] ?? "draft-04";
    const others = documents(remotes, draft, dialect);
    test.each(Object.entries(files))(`${draft}: %s`, (file, source) => {
      const groups = list(JSON.parse(source)).map(record);
      const named = (group: Json) => `${file}: ${text(group["description"])}`;
      const failed = groups.filter((group) =>
        list(group["tests"]).some((one) => !holds(group["schema"], record(one), dialect, others)),
      );
      const known = Object.values(DIFFER).flat();
      expect(failed.map(named)).toEqual(groups.map(named).filter((name) => known.includes(name)));
    });
  }
});

/** What the suite has a server for, as further models: a model's address is its `$id`. */
function documents(remotes: Readonly<Record<string, string>>, draft: string, dialect: Dialect) {
  const id = dialect === "draft-04" ? "id" : "$id";
  const entries = Object.entries(remotes).filter(
    ([path]) => !path.startsWith("draft") || path.startsWith(draft),
  );
  return Object.fromEntries(
    entries.map(([path, source]): [string, Schema] => {
      const schema = record(JSON.parse(source));
      return [path, { [id]: `http://localhost:1234/${path}`, ...schema }];
    }),
  );
}

function holds(
  schema: unknown,
  { data, valid }: Json,
  dialect: Dialect,
  others: Readonly<Record<string, Schema>>,
): boolean {
  try {
    return (faults(schemaOf(schema), data, dialect, others).length === 0) === valid;
  } catch {
    return false;
  }
}

/** A schema that is `true` or `false` as one that says so. */
const schemaOf = (schema: unknown) => (typeof schema === "boolean" ? { allOf: [schema] } : record(schema));
