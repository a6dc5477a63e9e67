import type { Call } from "../../call.ts";
import type { StageConfig } from "../../config/api-config.ts";
import type { GatewayIntegration } from "../../config/integration-schema.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { failureSource } from "../../mapping/parameters/json-body.ts";
import type { TemplateContext } from "../../mapping/template/context.ts";
import { readAnswer } from "../answer-body.ts";
import { defaultTimeout } from "../timeout.ts";
import { type ChosenResponse, responseChoices, responseName } from "./integration-responses.ts";
import { convert, isBinary, responseConversion, toText } from "./media.ts";
import { render, responseOverride } from "./render.ts";
import { templateParams } from "./template-params.ts";

/** What a backend said, of whatever kind it is. */
export interface BackendAnswer {
  /** What chooses an integration response: a status, or a function's error message. */
  readonly selection: string;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | string | null;
}

export type AnswerClient = (call: Call, answer: BackendAnswer, context: TemplateContext) => Promise<Response>;

/**
 * From a backend's answer to the client's response, for custom (non-proxy) integrations: the
 * integration response that fits, its template, its parameters, and what templates override
 * (aws-semantics 4, 6.2, 6.3, 7).
 */
export function customResponse(integration: GatewayIntegration, stage: StageConfig): AnswerClient {
  const { settings, variables } = stage;
  const choices = responseChoices(integration, variables);
  const binaryTypes = settings.binaryMediaTypes;
  const timeout = integration.timeoutInMillis ?? defaultTimeout(settings.protocol);
  return async (call, answer, context) => {
    const chosen = choices.select(answer.selection);
    if (!chosen) throw unmapped(call, answer.selection);
    const accept = call.request.headers.get("accept");
    const template = chosen.template(accept);
    const conversion = responseConversion(
      isBinary(answer.headers.get("content-type"), binaryTypes),
      isBinary(accept, binaryTypes),
      chosen.contentHandling,
    );
    // Only an exact copy of API Gateway replaces bytes that are no text.
    const passes = !template && (conversion === "as_is" || (conversion === "to_text" && !settings.strict));
    // A text is here already, and is held to the limit of what is read.
    if (passes && !chosen.mapping.needsBody && typeof answer.body !== "string") {
      return finish(call, integration.type, chosen, context, answer.body, {
        headers: answer.headers,
        text: "",
      });
    }
    const bytes = await readAnswer(call, answer.body, timeout);
    const source = { headers: answer.headers, text: toText(bytes) };
    if (!template) {
      const body = passes ? bytes : convert(bytes, conversion);
      return finish(call, integration.type, chosen, context, body, source);
    }
    const readable = bytes.byteLength === 0 && !settings.strict;
    if (!readable && (conversion === "as_is" || conversion === "decode")) throw binaryForTemplate(call);
    const body = render(call, template, {
      body: conversion === "encode" ? String(convert(bytes, conversion)) : source.text,
      params: () => templateParams(call),
      context,
      stageVariables: variables,
    });
    return finish(call, integration.type, chosen, context, body, source);
  };
}

function finish(
  call: Call,
  type: GatewayIntegration["type"],
  chosen: ChosenResponse,
  context: TemplateContext,
  body: ReadableStream<Uint8Array> | Uint8Array | string | null,
  source: { readonly headers: Headers; readonly text: string },
): Response {
  const headers = new Headers({ "content-type": "application/json" });
  const said =
    type === "aws" && chosen.mapping.needsBody ? failureSource(source.text) : { body: source.text };
  const answer = { ...said, headers: (name: string) => headerValues(source.headers, name) };
  for (const [name, value] of chosen.mapping.read(call, answer)) {
    // Several cookies are several mappings, whose targets differ in their spelling only.
    setResponseHeader(call, headers, name, value, name.toLowerCase() === "set-cookie" ? "append" : "set");
  }
  const override = responseOverride(call, context);
  for (const [name, value] of override?.header ?? []) {
    const spelt = responseName(name, type);
    if (spelt === undefined) continue;
    const [first = "", ...more] = typeof value === "string" ? [value] : value;
    setResponseHeader(call, headers, spelt, first);
    for (const each of more) setResponseHeader(call, headers, spelt, each, "append");
  }
  const status = statusOf(call, override?.status ?? chosen.statusCode);
  const empty = status === 204 || status === 205 || status === 304;
  return new Response(empty ? null : body, { status, headers });
}

function statusOf(call: Call, status: number): number {
  // Neither 1xx, nor what HTTP does not know, can end a response here.
  if (status >= 200 && status <= 599) return status;
  throw new GatewayError(
    "API_CONFIGURATION_ERROR",
    "mapping.status",
    `${status} is no status that a response of ${call.route.key} can have`,
  );
}

/** The engine joins the lines of a header, all but Set-Cookie's. */
function headerValues(headers: Headers, name: string): readonly string[] {
  if (name.toLowerCase() === "set-cookie") return headers.getSetCookie();
  const value = headers.get(name);
  return value === null ? [] : [value];
}

/** A backend's text with CR, LF or NUL in it cannot be a header's, nor any text a name. */
function setResponseHeader(
  call: Call,
  headers: Headers,
  name: string,
  value: string,
  how: "set" | "append" = "set",
): void {
  try {
    headers[how](name, value);
  } catch (error) {
    throw new GatewayError(
      "API_CONFIGURATION_ERROR",
      "mapping.header_value",
      `the header that ${call.route.key} maps ("${name}") has characters that no header can have`,
      { cause: error },
    );
  }
}

function unmapped(call: Call, selection: string): GatewayError {
  return new GatewayError(
    "API_CONFIGURATION_ERROR",
    "integration.status_unmapped",
    `${call.route.key} has no integration response for "${selection.slice(0, 200)}" and no default`,
  );
}

function binaryForTemplate(call: Call): GatewayError {
  return new GatewayError(
    "API_CONFIGURATION_ERROR",
    "mapping.binary",
    `a response template of ${call.route.key} meets a binary body; contentHandling CONVERT_TO_TEXT makes it text`,
  );
}
