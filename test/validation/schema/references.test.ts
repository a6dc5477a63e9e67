import { describe, expect, test } from "vitest";
import { type Dialect, faults, problems, type Schema } from "./support.ts";

const AWS = "https://apigateway.amazonaws.com/restapis/a1b2c3/models/";
const PET = { type: "object", required: ["name"], properties: { name: { type: "string" } } };
const LINK = { type: "object", properties: { next: { $ref: `${AWS}Link` }, value: { type: "integer" } } };

type Expectation = readonly [
  title: string,
  dialect: Dialect,
  schema: Schema,
  others: Readonly<Record<string, Schema>>,
  valid: unknown,
  invalid: unknown,
];

const CASES: readonly Expectation[] = [
  ["API Gateway's URL of a model", "draft-04", { $ref: `${AWS}Pet` }, { Pet: PET }, { name: "x" }, {}],
  ["with a place in it", "draft-04", { $ref: `${AWS}Pet#/properties/name` }, { Pet: PET }, "x", 1],
  [
    "in a list of another model",
    "draft-07",
    { items: { $ref: `${AWS}Pet` } },
    { Pet: PET },
    [{ name: "" }],
    [{}],
  ],
  [
    "#/definitions of another model",
    "draft-04",
    { $ref: "#/definitions/Pet" },
    { Pet: PET },
    { name: "x" },
    {},
  ],
  ["#/components/schemas", "draft-04", { $ref: "#/components/schemas/Pet" }, { Pet: PET }, { name: "x" }, {}],
  ["#/$defs", "2020-12", { $ref: "#/$defs/Pet" }, { Pet: PET }, { name: "x" }, {}],
  ["and a place in it", "draft-04", { $ref: "#/definitions/Pet/properties/name" }, { Pet: PET }, "x", 1],
  [
    "one's own before another's",
    "draft-04",
    { $ref: "#/definitions/Pet", definitions: { Pet: { type: "null" } } },
    { Pet: PET },
    null,
    { name: "x" },
  ],
  [
    "itself",
    "draft-04",
    { properties: { next: { $ref: "#" } }, additionalProperties: false },
    {},
    { next: { next: {} } },
    { next: { last: {} } },
  ],
  [
    "each other, in a circle",
    "draft-04",
    { properties: { link: { $ref: `${AWS}Link` } } },
    { Link: LINK },
    { link: { next: { value: 1 } } },
    { link: { next: { next: { value: "x" } } } },
  ],
  [
    "a member that is no keyword",
    "draft-07",
    { $ref: "#/x-shared/a", "x-shared": { a: { type: "null" } } },
    {},
    null,
    1,
  ],
  [
    "escaped",
    "draft-07",
    { properties: { v: { $ref: "#/definitions/a~1b%25~0c" } }, definitions: { "a/b%~c": { type: "null" } } },
    {},
    { v: null },
    { v: 1 },
  ],
  [
    "draft 4: beside it nothing counts",
    "draft-04",
    { properties: { a: { $ref: "#/definitions/n", maximum: 1 } }, definitions: { n: { type: "number" } } },
    {},
    { a: 5 },
    { a: "" },
  ],
  [
    "2020-12: beside it all counts",
    "2020-12",
    { $ref: "#/$defs/n", maximum: 1, $defs: { n: { type: "number" } } },
    {},
    1,
    2,
  ],
  [
    "draft 4: id",
    "draft-04",
    {
      items: { $ref: "http://x.test/n.json" },
      definitions: { n: { id: "http://x.test/n.json", type: "number" } },
    },
    {},
    [1],
    [""],
  ],
  [
    "draft 4: a name",
    "draft-04",
    { items: { $ref: "#n" }, definitions: { n: { id: "#n", type: "number" } } },
    {},
    [1],
    [""],
  ],
  [
    "draft 7: relative $id",
    "draft-07",
    {
      $id: "http://x.test/root.json",
      items: { $ref: "item.json#/definitions/n" },
      definitions: { i: { $id: "item.json", definitions: { n: { type: "number" } } } },
    },
    {},
    [1],
    [""],
  ],
  [
    "draft 7: an id in an enum is none",
    "draft-07",
    {
      definitions: { e: { enum: [{ $id: "http://x.test/e" }] }, n: { $id: "http://x.test/e", type: "null" } },
      $ref: "http://x.test/e",
    },
    {},
    null,
    { $id: "http://x.test/e" },
  ],
  ["2020-12: $anchor", "2020-12", { $ref: "#n", $defs: { a: { $anchor: "n", type: "number" } } }, {}, 1, ""],
  [
    "2020-12: $id with $anchor",
    "2020-12",
    {
      $id: "http://x.test/a",
      $ref: "b#n",
      $defs: { b: { $id: "b", $defs: { n: { $anchor: "n", type: "null" } } } },
    },
    {},
    null,
    1,
  ],
  [
    "2020-12: a urn",
    "2020-12",
    {
      $id: "urn:uuid:deadbeef-1234-0000-0000-4321feebdaed",
      properties: { a: { $ref: "#/$defs/n" } },
      $defs: { n: { type: "null" } },
    },
    {},
    { a: null },
    { a: 1 },
  ],
  [
    "a model by its $id",
    "2020-12",
    { $ref: "http://x.test/pet" },
    { Pet: { $id: "http://x.test/pet", ...PET } },
    { name: "x" },
    {},
  ],
  [
    "models of two versions",
    "2020-12",
    { prefixItems: [{ $ref: `${AWS}Old` }] },
    { Old: { $schema: "http://json-schema.org/draft-04/schema#", minimum: 1, exclusiveMinimum: true } },
    [2],
    [1],
  ],
];

describe("what $ref leads to", () => {
  test.each(CASES)("%s (%s)", (_, dialect, schema, others, valid, invalid) => {
    expect(faults(schema, valid, dialect, others)).toEqual([]);
    expect(faults(schema, invalid, dialect, others)).not.toEqual([]);
  });

  test.each([
    [{ $ref: `${AWS}None` }, {}, 'Main#/$ref there is no model "None"'],
    [{ $ref: "#/definitions/None" }, {}, 'Main#/$ref there is no model "None"'],
    [{ items: { $ref: "#/nowhere" } }, {}, 'Main#/items/$ref there is nothing at "#/nowhere"'],
    [{ $ref: "#name" }, {}, 'Main#/$ref there is nothing at "#name"'],
    [
      { $ref: "https://x.test/schema.json" },
      {},
      'Main#/$ref there is nothing at "https://x.test/schema.json"',
    ],
    [{ $ref: "#/items/constructor", items: {} }, {}, 'Main#/$ref there is nothing at "#/items/constructor"'],
    [{ $ref: `${AWS}Pet#/none` }, { Pet: PET }, 'Main#/$ref the model "Pet" has no schema at #/none'],
    [{ $ref: `${AWS}Bad` }, { Bad: { type: "strin" } }, expect.stringMatching(/^Bad#\/type /)],
  ])("nothing: %j", (schema, others, message) => {
    expect(problems(schema, "draft-04", others)).toEqual([message]);
  });

  test.each([
    [{ $ref: "#" }, {}],
    [{ allOf: [{ $ref: "#" }] }, {}],
    [
      { anyOf: [{ type: "null" }, { not: { $ref: "#/definitions/x" } }], definitions: { x: { $ref: "#" } } },
      {},
    ],
    [{ $ref: `${AWS}A` }, { A: { oneOf: [{ $ref: `${AWS}Main` }, {}] } }],
  ])("a circle that goes nowhere: %j", (schema, others) => {
    expect(problems(schema, "draft-04", others)).toEqual([
      expect.stringContaining("refers to itself for one and the same value"),
    ]);
  });
});

describe("2020-12: $dynamicRef", () => {
  const tree = {
    $id: "http://x.test/tree",
    $dynamicAnchor: "node",
    type: "object",
    properties: { data: true, children: { type: "array", items: { $dynamicRef: "#node" } } },
  };
  const strict = {
    $id: "http://x.test/strict",
    $dynamicAnchor: "node",
    $ref: "tree",
    unevaluatedProperties: false,
  };

  test("the outermost of a name decides: a strict tree is so in its depths", () => {
    const value = { children: [{ daat: 1 }] };
    expect(faults(tree, value, "2020-12")).toEqual([]);
    expect(faults(strict, value, "2020-12", { Tree: tree })).toEqual([
      { pointer: "/children/0/daat", detail: "is not a member that is known here" },
    ]);
    expect(faults(strict, { children: [{ data: 1 }] }, "2020-12", { Tree: tree })).toEqual([]);
  });

  test("without a dynamic name it is a $ref", () => {
    const schema = {
      $id: "http://x.test/a",
      items: { $dynamicRef: "#n" },
      $defs: { a: { $anchor: "n", type: "null" } },
    };
    expect(faults(schema, [null], "2020-12")).toEqual([]);
    expect(faults(schema, [1], "2020-12")).not.toEqual([]);
  });

  test("a list made generic, and filled in by who refers to it", () => {
    const list = {
      $id: "http://x.test/list",
      items: { $dynamicRef: "#item" },
      $defs: { item: { $dynamicAnchor: "item" } },
    };
    const texts = {
      $id: "http://x.test/texts",
      $ref: "list",
      $defs: { item: { $dynamicAnchor: "item", type: "string" } },
    };
    expect(faults(list, [1], "2020-12")).toEqual([]);
    expect(faults(texts, ["x"], "2020-12", { List: list })).toEqual([]);
    expect(faults(texts, [1], "2020-12", { List: list })).not.toEqual([]);
  });
});
