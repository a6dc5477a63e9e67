import { PAYLOAD_LIMIT, readBody } from "../body.ts";
import type { Call, Guard } from "../call.ts";
import type { StageConfig } from "../config/api-config.ts";
import type { GatewayIntegration } from "../config/integration-schema.ts";
import { GatewayError } from "../gateway-responses/gateway-error.ts";
import type { RequestSource, Sources } from "../mapping/parameters/expression.ts";
import { headerSpellings, type Spellings } from "../mapping/parameters/header-spellings.ts";
import { compileOperation, isHttpTarget, type Operation } from "../mapping/parameters/http-mapping.ts";
import { compilePathTemplate, type PathTemplate } from "../mapping/parameters/path-template.ts";
import { meantName, withoutParameters } from "../mapping/parameters/query-names.ts";
import { requestSource } from "../mapping/parameters/request-source.ts";
import { readAnswer } from "./answer-body.ts";
import { defaultTimeout } from "./timeout.ts";

interface Step extends Operation {
  readonly spellings: Spellings | undefined;
  readonly path: PathTemplate | undefined;
}

/** What one direction does, in the order in which it is written. */
interface Mapping {
  readonly steps: readonly Step[];
  readonly needs: ReadonlySet<"request.body" | "response.body">;
  readonly changesHeaders: boolean;
  /** Query parameters of the client's that go, by what backends take them for. */
  readonly removed: ReadonlySet<string>;
}

/**
 * HTTP APIs' parameter mapping around an integration; none where the route maps nothing.
 * Every value is read from the request as the client sent it, before anything is changed
 * (aws-semantics 7.1).
 */
export function mapParameters(integration: GatewayIntegration, stage: StageConfig): Guard | undefined {
  const { variables } = stage;
  const limit = stage.settings.limits.bodyBytes ?? PAYLOAD_LIMIT;
  const timeout = integration.timeoutInMillis ?? defaultTimeout(stage.settings.protocol);
  const request = compile(integration.requestParameters ?? {}, variables, "request");
  const responses = new Map<number, Mapping>();
  for (const [status, parameters] of Object.entries(integration.responseParameters ?? {})) {
    responses.set(Number(status), compile(parameters, variables, "response"));
  }
  if (request.steps.length === 0 && responses.size === 0) return undefined;
  const mappings = [request, ...responses.values()];
  const readsBody = mappings.some(({ needs }) => needs.has("request.body"));
  return (next) => async (call) => {
    if (readsBody) call.bufferedBody = await readBody(call, limit);
    // A body that somebody else has read is nobody's business here.
    const body = readsBody && call.bufferedBody ? decoder.decode(call.bufferedBody) : "";
    const source = requestSource(call, body);
    const response = await next(request.steps.length === 0 ? call : mapped(call, source, request));
    const mapping = responses.get(response.status);
    return mapping ? answered(call, source, response, mapping, timeout) : response;
  };
}

const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

function compile(
  parameters: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>>,
  side: "request" | "response",
): Mapping {
  const steps: Step[] = [];
  for (const [target, text] of Object.entries(parameters)) {
    if (!isHttpTarget(target)) continue;
    const operation = compileOperation(target, text, variables, side);
    if ("fault" in operation) continue;
    const spellings = operation.place === "header" ? headerSpellings(operation.name) : undefined;
    const path = operation.place === "path" ? compilePathTemplate(text, variables) : undefined;
    steps.push({ ...operation, spellings, path });
  }
  return {
    steps,
    needs: new Set(steps.flatMap(({ value }) => [...(value?.needs ?? [])])),
    changesHeaders: steps.some(({ place }) => place === "header"),
    removed: new Set(
      steps.flatMap(({ place, verb, name }) =>
        place === "querystring" && verb !== "append" ? [meantName(name)] : [],
      ),
    ),
  };
}

function mapped(call: Call, request: RequestSource, mapping: Mapping): Call {
  const headers = mapping.changesHeaders ? new Headers(call.request.headers) : undefined;
  // What stops here is gone before anything is added: a client's Connection cannot name it.
  for (const name of call.stoppedHeaders) if (name !== "host") headers?.delete(name);
  let query = withoutParameters(call.query, mapping.removed);
  const values = mapping.steps.map(({ value }) => value?.text({ request }));
  let path: string | undefined;
  const set = new Set<string>();
  for (const [index, step] of mapping.steps.entries()) {
    const value = values[index];
    if (step.place === "header") {
      if (headers) mapHeader(headers, step, value, badRequestHeader);
      if (value !== undefined) set.add(step.name.toLowerCase());
    } else if (step.place === "querystring") query = withParameter(query, step.name, value);
    else path = step.path?.fill(call, request);
  }
  return {
    ...call,
    ...(headers && {
      request: withHeaders(call, headers),
      // What a mapping says is the gateway's word; the client's is gone.
      stoppedHeaders: call.stoppedHeaders.filter((name) => !set.has(name)),
    }),
    query,
    ...(path !== undefined && { mappedPath: path, path, fullPath: path }),
  };
}

/** A body that was read cannot be taken over from a request; it is there as bytes. */
function withHeaders({ request, bufferedBody }: Call, headers: Headers): Request {
  if (!bufferedBody) return new Request(request, { headers });
  const { method, url } = request;
  const empty = bufferedBody.byteLength === 0 || method === "GET" || method === "HEAD";
  return new Request(url, { method, headers, body: empty ? null : bufferedBody });
}

/** What a mapping overwrites is taken off first, also where it then sets nothing. */
function mapHeader(
  headers: Headers,
  { verb, name, spellings }: Step,
  value: string | undefined,
  refuse: (name: string, cause: unknown) => GatewayError,
): void {
  if (verb !== "append") spellings?.remove(headers);
  if (value === undefined) return;
  try {
    headers.append(name, value);
  } catch (error) {
    throw refuse(name, error);
  }
}

function withParameter(query: string, name: string, value: string | undefined): string {
  if (value === undefined) return query;
  const own = new URLSearchParams([[name, value]]).toString();
  return query === "" ? own : `${query}&${own}`;
}

async function answered(
  call: Call,
  request: RequestSource,
  response: Response,
  mapping: Mapping,
  timeout: number,
): Promise<Response> {
  const bytes = mapping.needs.has("response.body")
    ? await readAnswer(call, response.body, timeout)
    : undefined;
  const { headers } = response;
  const sources: Sources = {
    request,
    response: {
      header: (name) => headers.get(name) ?? undefined,
      body: bytes ? decoder.decode(bytes) : "",
    },
  };
  const values = mapping.steps.map(({ value }) => value?.text(sources));
  const mappedHeaders = new Headers(headers);
  let { status } = response;
  for (const [index, step] of mapping.steps.entries()) {
    const value = values[index];
    if (step.place === "header") mapHeader(mappedHeaders, step, value, badResponseHeader);
    else if (value !== undefined) status = statusOf(call, value);
  }
  const empty = status === 204 || status === 205 || status === 304;
  return new Response(empty ? null : (bytes ?? response.body), { status, headers: mappedHeaders });
}

function statusOf(call: Call, value: string): number {
  const status = Number(value);
  if (/^[2-5]\d\d$/.test(value)) return status;
  throw new GatewayError(
    "API_CONFIGURATION_ERROR",
    "mapping.status",
    `the mapping of ${call.route.key} overwrites the status with something that is none`,
  );
}

/** A caller's value with CR, LF or NUL in it cannot be a header's. */
function badRequestHeader(name: string, cause: unknown): GatewayError {
  const detail = `the value for the header ${name} has characters that no header can have`;
  return new GatewayError("BAD_REQUEST_PARAMETERS", "request.header_value", detail, { cause });
}

function badResponseHeader(name: string, cause: unknown): GatewayError {
  const detail = `the value for the response header ${name} has characters that no header can have`;
  return new GatewayError("API_CONFIGURATION_ERROR", "mapping.header_value", detail, { cause });
}
