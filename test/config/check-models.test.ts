import { describe, expect, test } from "vitest";
import { checkValidation, goodModels, type Models, parseModelValue } from "../../src/config/check-models.ts";
import { parseValue } from "../../src/config/parse.ts";
import { ApiEntry, RouteEntry } from "../../src/config/schemas.ts";

const AWS = "https://apigateway.amazonaws.com/restapis/x/models/";

const modelsOf = (schemas: Readonly<Record<string, unknown>>): Models =>
  new Map(Object.entries(schemas).map(([name, schema]) => [name, parseModelValue(`m/${name}`, { schema })]));

function problems(route: object, schemas: Readonly<Record<string, unknown>> = {}, settings: unknown = {}) {
  const entry = parseValue("r", { integration: { type: "mock" }, ...route }, RouteEntry);
  const api = parseValue("a", settings, ApiEntry);
  if (!entry.ok) return entry.problems;
  if (!api.ok) return api.problems;
  return checkValidation("r", entry.value, api.value, modelsOf(schemas));
}

const body = (name: string) => ({ requestModels: { "application/json": name } });
const parameter = (name: string, value: unknown) => ({ requestParameters: { [name]: value } });

describe("a model by itself", () => {
  test.each([
    [{ schema: {} }, true],
    [{ schema: { $ref: `${AWS}Elsewhere` } }, true],
    [{ schema: { $ref: "#/definitions/Elsewhere" } }, true],
    [{ schema: { type: "object" }, description: "d", contentType: "text/plain" }, true],
    [{ schema: { const: 1 }, jsonSchemaDialect: "https://json-schema.org/draft/2020-12/schema" }, true],
    [{ schema: { const: 1 } }, false],
    [{ schema: { $schema: "https://x.test/schema" } }, false],
    [{ schema: [] }, false],
    [{ schema: {}, scheme: {} }, false],
    [{}, false],
  ])("%j is good: %s", (value, good) => {
    expect(parseModelValue("m", value).ok).toBe(good);
  });

  test("R-21 what is wrong is said where it stands", () => {
    const model = { schema: { properties: { a: { items: { pattern: "^(a+)+$" } } } } };
    expect(parseModelValue("apis/x/models/M", model)).toEqual({
      ok: false,
      problems: [
        {
          code: "model.schema",
          path: "apis/x/models/M#schema.properties.a.items.pattern",
          message: '"^(a+)+$" can match one text in too many ways, so that a crafted one would take too long',
          hint: expect.stringContaining("anchor it"),
        },
      ],
    });
  });

  test("the bad ones are not among the good", () => {
    expect([...goodModels(modelsOf({ A: {}, B: { type: 1 } })).keys()]).toEqual(["A"]);
  });
});

describe("R-13 a route that names what is not there is refused", () => {
  test.each([
    [{ requestValidator: "all" }, {}, {}, "validator.unknown", 'there is no request validator "all"'],
    [
      {},
      {},
      { requestValidator: "all" },
      "validator.unknown",
      'there is no request validator "all", which the API names',
    ],
    [
      { requestValidator: "toString" },
      {},
      {},
      "validator.unknown",
      'there is no request validator "toString"',
    ],
    [body("Pet"), {}, {}, "model.unknown", 'there is no model "Pet"'],
    [
      body("Pet"),
      { Pet: { type: "strin" } },
      {},
      "model.bad",
      /^the model "Pet" is bad: m\/Pet#schema\.type: /,
    ],
    [
      body("Pet"),
      { Pet: { $ref: `${AWS}Dog` } },
      {},
      "model.reference",
      'the model "Pet" is bad: Pet#/$ref: there is no model "Dog"',
    ],
    [
      body("Pet"),
      { Pet: { $ref: `${AWS}Dog` }, Dog: { type: 1 } },
      {},
      "model.reference",
      /there is no model "Dog"/,
    ],
    [{ requestModels: { json: "Empty" } }, {}, {}, "model.content_type", '"json" is no content type'],
    [
      parameter("method.request.querystring.n", { schema: { type: "x" } }),
      {},
      {},
      "model.schema",
      /^"type" is one/,
    ],
    [
      parameter("method.request.querystring.n", { schema: { $ref: "#/definitions/N" } }),
      {},
      {},
      "model.schema",
      'there is no model "N"',
    ],
    [
      parameter("method.request.querystring.n", { schema: { type: "object" } }),
      {},
      {},
      "parameter.type",
      /not an object$/,
    ],
    [
      parameter("method.request.querystring.n", { schema: {}, style: "simple" }),
      {},
      {},
      "parameter.style",
      /not for a query$/,
    ],
    [
      parameter("method.request.path.n", { schema: {}, style: "form" }),
      {},
      {},
      "parameter.style",
      /not for a header or a path$/,
    ],
    [parameter("querystring.n", true), {}, {}, "value.invalid", /^a parameter is method\.request/],
    [parameter("method.request.querystring.n", "true"), {}, {}, "value.invalid", /boolean/],
    [
      parameter("method.request.querystring.n", { schema: {}, requierd: true }),
      {},
      {},
      "key.unknown",
      /"requierd"/,
    ],
    [{ requestValidator: { validateRequestBodies: true } }, {}, {}, "key.unknown", /"validateRequestBodies"/],
  ])("%j with %j, %j: %s", (route, schemas, settings, code, message) => {
    expect(problems(route, schemas, settings)).toEqual([
      expect.objectContaining({
        code,
        message: typeof message === "string" ? message : expect.stringMatching(message),
      }),
    ]);
  });

  test.each([
    [{ requestValidator: "all" }, {}, { requestValidators: { all: {} } }],
    [{ requestValidator: { problemDetails: true } }, {}, {}],
    [body("Empty"), {}, {}],
    [
      { requestModels: { $default: "A" } },
      { A: { items: { $ref: `${AWS}B` } }, B: { properties: { a: { $ref: `${AWS}A` } } } },
      {},
    ],
    [
      parameter("method.request.header.X", { schema: { $ref: "#/components/schemas/N" }, required: true }),
      { N: { type: "integer" } },
      {},
    ],
    [parameter("method.request.path.proxy", false), {}, {}],
  ])("%j with %j, %j is good", (route, schemas, settings) => {
    expect(problems(route, schemas, settings)).toEqual([]);
  });

  test("a name that is nearly right is suggested", () => {
    expect(problems({ requestValidator: "ful" }, {}, { requestValidators: { full: {} } })[0]?.hint).toBe(
      'did you mean "full"?',
    );
    expect(problems(body("Pets"), { Pet: {} })[0]?.hint).toBe('did you mean "Pet"?');
  });
});
