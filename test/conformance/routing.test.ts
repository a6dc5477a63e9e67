import { expect } from "vitest";
import { answerWith, api, callFunction, echoFunction, gateway, proxyTo } from "../support/gateway.ts";
import { list, record, replay, text, type Vector } from "./vectors.ts";

interface Route {
  readonly key: string;
  /** What the vector calls it: `F3`. */
  readonly label: string;
  /** The body that its mock answers, when the vector gives one. */
  readonly message: string | undefined;
}

/** `POST /test -> "text"`, `F1 ANY /x`, `/foo/bar`, `$default`: all the spellings of the file. */
function parseRoute(line: string): Route {
  const [head = "", message] = line.replace(/ \((?!.*->).*\)$/, "").split(" -> ");
  const words = head.replace(/ \(.*\)$/, "").split(" ");
  const path = words.at(-1) ?? "";
  const method = words.at(-2);
  const isMethod = method !== undefined && /^[A-Z]+$/.test(method);
  const key = path.startsWith("/") ? `${isMethod ? method : "ANY"} ${path}` : path;
  const label = words.length > 2 ? (words[0] ?? key) : key;
  return { key, label, message: message?.replace(/ \(.*\)$/, "").replace(/^"(.*)"$/, "$1") };
}

function routesOf({ setup }: Vector): readonly Route[] {
  const lines = setup["resources"] ?? setup["routes"] ?? setup["resources_in_order"];
  if (Array.isArray(lines)) return lines.map((line) => parseRoute(text(line)));
  return Object.entries(record(lines)).flatMap(([path, methods]) =>
    list(methods).map((method) => parseRoute(`${text(method)} ${path}`)),
  );
}

function mockFor({ message }: Route): unknown {
  if (message === undefined) return undefined;
  return answerWith(message.startsWith("{") ? message : JSON.stringify({ statusCode: 200, message }));
}

async function routeCase(vector: Vector): Promise<void> {
  const { setup, input, expected } = vector;
  const protocol = text(setup["kind"]).startsWith("HTTP") ? "HTTP" : "REST";
  const routes = routesOf(vector);
  const echo = echoFunction();
  const integrations = Object.fromEntries(
    routes.map((route) => [route.key, mockFor(route) ?? callFunction("echo")]),
  );
  const stage = text(setup["stage"]) || (protocol === "REST" ? "test" : "$default");
  const subject = await gateway(
    { ...api(integrations, { protocol }), [`apis/default/stages/${stage}`]: {} },
    { functions: { echo: echo.module } },
  );
  const prefix = stage === "$default" ? "" : `/${stage}`;
  const response = await subject.fetch(`${prefix}${text(input["path"])}`, { method: text(input["method"]) });
  const body: unknown = await response.json();
  const event = record(echo.events.at(-1));
  if (expected["status"] !== undefined) expect(response.status).toBe(expected["status"]);
  if (expected["message"] !== undefined) expect(body).toMatchObject({ message: expected["message"] });
  if (expected["json"] !== undefined) expect(body).toEqual(expected["json"]);
  if (expected["routeKey"] !== undefined) expect(event["routeKey"]).toBe(expected["routeKey"]);
  if ("resource" in expected) expect(event["resource"] ?? null).toBe(expected["resource"]);
  if ("path_parameters" in expected) {
    const none = expected["path_parameters"] === null;
    if (none) expect(echo.events).toEqual([]);
    else expect(record(event["pathParameters"])).toEqual(expected["path_parameters"]);
  }
  if ("route" in expected) {
    const matched = routes.find(({ key }) => key === event["routeKey"])?.label ?? null;
    expect(matched).toBe(expected["route"]);
  }
  if (expected["resource"] === null) expect(response.status).toBe(403);
  if (expected["route"] === null) expect(response.status).toBe(404);
}

/** Mapping path to the name of an API ("API 2"), at one domain. */
async function mappingCase({ setup, input, expected }: Vector): Promise<void> {
  const entries: Record<string, unknown> = {};
  const mappings = Object.entries(record(setup["mappings"])).map(([key, name]) => {
    const id = text(name).toLowerCase().replaceAll(" ", "-");
    Object.assign(entries, api({ $default: answerWith(JSON.stringify({ api: name })) }, undefined, id));
    return { basePath: key === "(none)" ? "" : key, api: id };
  });
  entries[`domains/${text(setup["domain"])}`] = { mappings };
  const subject = await gateway(entries);
  const response = await subject.fetch(text(input["path"]), { host: text(input["host"]) });
  if (expected["api"] === null || expected["api"] === undefined) expect(response.status).toBe(403);
  else expect(await response.json()).toEqual({ api: expected["api"] });
}

async function integrationUrlCase({ setup, input, expected }: Vector): Promise<void> {
  const uri = text(setup["uri"]);
  const integration = proxyTo(uri, { requestParameters: setup["requestParameters"] ?? {} });
  const stage = text(setup["stage"]) || "test";
  const subject = await gateway({
    ...api({ [text(setup["resource"])]: integration }, { protocol: "REST", strict: true }),
    [`apis/default/stages/${stage}`]: {},
  });
  await subject.fetch(text(input["target"]), { method: text(input["method"]) });
  expect(subject.lastSent.url).toBe(expected["integration_url"]);
}

/** `{stage}` and `{basePath}` in the expectation stand for the names in use. */
async function customDomainCase({ setup, input, expected }: Vector): Promise<void> {
  const path = text(input["resource path"]);
  const onDomain = setup["basePath"] !== null;
  const basePath = /^[a-z{]/i.test(text(setup["basePath"])) ? "base" : "";
  const stage = text(setup["mappingStage"]) === "" ? undefined : "dev";
  const echo = echoFunction();
  const mapping = { basePath, api: "default", ...(stage === undefined ? {} : { stage }) };
  const subject = await gateway(
    {
      ...api({ [`GET ${path}`]: callFunction("echo") }, { protocol: "REST" }),
      "apis/default/stages/dev": {},
      "domains/shop.example.com": { mappings: [mapping] },
    },
    { functions: { echo: echo.module } },
  );
  const target = `${basePath === "" ? "" : "/base"}${stage === undefined ? "/dev" : ""}${path}`;
  await subject.fetch(target, { host: onDomain ? "shop.example.com" : "api.test" });
  const fill = (template: unknown): string =>
    text(template).replace("{stage}", "dev").replace("{basePath}", "base");
  const event = record(echo.events.at(-1));
  expect(event["path"]).toBe(fill(expected["event.path"]));
  expect(record(event["requestContext"])["path"]).toBe(fill(expected["event.requestContext.path"]));
}

replay(
  "routing",
  (vector) => {
    if ("mappings" in vector.setup) return mappingCase(vector);
    if ("integration_url" in vector.expected) return integrationUrlCase(vector);
    if ("event.path" in vector.expected) return customDomainCase(vector);
    return routeCase(vector);
  },
  {
    deviations: {
      "unit REST match 13: /foo/bar/baz":
        "API Gateway takes the route declared first; KV entries have no order, so the per-level rule decides",
    },
  },
);
