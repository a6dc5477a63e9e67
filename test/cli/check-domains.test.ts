import { expect, test } from "vitest";
import { checkMappings } from "../../cli/check-domains.ts";
import type { StageConfig } from "../../src/config/api-config.ts";
import { API_DEFAULTS } from "../../src/config/schemas.ts";

const stage = (name: string): StageConfig => ({
  ...{ api: "shop", stage: name, settings: API_DEFAULTS, variables: {}, routes: [], deployment: "auto" },
  ...{ authorizers: new Map(), models: new Map(), broken: false, problems: [] },
  limits: { stage: [], defaultRoute: undefined, routes: new Map(), account: [] },
});
const APIS = new Map([["shop", new Map(["live", "beta"].map((name) => [name, stage(name)]))]]);

const found = (...mappings: readonly object[]) =>
  checkMappings(new Map([["domains/a.test", JSON.stringify({ mappings })]]), APIS);

test("mappings to what is there are fine", () => {
  expect(found({ api: "shop" }, { api: "shop", stage: "live", basePath: "a" })).toEqual([]);
});

test("a mapping to an API or a stage that is not there is named, with what is nearly called so", () => {
  expect(found({ api: "shp" }, { api: "shop", stage: "bet" }, { api: "shop", stage: "$default" })).toEqual([
    {
      code: "mapping.api",
      path: "domains/a.test#mappings.0.api",
      message: 'there is no API "shp": this mapping serves nothing',
      hint: 'did you mean "shop"?',
    },
    {
      code: "mapping.stage",
      path: "domains/a.test#mappings.1.stage",
      message: 'there is no stage "bet" of the API "shop": this mapping serves nothing',
      hint: 'did you mean "beta"?',
    },
    {
      code: "mapping.stage",
      path: "domains/a.test#mappings.2.stage",
      message: 'there is no stage "$default" of the API "shop": this mapping serves nothing',
    },
  ]);
});

test("entries that do not parse, and those of other kinds, are others' business", () => {
  const entries = new Map([
    ["domains/a.test", "{"],
    ["apis/shop", '{"mappings":[{"api":"none"}]}'],
  ]);
  expect(checkMappings(entries, APIS)).toEqual([]);
});
