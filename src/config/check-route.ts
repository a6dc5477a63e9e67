import { checkAccess } from "./check-access.ts";
import type { Authorizers } from "./check-authorizer.ts";
import { checkRouteLimits } from "./check-limits.ts";
import { CONTEXT_NAMES, isContextName } from "./context-names.ts";
import { fillStageVariables, functionName, httpAuthority } from "./integration-uri.ts";
import { nearest, type Problem } from "./problem.ts";
import type { ApiEntry, Integration, RouteEntry } from "./schemas.ts";

/** Mapping targets that API Gateway answers with 500 (aws-semantics 5, recorded). */
const ILLEGAL_HEADERS: Readonly<Record<Integration["type"], ReadonlySet<string>>> = (() => {
  const always = ["content-length", "transfer-encoding", "x-amzn-trace-id", "x-amzn-apigateway-api-id"];
  const lambda = ["authorization", "connection", "expect", "proxy-authenticate", "te"];
  return {
    http: new Set(always),
    http_proxy: new Set(always),
    mock: new Set(always),
    aws_proxy: new Set([...always, ...lambda]),
  };
})();

const NO_AUTHORIZERS: Authorizers = new Map();

/** RFC 9110 section 5.1. */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * What a schema cannot see: whether the members of a route fit together and its API.
 * A route with problems answers 500 and is reported; the others go on.
 */
export function checkRoute(
  key: string,
  entry: RouteEntry,
  api: ApiEntry,
  authorizers: Authorizers = NO_AUTHORIZERS,
): readonly Problem[] {
  const { integration } = entry;
  const at = (member: string): string => `${key}#integration.${member}`;
  const problems: Problem[] = [
    ...checkAccess(key, entry, authorizers),
    ...checkRouteLimits(key, entry, authorizers),
  ];
  if (integration.type !== "mock" && integration.uri === undefined) {
    problems.push({
      code: "uri.missing",
      path: at("uri"),
      message: `an integration of type ${integration.type} needs a uri`,
    });
  } else if (integration.type === "aws_proxy") problems.push(...checkFunction(integration, api, at));
  else if (integration.type !== "mock") problems.push(...checkUrl(integration.uri ?? "", at));
  for (const target of Object.keys(integration.requestParameters ?? {})) {
    const [, place, name] = /^integration\.request\.(header|querystring|path)\.(.+)$/.exec(target) ?? [];
    if (place === undefined || name === undefined || (place === "header" && !HEADER_NAME.test(name))) {
      problems.push({
        code: "mapping.target",
        path: at(`requestParameters.${target}`),
        message: `"${target}" is no target of a request mapping`,
        hint: "write integration.request.header.NAME, .querystring.NAME or .path.NAME",
      });
    } else if (place === "header" && ILLEGAL_HEADERS[integration.type].has(name.toLowerCase())) {
      problems.push({
        code: "mapping.header",
        path: at(`requestParameters.${target}`),
        message: `the header ${name} cannot be set by a mapping`,
      });
    }
  }
  problems.push(...checkSources(integration, at));
  problems.push(...checkTemplates(integration, at), ...checkResponses(integration, at));
  return problems;
}

const SOURCE = /^(?:'.*'|method\.request\.(?:path|querystring|header)\..+|stageVariables\..+)$/s;

/** A source that nobody knows would leave its target unset in every request. */
function checkSources(integration: Integration, at: (member: string) => string): readonly Problem[] {
  return Object.entries(integration.requestParameters ?? {}).flatMap(([target, source]) => {
    const name = /^context\.(.+)$/.exec(source)?.[1];
    if (name === undefined ? SOURCE.test(source) : isContextName(name)) return [];
    const near = name === undefined ? undefined : nearest(name, CONTEXT_NAMES);
    return [
      {
        code: "mapping.source",
        path: at(`requestParameters.${target}`),
        message: `"${source}" is no source that a request has`,
        hint:
          near === undefined
            ? "write method.request.header.NAME (querystring, path), context.NAME, stageVariables.NAME or 'text'"
            : `did you mean "context.${near}"?`,
      },
    ];
  });
}

function checkFunction(
  integration: Integration,
  api: ApiEntry,
  at: (member: string) => string,
): readonly Problem[] {
  const problems: Problem[] = [];
  const uri = integration.uri ?? "";
  if (!uri.includes("${stageVariables.") && functionName(uri) === undefined) {
    problems.push({
      code: "uri.function",
      path: at("uri"),
      message: `"${uri}" names no function`,
      hint: "write a module's name (hello for routes/hello.ts) or a Lambda ARN",
    });
  }
  if (api.protocol === "REST" && integration.httpMethod !== undefined && integration.httpMethod !== "POST") {
    problems.push({
      code: "function.method",
      path: at("httpMethod"),
      message: `a function is invoked with POST, not ${integration.httpMethod}`,
      hint: "the client's own method reaches the function in its event; leave httpMethod out",
    });
  }
  return problems;
}

function checkUrl(uri: string, at: (member: string) => string): readonly Problem[] {
  // A variable stands for text that is not known yet; the stage checks it when it is.
  const filled = uri.replace(/\$\{stageVariables\.[A-Za-z0-9_]+\}/g, "variable");
  const startsWithVariable = uri.startsWith("${stageVariables.");
  const authority = httpAuthority(startsWithVariable ? `https://${filled}` : filled);
  if (authority === undefined) {
    return [
      {
        code: "uri.scheme",
        path: at("uri"),
        message: `"${uri}" is not an http or https URL`,
        hint: "an origin is written as https://host/path",
      },
    ];
  }
  if (/[{}]/.test(authority)) {
    return [
      {
        code: "uri.host",
        path: at("uri"),
        message: `"${authority}" would let the caller choose the host`,
        hint: "path parameters may stand in the path and the query only",
      },
    ];
  }
  if (!startsWithVariable && !URL.canParse(fillStageVariables(filled, {}))) {
    return [{ code: "uri.malformed", path: at("uri"), message: `"${uri}" is not a URL` }];
  }
  return [];
}

function checkTemplates(integration: Integration, at: (member: string) => string): readonly Problem[] {
  const templates: [string, string][] = Object.entries(integration.requestTemplates ?? {}).map(
    ([type, template]) => [`requestTemplates.${type}`, template],
  );
  for (const [pattern, response] of Object.entries(integration.responses ?? {})) {
    for (const [type, template] of Object.entries(response.responseTemplates ?? {})) {
      templates.push([`responses.${pattern}.responseTemplates.${type}`, template]);
    }
  }
  return templates
    .filter(([, template]) => !isStaticTemplate(template))
    .map(([place]) => ({
      code: "template.dynamic",
      path: at(place),
      message: "this template computes something, and only static templates are supported yet",
    }));
}

/** What would fail at the first request: a pattern that is none, a header that cannot be sent (R-05). */
function checkResponses(integration: Integration, at: (member: string) => string): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [pattern, response] of Object.entries(integration.responses ?? {})) {
    if (!isPattern(pattern)) {
      problems.push({
        code: "responses.pattern",
        path: at(`responses.${pattern}`),
        message: `"${pattern}" is no regular expression`,
        hint: "write default for the answer that takes every other status",
      });
    }
    for (const [target, source] of Object.entries(response.responseParameters ?? {})) {
      const path = at(`responses.${pattern}.responseParameters.${target}`);
      const name = /^method\.response\.header\.(.+)$/.exec(target)?.[1];
      if (name === undefined || !HEADER_NAME.test(name)) {
        problems.push({
          code: "mapping.target",
          path,
          message: `"${target}" is no target of a response mapping`,
          hint: "write method.response.header.NAME",
        });
      } else if (!/^'.*'$/s.test(source)) {
        problems.push({
          code: "mapping.source",
          path,
          message: `"${source}" computes something, and only quoted text ('text') is supported yet`,
        });
      } else if (/[\0\r\n]/.test(source)) {
        problems.push({
          code: "mapping.header",
          path,
          message: `the value for the header ${name} has characters that no header can have`,
        });
      }
    }
  }
  return problems;
}

function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}

/** A template without references (`$name`) or directives (`#set`) prints itself. */
export function isStaticTemplate(template: string): boolean {
  return !/\$[!{A-Za-z_]|#(?:set|if|else|elseif|end|foreach|define|macro|stop|break|evaluate|parse|include|#|\*|\{)|#[A-Za-z@]/.test(
    template,
  );
}
