import { PAYLOAD_LIMIT, readBody } from "../../../body.ts";
import { GatewayError } from "../../../gateway-responses/gateway-error.ts";
import { type AwsTarget, sendSigned } from "./client.ts";
import type { AwsCall } from "./credentials.ts";
import { encodeQuery } from "./encode.ts";
import {
  compilePath,
  compileQuery,
  fillPath,
  fillQuery,
  type PathTemplate,
  type QueryTemplate,
} from "./service-path.ts";
import { parseServiceUri } from "./service-uri.ts";
import { type ServiceModel, serviceModel, serviceOfAction } from "./services.ts";

/** What mappings and templates have made of a request. */
export interface PreparedRequest {
  readonly method: string;
  /** Values for the URI's `{placeholders}`, percent-encoded as they stand in a URL. */
  readonly path: Readonly<Record<string, string>>;
  /** Without `?`. */
  readonly query: URLSearchParams | string;
  readonly headers: Headers;
  /**
   * A stream is the request's own body. It goes on as it comes to S3 alone, and only where its
   * length is declared; else it is read first, up to the payload limit.
   */
  readonly body: Uint8Array | string | ReadableStream<Uint8Array> | null;
  /**
   * Whether a form in the body may add parameters to an action's: one that a template made.
   * What a caller sent would add parameters to the mapped ones.
   */
  readonly addsParameters?: boolean;
}

/** A service of AWS, called with a path or an action of its own. */
export interface AwsService {
  readonly region: string;
  /** As the URI has it: `dynamodb`. */
  readonly service: string;
  /**
   * The service's answer as it is, its body streamed.
   *
   * @throws GatewayError INTEGRATION_FAILURE, or API_CONFIGURATION_ERROR without credentials; the
   * time that it may take is the caller's business
   */
  call(call: AwsCall, request: PreparedRequest): Promise<Response>;
}

/**
 * @param uri `arn:aws:apigateway:{region}:{service}:path/{path}` or `:action/{Action}`, the
 * stage's variables filled in
 */
export function awsService(uri: string): AwsService | { readonly fault: string } {
  const parsed = parseServiceUri(uri);
  if ("fault" in parsed) return parsed;
  const { service, region, subdomain, kind, rest } = parsed;
  const target: AwsTarget = {
    service: kind === "action" ? serviceOfAction(service, rest) : service,
    region,
    ...(subdomain !== undefined && { subdomain }),
  };
  const model = serviceModel(service);
  if (kind === "action") {
    return { service, region, call: (call, request) => callAction(call, target, model, rest, request) };
  }
  const [path = "", query = ""] = rest.split(/\?(.*)/s);
  const templates = { path: compilePath(path), query: compileQuery(query) };
  return { service, region, call: (call, request) => callPath(call, target, templates, request) };
}

/** `path`: the request as it was prepared. */
async function callPath(
  call: AwsCall,
  target: AwsTarget,
  templates: { readonly path: PathTemplate; readonly query: QueryTemplate },
  { method, path, query, headers, body }: PreparedRequest,
): Promise<Response> {
  const pairs = [...fillQuery(call, templates.query, path), ...new URLSearchParams(query)];
  const declared = call.request.headers.has("content-length");
  const streams = target.service === "s3" && declared && body instanceof ReadableStream;
  return sendSigned(call, target, {
    method,
    path: fillPath(call, templates.path, path, target.service === "s3"),
    query: encodeQuery(pairs),
    headers,
    body: streams ? body : await bytesOf(call, body),
  });
}

/** `action`: in the service's protocol, whatever the method: a query's parameters, or a JSON body. */
async function callAction(
  call: AwsCall,
  target: AwsTarget,
  model: ServiceModel,
  action: string,
  request: PreparedRequest,
): Promise<Response> {
  const headers = new Headers(request.headers);
  const body = await bytesOf(call, request.body);
  const pairs = [...new URLSearchParams(request.query)];
  if (model.json || headers.has("x-amz-target")) {
    const { target: prefix, version } = model.json ?? { target: "", version: "1.0" };
    if (!headers.has("x-amz-target")) headers.set("x-amz-target", `${prefix}.${action}`);
    if (!/^application\/x-amz-json-/i.test(headers.get("content-type") ?? "")) {
      headers.set("content-type", `application/x-amz-json-${version}`);
    }
    return sendSigned(call, target, { method: "POST", path: "/", query: encodeQuery(pairs), headers, body });
  }
  // What the mapping says counts before what a body says, and the action before both.
  const said = request.addsParameters === true && isForm(headers) ? new TextDecoder().decode(body) : "";
  const form = new Map(new URLSearchParams(said));
  for (const [name, value] of pairs) form.set(name, value);
  form.set("Action", action);
  if (!form.has("Version")) {
    if (model.query === undefined) throw unknownService(call, target, action);
    form.set("Version", model.query);
  }
  if (request.method === "GET" || request.method === "HEAD") {
    headers.delete("content-type");
    return sendSigned(call, target, {
      method: request.method,
      path: "/",
      query: encodeQuery(form),
      headers,
      body: new Uint8Array(),
    });
  }
  headers.set("content-type", "application/x-www-form-urlencoded");
  return sendSigned(call, target, {
    method: "POST",
    path: "/",
    query: "",
    headers,
    body: new TextEncoder().encode(encodeQuery(form)),
  });
}

/** Neither protocol has actions without: the service would answer nothing but a refusal. */
function unknownService(call: AwsCall, { service }: AwsTarget, action: string): GatewayError {
  return new GatewayError(
    "API_CONFIGURATION_ERROR",
    "integration.uri",
    `how ${service} takes the action ${action} of ${call.route.key} is not known: map ` +
      "integration.request.header.X-Amz-Target to it (JSON), or integration.request.querystring.Version (Query)",
  );
}

function isForm(headers: Headers): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(headers.get("content-type") ?? "");
}

async function bytesOf(call: AwsCall, body: PreparedRequest["body"]): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  if (typeof body === "string") return new TextEncoder().encode(body);
  if (body instanceof Uint8Array) return body;
  return readBody(call, call.stage.settings.limits.bodyBytes ?? PAYLOAD_LIMIT);
}
