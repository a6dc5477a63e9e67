import { nearest } from "../config/problem.ts";
import type { OpenApiDocument } from "./document.ts";
import type { Findings } from "./findings.ts";

/**
 * Which members a document may have where. Whatever is not known is a problem, since a
 * misspelt `security` or `x-amazon-apigateway-policy` would otherwise be an open door.
 */
export interface Place {
  /** How messages call it. */
  readonly name: string;
  readonly known: ReadonlySet<string>;
  /** Known, and without effect here: named in a warning. */
  readonly ignored: ReadonlySet<string>;
  /** Guards that cannot be enforced there. */
  readonly refused: ReadonlySet<string>;
}

const VALIDATOR = "x-amazon-apigateway-request-validator";

/** API Gateway's extensions that change nothing for callers. */
const IGNORED = [
  "x-amazon-apigateway-documentation",
  "x-amazon-apigateway-integrations",
  "x-amazon-apigateway-tag-value",
];

/** Which TLS clients speak is the platform's business. */
const REFUSED = [
  "x-amazon-apigateway-auth",
  "x-amazon-apigateway-endpoint-access-mode",
  "x-amazon-apigateway-security-policy",
];

const OPENAPI = ["openapi", "jsonSchemaDialect", "servers", "webhooks", "components"];
const SWAGGER = [
  ...["swagger", "host", "basePath", "schemes", "consumes", "produces"],
  ...["definitions", "parameters", "responses", "securityDefinitions"],
];

const place = (
  name: string,
  known: readonly string[],
  refused: readonly string[] = [],
  ignored: readonly string[] = [],
): Place => ({ name, known: new Set(known), ignored: new Set(ignored), refused: new Set(refused) });

/**
 * @param version of the document: a word of the other one would be read by nobody
 * @param own extensions that become settings of the API
 */
export const rootPlace = (version: OpenApiDocument["version"], own: readonly string[]): Place =>
  place(
    "the document",
    [
      ...["info", "paths", "security", "tags", "externalDocs"],
      ...(version === "2.0" ? SWAGGER : OPENAPI),
      ...["x-amazon-apigateway-endpoint-configuration", "x-amazon-apigateway-importexport-version", ...own],
    ],
    REFUSED,
    IGNORED,
  );

/** @param methods lower-case, and the member for any method */
export const pathItemPlace = (methods: readonly string[]): Place =>
  place("a path item", [...methods, "trace", "summary", "description", "servers", "parameters"]);

/** @param own extensions that become members of the route */
export const operationPlace = (version: OpenApiDocument["version"], own: readonly string[]): Place =>
  place(
    "an operation",
    [
      ...["tags", "summary", "description", "externalDocs", "operationId", "parameters"],
      ...["responses", "deprecated", "security"],
      ...(version === "2.0" ? ["consumes", "produces", "schemes"] : ["requestBody", "callbacks", "servers"]),
      ...["x-amazon-apigateway-integration", "x-amazon-apigateway-auth", VALIDATOR, "isDefaultRoute", ...own],
    ],
    ["x-amazon-apigateway-policy"],
  );

/**
 * Names what a place does not know, cannot enforce, or leaves out.
 *
 * @param places all of a document's, one of which may know what stands at the wrong one
 */
export function checkMembers(
  members: Readonly<Record<string, unknown>>,
  at: string,
  { name: where, known, ignored, refused }: Place,
  places: readonly Place[],
  { problems, warnings }: Findings,
): void {
  for (const [name, value] of Object.entries(members)) {
    if (known.has(name) || value === undefined) continue;
    const path = at === "" ? name : `${at}.${name}`;
    if (ignored.has(name)) {
      warnings.push({ code: "key.ignored", path, message: `${name} has no effect here and is left out` });
    } else if (refused.has(name)) {
      problems.push({
        code: "security.unsupported",
        path,
        message: `${name} of ${where} cannot be enforced`,
      });
    } else if (!isForeign(name)) {
      const homes = places.filter((other) => other.known.has(name)).map((other) => other.name);
      const near = nearest(name, known);
      const hint =
        homes.length > 0 ? `it belongs in ${homes.join(" or ")}` : near && `did you mean "${near}"?`;
      problems.push({
        code: "key.unknown",
        path,
        message: `there is no key "${name}" in ${where}`,
        ...(hint === undefined ? {} : { hint }),
      });
    }
  }
}

/** Other tools' extensions. */
const isForeign = (name: string): boolean =>
  name.startsWith("x-") && !/^x-?(?:amazon-?apigateway|portico)/i.test(name);
