import type { Findings } from "./findings.ts";
import { type Members, record } from "./members.ts";

/** A parsed document, and where its version keeps things. */
export interface OpenApiDocument {
  readonly root: Members;
  readonly version: "2.0" | "3.0" | "3.1";
  /** Where schemas, parameters and security schemes with names stand, from the root. */
  readonly schemas: readonly string[];
  readonly schemes: readonly string[];
  /** The dialect of JSON Schema of its schemas (OpenAPI 3.1.0, 4.8.24); before 3.1 the one that all have. */
  readonly dialect: unknown;
}

const DRAFT_2020 = "https://json-schema.org/draft/2020-12/schema";

/** Reads which OpenAPI a document is; one that says nothing known is read as 3.0, with a problem. */
export function openApiDocument(value: unknown, { problems }: Findings): OpenApiDocument {
  const root = record(value) ?? {};
  const { openapi, swagger } = root;
  if (openapi === undefined && (swagger === "2.0" || swagger === 2)) {
    return {
      root,
      version: "2.0",
      schemas: ["definitions"],
      schemes: ["securityDefinitions"],
      dialect: undefined,
    };
  }
  const minor = typeof openapi === "string" ? /^3\.(\d+)/.exec(openapi)?.[1] : undefined;
  if (minor === undefined) {
    problems.push({
      code: "openapi.version",
      path: openapi === undefined && swagger !== undefined ? "swagger" : "openapi",
      message:
        'this is neither an OpenAPI 3 document ("openapi": "3...") nor a Swagger one ("swagger": "2.0")',
    });
  }
  const modern = Number(minor ?? 0) > 0;
  return {
    root,
    version: modern ? "3.1" : "3.0",
    schemas: ["components", "schemas"],
    schemes: ["components", "securitySchemes"],
    dialect: modern ? (root["jsonSchemaDialect"] ?? DRAFT_2020) : undefined,
  };
}
