import { checkApi } from "../config/check-api.ts";
import { apiKey } from "../config/keys.ts";
import { parseValue } from "../config/parse.ts";
import { nearest, type Problem } from "../config/problem.ts";
import { API_DEFAULTS, ApiEntry } from "../config/schemas.ts";
import type { OpenApiDocument } from "./document.ts";
import type { Findings } from "./findings.ts";
import { list, type Members, record } from "./members.ts";
import { looksLikeRest } from "./protocol.ts";

export const VALIDATOR = "x-amazon-apigateway-request-validator";
export const VALIDATORS = "x-amazon-apigateway-request-validators";
const ENDPOINT = "x-amazon-apigateway-endpoint-configuration";

/** Root members that become members of the API's own entry. */
export const SETTINGS: Readonly<Record<string, keyof ApiEntry>> = {
  "x-portico-protocol": "protocol",
  "x-portico-strict": "strict",
  "x-portico-allow-encoded-slashes": "allowEncodedSlashes",
  "x-portico-limits": "limits",
  "x-portico-access-log": "accessLog",
  "x-portico-throttle": "throttle",
  "x-portico-arn": "arn",
  "x-portico-disable-execute-api-endpoint": "disableExecuteApiEndpoint",
  "x-amazon-apigateway-policy": "policy",
  "x-amazon-apigateway-cors": "cors",
  "x-amazon-apigateway-api-key-source": "apiKeySource",
  "x-amazon-apigateway-binary-media-types": "binaryMediaTypes",
  "x-amazon-apigateway-minimum-compression-size": "minimumCompressionSize",
  "x-amazon-apigateway-gateway-responses": "gatewayResponses",
  [VALIDATORS]: "requestValidators",
  [VALIDATOR]: "requestValidator",
};

/** Members that documents also write as `null` for none; a guard that is null is a mistake. */
const NULL_IS_NONE = [
  "x-amazon-apigateway-binary-media-types",
  "x-amazon-apigateway-minimum-compression-size",
  "x-amazon-apigateway-gateway-responses",
];

/** The API's name, which is its label in host names. */
export function apiName({ root }: OpenApiDocument, { problems }: Findings): string {
  const name = root["x-portico-api"] ?? "default";
  if (typeof name === "string" && /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return name;
  problems.push({
    code: "api.name",
    path: "x-portico-api",
    message: "an API's name is a host's label: a-z, 0-9 and hyphens, at most 63",
  });
  return "default";
}

/** The value of the API's own entry; empty where the document asks for none. */
export function settingsValue(document: OpenApiDocument): Members {
  const { root } = document;
  const value: Record<string, unknown> = {};
  for (const [extension, name] of Object.entries(SETTINGS)) {
    const said = root[extension];
    if (said === undefined || (said === null && NULL_IS_NONE.includes(extension))) continue;
    value[name] = name === "binaryMediaTypes" ? mediaTypes(said) : said;
  }
  const endpoint = closedEndpoint(root);
  if (endpoint !== undefined) value["disableExecuteApiEndpoint"] = endpoint;
  if (value["protocol"] === undefined && looksLikeRest(document)) value["protocol"] = "REST";
  // A name alone is no reason for an entry, which would replace one that somebody put by hand.
  if (Object.keys(value).length > 0) {
    const { title, description } = record(root["info"]) ?? {};
    if (typeof title === "string" && title !== "") value["name"] = title;
    if (typeof description === "string" && description !== "") value["description"] = description;
  }
  return value;
}

/** CloudFormation writes a slash as JSON pointers do: `image~1png`. */
const mediaTypes = (said: unknown): unknown =>
  Array.isArray(said)
    ? said.map((type: unknown) => (typeof type === "string" ? type.replaceAll("~1", "/") : type))
    : said;

/** In OpenAPI 3 it stands in a server object. Whoever says that it is closed is right. */
function closedEndpoint(root: Members): unknown {
  const said = endpoints(root).flatMap(({ members }) => members["disableExecuteApiEndpoint"] ?? []);
  const own = root["x-portico-disable-execute-api-endpoint"];
  return [own, ...said].find((value) => value !== undefined && value !== false) ?? own ?? said[0];
}

function endpoints(root: Members): readonly { readonly members: Members; readonly place: string }[] {
  const holders = [
    { holder: root, place: ENDPOINT },
    ...list(root["servers"]).map((server, index) => ({
      holder: record(server) ?? {},
      place: `servers.${index}.${ENDPOINT}`,
    })),
  ];
  return holders.flatMap(({ holder, place }) => {
    const members = record(holder[ENDPOINT]);
    return members ? [{ members, place }] : [];
  });
}

/** Parses the API's own entry and checks it; what is wrong with it is said at the document's places. */
export function readSettings(
  { root }: OpenApiDocument,
  api: string,
  value: Members,
  { problems }: Findings,
): ApiEntry {
  const parsed = parseValue(apiKey(api), value, ApiEntry);
  const found = parsed.ok ? checkApi(apiKey(api), parsed.value) : parsed.problems;
  for (const problem of found) {
    const [name, ...inside] = problem.path.split("#")[1]?.split(".") ?? [];
    const extension = Object.entries(SETTINGS).find(([, setting]) => setting === name)?.[0];
    problems.push({ ...problem, path: extension ? [extension, ...inside].join(".") : problem.path });
  }
  for (const { members, place } of endpoints(root)) {
    const types = list(members["types"]).map(String);
    if (list(members["vpcEndpointIds"]).length === 0 && !types.includes("PRIVATE")) continue;
    problems.push({
      code: "endpoint.private",
      path: place,
      message: "a private API is reached through VPC endpoints only, which cannot be enforced here",
      hint: "guard it in another way (x-amazon-apigateway-policy, an authorizer), and take this out",
    });
  }
  checkValidator(root, problems);
  if (parsed.ok) return parsed.value;
  // What else is said of the routes should not come from taking them for another kind.
  return { ...API_DEFAULTS, protocol: value["protocol"] === "REST" ? "REST" : "HTTP" };
}

/** Whether there is the validator that all routes are to have. */
function checkValidator(root: Members, problems: Problem[]): void {
  const name = root[VALIDATOR];
  const validators = record(root[VALIDATORS]) ?? {};
  if (typeof name !== "string" || name === "" || Object.hasOwn(validators, name)) return;
  const near = nearest(name, Object.keys(validators));
  problems.push({
    code: "validator.unknown",
    path: VALIDATOR,
    message: `there is no request validator "${name}" under ${VALIDATORS}`,
    ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
  });
}
