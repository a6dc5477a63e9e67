import { describe, expect, test } from "vitest";
import { parseValue } from "../../src/config/parse.ts";
import { ModelEntry } from "../../src/config/validation-schema.ts";
import { lintModels } from "../../src/openapi/lint-models.ts";

function said(schema: object): readonly string[] {
  const entry = parseValue("m", { schema }, ModelEntry);
  if (!entry.ok) throw new Error(JSON.stringify(entry.problems));
  return lintModels(new Map([["m", entry.value]])).map(({ path, hint }) => `${path} ${hint ?? ""}`);
}

describe("a keyword that is none", () => {
  test.each<[object, string]>([
    [{ requried: ["a"] }, 'requried did you mean "required"?'],
    [{ propertie: {} }, 'propertie did you mean "properties"?'],
    [{ Type: "object" }, 'Type did you mean "type"?'],
    [{ minlength: 1 }, 'minlength did you mean "minLength"?'],
    [{ additionalProperty: false }, 'additionalProperty did you mean "additionalProperties"?'],
    [{ properties: { requried: { enums: [1] } } }, 'properties.requried.enums did you mean "enum"?'],
    [{ items: [{ patern: "a" }] }, 'items.0.patern did you mean "pattern"?'],
    [{ allOf: [{ not: { maximun: 1 } }] }, 'allOf.0.not.maximun did you mean "maximum"?'],
    [{ additionalProperties: { fromat: "date" } }, 'additionalProperties.fromat did you mean "format"?'],
    [{ definitions: { a: { ref: "#" } } }, 'definitions.a.ref did you mean "$ref"?'],
  ])("%j is named", (schema, place) => {
    expect(said(schema)).toEqual([`m#schema.${place}`]);
  });

  test.each<object>([
    { type: "object", properties: { requried: {}, typ: { type: "string" } }, required: ["typ"] },
    { example: { requried: 1 }, default: { typ: 1 }, enum: [{ propertie: 1 }], examples: [{ typ: 1 }] },
    { "x-requried": { typ: 1 }, "x-type": 1 },
    {
      xml: { name: "a", typ: 1 },
      externalDocs: { url: "u" },
      discriminator: { propertyName: "a" },
      nullable: true,
    },
    {
      deprecated: true,
      readOnly: true,
      writeOnly: true,
      title: "t",
      $comment: "c",
      contentEncoding: "base64",
    },
    { $schema: "http://json-schema.org/draft-04/schema#", id: "a", definitions: { typ: {} } },
    { note: "n", label: "l", order: 1, unit: "cm", javaType: "com.example.Pet", min: 1 },
  ])("%j has none", (schema) => {
    expect(said(schema)).toEqual([]);
  });
});
