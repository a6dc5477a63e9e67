import middy from "@middy/core";
import { describe, expect, test } from "vitest";
import { record } from "../conformance/vectors.ts";
import { API_KINDS, libraryGateway } from "./api-kinds.ts";

/** Middlewares as people write them: one parses, one adds headers, one turns errors into answers. */
const jsonBody = () => ({
  before: (request: { event: unknown }) => {
    const { body, isBase64Encoded } = record(request.event);
    if (typeof body === "string") {
      request.event = {
        ...record(request.event),
        body: JSON.parse(isBase64Encoded === true ? atob(body) : body),
      };
    }
  },
});

const security = () => ({
  after: (request: { response: unknown }) => {
    const response = record(request.response);
    request.response = {
      ...response,
      headers: { ...record(response["headers"]), "x-frame-options": "DENY" },
    };
  },
});

const errors = () => ({
  onError: (request: { error: Error | null; response: unknown }) => {
    request.response = { statusCode: 422, body: `handled: ${request.error?.message}` };
  },
});

const handler = middy()
  .use(errors())
  .use(jsonBody())
  .use(security())
  .handler(async (event: unknown, context: { awsRequestId: string }) => {
    const { body } = record(event);
    if (record(body)["fail"] === true) throw new Error("asked for");
    return { statusCode: 200, body: JSON.stringify({ body, id: context.awsRequestId !== "" }) };
  });

describe.each(API_KINDS)("@middy/core, unmodified, behind %s", (kind) => {
  const post = async (body: string) =>
    (await libraryGateway(kind, { handler })).fetch("/x", {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });

  test("before and after", async () => {
    const response = await post('{"a":1}');
    expect(await response.json()).toEqual({ body: { a: 1 }, id: true });
    expect(response.headers.get("x-frame-options")).toBe("DENY");
  });

  test("onError answers what the handler and another middleware threw", async () => {
    const thrown = await post('{"fail":true}');
    expect([thrown.status, await thrown.text()]).toEqual([422, "handled: asked for"]);
    expect((await post("{")).status).toBe(422);
  });
});
