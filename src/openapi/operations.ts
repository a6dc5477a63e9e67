import { DEFAULT_ROUTE } from "../config/route-key.ts";
import { type Members, record } from "./members.ts";

export const METHODS = ["get", "put", "post", "delete", "options", "head", "patch"] as const;
export const ANY_METHOD = "x-amazon-apigateway-any-method";
export const INTEGRATION = "x-amazon-apigateway-integration";

/** One route of a document. */
export interface Operation {
  readonly routeKey: string;
  readonly members: Members;
  /** Where it stands: `paths./pets.get`. */
  readonly place: string;
  /** The path as the document has it, and what stands there for all its methods. */
  readonly path: string;
  readonly item: Members;
}

/** The operations of a path item. */
export function operations(path: string, item: unknown): readonly Operation[] {
  const members = record(item) ?? {};
  const isDefault = path === `/${DEFAULT_ROUTE}`;
  return [...METHODS, ANY_METHOD].flatMap((name) => {
    const operation = record(members[name]);
    if (!operation) return [];
    const method = name === ANY_METHOD ? "ANY" : name.toUpperCase();
    const routeKey = isDefault && method === "ANY" ? DEFAULT_ROUTE : `${method} ${path}`;
    return [{ routeKey, members: operation, place: `paths.${path}.${name}`, path, item: members }];
  });
}
