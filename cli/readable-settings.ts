import { checkApi } from "../src/config/check-api.ts";
import { parseJson, parseValue } from "../src/config/parse.ts";
import { ApiEntry } from "../src/config/schemas.ts";
import { record } from "../src/openapi/members.ts";

/** The text of an API's own entry, as far as it is good. */
export interface ReadableSettings {
  readonly text: string;
  /** Whether some of it, or all, is left out. */
  readonly cut: boolean;
}

/** Leaves out the members that are bad, so that an API's routes can be checked against the others. */
export function readableSettings(key: string, text: string): ReadableSettings {
  const json = parseJson(key, text);
  const members = json.ok ? record(json.value) : undefined;
  if (!members) return { text: "{}", cut: true };
  const all = Object.entries(members);
  const good = all.filter(([name, value]) => isGood(key, { [name]: value }));
  return good.length === all.length
    ? { text, cut: false }
    : { text: JSON.stringify(Object.fromEntries(good)), cut: true };
}

function isGood(key: string, member: object): boolean {
  const parsed = parseValue(key, member, ApiEntry);
  return parsed.ok && checkApi(key, parsed.value).length === 0;
}
