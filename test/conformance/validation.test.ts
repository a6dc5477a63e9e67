import { expect } from "vitest";
import { answerWith, gateway } from "../support/gateway.ts";
import { headersOf, type Json, record, replay, text, type Vector } from "./vectors.ts";

const BOTH = { validateRequestBody: true, validateRequestParameters: true };

/** Routes and models of a case, as KV entries of the API `default`. */
function entriesOf({ setup, input }: Vector): Json {
  if (setup["openapi"] !== undefined) return guideEntries(setup);
  const path = text(setup["resource"]) || "/path";
  const requestModels: Record<string, string> = {};
  const models = new Map(Object.entries(record(setup["models"])));
  for (const [type, model] of Object.entries(record(setup["requestModels"]))) {
    requestModels[type] = typeof model === "string" ? model : "Inline";
    if (typeof model !== "string") models.set("Inline", model);
  }
  const { params, body } = record(setup["validator"]);
  return {
    ...modelEntries(models),
    [`apis/default/routes/${text(input["method"])} ${path}`]: {
      integration: answerWith('{"data":"ok"}'),
      requestValidator: { validateRequestBody: body === true, validateRequestParameters: params === true },
      requestParameters: record(setup["requestParameters"]),
      requestModels,
    },
  };
}

/** The developer guide's sample, as its summary in the vectors has it. */
function guideEntries(setup: Json): Json {
  const { model } = record(setup["POST /validation"]);
  const route = { integration: answerWith('{"data":"ok"}') };
  return {
    ...modelEntries(new Map([["Pet", model]])),
    "apis/default/routes/POST /validation": {
      ...route,
      requestValidator: BOTH,
      requestParameters: { "method.request.header.h1": true },
      requestModels: { "application/json": "Pet" },
    },
    "apis/default/routes/GET /validation": {
      ...route,
      requestValidator: { validateRequestParameters: true },
      requestParameters: { "method.request.querystring.q1": true },
    },
  };
}

const modelEntries = (models: ReadonlyMap<string, unknown>): Json =>
  Object.fromEntries([...models].map(([name, schema]) => [`apis/default/models/${name}`, { schema }]));

replay("validation", async (vector) => {
  const { input, expected } = vector;
  const subject = await gateway({ "apis/default": { protocol: "REST" }, ...entriesOf(vector) });
  const { body } = input;
  const response = await subject.fetch(text(input["path"]), {
    method: text(input["method"]),
    headers: headersOf(input["headers"]),
    ...(typeof body === "string" ? { body } : {}),
  });
  expect(response.status).toBe(expected["status"]);
  const answer: unknown = await response.json();
  if (expected["json"] !== undefined) expect(answer).toEqual(expected["json"]);
});
