import * as v from "valibot";
import { expect } from "vitest";
import { GatewayResponses } from "../../src/config/gateway-response-schema.ts";
import { REST } from "../../src/gateway-responses/catalogue.ts";
import type { GatewayResponseType } from "../../src/gateway-responses/gateway-error.ts";
import { customisedAs } from "../../src/gateway-responses/own-response.ts";
import { type Json, record, replay, text, type Vector } from "./vectors.ts";

const TEMPLATE = { "application/json": '{"message":$context.error.messageString}' };

function typeOf(value: unknown): GatewayResponseType {
  const type = Object.keys(REST).find((name): name is GatewayResponseType => name === value);
  if (type === undefined) throw new Error(`no type: ${text(value)}`);
  return type;
}

/** What API Gateway shows of a stored entry as it was put: without what it has by default. */
function put({ responseType, defaultResponse: _, ...entry }: Json): [string, unknown] {
  const { responseTemplates, statusCode, ...rest } = entry;
  const templates =
    JSON.stringify(responseTemplates) === JSON.stringify(TEMPLATE) ? {} : { responseTemplates };
  const status = statusCode === String(REST[typeOf(responseType)].status) ? {} : { statusCode };
  return [text(responseType), { ...rest, ...templates, ...status }];
}

/** What API Gateway's GetGatewayResponse shows of a type. */
function shown(type: GatewayResponseType, customised: unknown): Json {
  const responses = v.parse(GatewayResponses, customised);
  const from = customisedAs(type, responses);
  const entry = from === undefined ? undefined : responses[from];
  const templates = entry?.responseTemplates ?? {};
  const status = entry?.statusCode ?? (type.startsWith("DEFAULT_") ? undefined : REST[type].status);
  return {
    defaultResponse: entry === undefined,
    responseParameters: entry?.responseParameters ?? {},
    responseTemplates: Object.keys(templates).length > 0 ? templates : TEMPLATE,
    responseType: type,
    ...(status === undefined ? {} : { statusCode: String(status) }),
  };
}

function responseCase({ input, expected }: Vector): void {
  const stored = record(expected["stored"]);
  if ("responseType" in stored) {
    expect(shown(typeOf(stored["responseType"]), Object.fromEntries([put(stored)]))).toEqual(stored);
    return;
  }
  const customised = Object.values(record(input["customised"])).map((entry) => put(record(entry)));
  expect(shown(typeOf(input["type"]), Object.fromEntries(customised))).toEqual(expected);
}

replay("gateway_responses", responseCase, {
  deviations: {
    "effective after DEFAULT_5XX(599, params, template) and AUTHORIZER_FAILURE(header only): MISSING_AUTHENTICATION_TOKEN":
      "the recorded API had customised this type as well, with the same template, which the vector's input leaves out",
  },
});
