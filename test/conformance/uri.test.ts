import { expect } from "vitest";
import { fillStageVariables } from "../../src/config/integration-uri.ts";
import { compileUri } from "../../src/integrations/http/uri.ts";
import { record, replay, text, type Vector } from "./vectors.ts";

const strings = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(record(value)).map(([name, entry]) => [name, text(entry)]));

/** Variables first, then path parameters, as the integrations do; an ARN has variables only. */
function uriCase({ input, expected }: Vector): void {
  const uri = text(input["uri"]);
  const variables = strings(input["stageVariables"]);
  const parameters = strings(input["integration_path_parameters"]);
  expect(
    "integration_path_parameters" in input
      ? compileUri(uri, variables)?.fill((name) => parameters[name])
      : fillStageVariables(uri, variables),
  ).toBe(expected["uri"]);
}

replay("uri", uriCase);
