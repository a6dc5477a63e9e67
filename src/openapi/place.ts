import type { RouteEntry } from "../config/schemas.ts";
import { list, record } from "./members.ts";
import { INTEGRATION } from "./operations.ts";
import { at, pointerTokens } from "./reference.ts";
import { ROUTE_MEMBERS } from "./route.ts";
import { AUTHORIZER, OWN_AUTHORIZER } from "./security-schemes.ts";
import { VALIDATOR } from "./settings.ts";

/** Where an operation says what its route's entry says. */
const OPERATION_MEMBERS: Readonly<Partial<Record<keyof RouteEntry, string>>> = {
  ...Object.fromEntries(Object.entries(ROUTE_MEMBERS).map(([extension, name]) => [name, extension])),
  integration: INTEGRATION,
  authorizer: "security",
  authorizationScopes: "security",
  apiKeyRequired: "security",
  requestValidator: VALIDATOR,
  requestParameters: "parameters",
  requestModels: "requestBody",
  operationName: "operationId",
};

/**
 * The keys that lead to a problem's place in a document, as far as it goes: names may have dots
 * in them, and what a reference names stands elsewhere.
 *
 * @param document as parsed
 * @param place `paths./pets.get#integration.uri`, `components.schemas.Pet#schema.type`, `info.title`
 */
export function placeKeys(document: unknown, place: string): readonly string[] {
  const split = place.indexOf("#");
  if (split < 0) return walk(document, [], place);
  const outer = walk(document, [], place.slice(0, split));
  const inner = place.slice(split + 1);
  const [name = ""] = inner.split(".");
  const rest = inner.slice(name.length + 1);
  const said: string | undefined = Object.entries(OPERATION_MEMBERS).find(([own]) => own === name)?.[1];
  const candidates =
    said !== undefined && place.startsWith("paths.") && name !== "schema"
      ? [dotted(said, rest)]
      : name === "schema"
        ? [rest]
        : [dotted(AUTHORIZER, inner), dotted(OWN_AUTHORIZER, inner), inner];
  const paths = candidates.map((candidate) => walk(document, outer, candidate));
  return paths.find((path) => path !== outer) ?? outer;
}

const dotted = (...names: readonly string[]): string => names.filter((name) => name !== "").join(".");

function walk(document: unknown, from: readonly string[], text: string): readonly string[] {
  let keys = from;
  let rest = text;
  for (let steps = 0; steps < 300 && rest !== ""; steps++) {
    const value = at(document, keys);
    const names = Array.isArray(value)
      ? list(value).map((_, index) => String(index))
      : Object.keys(record(value) ?? {});
    const [name] = names
      .filter((own) => rest === own || rest.startsWith(`${own}.`))
      .sort((a, b) => b.length - a.length);
    if (name !== undefined) {
      keys = [...keys, name];
      rest = rest.slice(name.length + 1);
      continue;
    }
    const reference = record(value)?.["$ref"];
    const target = typeof reference === "string" ? pointerTokens(reference) : undefined;
    if (!target || at(document, target) === undefined) break;
    keys = target;
  }
  return keys;
}
