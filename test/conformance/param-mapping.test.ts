import * as v from "valibot";
import { expect } from "vitest";
import type { Call } from "../../src/call.ts";
import { UsagePlanEntry } from "../../src/config/api-key-schema.ts";
import { GatewayError } from "../../src/gateway-responses/gateway-error.ts";
import { errorResponse } from "../../src/gateway-responses/respond.ts";
import { compileMapping, mapRequest } from "../../src/mapping/parameters/rest-request.ts";
import { compileResponseMapping } from "../../src/mapping/parameters/rest-response.ts";
import { callOf } from "../access/function-authorizer/support.ts";
import { stageOf } from "../support/stage.ts";
import { headersOf, type Json, record, replay, text, type Vector } from "./vectors.ts";

const runtime = {
  fetchOrigin: () => Promise.reject(new Error("none")),
  loadFunction: () => Promise.reject(new Error("none")),
  functionEnv: {},
  showReasons: false,
};

const strings = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(record(value)).map(([name, entry]) => [name, text(entry)]));

/** A call that the vector's `context` is true of. */
function callWith(request: Json, context: Json, variables: Readonly<Record<string, string>>): Call {
  const identity = record(context["identity"]);
  const stage = stageOf(text(context["apiId"]), { protocol: "REST" }, variables);
  const headers = headersOf(request["headers"]);
  headers.set("user-agent", text(identity["userAgent"]));
  const path = text(request["path"]) || "/test";
  const call = callOf(stage, runtime, { path, key: "POST /test/{path_value}", headers });
  const usagePlan = v.parse(UsagePlanEntry, { apiStages: [] });
  return {
    ...call,
    query: text(request["query"]),
    route: { ...call.route, parameters: strings(request["path_params"]) },
    caller: { apiKey: { id: "k", value: text(identity["apiKey"]), plan: "p", usagePlan } },
  };
}

function requestCase({ input, expected }: Vector): Promise<void> | void {
  const request = record(input["request"]);
  const variables = strings(request["stageVariables"]);
  const call = callWith(request, record(request["context"]), variables);
  const mapping = compileMapping(strings(input["requestParameters"]), variables);
  const headers = new Headers();
  const mapped = () => mapRequest(mapping, call, headers, text(request["body"]));
  if (expected["status"] !== undefined) return expectRefusal(mapped, expected);
  const { path, query } = mapped();
  expect(Object.fromEntries(headers)).toEqual(record(expected["header"]));
  expect(Object.fromEntries(new URLSearchParams(query))).toEqual(record(expected["querystring"]));
  expect({ ...path }).toEqual(record(expected["path"]));
}

function responseCase({ input, expected }: Vector): Promise<void> | void {
  const variables = strings(input["stageVariables"]);
  const answered = record(input["integration_response"]);
  const lines = Array.isArray(answered["headers"])
    ? answered["headers"].map((line: unknown) => Object.values(record(line)).map(String))
    : Object.entries(strings(answered["headers"]));
  const call = callWith({}, record(input["context"]), variables);
  const mapping = compileResponseMapping(strings(input["responseParameters"]), variables, (name) => name);
  const mapped = () =>
    mapping.read(call, {
      headers: (name) => lines.filter(([key]) => key === name).map(([, value = ""]) => value),
      body: text(answered["body"]),
    });
  if (expected["status"] !== undefined) return expectRefusal(mapped, expected);
  expect(Object.fromEntries(mapped())).toEqual(record(expected["header"]));
}

async function expectRefusal(mapped: () => unknown, expected: Json): Promise<void> {
  let thrown: unknown;
  try {
    mapped();
  } catch (error) {
    thrown = error;
  }
  if (!(thrown instanceof GatewayError)) throw new Error(`no refusal: ${String(thrown)}`);
  const response = errorResponse(thrown, { protocol: "REST", requestId: "r", extendedRequestId: "e" });
  expect(response.status).toBe(expected["status"]);
  expect(await response.json()).toEqual(expected["json"]);
}

replay("param_mapping", (vector) =>
  vector.input["side"] === "response" ? responseCase(vector) : requestCase(vector),
);
