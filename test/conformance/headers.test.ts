import { expect } from "vitest";
import { api, echoFunction, gateway } from "../support/gateway.ts";
import { headersOf, isMask, type Json, record, replay, text, type Vector } from "./vectors.ts";

/** What the connection says, or an edge in between: the engine writes it, or no test can see it. */
const FROM_THE_WIRE = /^(?:host|content-length|connection|date|via)$/;

/** The recorded template: what `$input.params` gives for each header. */
function headerTemplate(printed: Json): string {
  const members = Object.keys(printed).map(
    (name) => `"${name}": "$util.escapeJavaScript($input.params('${name}'))"`,
  );
  return `{${members.join(",")}}`;
}

async function headersCase({ setup, input, expected }: Vector): Promise<void> {
  const type = text(setup["integration"]);
  const echo = echoFunction();
  const { backend_body: body } = expected;
  const printed = typeof body === "object" && body !== null ? record(body) : undefined;
  const integration = {
    type,
    uri: type.startsWith("AWS") ? "echo" : "https://echo.test/",
    httpMethod: text(setup["integrationHttpMethod"]) || "POST",
    requestParameters: setup["requestParameters"] ?? {},
    ...(printed && { requestTemplates: { "application/json": headerTemplate(printed) } }),
    responses: { default: { statusCode: 200, responseParameters: setup["responseParameters"] ?? {} } },
  };
  const subject = await gateway(api({ "ANY /test": integration }, { protocol: "REST", strict: true }), {
    functions: { echo: echo.module },
    // The recorded backend: an echo server that says who it is.
    origin: () =>
      Response.json(
        { echoed: true },
        {
          headers: {
            "access-control-allow-credentials": "true",
            "access-control-allow-origin": "*",
            connection: "keep-alive",
            "content-length": "15",
            date: "Wed, 11 Dec 2024 15:28:47 GMT",
            server: "gunicorn/19.9.0",
          },
        },
      ),
  });
  const headers = headersOf(input["headers"]);
  // The connection's own; the engine takes it off before a Worker sees a request.
  headers.delete("transfer-encoding");
  const response = await subject.fetch("/test", { method: text(input["method"]) || "GET", headers });
  const answered: unknown = await response.json();
  expect(response.status).toBe(expected["status"] ?? 200);
  if (expected["json"] !== undefined) expect(answered).toEqual(expected["json"]);
  expectSome(response.headers, record(expected["headers"]));
  const { backend_headers: backend, client_response_headers: client } = expected;
  if (typeof backend === "object" && backend !== null) {
    const seen =
      type === "AWS_PROXY" ? headersOf(record(echo.events.at(-1))["headers"]) : subject.lastSent.headers;
    expectSame(seen, record(backend));
  }
  if (printed && (type === "HTTP" || type === "AWS")) {
    const sent: unknown =
      type === "AWS" ? echo.events.at(-1) : JSON.parse(new TextDecoder().decode(subject.lastSent.body));
    expectPrinted(record(sent), printed);
  }
  if (typeof client === "object" && client !== null) expectSame(response.headers, record(client));
  for (const [name, value] of Object.entries(record(expected["header_contains"]))) {
    const seen = text(record(record(echo.events.at(-1))["headers"])["X-Amzn-Trace-Id"]);
    expect(seen, name).toContain(value);
    expect(seen).toMatch(/;Parent=[0-9a-f]{16};/);
    if (expected["second_part_not"] !== undefined) expect(seen).not.toContain(expected["second_part_not"]);
  }
}

function expectSome(actual: Headers, expected: Json): void {
  for (const [name, value] of Object.entries(expected)) {
    if (FROM_THE_WIRE.test(name.toLowerCase()) || isMask(value)) continue;
    expect(actual.get(name), name).toBe(value);
  }
}

/** What mappings see; an edge in front of the recorded API added `Via`. */
function expectPrinted(sent: Json, printed: Json): void {
  for (const [name, value] of Object.entries(printed)) {
    if (isMask(value)) expect(sent[name], name).not.toBe("");
    else expect(sent[name], name).toBe(value);
  }
}

/** The same names, and where they do not differ from run to run the same values. */
function expectSame(actual: Headers, expected: Json): void {
  const names = (keys: Iterable<string>): string[] =>
    [...keys]
      .map((name) => name.toLowerCase())
      .filter((name) => !FROM_THE_WIRE.test(name) && name !== "x-portico-hops")
      .sort();
  expect(names(actual.keys())).toEqual(names(Object.keys(expected)));
  for (const [name, value] of Object.entries(expected)) {
    // The echo server's length is that of its own answer.
    if (FROM_THE_WIRE.test(name.toLowerCase()) || isMask(value) || /content-length$/i.test(name)) continue;
    expect(actual.get(name), name).toBe(value);
  }
}

replay("headers", headersCase);
