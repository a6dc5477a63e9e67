import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseAuthorizer } from "../../src/config/check-authorizer.ts";
import { checkRoute } from "../../src/config/check-route.ts";
import { INTEGRATION_TYPES } from "../../src/config/integration-types.ts";
import { parseEntryKey } from "../../src/config/keys.ts";
import { parseValue } from "../../src/config/parse.ts";
import { API_DEFAULTS, ApiEntry, RouteEntry, StageEntry } from "../../src/config/schemas.ts";
import { SERVICE_TYPES } from "../../src/config/service-schema.ts";
import { SUBTYPES } from "../../src/config/subtype-operations.ts";
import { ModelEntry } from "../../src/config/validation-schema.ts";
import { importOpenApi } from "../../src/openapi/import.ts";
import { checkPolicy, PolicyDocument } from "../../src/policy/schema.ts";
import { REPOSITORY } from "./support/root.ts";

const readme = readFileSync(join(REPOSITORY, "README.md"), "utf8");
const docs = readdirSync(join(REPOSITORY, "docs"))
  .filter((name) => name.endsWith(".md"))
  .map((name) => readFileSync(join(REPOSITORY, "docs", name), "utf8"));
const all = [readme, ...docs].join("\n");
const blocks = (language: string): readonly string[] =>
  [...all.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, "g"))].map(([, text = ""]) => text);

/** README's examples are what its readers copy, so each of them has to be good as it stands. */
test.each(blocks("yaml"))("README's OpenAPI example is good: %s", (text) => {
  const example: unknown = parse(text);
  const { problems } = importOpenApi({ openapi: "3.0.1", paths: {}, ...Object(example) });
  expect(problems).toEqual([]);
});

test.each(blocks("json"))("README's entry is good: %s", (text) => {
  const value: unknown = JSON.parse(text);
  const members = Object.keys(Object(value));
  const settings = { ok: true, value: API_DEFAULTS } as const;
  if (members.includes("type")) {
    expect(parseAuthorizer("example", { ok: true, value }, settings)).toMatchObject({ ok: true });
  } else if (members.includes("Statement")) {
    const parsed = parseValue("example", value, PolicyDocument);
    expect(parsed).toMatchObject({ ok: true });
    if (parsed.ok) expect(checkPolicy("example", parsed.value, "identity")).toEqual([]);
  } else if (members.includes("requestParameters") && !members.includes("integration")) {
    const integration = { type: "http_proxy", uri: "https://origin.example", ...Object(value) };
    expect(parseValue("example", { integration }, RouteEntry)).toMatchObject({ ok: true });
  } else {
    const schema = members.includes("integration") ? RouteEntry : ApiEntry;
    expect(parseValue("example", value, schema)).toMatchObject({ ok: true });
  }
});

/** Entries as the shell function of README writes them. */
const puts = [...all.matchAll(/^put '([^']+)' (?:\\\n *)?'([^']+)'/gm)].map(
  ([, key = "", json = ""]) => [key, json] as const,
);

test.each(puts)("README's `put %s` is good", (key, json) => {
  const value: unknown = JSON.parse(json);
  const { kind } = parseEntryKey(key) ?? {};
  if (kind === "api") expect(parseValue(key, value, ApiEntry)).toMatchObject({ ok: true });
  else if (kind === "stages") expect(parseValue(key, value, StageEntry)).toMatchObject({ ok: true });
  else if (kind === "models") expect(parseValue(key, value, ModelEntry)).toMatchObject({ ok: true });
  else {
    const entry = parseValue(key, value, RouteEntry);
    if (!entry.ok) throw new Error(JSON.stringify(entry.problems));
    const api = parseValue("api", { requestValidators: { all: {} } }, ApiEntry);
    const pet = parseValue("model", { schema: {} }, ModelEntry);
    if (api.ok)
      expect(checkRoute(key, entry.value, api.value, new Map(), new Map([["Pet", pet]]))).toEqual([]);
  }
});

test("README has an entry for each integration", () => {
  const shown = puts.map(([, json]) => json).join("\n");
  for (const type of [...INTEGRATION_TYPES, ...SERVICE_TYPES]) expect(shown).toContain(`"type":"${type}"`);
  for (const subtype of Object.keys(SUBTYPES)) expect(shown).toContain(`"${subtype}"`);
});

test("README shows each kind of authorizer", () => {
  for (const name of [
    "jwt",
    "cognito_user_pools",
    "request",
    "token",
    "AWS_IAM",
    "apiKeyRequired",
    "policy",
  ]) {
    expect(readme).toContain(name);
  }
});
