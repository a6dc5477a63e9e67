import { type ApiConfig, DEFAULT_STAGE } from "../src/config/api-config.ts";
import { DOMAIN_PREFIX } from "../src/config/keys.ts";
import { parseEntry } from "../src/config/parse.ts";
import { nearest, type Problem } from "../src/config/problem.ts";
import { DomainEntry } from "../src/config/schemas.ts";
import type { StoredEntries } from "./stored-entries.ts";

/**
 * Domains' mappings to what is not there, whose requests end in 403 or 404.
 *
 * @param apis the stages of each API
 */
export function checkMappings(
  entries: StoredEntries,
  apis: ReadonlyMap<string, ApiConfig["stages"]>,
): readonly Problem[] {
  return [...entries].flatMap(([key, text]) => {
    const entry = key.startsWith(DOMAIN_PREFIX) ? parseEntry(key, text, DomainEntry) : undefined;
    if (!entry?.ok) return [];
    return entry.value.mappings.flatMap(({ api, stage }, index) => {
      const place = `${key}#mappings.${index}`;
      const stages = apis.get(api);
      if (!stages) return [missing("mapping.api", `${place}.api`, `no API "${api}"`, api, apis.keys())];
      if (stage === undefined || stages.has(stage)) return [];
      const what = `no stage "${stage}" of the API "${api}"`;
      const others = [...stages.keys()].filter((name) => name !== DEFAULT_STAGE);
      return [missing("mapping.stage", `${place}.stage`, what, stage, others)];
    });
  });
}

function missing(code: string, path: string, what: string, name: string, names: Iterable<string>): Problem {
  const near = nearest(name, names);
  return {
    code,
    path,
    message: `there is ${what}: this mapping serves nothing`,
    ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
  };
}
