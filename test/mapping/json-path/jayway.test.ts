import { describe, expect, it } from "vitest";
import { compileJsonPath } from "../../../src/mapping/json-path/json-path.ts";
import { readValues } from "../../../src/mapping/read-values.ts";
import { jsonText } from "../../../src/mapping/values.ts";
import { DIFFERENCES } from "./differences.ts";
import { DOCUMENTS } from "./oracle/documents.ts";
import generated from "./oracle/generated.json";
import written from "./oracle/written.json";

/** As the oracle says it: the result as JSON, or `nothing`, or `fault`. */
function outcome(path: string, document: string): string {
  const compiled = compileJsonPath(path);
  if ("fault" in compiled) return "fault";
  const root = readValues(document);
  if (root === undefined) throw new Error(`no JSON: ${document}`);
  const value = compiled.read(root);
  return value === undefined ? "nothing" : jsonText(value);
}

describe("paths as Jayway JsonPath 2.0 reads them", () => {
  it.each(Object.entries(DOCUMENTS))("in the document %s", (name, document) => {
    const recorded = written.filter(([path = "", of]) => of === name && !DIFFERENCES.has(path));
    const ours = recorded.map(([path = ""]) => [path, name, outcome(path, document)]);
    expect(ours).toEqual(recorded);
    expect(recorded.length).toBeGreaterThan(10);
  });

  it("in generated documents", () => {
    const ours = generated.map(([path = "", document = ""]) => [path, document, outcome(path, document)]);
    expect(ours).toEqual(generated);
    expect(generated.length).toBeGreaterThan(1_200);
  });

  it.each([...DIFFERENCES])("but %s: %s", (path) => {
    const recorded = written.filter(([written]) => written === path);
    const ours = recorded.map(([, name = ""]) => [path, name, outcome(path, DOCUMENTS[name] ?? "")]);
    expect(recorded.length).toBeGreaterThan(0);
    expect(ours).not.toEqual(recorded);
  });
});
