import { nearest, type Problem } from "../config/problem.ts";
import type { OpenApiDocument } from "./document.ts";
import type { Findings } from "./findings.ts";
import { list, type Members, record } from "./members.ts";
import type { Operation } from "./operations.ts";
import { resolve } from "./reference.ts";

/** A parameter that an operation declares. */
export interface Parameter {
  readonly name: string;
  /** OpenAPI's word: `query`, `header`, `path`, `cookie`, `body`, `formData`. */
  readonly in: string;
  readonly members: Members;
  /** Where it stands, or what refers to it. */
  readonly place: string;
}

/** Where parameters are (OpenAPI 3.0.3, 4.7.12; Swagger 2.0, "Parameter Object"). */
const IN: Readonly<Record<OpenApiDocument["version"], readonly string[]>> = {
  "2.0": ["query", "header", "path", "formData", "body"],
  "3.0": ["query", "header", "path", "cookie"],
  "3.1": ["query", "header", "path", "cookie"],
};

/** The place that a misspelt one nearly is. */
export function nearestPlace(where: string, version: OpenApiDocument["version"]): string | undefined {
  return IN[version].includes(where) ? undefined : nearest(where, IN[version]);
}

/** Parameters that say they are where none can be. */
export function unknownPlaces(
  parameters: readonly Parameter[],
  { version }: OpenApiDocument,
): readonly Problem[] {
  return parameters.flatMap(({ name, in: where, place }) => {
    if (IN[version].includes(where)) return [];
    const near = nearestPlace(where, version);
    return [
      {
        code: "parameter.place",
        path: place,
        message: `the parameter ${name} is in "${where}", where no parameter is`,
        hint: near === undefined ? `there is ${IN[version].join(", ")}` : `did you mean "${near}"?`,
      },
    ];
  });
}

/** An operation's parameters and its path item's, of which it may have its own in place (OpenAPI 3.0.3, 4.7.9). */
export function operationParameters(
  { root }: OpenApiDocument,
  { members, item, place, path }: Operation,
  { problems }: Findings,
): readonly Parameter[] {
  const found = new Map<string, Parameter>();
  const read = (values: unknown, at: string): void => {
    for (const [index, value] of list(values).entries()) {
      const parameter = resolve(root, value);
      const { name, in: where } = parameter ?? {};
      if (!parameter || typeof where !== "string" || typeof name !== "string" || name === "") {
        const reference = record(value)?.["$ref"];
        problems.push({
          code: "parameter.malformed",
          path: `${at}.parameters.${index}`,
          message:
            parameter || typeof reference !== "string"
              ? 'a parameter has a "name" and says where it is with "in"'
              : `there is no parameter "${reference}" in this document`,
        });
        continue;
      }
      const identity = where === "header" ? name.toLowerCase() : where === "body" ? "" : name;
      found.set(`${where} ${identity}`, {
        name,
        in: where,
        members: parameter,
        place: `${at}.parameters.${index}`,
      });
    }
  };
  read(item["parameters"], `paths.${path}`);
  read(members["parameters"], place);
  return [...found.values()];
}
