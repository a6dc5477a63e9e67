import { expect } from "vitest";
import { api, gateway } from "../support/gateway.ts";
import { replay, text, type Vector } from "./vectors.ts";

/** Each selected status has an integration response of its own, which says so in its body. */
async function mockCase({ input, expected }: Vector): Promise<void> {
  const selected = expected["selected_status"];
  const integration = {
    type: "mock",
    requestTemplates: { "application/json": text(input["request_template"]) },
    responses: {
      ...(selected === undefined
        ? {}
        : {
            [String(selected)]: {
              statusCode: 200,
              responseTemplates: { "application/json": JSON.stringify({ selected }) },
            },
          }),
      "[0-9]+": { statusCode: 299 },
    },
  };
  const subject = await gateway(api({ "GET /test": integration }, { protocol: "REST", strict: true }));
  const response = await subject.fetch("/test");
  const body: unknown = await response.json();
  expect(response.status).toBe(expected["status"] ?? 200);
  expect(body).toEqual(expected["json"] ?? { selected });
}

replay("mock", mockCase);
