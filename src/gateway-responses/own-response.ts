import type { StageConfig } from "../config/api-config.ts";
import {
  type GatewayResponseEntry,
  type GatewayResponses,
  readSource,
} from "../config/gateway-response-schema.ts";
import { isToken } from "../lib/token.ts";
import { REST } from "./catalogue.ts";
import type { GatewayResponseType } from "./gateway-error.ts";
import { compileSource, type Failure, type ReadSource } from "./source.ts";
import { compileResponseTemplate, type RenderBody } from "./template.ts";

/** What an API says in its own words; whatever is not there stays as usual. */
export interface OwnResponse {
  readonly status: number | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: { readonly contentType: string; readonly text: string } | undefined;
  /** Whether another `Accept` may get another body. */
  readonly variesByAccept: boolean;
}

/**
 * The type whose customisation answers for this one: its own if it has one, of which nothing is
 * completed from elsewhere, else that of DEFAULT_4XX or DEFAULT_5XX (aws-semantics 15, recorded).
 */
export function customisedAs(
  type: GatewayResponseType,
  responses: GatewayResponses,
): GatewayResponseType | undefined {
  if (Object.hasOwn(responses, type)) return type;
  const wider = REST[type].status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX";
  return Object.hasOwn(responses, wider) ? wider : undefined;
}

/** The API's own response; none where it has not customised the type. */
export function ownResponse(failure: Failure): OwnResponse | undefined {
  const { error, call } = failure;
  const { settings } = call.stage;
  const type = customisedAs(error.type, settings.gatewayResponses);
  if (type === undefined) return undefined;
  // API Gateway's front end answers before any customisation (aws-semantics 15: 413).
  const tooLarge = error.type === "REQUEST_TOO_LARGE";
  if (tooLarge && settings.strict && settings.protocol === "REST") return undefined;
  const compiled = compiledOf(call.stage).get(type);
  if (!compiled) return undefined;
  const { status, templates } = compiled;
  const template = choose(templates, call.request.headers.get("accept"));
  return {
    status,
    headers: compiled.headers.flatMap(({ name, read }) => {
      const value = read(failure);
      return value !== undefined && isSendable(value) ? [[name, value] as const] : [];
    }),
    body: template && { contentType: template.contentType, text: template.render(failure) },
    variesByAccept: templates.length > 1,
  };
}

interface Compiled {
  readonly status: number | undefined;
  readonly headers: readonly { readonly name: string; readonly read: ReadSource }[];
  readonly templates: readonly Template[];
}

interface Template {
  readonly contentType: string;
  /** Lower-case, without parameters. */
  readonly mediaType: string;
  readonly render: RenderBody;
}

/** Compiled at a stage's first failure; another configuration is another stage. */
const known = new WeakMap<StageConfig, ReadonlyMap<string, Compiled>>();

function compiledOf(stage: StageConfig): ReadonlyMap<string, Compiled> {
  let compiled = known.get(stage);
  if (!compiled) {
    const entries = Object.entries(stage.settings.gatewayResponses);
    compiled = new Map(entries.map(([type, entry]) => [type, compile(entry, stage)]));
    known.set(stage, compiled);
  }
  return compiled;
}

function compile(entry: GatewayResponseEntry, { variables, settings }: StageConfig): Compiled {
  return {
    status: entry.statusCode,
    headers: Object.entries(entry.responseParameters).flatMap(([target, source]) => {
      const name = target.slice("gatewayresponse.header.".length);
      const read = compileHeader(source, variables);
      return read && isToken(name) ? [{ name, read }] : [];
    }),
    templates: Object.entries(entry.responseTemplates).map(([contentType, template]) => ({
      contentType,
      mediaType: mediaTypeOf(contentType),
      render: compileResponseTemplate(template, contentType, variables, settings.strict),
    })),
  };
}

function compileHeader(source: string, variables: Readonly<Record<string, string>>): ReadSource | undefined {
  const fixed = /^'(.*)'$/s.exec(source)?.[1];
  if (fixed !== undefined) return () => fixed;
  const found = readSource(source);
  return found && compileSource(found, variables);
}

/** The template of the first type that the client accepts, else JSON's, else the first. */
function choose(templates: readonly Template[], accept: string | null): Template | undefined {
  if (templates.length < 2) return templates[0];
  const [first = ""] = (accept ?? "").split(",", 1);
  const wanted = mediaTypeOf(first);
  return (
    templates.find(({ mediaType }) => mediaType === wanted) ??
    templates.find(({ mediaType }) => mediaType === "application/json") ??
    templates[0]
  );
}

function mediaTypeOf(contentType: string): string {
  const [type = ""] = contentType.split(";", 1);
  return type.trim().toLowerCase();
}

/** what would end the header, or that clients read in more than one way, is not sent at all. */
function isSendable(value: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(value);
}
