import { expect } from "vitest";
import { responseChoices } from "../../src/integrations/custom/integration-responses.ts";
import { TemplateContext } from "../../src/mapping/template/context.ts";
import { api, gateway } from "../support/gateway.ts";
import { list, record, replay, text, type Vector } from "./vectors.ts";

const EMPTY = {
  body: "",
  params: () => ({ path: {}, querystring: {}, header: {} }),
  context: new TemplateContext(() => ({})),
  stageVariables: {},
};

/** Each template says its name, and is chosen or not. */
const named = (types: readonly unknown[]): Record<string, string> =>
  Object.fromEntries(types.map((type) => [text(type), `transformed by ${nameOf(type)}`]));

/** In a template `$default` would be a reference. */
const nameOf = (type: unknown): string => text(type).replace("$", "");

function responseCase({ input, expected }: Vector): void {
  const responses = { default: { statusCode: 200, responseTemplates: named(list(input["templates"])) } };
  const template = responseChoices({ type: "http", responses }, {})
    .select("200")
    ?.template(typeof input["accept"] === "string" ? input["accept"] : null);
  const wanted = expected["template"];
  if (wanted === null) expect(template).toBeUndefined();
  else expect(template?.render(EMPTY)).toBe(`transformed by ${nameOf(wanted)}`);
}

async function requestCase({ input, expected }: Vector): Promise<void> {
  const types = list(input["templates"]);
  const integration = {
    type: "http",
    uri: "https://origin.test/",
    requestTemplates: named(types),
    passthroughBehavior: text(input["passthroughBehavior"]),
    responses: { default: { statusCode: 200 } },
  };
  const subject = await gateway(api({ "POST /a": integration }, { protocol: "REST", strict: true }));
  // A text would bring a content type of its own.
  const body = typeof input["body"] === "string" ? new TextEncoder().encode(input["body"]) : null;
  const contentType = input["content_type"];
  const response = await subject.fetch("/a", {
    method: "POST",
    body,
    headers: typeof contentType === "string" ? { "content-type": contentType } : {},
  });
  expect(response.status).toBe(expected["status"] ?? 200);
  if (expected["json"] !== undefined) expect(await response.json()).toEqual(record(expected["json"]));
  if (expected["result"] !== "transformed") return;
  expect(new TextDecoder().decode(subject.lastSent.body)).toBe(`transformed by ${nameOf(types[0])}`);
}

replay("passthrough", (vector) =>
  vector.input["side"] === "response" ? responseCase(vector) : requestCase(vector),
);
