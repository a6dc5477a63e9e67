import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseAuthorizer } from "../../src/config/check-authorizer.ts";
import { parseValue } from "../../src/config/parse.ts";
import { API_DEFAULTS, ApiEntry, RouteEntry } from "../../src/config/schemas.ts";
import { importOpenApi } from "../../src/openapi/import.ts";
import { checkPolicy, PolicyDocument } from "../../src/policy/schema.ts";
import { REPOSITORY } from "./support/root.ts";

const readme = readFileSync(join(REPOSITORY, "README.md"), "utf8");
const blocks = (language: string): readonly string[] =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, "g"))].map(([, text = ""]) => text);

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
  } else if (members.includes("requestParameters")) {
    const integration = { type: "http_proxy", uri: "https://origin.example", ...Object(value) };
    expect(parseValue("example", { integration }, RouteEntry)).toMatchObject({ ok: true });
  } else {
    const schema = members.includes("integration") ? RouteEntry : ApiEntry;
    expect(parseValue("example", value, schema)).toMatchObject({ ok: true });
  }
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
