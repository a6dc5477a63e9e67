import { expect } from "vitest";
import { type ContextTree, TemplateContext } from "../../src/mapping/template/context.ts";
import { compileTemplate, type TemplateInput } from "../../src/mapping/template/mapping-template.ts";
import { isMask, type Json, record, replay, text, type Vector } from "./vectors.ts";

/** Header lines that a case names in prose: "with headers header1: header1Val, header2: ...". */
const HEADER = /\b([\w-]+): ?([^,\s]+)/g;

/** What differs from run to run and is no placeholder in the file. */
const RUNS_OWN = "request-time-epoch";

function vtlCase({ input, expected }: Vector): void {
  const given = givenBy(input);
  const templates = [
    input["side"] === "both" ? input["request_template"] : undefined,
    input["template"] ?? input["response_template"],
  ];
  let { body } = given;
  for (const template of templates)
    if (template !== undefined) body = render(text(template), { ...given, body });
  if (expected["text"] !== undefined) expect(body).toBe(expected["text"]);
  if (expected["json"] !== undefined) expect(masked(JSON.parse(body))).toEqual(masked(expected["json"]));
  if (expected["integration_request_headers"] !== undefined) {
    expect(record(expected["integration_request_headers"])).toMatchObject(overriddenHeaders(given.context));
    expect(Object.keys(overriddenHeaders(given.context))).toEqual(["header3", "header1", "multivalueheader"]);
  }
}

function render(template: string, input: TemplateInput): string {
  const compiled = compileTemplate(template);
  if (!("render" in compiled)) throw new Error(compiled.message);
  return compiled.render(input);
}

function overriddenHeaders({ requestOverride }: TemplateContext): Json {
  return Object.fromEntries(
    [...(requestOverride?.header ?? [])].map(([name, value]) => [name, String(value)]),
  );
}

function givenBy(input: Json): TemplateInput {
  const line = text(input["request"]);
  const [method = "GET", target = "/"] = line.split(" ");
  const [path = "/", query] = target.split("?");
  const canary = record(input["canarySettings"]);
  const isCanary = canary["percentTraffic"] === 100;
  const overrides = isCanary ? record(canary["stageVariableOverrides"]) : {};
  return {
    body: text(input["body"]),
    params: () => ({
      path: { ...pathParams(text(input["resource"]), path), ...texts(record(input["path_params"])) },
      querystring: { ...Object.fromEntries(new URLSearchParams(query)), ...texts(record(input["query"])) },
      header: Object.fromEntries(
        [...line.matchAll(HEADER)].map(([, name, value]) => [name ?? "", value ?? ""]),
      ),
    }),
    context: new TemplateContext(() => ({
      ...VARIABLES,
      httpMethod: method,
      // Only a stage with a canary has it, as recorded.
      isCanaryRequest: input["canarySettings"] === undefined ? undefined : String(isCanary),
    })),
    stageVariables: texts({ ...record(input["stageVariables"]), ...overrides }),
  };
}

function pathParams(resource: string, path: string): Record<string, string> {
  const names = [...resource.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
  const values = new RegExp(`^${resource.replace(/\{\w+\}/g, "([^/]+)")}$`).exec(path)?.slice(1) ?? [];
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));
}

const texts = (members: Json): Record<string, string> =>
  Object.fromEntries(Object.entries(members).map(([name, value]) => [name, String(value)]));

/** Placeholders are the same whatever they stand for. */
function masked(value: unknown): unknown {
  if (isMask(value) || value === RUNS_OWN) return "<masked>";
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, masked(member)]));
}

/** `$context` of the recorded API, with its placeholders. */
const VARIABLES: ContextTree = {
  resourceId: "<id>",
  resourcePath: "/sqs",
  extendedRequestId: "<id>",
  requestTime: "<time>",
  path: "/testing/sqs",
  accountId: "111111111111",
  protocol: "HTTP/1.1",
  stage: "testing",
  domainPrefix: "<id>",
  requestTimeEpoch: "<time>",
  requestId: "<id>",
  domainName: "<name>",
  deploymentId: "<id>",
  apiId: "<id>",
  identity: {
    cognitoIdentityPoolId: null,
    accountId: null,
    cognitoIdentityId: null,
    caller: null,
    sourceIp: "<ip>",
    principalOrgId: null,
    accessKey: null,
    cognitoAuthenticationType: null,
    cognitoAuthenticationProvider: null,
    userArn: null,
    userAgent: "python/requests/tests",
    user: null,
  },
};

replay("vtl", vtlCase);
