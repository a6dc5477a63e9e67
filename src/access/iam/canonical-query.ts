import { encodeQueryPart } from "./encode.ts";

/** One parameter; name and value in the encoding that is signed. */
export interface QueryParameter {
  readonly name: string;
  readonly value: string;
}

const NONE: readonly QueryParameter[] = [];

/** @param query as it was sent, without `?` */
export function queryParameters(query: string): readonly QueryParameter[] {
  if (query === "") return NONE;
  const parameters: QueryParameter[] = [];
  for (const part of query.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    parameters.push(
      equals < 0
        ? { name: encodeQueryPart(part), value: "" }
        : { name: encodeQueryPart(part.slice(0, equals)), value: encodeQueryPart(part.slice(equals + 1)) },
    );
  }
  return parameters;
}

/** Sorted by name, then by value; never as `name=value`, where `a-b` would stand before `a`. */
export function canonicalQuery(parameters: readonly QueryParameter[]): string {
  if (parameters.length === 0) return "";
  return [...parameters]
    .sort(byNameThenValue)
    .map(({ name, value }) => `${name}=${value}`)
    .join("&");
}

function byNameThenValue(a: QueryParameter, b: QueryParameter): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}
