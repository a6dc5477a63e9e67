import { PAYLOAD_LIMIT, readBody } from "../../body.ts";
import type { Call } from "../../call.ts";
import type { StageConfig } from "../../config/api-config.ts";
import type { GatewayIntegration } from "../../config/integration-schema.ts";
import { contextTree } from "../../context-tree.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { HOP_BY_HOP } from "../../incoming-headers.ts";
import { isToken } from "../../lib/token.ts";
import { compileMapping, mapRequest, pathText, setHeader } from "../../mapping/parameters/rest-request.ts";
import { TemplateContext } from "../../mapping/template/context.ts";
import type { MappingTemplate, TemplateInput } from "../../mapping/template/mapping-template.ts";
import { convert, isBinary, requestConversion, toText } from "./media.ts";
import { render, requestOverride } from "./render.ts";
import { requestTemplates } from "./request-templates.ts";
import { templateParams } from "./template-params.ts";

/** A request as mappings and templates made it, ready for a backend of any kind. */
export interface CustomRequest {
  /** Values for the places of the backend's URI. */
  readonly path: Readonly<Record<string, string>>;
  /** Encoded, without `?`. */
  readonly query: string;
  readonly headers: Headers;
  /** A stream where nothing had to read it. */
  readonly body: Uint8Array | string | ReadableStream<Uint8Array> | null;
  /** Whether a template made the body; else it is the client's. */
  readonly isTemplated: boolean;
  /** What the request's template has set; the response's template goes on with it. */
  readonly context: TemplateContext;
}

export type PrepareRequest = (call: Call, headers: Headers) => Promise<CustomRequest>;

/**
 * API Gateway's custom (non-proxy) integrations: nothing of the request passes but what is
 * mapped (aws-semantics 6.1). Parameter mappings first, then what the template overrides.
 */
export function customRequest(integration: GatewayIntegration, stage: StageConfig): PrepareRequest {
  const { settings, variables } = stage;
  const never = integration.type === "aws" ? "referer" : "via";
  const mapping = compileMapping(integration.requestParameters, variables, never);
  const templates = requestTemplates(integration);
  const { contentHandling } = integration;
  const limit = settings.limits.bodyBytes ?? PAYLOAD_LIMIT;
  const streams = !mapping.needsBody && contentHandling === undefined && !settings.strict;
  return async (call, headers) => {
    const contentType = call.request.headers.get("content-type");
    const template = templates.choose(contentType);
    const context = new TemplateContext(() => contextTree(call));
    const { request } = call;
    if (!template && (streams || (request.body === null && !mapping.needsBody))) {
      const mapped = mapRequest(mapping, call, headers);
      return { ...mapped, headers, body: call.bufferedBody ?? request.body, isTemplated: false, context };
    }
    const bytes = await readBody(call, limit);
    const text = toText(bytes);
    const mapped = mapRequest(mapping, call, headers, text);
    const binary = isBinary(contentType, settings.binaryMediaTypes);
    const conversion = requestConversion(binary, contentHandling);
    // Only an exact copy of API Gateway replaces bytes that are no text.
    const plain = conversion === "to_text" && !settings.strict;
    if (!template) {
      const body = bytes.byteLength === 0 ? null : plain ? bytes : convert(bytes, conversion);
      return { ...mapped, headers, body, isTemplated: false, context };
    }
    // Where everything is binary, so is nothing to API Gateway, and every mock for CORS is 500.
    const readable = bytes.byteLength === 0 && !settings.strict;
    if (!readable && (conversion === "as_is" || conversion === "decode")) throw binaryForTemplate(call);
    const input: TemplateInput = {
      body: conversion === "encode" ? String(convert(bytes, conversion)) : text,
      params: () => templateParams(call),
      context,
      stageVariables: variables,
    };
    return {
      ...overridden(mapped, headers, context, template, input, call, never),
      headers,
      isTemplated: true,
      context,
    };
  };
}

/** Headers that frame a message: no template's business. */
const UNTOUCHABLE: ReadonlySet<string> = new Set([...HOP_BY_HOP, "expect"]);
/** As targets of a mapping, which is refused (aws-semantics 5, recorded). */
const ILLEGAL_HEADERS: ReadonlySet<string> = new Set([
  "content-length",
  "transfer-encoding",
  "x-amzn-trace-id",
  "x-amzn-apigateway-api-id",
]);

function overridden(
  mapped: { readonly path: Readonly<Record<string, string>>; readonly query: string },
  headers: Headers,
  context: TemplateContext,
  template: MappingTemplate,
  input: TemplateInput,
  call: Call,
  /** A header that backends of this kind never get. */
  never: string,
): Pick<CustomRequest, "path" | "query" | "body"> {
  const body = render(call, template, input);
  const override = requestOverride(call, context);
  if (!override) return { ...mapped, body };
  for (const [name, value] of override.header) {
    const lower = name.toLowerCase();
    if (ILLEGAL_HEADERS.has(lower) || !isToken(name)) throw illegalOverride(call, name);
    if (lower !== never && !UNTOUCHABLE.has(lower)) setHeader(headers, name, joined(value));
  }
  const query = new URLSearchParams(mapped.query);
  for (const [name, value] of override.querystring) {
    query.delete(name);
    for (const each of typeof value === "string" ? [value] : value) query.append(name, each);
  }
  const path: Record<string, string> = { ...mapped.path };
  for (const [name, value] of override.path) path[name] = pathText(name, joined(value));
  return { path, query: query.toString(), body };
}

const joined = (value: string | readonly string[]): string =>
  typeof value === "string" ? value : value.join(",");

function illegalOverride(call: Call, name: string): GatewayError {
  return new GatewayError(
    "API_CONFIGURATION_ERROR",
    "mapping.header_value",
    `the template of ${call.route.key} overrides the header ${JSON.stringify(name)}, which no mapping can set`,
  );
}

function binaryForTemplate(call: Call): GatewayError {
  return new GatewayError(
    "API_CONFIGURATION_ERROR",
    "mapping.binary",
    `a mapping template of ${call.route.key} meets a binary body; contentHandling CONVERT_TO_TEXT makes it text`,
  );
}
