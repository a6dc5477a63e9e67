import { describe, expect, test } from "vitest";
import { type Case, LISTS, LOGIC, OBJECTS, UNEVALUATED, VALUES } from "./cases.ts";
import { faults, problems, URIS } from "./support.ts";

const DIALECTS = ["draft-04", "draft-07", "2020-12"] as const;

describe.each([
  ["values", VALUES],
  ["objects", OBJECTS],
  ["lists", LISTS],
  ["logic", LOGIC],
  ["what was not evaluated", UNEVALUATED],
])("JSON Schema: %s", (_, cases: readonly Case[]) => {
  for (const dialect of DIALECTS) {
    for (const { schema, valid, invalid, dialects = DIALECTS } of cases) {
      if (!dialects.includes(dialect)) continue;
      test(`${dialect} ${JSON.stringify(schema)}`, () => {
        for (const value of valid) expect(faults(schema, value, dialect), JSON.stringify(value)).toEqual([]);
        for (const value of invalid) {
          expect(faults(schema, value, dialect), JSON.stringify(value)).not.toEqual([]);
        }
      });
    }
  }
});

describe("what a fault says", () => {
  test.each([
    [{ type: "object" }, [], "", "is not of type object"],
    [{ required: ["a/b"] }, {}, "/a~1b", "is missing"],
    [{ items: { properties: { n: { maximum: 3 } } } }, [{}, { n: 4 }], "/1/n", "is more than 3"],
    [{ additionalProperties: false }, { "x~": 1 }, "/x~0", "is not a member that is known here"],
    [{ properties: { a: { enum: ["secret"] } } }, { a: "guess" }, "/a", "is none of the values allowed"],
    [{ properties: { a: { pattern: "^b" } } }, { a: "guess" }, "/a", "does not match the pattern"],
    [{ anyOf: [{ type: "null" }, { minLength: 3 }] }, "x", "", "fits none of the alternatives"],
    [{ uniqueItems: true }, ["a", "a"], "/1", "is there twice"],
  ])("%j of %j", (schema, value, pointer, detail) => {
    expect(faults(schema, value)).toEqual([{ pointer, detail }]);
  });

  test("all faults are named, as many as asked for", () => {
    const schema = { properties: { a: { type: "string" }, b: { minimum: 1 } }, required: ["c"] };
    expect(faults(schema, { a: 1, b: 0 }).map(({ pointer }) => pointer)).toEqual(["/c", "/a", "/b"]);
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`x${index}`, 1]));
    expect(faults({ additionalProperties: false }, many)).toHaveLength(10);
  });

  test("a name that a client made long is cut", () => {
    const [fault] = faults({ additionalProperties: false }, { ["x".repeat(5_000)]: 1 });
    expect(fault?.pointer).toHaveLength(200);
  });
});

describe("schemas that are none", () => {
  test.each([
    [{ type: "strin" }, "Main#/type"],
    [{ type: [] }, "Main#/type"],
    [{ required: "a" }, "Main#/required"],
    [{ minimum: "1" }, "Main#/minimum"],
    [{ multipleOf: 0 }, "Main#/multipleOf"],
    [{ minLength: -1 }, "Main#/minLength"],
    [{ maxItems: 1.5 }, "Main#/maxItems"],
    [{ enum: "a" }, "Main#/enum"],
    [{ properties: { a: 1 } }, "Main#/properties/a"],
    [{ properties: [] }, "Main#/properties"],
    [{ items: 1 }, "Main#/items"],
    [{ items: [{}, 3] }, "Main#/items/1"],
    [{ anyOf: [] }, "Main#/anyOf"],
    [{ allOf: {} }, "Main#/allOf"],
    [{ not: null }, "Main#/not"],
    [{ pattern: "[" }, "Main#/pattern"],
    [{ properties: { "a/b": { pattern: "(a+)+$" } } }, "Main#/properties/a~1b/pattern"],
    [{ patternProperties: { "(a+)+$": {} } }, "Main#/patternProperties/(a+)+$"],
    [{ dependencies: { a: 1 } }, "Main#/dependencies/a"],
    [{ uniqueItems: "true" }, "Main#/uniqueItems"],
    [{ $ref: 1 }, "Main#/$ref"],
  ])("%j", (schema, place) => {
    expect(problems(schema).map((text) => text.split(" ")[0])).toEqual([place]);
  });

  test.each([
    ["draft-04", { exclusiveMinimum: 1 }],
    ["draft-04", { const: 1 }],
    ["draft-04", { if: {} }],
    ["draft-04", { properties: { a: true } }],
    ["draft-04", { unevaluatedProperties: false }],
    ["draft-07", { exclusiveMaximum: true }],
    ["draft-07", { prefixItems: [] }],
    ["draft-07", { dependentRequired: {} }],
    ["draft-07", { $dynamicRef: "#x" }],
    ["2020-12", { items: [{}] }],
    ["2020-12", { additionalItems: false }],
    ["2020-12", { $recursiveRef: "#" }],
  ] as const)("what another version says is not passed over: %s %j", (dialect, schema) => {
    expect(problems(schema, dialect)).toHaveLength(1);
  });

  test("OpenAPI's and API Gateway's words without effect are let be", () => {
    const words = {
      ...{ title: "t", description: "d", default: 1, example: 1, examples: [1], xml: {}, deprecated: true },
      ...{
        discriminator: { propertyName: "kind" },
        readOnly: true,
        writeOnly: true,
        externalDocs: {},
        "x-a": 1,
      },
    };
    expect(problems({ ...words, properties: { a: words } })).toEqual([]);
  });

  test("the version that $schema names comes before the model's own", () => {
    expect(problems({ $schema: URIS["draft-07"], const: 1 }, "draft-04")).toEqual([]);
    expect(problems({ $schema: URIS["2020-12"].replace("https:", "http:"), prefixItems: [{}] })).toEqual([]);
    expect(problems({ $schema: "https://json-schema.org/draft/2019-09/schema" })).toEqual([
      'Main#/$schema "https://json-schema.org/draft/2019-09/schema" is no version of JSON Schema that is known here',
    ]);
  });
});
