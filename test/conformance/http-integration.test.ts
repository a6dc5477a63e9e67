import { expect } from "vitest";
import { responseChoices } from "../../src/integrations/custom/integration-responses.ts";
import { api, gateway, type Sent } from "../support/gateway.ts";
import { headersOf, isMask, type Json, list, record, replay, text, type Vector } from "./vectors.ts";

/** What the recording's backend (a Lambda URL, an echo server) or the wire wrote by itself. */
const FROM_THE_WIRE = /^(?:host|content-length|accept-encoding|x-amzn-tls-|x-forwarded-)/;
const ECHO = "https://echo.test";

/** `integrationResponses` as the OpenAPI extension writes them: the pattern is the key. */
function responsesOf(setup: Json): Record<string, { statusCode: number }> {
  return Object.fromEntries(
    list(setup["integrationResponses"]).map((entry) => {
      const { selectionPattern, statusCode } = record(entry);
      return [text(selectionPattern) || "default", { statusCode: Number(statusCode) }];
    }),
  );
}

/** Unit cases: which of the responses a selection value chooses. */
function selectionCase({ setup, input, expected }: Vector): void {
  const chosen = responseChoices({ type: "http", responses: responsesOf(setup) }, {}).select(
    text(input["selection_value"]),
  );
  // None chosen is the 500 of the gateway cases.
  if (expected["json"] !== undefined) expect(chosen).toBeUndefined();
  else expect(String(chosen?.statusCode)).toBe(expected["status"]);
}

async function statusCase({ setup, input, expected }: Vector): Promise<void> {
  const integration = {
    type: text(setup["integration"]),
    uri: `${ECHO}/status`,
    responses: responsesOf(setup),
  };
  const subject = await gateway(api({ "GET /test": integration }, { protocol: "REST", strict: true }), {
    origin: () => new Response("{}", { status: Number(input["backend_status"]) }),
  });
  expect((await subject.fetch("/test")).status).toBe(expected["client_status"]);
}

/** Placeholders in the file's URIs: `{echo}` is the backend's URL. */
function uriOf(setup: Json): string {
  const uri = text(setup["uri"]).replace(/ \(.*\)$/, "");
  if (uri === "" || !/^https?:|^\{echo\}/.test(uri)) {
    return "variables" in setup
      ? "https://${stageVariables.TestHost}/${stageVariables.testPath}?${stageVariables.querystring}"
      : `${ECHO}/`;
  }
  return uri.replace("{echo}", `${ECHO}/`);
}

function variablesOf(setup: Json): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record(setup["variables"])).map(([name, value]) => [
      name,
      text(value).replace("{echo host}", "echo.test"),
    ]),
  );
}

async function proxyCase({ setup, input, expected }: Vector): Promise<void> {
  const resource =
    text(setup["resource"]) || (text(input["path"]) ? `ANY ${text(input["path"])}` : "ANY /test");
  const integration = {
    type: text(setup["integration"]) || "HTTP_PROXY",
    uri: uriOf(setup),
    // Recorded with an import that calls its backend by POST.
    httpMethod: text(setup["integrationHttpMethod"]) || "POST",
    requestParameters: setup["requestParameters"] ?? {},
    responses: { default: { statusCode: 200 } },
  };
  const subject = await gateway(
    {
      ...api(
        { [/^[A-Z]+ /.test(resource) ? resource : `ANY ${resource}`]: integration },
        {
          protocol: "REST",
          strict: true,
        },
      ),
      "apis/default/stages/test": { variables: variablesOf(setup) },
    },
    { origin: () => Response.json({ ok: true }) },
  );
  const target = text(input["target"]) || text(input["path"]) || "/test";
  const body = typeof input["body"] === "string" ? input["body"] : null;
  const response = await subject.fetch(`/test${target}`, {
    method: text(input["method"]),
    headers: headersOf(input["headers"]),
    body,
  });
  expect(response.status).toBe(expected["status"] ?? 200);
  if (expected["json"] !== undefined) expect(await response.json()).toEqual(expected["json"]);
  for (const [name, value] of Object.entries(record(expected["headers"]))) {
    expect(response.headers.get(name), name).toBe(value);
  }
  for (const name of Object.keys(record(expected["client_headers"]))) {
    const written = /^(?:connection|content-length|date)$/.test(name);
    if (!written) expect(response.headers.has(name), name).toBe(true);
  }
  if (response.status !== 500) expectBackend(subject.lastSent, expected);
}

function expectBackend(sent: Sent, expected: Json): void {
  const saw = record(expected["backend_saw"]);
  const args = expected["backend_args"] ?? saw["args"];
  const headers = expected["backend_headers"] ?? saw["headers"];
  const url = new URL(sent.url);
  if (args !== undefined) {
    const joined: Record<string, string> = {};
    for (const name of new Set(url.searchParams.keys())) {
      joined[name] = url.searchParams.getAll(name).join(",");
    }
    expect(joined).toEqual(args);
  }
  if (typeof saw["path"] === "string") expect(url.pathname).toBe(saw["path"]);
  if (typeof saw["method"] === "string") expect(sent.method).toBe(saw["method"]);
  const body = new TextDecoder().decode(sent.body);
  if (typeof saw["data"] === "object") expect(JSON.parse(body)).toEqual(saw["data"]);
  else if (typeof saw["data"] === "string") expect(body).toBe(saw["data"]);
  if (headers === undefined) return;
  // The gateway's own marks were cut from the recordings of http_proxy by the backend's test.
  const own = /^(?:x-amzn-trace-id|x-amzn-apigateway-api-id|x-portico-hops)$/;
  for (const [name, value] of Object.entries(record(headers))) {
    if (FROM_THE_WIRE.test(name)) continue;
    if (isMask(value) || own.test(name)) expect(sent.headers.has(name), name).toBe(true);
    else expect(sent.headers.get(name), name).toBe(text(value).replace(/<rest_api_id:\d+>/, "default"));
  }
  const extra = [...sent.headers.keys()].filter((name) => !own.test(name) && !FROM_THE_WIRE.test(name));
  expect(extra.filter((name) => !Object.hasOwn(record(headers), name))).toEqual([]);
}

replay("http_integration", (vector) => {
  if ("selection_value" in vector.input) return selectionCase(vector);
  if ("backend_status" in vector.input) return statusCase(vector);
  return proxyCase(vector);
});
