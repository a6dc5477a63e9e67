import { describe, expect, test } from "vitest";
import { importOpenApi } from "../../src/openapi/import.ts";

const MOCK = { "x-amazon-apigateway-integration": { type: "mock" } };
const VALIDATORS = {
  all: { validateRequestBody: true, validateRequestParameters: true },
  body: { validateRequestBody: true },
  parameters: { validateRequestParameters: true },
  none: {},
};
const VALIDATOR = "x-amazon-apigateway-request-validator";

interface Said {
  readonly operation?: object;
  readonly item?: object;
  readonly root?: object;
  readonly path?: string;
}

function imported({ operation = {}, item = {}, root = {}, path = "/a/{id}" }: Said) {
  return importOpenApi({
    openapi: "3.0.1",
    "x-amazon-apigateway-request-validators": VALIDATORS,
    [VALIDATOR]: "all",
    paths: { [path]: { ...item, post: { ...MOCK, ...operation } } },
    ...root,
  });
}

/** The route's entry without its integration. */
function route(said: Said): unknown {
  const { entries, problems } = imported(said);
  expect(problems).toEqual([]);
  const { integration: _, ...rest } = Object(
    entries.get(`apis/default/routes/POST ${said.path ?? "/a/{id}"}`),
  );
  return rest;
}

const query = (name: string, more: object = {}) => ({
  name,
  in: "query",
  schema: { type: "string" },
  ...more,
});

describe("parameters", () => {
  test("of every place that validators look at", () => {
    const parameters = [
      query("page"),
      query("q", { required: true }),
      { name: "id", in: "path", required: true },
      { name: "X-Shop", in: "header", required: true, content: { "application/json": {} } },
    ];
    expect(route({ operation: { parameters } })).toEqual({
      requestParameters: {
        "method.request.querystring.page": false,
        "method.request.querystring.q": true,
        "method.request.path.id": true,
        "method.request.header.X-Shop": true,
      },
    });
  });

  test("of the path item, of which the operation may have its own in place", () => {
    const item = {
      parameters: [
        query("a", { required: true }),
        query("b"),
        { name: "x-one", in: "header", required: true },
      ],
    };
    const parameters = [query("a"), { name: "a", in: "header" }, { name: "X-One", in: "header" }];
    expect(route({ item, operation: { parameters } })).toEqual({
      requestParameters: {
        "method.request.querystring.a": false,
        "method.request.querystring.b": false,
        "method.request.header.X-One": false,
        "method.request.header.a": false,
      },
    });
  });

  test("that stand elsewhere", () => {
    const components = {
      parameters: { "a/b": { $ref: "#/components/parameters/c%7Bd" }, "c{d": query("q", { required: true }) },
    };
    const parameters = [{ $ref: "#/components/parameters/a~1b" }];
    expect(route({ operation: { parameters }, root: { components } })).toEqual({
      requestParameters: { "method.request.querystring.q": true },
    });
  });

  test("only of routes whose validator looks at them", () => {
    const operation = { parameters: [query("q", { required: true }), { in: "nowhere" }] };
    expect(route({ operation: { ...operation, [VALIDATOR]: "body" } })).toEqual({ requestValidator: "body" });
    expect(route({ operation, root: { [VALIDATOR]: undefined } })).toEqual({});
  });

  test("of a greedy variable, by both of its names", () => {
    for (const name of ["proxy", "proxy+"]) {
      const parameters = [{ name, in: "path", required: true }];
      expect(route({ path: "/{proxy+}", operation: { parameters } })).toEqual({
        requestParameters: { "method.request.path.proxy": true },
      });
    }
  });

  test.each<[object, string]>([
    [{ $ref: "#/components/parameters/none" }, "parameter.malformed"],
    [{ in: "query" }, "parameter.malformed"],
    [{ name: "a" }, "parameter.malformed"],
    [{ name: "other", in: "path", required: true }, "parameter.path"],
  ])("%j is a problem at its place", (parameter, code) => {
    expect(imported({ operation: { parameters: [query("a"), parameter] } }).problems).toMatchObject([
      { code, path: "paths./a/{id}.post.parameters.1" },
    ]);
  });

  test("what is shared by operations is reported once", () => {
    const { problems } = imported({ item: { parameters: [{ in: "query" }], put: MOCK } });
    expect(problems).toMatchObject([{ path: "paths./a/{id}.parameters.0" }]);
  });

  test.each<[object, object]>([
    [
      { $ref: "other.yaml#/parameters/a" },
      {
        code: "parameter.malformed",
        message: 'there is no parameter "other.yaml#/parameters/a" in this document',
      },
    ],
    [
      { name: "q", in: "querry" },
      {
        code: "parameter.place",
        message: 'the parameter q is in "querry", where no parameter is',
        hint: 'did you mean "query"?',
      },
    ],
  ])("that nobody reads are named when they are none: %j", (parameter, warning) => {
    for (const validator of ["none", "body"]) {
      const operation = { parameters: [parameter], [VALIDATOR]: validator };
      const { problems, warnings } = imported({ operation });
      expect(problems).toEqual([]);
      expect(warnings).toEqual([{ ...warning, path: "paths./a/{id}.post.parameters.0" }]);
    }
    expect(
      imported({ operation: { parameters: [parameter] }, root: { [VALIDATOR]: undefined } }).warnings,
    ).toHaveLength(1);
  });

  test("in cookies of a route without a validator are fine", () => {
    const parameters = [{ name: "session", in: "cookie" }, query("a")];
    expect(imported({ operation: { parameters, [VALIDATOR]: "none" } }).warnings).toEqual([]);
  });

  test("in a misspelt place are not checked, which is said once", () => {
    expect(imported({ operation: { parameters: [{ name: "q", in: "querry" }] } }).warnings).toMatchObject([
      { code: "parameter.unchecked", hint: 'did you mean "query"?' },
    ]);
  });

  test("that no validator looks at are warnings", () => {
    const { warnings, problems } = imported({
      operation: { parameters: [{ name: "session", in: "cookie", required: true }] },
    });
    expect(problems).toEqual([]);
    expect(warnings).toMatchObject([
      { code: "parameter.unchecked", path: "paths./a/{id}.post.parameters.0" },
    ]);
  });
});

describe("schemas of parameters", () => {
  const parameter = (schema: object, more: object = {}, root: object = {}): unknown =>
    Object(route({ operation: { parameters: [query("q", { schema, ...more })] }, root })).requestParameters[
      "method.request.querystring.q"
    ];

  test.each<[object, object, unknown]>([
    [{ type: "string", description: "d", example: "e" }, {}, false],
    [{}, { required: true }, true],
    [{ type: "integer", minimum: 1 }, {}, { required: false, schema: { type: "integer", minimum: 1 } }],
    [
      { type: "string", enum: ["a"] },
      { required: true },
      { required: true, schema: { type: "string", enum: ["a"] } },
    ],
    [
      { type: "array", items: { type: "integer" } },
      { style: "pipeDelimited", explode: false },
      {
        required: false,
        schema: { type: "array", items: { type: "integer" } },
        style: "pipeDelimited",
        explode: false,
      },
    ],
  ])("%j with %j", (schema, more, expected) => {
    expect(parameter(schema, more)).toEqual(expected);
  });

  test("that refer to models bring them along", () => {
    const components = { schemas: { page_size: { type: "integer" } } };
    const { entries } = imported({
      operation: { parameters: [query("q", { schema: { $ref: "#/components/schemas/page_size" } })] },
      root: { components },
    });
    expect(entries.get("apis/default/models/PageSize")).toEqual({ schema: { type: "integer" } });
    expect(parameter({ $ref: "#/components/schemas/page_size" }, {}, { components })).toEqual({
      required: false,
      schema: { $ref: "#/components/schemas/PageSize" },
    });
  });

  test("are not looked at by a strict API, as by API Gateway", () => {
    expect(parameter({ type: "integer" }, {}, { "x-portico-strict": true })).toBe(false);
  });

  test.each<[object, object]>([
    [{ type: "object" }, { style: "deepObject" }],
    [{ type: "integer" }, { style: "deepObject" }],
  ])("that no text can be read by (%j, %j) are warnings", (schema, more) => {
    const { warnings, routes } = imported({ operation: { parameters: [query("q", { schema, ...more })] } });
    expect(warnings).toMatchObject([{ code: "parameter.schema", path: "paths./a/{id}.post.parameters.0" }]);
    expect(routes.get("POST /a/{id}")?.requestParameters).toEqual({ "method.request.querystring.q": false });
  });

  test("that are bad are problems where the parameter stands", () => {
    const parameters = [query("q", { schema: { type: "strin" } })];
    expect(imported({ operation: { parameters } }).problems).toMatchObject([
      { path: "paths./a/{id}.post.parameters.0" },
    ]);
  });
});

describe("bodies", () => {
  const body = (content: object) => ({ requestBody: { content } });
  const pet = { type: "object", required: ["name"] };

  test("of several media types; what anything fits needs no model", () => {
    const content = {
      "Application/JSON; charset=utf-8": { schema: pet },
      "application/problem+json": { schema: { type: "array" } },
      "*/*": { schema: { type: "object", maxProperties: 9 } },
      "application/xml": {},
      "text/plain": { schema: {} },
    };
    expect(route({ operation: body(content) })).toEqual({
      requestModels: {
        "application/json": "PostAIdBody",
        "application/problem+json": "PostAIdBodyApplicationProblemJson",
        $default: "PostAIdBodyDefault",
      },
    });
  });

  test("only where the validator looks at them, and from elsewhere", () => {
    const components = { requestBodies: { Pet: body({ "application/json": { schema: pet } }).requestBody } };
    const requestBody = { $ref: "#/components/requestBodies/Pet" };
    expect(route({ operation: { requestBody }, root: { components } })).toEqual({
      requestModels: { "application/json": "PostAIdBody" },
    });
    expect(route({ operation: { requestBody: { $ref: "#/x" }, [VALIDATOR]: "parameters" } })).toEqual({
      requestValidator: "parameters",
    });
    expect(imported({ operation: { requestBody: { $ref: "#/x" } } }).problems).toMatchObject([
      { code: "request_body.reference", path: "paths./a/{id}.post.requestBody" },
    ]);
  });

  test("that are no JSON, or many types at once, are named", () => {
    const content = { "application/xml": { schema: pet }, "image/*": { schema: pet } };
    const { warnings, routes } = imported({ operation: body(content) });
    expect(warnings.map(({ code, path }) => [code, path])).toEqual([
      ["model.media_type", "paths./a/{id}.post.requestBody.content.application/xml.schema"],
      ["model.media_type", "paths./a/{id}.post.requestBody.content.image/*.schema"],
    ]);
    expect(Object.keys(routes.get("POST /a/{id}")?.requestModels ?? {})).toEqual(["application/xml"]);
  });

  test("a validator of the operation's own decides, too", () => {
    const own = { validateRequestBody: true, strictContentType: true };
    expect(
      route({ operation: { ...body({ "application/json": { schema: pet } }), [VALIDATOR]: own } }),
    ).toEqual({
      requestValidator: own,
      requestModels: { "application/json": "PostAIdBody" },
    });
    expect(
      route({ operation: { ...body({ "application/json": { schema: pet } }), [VALIDATOR]: "none" } }),
    ).toEqual({
      requestValidator: "none",
    });
  });

  test("a schema that is none is a problem where it stands", () => {
    expect(imported({ operation: body({ "application/json": { schema: [] } }) }).problems).toMatchObject([
      { code: "schema.malformed", path: "paths./a/{id}.post.requestBody.content.application/json.schema" },
    ]);
  });
});
