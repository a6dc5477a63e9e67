import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { importOpenApi } from "../../src/openapi/import.ts";

const DRAFT_2020 = "https://json-schema.org/draft/2020-12/schema";

function imported(schema: unknown, schemas: object = {}, root: object = {}) {
  return importOpenApi({
    openapi: "3.0.1",
    "x-amazon-apigateway-request-validators": { body: { validateRequestBody: true } },
    "x-amazon-apigateway-request-validator": "body",
    paths: {
      "/a": {
        post: {
          requestBody: { content: { "application/json": { schema } } },
          "x-amazon-apigateway-integration": { type: "mock" },
        },
      },
    },
    components: { schemas },
    ...root,
  });
}

/** Schemas of the models by their names. */
function models(...args: Parameters<typeof imported>): Record<string, unknown> {
  const { entries, problems } = imported(...args);
  expect(problems).toEqual([]);
  return Object.fromEntries(
    [...entries].flatMap(([key, value]) => {
      const name = /\/models\/(.*)$/.exec(key)?.[1];
      return name === undefined ? [] : [[name, Object(value).schema]];
    }),
  );
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

describe("models", () => {
  test("are those that a validated route reaches, however far", () => {
    const schemas = {
      Pet: { type: "object", properties: { toys: { type: "array", items: ref("Toy") } } },
      Toy: { allOf: [ref("Thing"), { properties: { owner: ref("Pet") } }] },
      Thing: { not: ref("Nothing") },
      Nothing: { enum: [{ $ref: "#/components/schemas/Unused" }] },
      Unused: { type: "object" },
    };
    const { Unused: _, ...reached } = schemas;
    expect(models(ref("Pet"), schemas)).toEqual(reached);
  });

  test("of a route without a validator are none", () => {
    const root = { "x-amazon-apigateway-request-validator": undefined };
    expect(models(ref("Pet"), { Pet: {} }, root)).toEqual({});
  });

  test("that refer to themselves are one", () => {
    const schemas = { Node: { properties: { next: ref("Node"), root: { $ref: "#" } } } };
    expect(models(ref("Node"), schemas)).toEqual(schemas);
  });

  test("have names of letters and digits, and each its own", () => {
    const schemas = {
      "pet-item": { minimum: 1 },
      pet_item: { minimum: 2 },
      PetItem: { minimum: 3 },
      日本: { minimum: 4 },
    };
    const all = { oneOf: Object.keys(schemas).map((name) => ref(name)) };
    expect(models(all, schemas)).toEqual({
      PostABody: { oneOf: [ref("PetItem2"), ref("PetItem3"), ref("PetItem"), ref("Model")] },
      PetItem2: { minimum: 1 },
      PetItem3: { minimum: 2 },
      PetItem: { minimum: 3 },
      Model: { minimum: 4 },
    });
    const { warnings } = imported(all, schemas);
    expect(warnings.map(({ code, path }) => `${code} ${path}`)).toEqual([
      "model.renamed components.schemas.pet-item",
      "model.renamed components.schemas.pet_item",
      "model.renamed components.schemas.日本",
    ]);
  });

  test("a schema without a name gets one that no other has", () => {
    expect(models({ minimum: 1 }, { PostABody: {} })).toEqual({ PostABody2: { minimum: 1 } });
  });

  test("what stands inside another schema is a model besides", () => {
    const schemas = { Pet: { properties: { "na/me": { minLength: 1 } } } };
    const inner = { $ref: "#/components/schemas/Pet/properties/na~1me" };
    expect(models({ items: inner }, schemas)).toEqual({
      PostABody: { items: ref("PetPropertiesNaMe") },
      PetPropertiesNaMe: { minLength: 1 },
    });
  });

  test("are named by API Gateway's URL, too", () => {
    const url = (name: string) => `https://apigateway.amazonaws.com/restapis/abc123/models/${name}`;
    expect(models({ items: { $ref: url("Pet") } }, { Pet: {} })).toEqual({
      PostABody: { items: { $ref: url("Pet") } },
      Pet: {},
    });
    expect(imported({ items: { $ref: url("Pte") } }, { Pet: {} }).problems).toMatchObject([
      { code: "schema.reference", hint: 'did you mean "Pet"?' },
    ]);
  });

  test("keep the definitions that were written into them", () => {
    const schema = { definitions: { id: { type: "integer" } }, items: { $ref: "#/definitions/id" } };
    expect(models(schema)).toEqual({ PostABody: schema });
  });
});

describe("references", () => {
  test("are members of schemas, not of data and not names", () => {
    const schema = {
      properties: { $ref: { type: "string" }, default: ref("Pet"), enum: ref("Pet") },
      default: { $ref: "nowhere" },
      enum: [{ $ref: "nowhere" }],
      example: { $ref: "nowhere" },
      "x-mine": { $ref: "nowhere" },
    };
    expect(models(schema, { Pet: {} })).toEqual({ PostABody: schema, Pet: {} });
  });

  test.each<[string, string, string | undefined]>([
    [
      "#/components/schemas/Pte",
      'there is no schema "#/components/schemas/Pte" in this document',
      'did you mean "Pet"?',
    ],
    ["#/definitions/Pet", 'there is no schema "#/definitions/Pet" in this document', undefined],
    ["common.yaml#/Pet", '"common.yaml#/Pet" leads out of this document, and is not read', undefined],
    [
      "https://schemas.example.com/pet.json",
      '"https://schemas.example.com/pet.json" leads out of this document, and is not read',
      undefined,
    ],
    [
      "#/components/schemas/__proto__",
      'there is no schema "#/components/schemas/__proto__" in this document',
      undefined,
    ],
  ])(
    "R-13 to what is not there (%s) are problems at their place, and no others",
    (reference, message, hint) => {
      const at = "paths./a.post.requestBody.content.application/json.schema.items.$ref";
      const { problems } = imported({ items: { $ref: reference } }, { Pet: {} });
      expect(problems).toEqual([
        { code: "schema.reference", path: at, message, ...(hint === undefined ? {} : { hint }) },
      ]);
    },
  );

  test("to what is no schema are problems", () => {
    expect(imported(ref("Pet"), { Pet: [] }).problems).toMatchObject([{ code: "schema.malformed" }]);
  });

  test("beside other members count since OpenAPI 3.1 only", () => {
    const schema = { ...ref("Pet"), required: ["a"], description: "d" };
    const root = { openapi: "3.1.0" };
    expect(models(schema, { Pet: {} })).toEqual({ Pet: {} });
    expect(models(schema, { Pet: {} }, root)).toEqual({ PostABody: schema, Pet: {} });
    expect(models({ ...ref("Pet"), description: "d" }, { Pet: {} }, root)).toEqual({ Pet: {} });
  });
});

test("what is wrong inside a model is said where its schema stands, once", () => {
  const schemas = { Pet: { properties: { "a.b": { type: "strin" } } } };
  expect(imported({ items: ref("Pet") }, schemas).problems).toMatchObject([
    { code: "model.schema", path: "components.schemas.Pet#schema.properties.a.b.type" },
  ]);
});

test("schemas of OpenAPI 3.1 are of JSON Schema 2020-12, or of what the document says", () => {
  const dialect = (root: object) =>
    Object(imported({ prefixItems: [{ const: 1 }] }, {}, root).entries.get("apis/default/models/PostABody"))
      .jsonSchemaDialect;
  expect(dialect({ openapi: "3.1.0" })).toBe(DRAFT_2020);
  expect(dialect({ openapi: "3.2.0" })).toBe(DRAFT_2020);
  expect(
    dialect({ openapi: "3.1.0", jsonSchemaDialect: "https://spec.openapis.org/oas/3.1/dialect/base" }),
  ).toBe("https://spec.openapis.org/oas/3.1/dialect/base");
  expect(dialect({})).toBeUndefined();
  expect(imported({ prefixItems: [{ const: 1 }] }, {}, { openapi: "3.1.0" }).problems).toEqual([]);
});

test("whatever schemas are called and refer to: names fit, are not shared, and every reference finds its model", () => {
  const name = fc.oneof(
    fc.constantFrom("Pet", "pet", "Pet2", "pet-2", "a.b", "a/b", "a~b", "constructor"),
    fc.string({ minLength: 1, maxLength: 6 }),
  );
  const graph = fc.dictionary(name, fc.array(fc.nat(7), { maxLength: 4 }), {
    minKeys: 1,
    maxKeys: 8,
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(graph, (edges) => {
      const names = Object.keys(edges);
      const pointer = (index: number) => {
        const target = names[index % names.length] ?? "";
        const token = encodeURIComponent(target.replaceAll("~", "~0").replaceAll("/", "~1"));
        return { $ref: `#/components/schemas/${token}` };
      };
      const schemas = Object.fromEntries(
        Object.entries(edges).map(([own, targets]) => [own, { title: own, anyOf: targets.map(pointer) }]),
      );
      const { entries, problems } = imported({ anyOf: names.map((_, index) => pointer(index)) }, schemas);
      expect(problems.filter(({ code }) => code.startsWith("schema."))).toEqual([]);
      const found = new Map(
        [...entries]
          .filter(([key]) => key.includes("/models/"))
          .map(([key, value]) => [key.slice("apis/default/models/".length), Object(value).schema]),
      );
      expect(found.size).toBe(names.length + 1);
      for (const [own, schema] of found) {
        expect(own).toMatch(/^[A-Za-z0-9]+$/);
        const targets: readonly number[] =
          own === "PostABody" ? names.map((_, index) => index) : (edges[schema.title] ?? []);
        const titles = schema.anyOf.map(
          ({ $ref }: { $ref: string }) => found.get($ref.slice("#/components/schemas/".length))?.title,
        );
        expect(titles).toEqual(targets.map((index) => names[index % names.length]));
      }
    }),
    { numRuns: 300 },
  );
});
