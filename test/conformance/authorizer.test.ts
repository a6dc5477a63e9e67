import { expect } from "vitest";
import { ALLOW, guarded, policy, type Setup } from "../access/function-authorizer/support.ts";
import { type Json, list, record, replay, text, type Vector } from "./vectors.ts";

const unauthorized = (): never => {
  throw new Error("Unauthorized");
};

/** The guide's example functions. */
function guardOf({ name, setup, input }: Vector): (event: Json) => unknown {
  const response = record(input["response"]);
  if (name.startsWith("REST context")) return () => ({ ...ALLOW, context: input["context"] });
  if (Object.keys(response).length > 0 && typeof input["response"] === "object") return () => response;
  if (text(input["response"]) === "iam Deny") return () => policy("Deny", "*");
  if (/^iam Allow/.test(text(input["response"]))) return (event) => policy("Allow", event["routeArn"]);
  if (setup["type"] === "TOKEN") {
    return (event) => {
      if (event["authorizationToken"] === "allow") return policy("Allow", event["methodArn"]);
      if (event["authorizationToken"] === "unauthorized") return unauthorized();
      throw new Error("Invalid token");
    };
  }
  return (event) => {
    const held =
      record(event["headers"])["headerauth1"] === "headerValue1" &&
      record(event["queryStringParameters"])["QueryString1"] === "queryValue1" &&
      record(event["stageVariables"])["StageVar1"] === "stageValue1";
    return held ? policy("Allow", event["methodArn"]) : unauthorized();
  };
}

function setupOf({ name, setup }: Vector): Setup {
  const { type, stageVariables, function: _, ...members } = setup;
  const rest = type !== undefined || name.startsWith("REST");
  return {
    protocol: rest ? "REST" : "HTTP",
    authorizer: { type: text(type).toLowerCase() || "request", ...members },
    entries: { "apis/default/stages/$default": { variables: stageVariables ?? {} } },
  };
}

replay("authorizer", async (vector) => {
  const { input, expected } = vector;
  const { subject, asked, events } = await guarded(guardOf(vector), setupOf(vector));
  const headers = new Headers({ authorization: "token" });
  if (typeof input["token"] === "string") headers.set("authorizationToken", input["token"]);
  if (typeof input["header"] === "string") headers.set("headerauth1", input["header"]);
  const query = typeof input["query"] === "string" ? `?QueryString1=${input["query"]}` : "";
  const response = await subject.fetch(`/a${query}`, { headers });
  expect(response.status).toBe(expected["status"] ?? 200);
  if (typeof expected["function_called"] === "boolean") {
    expect(asked.length > 0).toBe(expected["function_called"]);
  }
  for (const [name, value] of Object.entries(record(expected["headers"]))) {
    expect(response.headers.get(name)).toBe(value);
  }
  if (expected["context"] !== undefined) {
    const { principalId, integrationLatency, ...context } = record(
      record(events.at(-1)?.["requestContext"])["authorizer"],
    );
    expect(context).toEqual(expected["context"]);
  }
  expect(list(events)).toHaveLength(response.status === 200 ? 1 : 0);
});
