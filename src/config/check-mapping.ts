import { isToken } from "../lib/token.ts";
import { compileOperation, isHttpTarget } from "../mapping/parameters/http-mapping.ts";
import { isAnswerSource, isRequestSource } from "../mapping/parameters/rest-syntax.ts";
import { compileSelection } from "../mapping/selection-pattern.ts";
import { compileTemplate } from "../mapping/template/mapping-template.ts";
import { CONTEXT_NAMES, isContextName } from "./context-names.ts";
import type { GatewayIntegration, IntegrationResponse } from "./integration-schema.ts";
import { nearest, type Problem } from "./problem.ts";

type At = (member: string) => string;

/** Mapping targets that API Gateway answers with 500 (aws-semantics 5, recorded). */
const ILLEGAL_HEADERS: Readonly<Record<GatewayIntegration["type"], ReadonlySet<string>>> = (() => {
  const always = ["content-length", "transfer-encoding", "x-amzn-trace-id", "x-amzn-apigateway-api-id"];
  const aws = ["authorization", "connection", "expect", "proxy-authenticate", "te"];
  return {
    http: new Set(always),
    http_proxy: new Set(always),
    mock: new Set(always),
    aws_proxy: new Set([...always, ...aws]),
    aws: new Set([...always, ...aws]),
  };
})();

/** Whether what an integration maps can be mapped, and its templates parse. */
export function checkMapping(integration: GatewayIntegration, at: At): readonly Problem[] {
  return [
    ...checkRequestParameters(integration, at),
    ...checkTemplates(integration.requestTemplates, (type) => at(`requestTemplates.${type}`)),
    ...Object.entries(integration.responses ?? {}).flatMap(([pattern, response]) =>
      checkResponse(pattern, response, (member) => at(`responses.${pattern}${member}`)),
    ),
    ...Object.entries(integration.responseParameters ?? {}).flatMap(([status, parameters]) =>
      Object.entries(parameters).flatMap(([target, text]) =>
        checkOperation(target, text, "response", at(`responseParameters.${status}.${target}`)),
      ),
    ),
  ];
}

function checkRequestParameters(integration: GatewayIntegration, at: At): readonly Problem[] {
  // A service's parameters have names of their own.
  if (integration.integrationSubtype !== undefined) return [];
  const parameters = Object.entries(integration.requestParameters ?? {});
  const restStyle = parameters.some(([target]) => !isHttpTarget(target));
  return parameters.flatMap(([target, source]) => {
    const path = at(`requestParameters.${target}`);
    if (isHttpTarget(target)) {
      const wrong = wrongStyle(integration.type, restStyle);
      if (wrong) return [{ code: "mapping.style", path, ...wrong }];
      return checkOperation(target, source, "request", path);
    }
    const found = [...checkTarget(integration.type, target, path), ...checkSource(source, path)];
    const unsendable = target.startsWith("integration.request.header.") && /^'.*[\0\r\n].*'$/s.test(source);
    return unsendable ? [...found, unsendableValue(target, path)] : found;
  });
}

/** `append:header.NAME` changes what a proxy integration passes on; the others pass on what is mapped only. */
function wrongStyle(
  type: GatewayIntegration["type"],
  restStyle: boolean,
): Pick<Problem, "message" | "hint"> | undefined {
  if (type !== "http_proxy" && type !== "aws_proxy") {
    return {
      message: `an integration of type ${type} has no request that this could change`,
      hint: "write integration.request.header.NAME (querystring, path)",
    };
  }
  if (!restStyle) return undefined;
  return {
    message: "two ways of mapping in one integration: nobody could tell which of them comes first",
    hint: "write all targets as append:header.NAME, or all as integration.request.header.NAME",
  };
}

function checkTarget(type: GatewayIntegration["type"], target: string, path: string): readonly Problem[] {
  const [, place, name] = /^integration\.request\.(header|querystring|path)\.(.+)$/s.exec(target) ?? [];
  if (place === undefined || name === undefined || (place === "header" && !isToken(name))) {
    return [
      {
        code: "mapping.target",
        path,
        message: `"${target}" is no target of a request mapping`,
        hint: "write integration.request.header.NAME, .querystring.NAME or .path.NAME",
      },
    ];
  }
  if (place === "header" && ILLEGAL_HEADERS[type].has(name.toLowerCase())) {
    return [{ code: "mapping.header", path, message: `the header ${name} cannot be set by a mapping` }];
  }
  return [];
}

/** A source that nobody knows would leave its target unset in every request. */
function checkSource(source: string, path: string): readonly Problem[] {
  const name = /^context\.(.+)$/s.exec(source)?.[1];
  if (name === undefined ? isRequestSource(source) : isContextName(name)) return [];
  return [
    {
      code: "mapping.source",
      path,
      message: `"${source}" is no source that a request has`,
      hint:
        contextHint(name) ??
        "write method.request.header.NAME (querystring, path, body), context.NAME, stageVariables.NAME or 'text'",
    },
  ];
}

function contextHint(name: string | undefined): string | undefined {
  const near = name === undefined ? undefined : nearest(name, CONTEXT_NAMES);
  return near === undefined ? undefined : `did you mean "context.${near}"?`;
}

function checkOperation(
  target: string,
  text: string,
  side: "request" | "response",
  path: string,
): readonly Problem[] {
  const operation = compileOperation(target, text, undefined, side);
  if (!("fault" in operation)) return [];
  const { fault, hint } = operation;
  return [{ code: "mapping.parameter", path, message: fault, ...(hint !== undefined && { hint }) }];
}

/** */
function unsendableValue(name: string, path: string): Problem {
  const message = `the value for the header ${name} has characters that no header can have`;
  return { code: "mapping.header", path, message };
}

/** A template that does not parse would fail at its first request. */
function checkTemplates(
  templates: Readonly<Record<string, string>> | undefined,
  at: (type: string) => string,
): readonly Problem[] {
  return Object.entries(templates ?? {}).flatMap(([type, source]) => {
    const template = compileTemplate(source);
    if ("render" in template) return [];
    const { line, column, message } = template;
    return [
      {
        code: "template.malformed",
        path: at(type),
        message: `the template does not parse, line ${line}, column ${column}: ${message}`,
      },
    ];
  });
}

/** What would fail at the first request: a pattern that is none, a header that cannot be sent. */
function checkResponse(
  pattern: string,
  response: IntegrationResponse,
  at: (member: string) => string,
): readonly Problem[] {
  const problems: Problem[] = [];
  const selection = pattern === "default" ? undefined : compileSelection(pattern);
  if (selection && "fault" in selection) {
    problems.push({
      code: "responses.pattern",
      path: at(""),
      message: selection.fault,
      hint: "write default for the answer that takes every other status",
    });
  }
  if (response.statusCode < 200 || response.statusCode > 599) {
    problems.push({
      code: "responses.status",
      path: at(".statusCode"),
      message: `${response.statusCode} is no status that a response can have`,
    });
  }
  for (const [target, source] of Object.entries(response.responseParameters ?? {})) {
    const path = at(`.responseParameters.${target}`);
    const name = /^method\.response\.header\.(.+)$/s.exec(target)?.[1];
    const context = /^context\.(.+)$/s.exec(source)?.[1];
    if (name === undefined || !isToken(name)) {
      problems.push({
        code: "mapping.target",
        path,
        message: `"${target}" is no target of a response mapping`,
        hint: "write method.response.header.NAME",
      });
    } else if (context === undefined ? !isAnswerSource(source) : !isContextName(context)) {
      problems.push({
        code: "mapping.source",
        path,
        message: `"${source}" is no source that a response has`,
        hint:
          contextHint(context) ??
          "write integration.response.header.NAME, integration.response.body.PATH, context.NAME or 'text'",
      });
    } else if (/^'.*[\0\r\n].*'$/s.test(source)) problems.push(unsendableValue(name, path));
  }
  return [
    ...problems,
    ...checkTemplates(response.responseTemplates, (type) => at(`.responseTemplates.${type}`)),
  ];
}
