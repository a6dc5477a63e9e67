import type { OpenApiDocument } from "./document.ts";
import type { Findings } from "./findings.ts";
import { list, type Members, member, record } from "./members.ts";
import { type ModelImport, pascalCase } from "./models.ts";
import type { Operation } from "./operations.ts";
import { nearestPlace, operationParameters, type Parameter, unknownPlaces } from "./parameters.ts";
import { resolve } from "./reference.ts";
import { VALIDATOR, VALIDATORS } from "./settings.ts";
import { typedParameter } from "./typed-parameter.ts";

/** What a route entry says of validation, and where the document says it. */
export interface ImportedValidation {
  readonly value: Members;
  /** Places in the document by members of the entry: `requestModels.application/json`. */
  readonly places: ReadonlyMap<string, string>;
}

/** API Gateway's words for OpenAPI's places of parameters (aws-semantics 8). */
const PLACES: Readonly<Record<string, string>> = { header: "header", path: "path", query: "querystring" };

const NOTHING: ImportedValidation = { value: {}, places: new Map() };

/**
 * Reads what a request of an operation has to be, as far as its validator, or the document's,
 * looks at it. A route without a validator needs none of it.
 */
export function readValidation(
  document: OpenApiDocument,
  operation: Operation,
  models: ModelImport,
  findings: Findings,
): ImportedValidation {
  const named = operation.members[VALIDATOR];
  const own = named === undefined ? {} : { requestValidator: named };
  const wanted = named ?? document.root[VALIDATOR];
  const validator =
    typeof wanted === "string" ? record(member(document.root[VALIDATORS], wanted)) : record(wanted);
  const checksParameters = validator?.["validateRequestParameters"] === true;
  const checksBody = validator?.["validateRequestBody"] === true;
  // In Swagger, a body is one of them.
  const read = checksParameters || (checksBody && document.version === "2.0");
  const { warnings } = findings;
  // Nothing comes of those that nobody reads: to serve the route is no mistake.
  const found = read ? findings : { problems: warnings, warnings };
  const parameters = operationParameters(document, operation, found);
  if (!checksParameters) warnings.push(...unknownPlaces(parameters, document));
  if (!validator) return { ...NOTHING, value: own };
  const places = new Map<string, string>();
  const requestParameters: Record<string, unknown> = {};
  if (checksParameters) {
    for (const parameter of parameters) {
      const target = parameterTarget(parameter, document, operation, findings);
      if (target === undefined) continue;
      requestParameters[target] = typedParameter(parameter, document, models, findings);
      places.set(`requestParameters.${target}`, parameter.place);
    }
  }
  const requestModels: Record<string, string> = {};
  if (checksBody) {
    for (const { type, schema, place } of bodies(document, operation, parameters, findings)) {
      const json = type === "application/json";
      const name = models.of(schema, place, `${routeName(operation)}Body${json ? "" : pascalCase(type)}`);
      if (name === undefined) continue;
      requestModels[type] = name;
      places.set(`requestModels.${type}`, place);
    }
  }
  return {
    value: {
      ...own,
      ...(Object.keys(requestParameters).length > 0 ? { requestParameters } : {}),
      ...(Object.keys(requestModels).length > 0 ? { requestModels } : {}),
    },
    places,
  };
}

/** `method.request.querystring.NAME`; none for what no validator looks at. */
function parameterTarget(
  { name, in: where, members, place }: Parameter,
  { version }: OpenApiDocument,
  { path }: Operation,
  { problems, warnings }: Findings,
): string | undefined {
  const target = Object.hasOwn(PLACES, where) ? PLACES[where] : undefined;
  if (target === undefined) {
    if (where === "body" && version === "2.0") return undefined;
    const near = nearestPlace(where, version);
    warnings.push({
      code: "parameter.unchecked",
      path: place,
      message: `the parameter ${name} in "${where}" is not checked: validators look at query, header and path`,
      ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
    });
    return undefined;
  }
  // Exports of HTTP APIs call {proxy+} by its whole text.
  const variable = where === "path" ? name.replace(/\+$/, "") : name;
  if (where === "path" && !path.includes(`{${variable}}`) && !path.includes(`{${variable}+}`)) {
    problems.push({
      code: "parameter.path",
      path: place,
      message: `the path ${path} has no {${name}}: ${members["required"] === true ? "every request would be refused" : "no request has it"}`,
    });
    return undefined;
  }
  return `method.request.${target}.${variable}`;
}

interface Body {
  readonly type: string;
  readonly schema: unknown;
  readonly place: string;
}

/** What bodies may be, by media type. */
function bodies(
  document: OpenApiDocument,
  operation: Operation,
  parameters: readonly Parameter[],
  findings: Findings,
): readonly Body[] {
  const found =
    document.version === "2.0"
      ? swaggerBodies(document, operation, parameters)
      : contents(document, operation, findings);
  return found.flatMap(({ type, schema, place }) => {
    // A body that may be anything needs no model.
    if (schema === undefined || schema === true || Object.keys(record(schema) ?? { schema }).length === 0)
      return [];
    const media = (type.split(";")[0] ?? "").trim().toLowerCase();
    if (media === "*/*") return [{ type: "$default", schema, place }];
    const said = `bodies of ${media}`;
    if (media.includes("*")) {
      findings.warnings.push({
        code: "model.media_type",
        path: place,
        message: `${said} are not checked against this schema: a model is for one media type`,
      });
      return [];
    }
    if (!/(?:^|[/+])json$/.test(media)) {
      findings.warnings.push({
        code: "model.media_type",
        path: place,
        message: `${said} are validated as JSON, as API Gateway does: what is none gets 400`,
      });
    }
    return [{ type: media, schema, place }];
  });
}

/** OpenAPI 3: the request body's content. */
function contents(
  { root }: OpenApiDocument,
  { members, place }: Operation,
  { problems }: Findings,
): readonly Body[] {
  const said = members["requestBody"];
  const body = resolve(root, said);
  if (!body) {
    if (said !== undefined) {
      problems.push({
        code: "request_body.reference",
        path: `${place}.requestBody`,
        message: "this request body, or what its $ref names, is no object",
      });
    }
    return [];
  }
  return Object.entries(record(body["content"]) ?? {}).map(([type, media]) => ({
    type,
    schema: record(media)?.["schema"],
    place: `${place}.requestBody.content.${type}.schema`,
  }));
}

/** Swagger 2.0: the parameter `in: body`, for each media type that the operation consumes. */
function swaggerBodies(
  { root }: OpenApiDocument,
  { members }: Operation,
  parameters: readonly Parameter[],
): readonly Body[] {
  const body = parameters.find(({ in: where }) => where === "body");
  if (!body) return [];
  const consumed = list(members["consumes"] ?? root["consumes"]).filter((type) => typeof type === "string");
  const types = consumed.length > 0 ? consumed : ["application/json"];
  const { place } = body;
  return types.map((type) => ({ type, schema: body.members["schema"], place: `${place}.schema` }));
}

/** `POST /pets/{id}` as `PostPetsId`. */
const routeName = ({ routeKey }: Operation): string =>
  pascalCase(routeKey.replace(/^[A-Z]+/, (method) => method.toLowerCase()));
