import type { GatewayIntegration } from "../config/integration-schema.ts";
import type { Problem } from "../config/problem.ts";
import { nearest } from "../config/problem.ts";
import { parseRouteKey, type RouteKey } from "../config/route-key.ts";
import type { ApiEntry, RouteEntry } from "../config/schemas.ts";
import { isServiceIntegration } from "../config/service-schema.ts";
import { responseChoices } from "../integrations/custom/integration-responses.ts";
import { mockStatus } from "../integrations/mock/mock-status.ts";
import { type Definition, placeOfRoute } from "./lint.ts";
import { lintTemplates } from "./lint-templates.ts";

/** What integrations say that nothing reads, and what they leave out that every request needs. */
export function lintIntegrations(definition: Definition): readonly Problem[] {
  return [...definition.routes].flatMap(([key, entry]) =>
    lintIntegration(placeOfRoute(definition, key), key, entry, definition.settings),
  );
}

/** @param place where the route stands: in a document, or its key in the store */
export function lintIntegration(
  place: string,
  routeKey: string,
  { integration }: RouteEntry,
  settings: ApiEntry,
): readonly Problem[] {
  const route = parseRouteKey(routeKey);
  if (isServiceIntegration(integration) || typeof route === "string") return [];
  const at = (member: string): string => `${place}#integration${member === "" ? "" : `.${member}`}`;
  const found = { integration, route, settings, at };
  return [
    ...withoutResponses(found),
    ...withoutStatus(found),
    ...unansweredStatus(found),
    ...unread(found),
    ...payloadFormat(found),
    ...unfilled(found),
    ...lintTemplates(integration, at),
  ];
}

interface Found {
  readonly integration: GatewayIntegration;
  readonly route: RouteKey;
  readonly settings: ApiEntry;
  readonly at: (member: string) => string;
}

function withoutResponses({ integration: { type, responses }, at }: Found): readonly Problem[] {
  if (type !== "http" && type !== "aws" && type !== "mock") return [];
  if (Object.keys(responses ?? {}).length > 0) return [];
  const after = type === "mock" ? "" : ", after the backend was called";
  return [
    {
      code: "integration.responses",
      path: at(responses === undefined ? "" : "responses"),
      message: `every request ends in 500${after}: an integration of type ${type} answers with one of its "responses", and has none`,
      hint: 'write "responses": {"default": {"statusCode": 200}}',
    },
  ];
}

/** Methods whose requests have no body, in which a mock without a template would find its status. */
const WITHOUT_BODY = ["GET", "HEAD", "OPTIONS", "DELETE"];

function withoutStatus({ integration, route, at }: Found): readonly Problem[] {
  const { type, requestTemplates = {} } = integration;
  if (type !== "mock" || !WITHOUT_BODY.includes(route.method)) return [];
  if (Object.values(requestTemplates).some((template) => template !== "")) return [];
  return [
    {
      code: "mock.status",
      path: at(""),
      message: `every ${route.method} without a body ends in 500: a mock takes its status from a request template, and has none`,
      hint: 'write "requestTemplates": {"application/json": "{\\"statusCode\\": 200}"}',
    },
  ];
}

/** Templates of a mock that always say a status that none of its responses is for. */
function unansweredStatus({ integration, at }: Found): readonly Problem[] {
  const { type, requestTemplates = {}, responses = {} } = integration;
  if (type !== "mock" || Object.keys(responses).length === 0) return [];
  const choices = responseChoices(integration, {});
  return Object.entries(requestTemplates).flatMap(([media, template]) => {
    // What is computed is known when it runs.
    const status = /[$#]/.test(template) ? undefined : mockStatus(template);
    if (status === undefined || choices.select(String(status))) return [];
    return [
      {
        code: "mock.unanswered",
        path: at(`requestTemplates.${media}`),
        message: `every request ends in 500: the template says the status ${status}, and none of the "responses" is for it`,
        hint: 'write "responses": {"default": {"statusCode": 200}}',
      },
    ];
  });
}

/** Members that only code for a function, an origin or a custom integration reads. */
const NOT_BESIDE_SUBTYPE = [
  ...["uri", "httpMethod", "requestTemplates", "passthroughBehavior", "contentHandling"],
  ...["responses", "invoke"],
] as const;

function unread({ integration, at }: Found): readonly Problem[] {
  const { type, integrationSubtype: subtype, contentHandling, responseTransferMode } = integration;
  const warning = (member: string, why: string): Problem => ({
    code: "integration.unread",
    path: at(member),
    message: `"${member}" has no effect: ${why}`,
  });
  if (subtype !== undefined) {
    const members: readonly string[] = [
      ...NOT_BESIDE_SUBTYPE.filter((member) => integration[member] !== undefined),
      ...(responseTransferMode === "STREAM" ? ["responseTransferMode"] : []),
    ];
    return members.map((member) => warning(member, `an integration with an integrationSubtype reads none`));
  }
  if (contentHandling === undefined || (type !== "http_proxy" && type !== "aws_proxy")) return [];
  return [warning("contentHandling", `an integration of type ${type} hands bodies on as they are`)];
}

function payloadFormat({ integration, settings, at }: Found): readonly Problem[] {
  const { type, payloadFormatVersion, integrationSubtype } = integration;
  if (payloadFormatVersion !== "2.0" || integrationSubtype !== undefined) return [];
  if (type === "aws_proxy" && settings.protocol === "HTTP") return [];
  const why =
    type === "aws_proxy"
      ? "a REST API's functions get events of format 1.0"
      : `only the events of aws_proxy have a format, not ${type}`;
  return [
    {
      code: "integration.unread",
      path: at("payloadFormatVersion"),
      message: `"payloadFormatVersion" has no effect: ${why}`,
    },
  ];
}

/** Places of an origin's URI that go to the origin as they are written. */
function unfilled({ integration, route, settings, at }: Found): readonly Problem[] {
  const { type, uri, origins = [], requestParameters = {}, requestTemplates = {} } = integration;
  if (type !== "http" && type !== "http_proxy") return [];
  // A path of its own takes the place of the URI's; what a template fills is seen when it runs.
  if (requestParameters["overwrite:path"] !== undefined) return [];
  if (Object.values(requestTemplates).some((template) => template.includes("requestOverride"))) return [];
  const mapped = Object.keys(requestParameters).flatMap((target) =>
    target.startsWith("integration.request.path.") ? [target.slice("integration.request.path.".length)] : [],
  );
  const isStrict = settings.strict && settings.protocol === "REST";
  const own = route.segments.flatMap((segment) => (segment.kind === "static" ? [] : [segment.name]));
  const known = new Set(isStrict ? mapped : [...mapped, ...own]);
  const uris = [
    { text: uri ?? "", member: "uri" },
    ...origins.map((origin, index) => ({ text: origin.uri, member: `origins.${index}.uri` })),
  ];
  return uris.flatMap(({ text, member }) =>
    placesOf(text)
      .filter((name) => !known.has(name))
      .map((name) => unfilledPlace(name, at(member), known)),
  );
}

/** The names in a URI's `{places}`, those of stage variables aside. */
function placesOf(uri: string): readonly string[] {
  const plain = uri.replace(/\$\{stageVariables\.[A-Za-z0-9_]+\}/g, "").replace(/#.*$/s, "");
  return [...plain.matchAll(/\{([A-Za-z0-9_.:-]+)\+?\}/g)].map(([, name = ""]) => name);
}

function unfilledPlace(name: string, path: string, known: ReadonlySet<string>): Problem {
  const near = nearest(name, known);
  return {
    code: "uri.place",
    path,
    message: `nothing fills {${name}}: neither a variable of the route's path nor a mapping, and the origin is sent it as it stands`,
    hint: near === undefined ? `map it: integration.request.path.${name}` : `did you mean {${near}}?`,
  };
}
