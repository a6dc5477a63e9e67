import type { Dialect, Schema } from "./support.ts";

/** A schema with values that fit and values that do not. */
export interface Case {
  readonly schema: Schema;
  readonly valid: readonly unknown[];
  readonly invalid: readonly unknown[];
  /** Those that have it, with this meaning; all by default. */
  readonly dialects?: readonly Dialect[];
}

const ALL: readonly Dialect[] = ["draft-04", "draft-07", "2020-12"];
const NOT_04: readonly Dialect[] = ["draft-07", "2020-12"];
const OLD: readonly Dialect[] = ["draft-04", "draft-07"];
const LATEST: readonly Dialect[] = ["2020-12"];

const of = (
  schema: Schema,
  valid: readonly unknown[],
  invalid: readonly unknown[],
  dialects: readonly Dialect[] = ALL,
): Case => ({ schema, valid, invalid, dialects });

/** What every kind of JSON value is. */
const SAMPLES = { null: null, boolean: false, number: 1.5, string: "", array: [], object: {} };
const others = (...kinds: string[]): readonly unknown[] =>
  Object.entries(SAMPLES).flatMap(([kind, sample]) => (kinds.includes(kind) ? [] : [sample]));

/** An object literal with a member `then` would pass for a promise. */
const conditional = (parts: readonly (readonly ["if" | "then" | "else", unknown])[]): Schema =>
  Object.fromEntries(parts);

const A_IS_TEXT = { properties: { a: { type: "string" } } };

export const VALUES: readonly Case[] = [
  of({}, others(), []),
  ...Object.entries(SAMPLES).map(([kind, sample]) => of({ type: kind }, [sample], others(kind))),
  of({ type: "integer" }, [0, -3, 1.0, 1e3], [1.5, "1", ...others("number")]),
  of({ type: ["integer", "null"] }, [1, null], [1.5, "", {}]),
  of({ type: ["number", "integer"] }, [1, 1.5], ["1"]),
  of({ type: "number" }, [1], [Number.POSITIVE_INFINITY]),
  of({ type: "string", nullable: true }, ["", null], [1], ["draft-04"]),
  of({ enum: ["a"], nullable: true }, ["a", null], [1], ["draft-04"]),
  of({ type: "string", nullable: true }, [""], [null], NOT_04),
  of(
    { enum: [1, "a", null, [1], { a: 1, b: [] }] },
    [1, "a", null, [1], { b: [], a: 1 }],
    ["1", [2], {}, false],
  ),
  of({ enum: [[false], 0] }, [[false], 0, -0], [[0], false]),
  of({ const: { a: [1, 2] } }, [{ a: [1, 2] }], [{ a: [2, 1] }, { a: [1, 2], b: 0 }, null], NOT_04),
  of({ const: null }, [null], [0, "", Number.POSITIVE_INFINITY], NOT_04),
  of({ const: 1 }, [1], [true, "1", [1]], NOT_04),
  of({ minimum: 1.1 }, [1.1, 2, "x"], [1, -2]),
  of({ maximum: 3 }, [3, -1, null], [3.5]),
  of({ minimum: 1, exclusiveMinimum: true }, [1.1], [1], ["draft-04"]),
  of(
    { minimum: 1, exclusiveMinimum: false, maximum: 3, exclusiveMaximum: true },
    [1, 2.9],
    [3],
    ["draft-04"],
  ),
  of({ exclusiveMinimum: 1, exclusiveMaximum: 3 }, [1.1, "x"], [1, 3], NOT_04),
  of({ multipleOf: 2 }, [0, 10, -4, "x"], [7]),
  of({ multipleOf: 0.0001 }, [0.0075, 0], [0.00751]),
  of({ multipleOf: 0.01 }, [4.35, 1e21], [4.355]),
  of({ multipleOf: 1e-8 }, [12391239123], [1e-9]),
  of({ type: "integer", multipleOf: 0.5 }, [1e308], []),
  of({ minLength: 2 }, ["fo", "foo", 1], ["f", "\u{1f600}"]),
  of({ maxLength: 2 }, ["", "fo", "\u{1f600}\u{1f600}", 100], ["foo", "\u{1f600}ab"]),
  of({ pattern: "^a*$" }, ["", "aaa", 1], ["abc"]),
  of({ pattern: "b+" }, ["abc"], ["ac", ""]),
  of({ format: "no-such-format" }, ["x"], []),
  of({ format: "constructor" }, ["x"], []),
];

export const OBJECTS: readonly Case[] = [
  of({ required: ["a", "__proto__"] }, [JSON.parse('{"a":1,"__proto__":2}'), []], [{ a: 1 }, {}]),
  of({ required: ["toString", "constructor"] }, [[]], [{}]),
  of({ minProperties: 1, maxProperties: 2 }, [{ a: 1 }, [], "x"], [{}, { a: 1, b: 2, c: 3 }]),
  of(A_IS_TEXT, [{}, { a: "x" }, { b: 1 }, [], { c: { a: 1 } }], [{ a: 1 }]),
  of({ properties: { "a/b~c": { type: "null" } } }, [{ "a/b~c": null }], [{ "a/b~c": 1 }]),
  of(
    { properties: JSON.parse('{"__proto__":{"type":"number"}}') },
    [{}, []],
    [JSON.parse('{"__proto__":"x"}')],
  ),
  of(
    { properties: { a: {} }, patternProperties: { "^x-": { type: "number" } }, additionalProperties: false },
    [{ a: 1, "x-1": 2 }, {}, []],
    [{ b: 1 }, { "x-1": "a" }],
  ),
  of({ additionalProperties: { type: "boolean" } }, [{ a: true }, 1], [{ a: 1 }]),
  of(
    { patternProperties: { "^a": { type: "number" }, a$: { maximum: 2 } } },
    [{ aa: 1, b: "x" }],
    [{ aa: 3 }],
  ),
  of(
    { properties: { a: { maximum: 3 } }, patternProperties: { a: { minimum: 1 } } },
    [{ a: 2 }],
    [{ a: 0 }, { a: 4 }],
  ),
  of({ propertyNames: { maxLength: 2 } }, [{ ab: 1 }, {}, []], [{ abc: 1 }], NOT_04),
  of({ propertyNames: false }, [{}], [{ a: 1 }], NOT_04),
  of({ dependencies: { a: ["b"] } }, [{}, { b: 1 }, { a: 1, b: 1 }, "a"], [{ a: 1 }]),
  of({ dependencies: { a: { required: ["c"] } } }, [{ a: 1, c: 1 }, {}], [{ a: 1 }]),
  of({ dependentRequired: { a: ["b", "c"] } }, [{ a: 1, b: 1, c: 1 }, {}], [{ a: 1, b: 1 }], LATEST),
  of(
    { dependentSchemas: { a: { maxProperties: 1 }, b: false } },
    [{ a: 1 }, {}],
    [{ a: 1, c: 2 }, { b: 1 }],
    LATEST,
  ),
  of({ properties: { a: true, b: false } }, [{ a: 1 }], [{ b: 1 }], NOT_04),
];

export const LISTS: readonly Case[] = [
  of({ minItems: 1, maxItems: 2 }, [[1], [1, 2], {}, "abc"], [[], [1, 2, 3]]),
  of({ items: { type: "integer" } }, [[1, 2], [], { length: "x" }], [[1, "x"]]),
  of(
    { items: [{ type: "integer" }, { type: "string" }] },
    [[1, "x"], [1], [], [1, "x", true]],
    [["x", 1]],
    OLD,
  ),
  of({ items: [{}], additionalItems: { type: "integer" } }, [[null, 2], [null]], [[null, "x"]], OLD),
  of({ items: [{}], additionalItems: false }, [[1]], [[1, 2]], OLD),
  of({ additionalItems: false, items: {} }, [[1, 2]], [], OLD),
  of({ items: false }, [[]], [[1]], NOT_04),
  of(
    { prefixItems: [{ type: "integer" }], items: { type: "string" } },
    [[1, "x"], []],
    [["x"], [1, 2]],
    LATEST,
  ),
  of({ prefixItems: [{ type: "integer" }] }, [[1, {}]], [["x"]], LATEST),
  of(
    { uniqueItems: true },
    [
      [1, 2],
      [1, "1"],
      [[1], [2]],
      [{ a: 1 }, { a: 2 }],
      [1, true],
      [0, false],
    ],
    [
      [1, 1],
      [1.0, 1],
    ],
  ),
  of(
    { uniqueItems: true },
    [[{ a: 1, b: 2 }, { a: 1 }]],
    [
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      [["a"], ["a"]],
      [0, -0],
    ],
  ),
  of({ uniqueItems: false }, [[1, 1]], []),
  of({ contains: { minimum: 5 } }, [[1, 6], {}], [[1, 2], []], NOT_04),
  of(
    { contains: {}, minContains: 2, maxContains: 3 },
    [
      [1, 2],
      [1, 2, 3],
    ],
    [[1], [1, 2, 3, 4]],
    LATEST,
  ),
  of({ contains: { const: 1 }, minContains: 0 }, [[], [2]], [], LATEST),
];

export const LOGIC: readonly Case[] = [
  of({ allOf: [{ minimum: 1 }, { maximum: 2 }] }, [1, 2, "x"], [0, 3]),
  of({ anyOf: [{ type: "string" }, { minimum: 2 }] }, ["x", 2], [1]),
  of({ oneOf: [{ type: "integer" }, { minimum: 2 }] }, [1, 2.5], [3, 1.5]),
  of({ oneOf: [{ required: ["a"] }, { required: ["b"] }] }, [{ a: 1 }, { b: 1 }], [{}, { a: 1, b: 1 }]),
  of({ not: { type: ["integer", "null"] } }, ["x", 1.5], [1, null]),
  of({ not: { not: { type: "string" } } }, ["x"], [1]),
  of(
    conditional([
      ["if", { minimum: 1 }],
      ["then", { maximum: 5 }],
      ["else", { multipleOf: 2 }],
    ]),
    [3, -2, 5],
    [6, -3],
    NOT_04,
  ),
  of({ if: false, else: { type: "string" } }, ["x"], [1], NOT_04),
  of({ if: { const: 1 } }, [1, 2], [], NOT_04),
  of(
    conditional([
      ["then", false],
      ["else", false],
    ]),
    [1],
    [],
    NOT_04,
  ),
  of({ allOf: [true, { anyOf: [false, { type: "null" }] }] }, [null], [1], NOT_04),
];

const CLOSED = { unevaluatedProperties: false };

export const UNEVALUATED: readonly Case[] = [
  of({ properties: { a: {} }, ...CLOSED }, [{ a: 1 }, {}, []], [{ b: 1 }]),
  of(
    { patternProperties: { "^a": {} }, unevaluatedProperties: { type: "string" } },
    [{ ab: 1, c: "x" }],
    [{ c: 1 }],
  ),
  of({ additionalProperties: true, ...CLOSED }, [{ a: 1 }], []),
  of({ allOf: [{ properties: { a: {} } }], properties: { b: {} }, ...CLOSED }, [{ a: 1, b: 1 }], [{ c: 1 }]),
  of(
    {
      anyOf: [
        { properties: { a: { const: 1 } }, required: ["a"] },
        { properties: { b: {} }, required: ["b"] },
      ],
      ...CLOSED,
    },
    [{ a: 1 }, { a: 1, b: 2 }, { b: 2 }],
    [
      { a: 2, b: 2 },
      { a: 1, c: 1 },
    ],
  ),
  of(
    { oneOf: [{ properties: { a: {} }, required: ["a"] }, { required: ["b"] }], ...CLOSED },
    [{ a: 1 }],
    [{ b: 1 }],
  ),
  of({ not: { not: { properties: { a: {} } } }, ...CLOSED }, [{}], [{ a: 1 }]),
  of(
    {
      ...conditional([
        ["if", { properties: { a: { const: 1 } }, required: ["a"] }],
        ["then", { properties: { b: {} } }],
        ["else", { properties: { c: {} } }],
      ]),
      ...CLOSED,
    },
    [{ a: 1, b: 2 }, { c: 3 }],
    [{ a: 1, c: 3 }, { a: 2 }, { b: 2 }],
  ),
  of({ dependentSchemas: { a: { properties: { a: {}, b: {} } } }, ...CLOSED }, [{ a: 1, b: 1 }], [{ b: 1 }]),
  of({ $ref: "#/$defs/x", $defs: { x: { properties: { a: {} } } }, ...CLOSED }, [{ a: 1 }], [{ b: 1 }]),
  of({ allOf: [{ properties: { a: {} }, ...CLOSED }], properties: { b: {} } }, [{ a: 1 }], [{ b: 1 }]),
  of({ allOf: [{ properties: { a: {} } }, CLOSED] }, [{}], [{ a: 1 }]),
  of(
    { properties: { a: { properties: { b: {} }, ...CLOSED } }, ...CLOSED },
    [{ a: { b: 1 } }],
    [{ a: { c: 1 } }, { c: 1 }],
  ),
  of({ allOf: [{ unevaluatedProperties: true }], ...CLOSED }, [{ a: 1 }], []),
  of({ prefixItems: [{}], unevaluatedItems: false }, [[1], []], [[1, 2]]),
  of(
    { prefixItems: [{}], allOf: [{ prefixItems: [{}, { type: "string" }] }], unevaluatedItems: false },
    [[1, "x"]],
    [[1, "x", 2]],
  ),
  of({ items: {}, unevaluatedItems: false }, [[1, 2]], []),
  of({ contains: { type: "string" }, unevaluatedItems: { type: "number" } }, [["x", 1]], [["x", null], [1]]),
  of(
    {
      anyOf: [{ prefixItems: [{ const: 1 }] }, { prefixItems: [{}, { const: 2 }] }],
      unevaluatedItems: false,
    },
    [[1], [3, 2]],
    [[1, 3]],
  ),
  of({ prefixItems: [{}], unevaluatedItems: { type: "number" } }, [["x", 1]], [["x", "y"]]),
].map((one) => ({ ...one, dialects: LATEST }));
