import { expect } from "vitest";
import { api, callFunction, echoFunction, gateway } from "../support/gateway.ts";
import { headersOf, isMask, type Json, list, record, replay, text, type Vector } from "./vectors.ts";

/** What an edge or the wire adds, not API Gateway. */
const FROM_THE_EDGE = /^(?:cloudfront-|x-amz-cf-|via$)/i;
/** What the gateway itself says, so that no client has to have sent it. */
const FROM_THE_GATEWAY = /^(?:host|x-forwarded-|x-amzn-trace-id$|content-length$)/i;

/** Ids of an account that exists nowhere else. */
const OWN_IDS = new Set(["accountId", "apiId", "domainPrefix", "domainName"]);

function protocolOf(file: string, setup: Json): { protocol: string; payloadFormatVersion?: string } {
  if (file === "events") return { protocol: "REST" };
  const version = /1\.0/.test(text(setup["api"])) ? "1.0" : "2.0";
  return { protocol: "HTTP", payloadFormatVersion: version };
}

/** `ANY /{proxy+} -> AWS_PROXY ...`, `$default route`, or any path at all. */
function routeKeys(setup: Json, target: string): readonly string[] {
  if (typeof setup["route"] === "string") return [setup["route"]];
  const resources = list(setup["resources"]).map((line) => text(line).split(" -> ")[0] ?? "");
  if (resources.length > 0) return resources;
  if (/\$default route/.test(text(setup["api"]))) return ["$default"];
  return [`ANY ${target.split("?")[0]}`];
}

function requestBody(input: Json): BodyInit | null {
  if (typeof input["body"] === "string") return input["body"];
  const base64 = input["body_base64"];
  return typeof base64 === "string" ? Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)) : null;
}

async function eventOf(file: string, { setup, input, expected }: Vector): Promise<Json> {
  const { protocol, payloadFormatVersion } = protocolOf(file, setup);
  const target = text(input["target"]);
  const declared = text(setup["stage"]) || /stage (\w+)/.exec(text(setup["api"]))?.[1];
  const stage = protocol === "REST" ? (declared ?? target.split("/")[1] ?? "test") : "$default";
  const binary: unknown = JSON.parse(/binaryMediaTypes (\[.*?\])/.exec(text(setup["api"]))?.[1] ?? "[]");
  const echo = echoFunction();
  const integration = callFunction("echo", payloadFormatVersion ? { payloadFormatVersion } : {});
  const routes = Object.fromEntries(routeKeys(setup, target).map((key) => [key, integration]));
  const subject = await gateway(
    { ...api(routes, { protocol, binaryMediaTypes: binary }), [`apis/default/stages/${stage}`]: {} },
    { functions: { echo: echo.module } },
  );
  const headers = headersOf(input["headers"]);
  // The recording client's library sent more headers than the vector's input lists.
  for (const [name, value] of Object.entries(record(record(expected["lambda_event"])["headers"]))) {
    const own = FROM_THE_GATEWAY.test(name) || FROM_THE_EDGE.test(name) || isMask(value);
    if (!own && !headers.has(name)) headers.set(name, text(value));
  }
  const staged = stage === "$default" || target.startsWith(`/${stage}/`) ? target : `/${stage}${target}`;
  const response = await subject.fetch(staged, {
    method: text(input["method"]),
    headers,
    body: requestBody(input),
  });
  expect(response.status).toBe(200);
  return record(echo.events.at(-1));
}

/** Header maps: names without case, without what the edge adds, without what differs per run. */
function comparable(headers: unknown, like: unknown): Json {
  const masked = new Set(
    Object.entries(record(like)).flatMap(([name, value]) => (isMask(value) ? [name.toLowerCase()] : [])),
  );
  return Object.fromEntries(
    Object.entries(record(headers))
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => !FROM_THE_EDGE.test(name))
      .map(([name, value]) => [name, masked.has(name) ? "<masked>" : value]),
  );
}

/** Every member that the vector knows; null in a copy from a typed language means absent as well. */
function expectMembers(actual: Json, expected: Json, typed: boolean): void {
  for (const [name, value] of Object.entries(expected)) {
    if (isMask(value) || OWN_IDS.has(name)) {
      expect(actual, name).toHaveProperty(name);
      continue;
    }
    if (name === "headers" || name === "multiValueHeaders") {
      expect(comparable(actual[name], value), name).toEqual(comparable(value, value));
    } else if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      expectMembers(record(actual[name]), record(value), typed);
    } else if (value === null && typed) expect(actual[name] ?? null, name).toBeNull();
    else expect(actual[name], name).toEqual(value);
  }
}

async function eventCase(file: string, vector: Vector): Promise<void> {
  const event = await eventOf(file, vector);
  const whole = record(vector.expected["lambda_event"]);
  const typed = /typed/.test(text(vector.setup["note"]));
  expectMembers(event, whole, typed);
  expectMembers(event, record(vector.expected["lambda_event_partial"]), true);
  if (typed || Object.keys(whole).length === 0) return;
  // Recorded as it was on the wire: no key more and none less.
  expect(Object.keys(event).sort()).toEqual(Object.keys(whole).sort());
  expect(Object.keys(record(event["requestContext"])).sort()).toEqual(
    Object.keys(record(whole["requestContext"])).sort(),
  );
}

replay("events", (vector) => eventCase("events", vector), {
  deviations: {
    "voker live capture REST":
      "the engine joins repeated header lines with a comma, so they cannot be told from one line",
  },
});

replay("httpapi_events", (vector) => eventCase("httpapi_events", vector), {
  deviations: {
    "voker live capture HTTP API 2.0":
      "the engine joins repeated header lines with a comma and a blank, API Gateway without the blank",
  },
});
