import { checkParameters } from "./check-parameters.ts";
import { nearest, type Problem } from "./problem.ts";
import { SERVICE_OPERATIONS, serviceOperation } from "./service-operations.ts";
import type { ServiceIntegration } from "./service-schema.ts";
import { oneStatement } from "./sql-statement.ts";

/** What the gateway keeps its own things in: no route hands it to callers. */
export const OWN_BINDINGS: readonly string[] = ["CONFIG", "COUNTERS", "CACHE", "ORIGIN"];

/** Whether the members of a service integration fit together. */
export function checkService(key: string, integration: ServiceIntegration): readonly Problem[] {
  const at = (member: string): string => `${key}#integration.${member}`;
  if (OWN_BINDINGS.includes(integration.binding)) return [ownBinding(integration, at("binding"))];
  const known = SERVICE_OPERATIONS[integration.type];
  const operation = serviceOperation(integration.type, integration.operation);
  const rules = operation !== undefined && Object.hasOwn(known, operation) ? known[operation] : undefined;
  if (!rules) return [badOperation(integration, at("operation"))];
  const problems = checkParameters(rules, integration.parameters, (name) => at(`parameters.${name}`));
  if (problems.length > 0) return problems;
  const inside = (member: string): string => at(`parameters.${member}`);
  switch (integration.type) {
    case "d1":
      return checkStatement(integration, inside);
    case "r2":
      return checkHttpMetadata(integration, inside);
    case "queue":
      return checkBytes(integration, inside);
    default:
      return [];
  }
}

function ownBinding({ binding }: ServiceIntegration, path: string): Problem {
  return {
    code: "binding.own",
    path,
    message: `${binding} is the gateway's own binding: no integration can use it`,
    hint: "bind a service of your own under another name in wrangler.toml",
  };
}

function badOperation({ type, operation }: ServiceIntegration, path: string): Problem {
  const known = Object.keys(SERVICE_OPERATIONS[type]);
  if (operation === undefined) {
    const message = `the key "operation" is missing: ${known.join(", ")}`;
    return { code: "key.missing", path, message };
  }
  const near = nearest(operation, known);
  return {
    code: "value.unknown",
    path,
    message: `"${operation}" is no operation of ${type}: ${known.join(", ")}`,
    ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
  };
}

type Inside = (member: string) => string;

function checkStatement({ parameters }: ServiceIntegration, inside: Inside): readonly Problem[] {
  const read = oneStatement(String(parameters["prepare"]));
  if ("fault" in read) return [{ code: "statement.malformed", path: inside("prepare"), message: read.fault }];
  const bound = Array.isArray(parameters["bind"]) ? parameters["bind"].length : 0;
  if (bound === read.parameters) return [];
  return [
    {
      code: "statement.parameters",
      path: inside("bind"),
      message: `the statement has ${read.parameters} parameters, and bind has ${bound}`,
      hint: "?1 stands for the first item of bind, ?2 for the second",
    },
  ];
}

const HTTP_METADATA: readonly string[] = [
  "contentType",
  "contentLanguage",
  "contentDisposition",
  "contentEncoding",
  "cacheControl",
];

function checkHttpMetadata({ parameters }: ServiceIntegration, inside: Inside): readonly Problem[] {
  return ["httpMetadata", "customMetadata"].flatMap((member) => {
    const metadata = parameters[member];
    if (metadata === undefined) return [];
    if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) {
      return [{ code: "value.invalid", path: inside(member), message: "expected an object" }];
    }
    return Object.entries(metadata).flatMap(([name, value]) => {
      const path = inside(`${member}.${name}`);
      if (typeof value !== "string") return [{ code: "value.invalid", path, message: "expected text" }];
      if (member === "customMetadata" || HTTP_METADATA.includes(name)) return [];
      const message = `"${name}" is none of ${HTTP_METADATA.join(", ")}`;
      const near = nearest(name, HTTP_METADATA);
      return [
        {
          code: "key.unknown",
          path,
          message,
          ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
        },
      ];
    });
  });
}

/** Bytes are the request's own: an expression is text or JSON. */
function checkBytes({ parameters }: ServiceIntegration, inside: Inside): readonly Problem[] {
  if (parameters["contentType"] !== "bytes" || (parameters["body"] ?? "$request.body") === "$request.body") {
    return [];
  }
  return [
    {
      code: "value.invalid",
      path: inside("body"),
      message: "a message of bytes is the request's body",
      hint: "leave body out, or write another contentType",
    },
  ];
}
