import { verifiedCertificate } from "./access/client-cert.ts";
import type { CompiledCors } from "./access/cors/cors.ts";
import type { Call, Outcome, Runtime } from "./call.ts";
import type { Caller } from "./caller.ts";
import { clientAddress } from "./client-address.ts";
import type { CompiledApi, CompiledRoute, CompiledStage } from "./compile.ts";
import type { StageConfig } from "./config/api-config.ts";
import { NONE } from "./config/check-access.ts";
import { ANY_METHODS, DEFAULT_ROUTE } from "./config/route-key.ts";
import type { ApiEntry } from "./config/schemas.ts";
import type { ConfigStore } from "./config/store.ts";
import { NO_ROUTE } from "./context.ts";
import { GatewayError, type Reason } from "./gateway-responses/gateway-error.ts";
import { addIds, errorResponse, normalise, type ResponseIds } from "./gateway-responses/respond.ts";
import { inspectHeaders } from "./incoming-headers.ts";
import { type AccessLog, logField } from "./observability/access-log.ts";
import { shortRequestId } from "./observability/ids.ts";
import {
  badPath,
  brokenStage,
  endpointDisabled,
  limit,
  noApi,
  noRoute,
  notLocated,
  tooLong,
  unavailable,
} from "./refusals.ts";
import { chooseStage, hostnameOf, locate } from "./routing/locate.ts";
import { canonicalPath, isHost, splitTarget, type Target } from "./routing/path.ts";

/** No API's limit lets a longer path through, in bytes. */
const MAX_PATH = 16_384;

/** What the gateway needs of the isolate that it runs in. */
export interface Gateway {
  readonly store: ConfigStore<CompiledApi>;
  readonly kv: KVNamespace;
  readonly runtime: Runtime;
  readonly log: AccessLog | undefined;
  /** How many proxies of our own stand in front and append to `X-Forwarded-For`. */
  readonly trustedHops: number;
}

/** What is known of a request so far: what the response and the log line are made of. */
interface Observed {
  readonly request: Request;
  readonly target: Target;
  readonly address: string;
  readonly startedAt: number;
  readonly outcome: Outcome;
  readonly caller: Caller;
  ids: ResponseIds;
  stage?: CompiledStage;
  route?: CompiledRoute;
  /** As soon as its stage is known, whose gateway responses may read it. */
  call?: Call;
  /** What every answer gets, errors included. */
  cors?: CompiledCors | undefined;
}

/** The whole flow: locate, match, handle, answer, log. */
export async function serve(gateway: Gateway, request: Request, ctx: ExecutionContext): Promise<Response> {
  const startedAt = Date.now();
  const id = shortRequestId();
  const observed: Observed = {
    request,
    target: splitTarget(request.url),
    address: clientAddress(request, gateway.trustedHops),
    startedAt,
    outcome: {},
    caller: {},
    ids: { protocol: "HTTP", requestId: id, extendedRequestId: id },
  };
  let response: Response;
  try {
    const admitted = await admit(gateway, observed, ctx);
    response = admitted instanceof Response ? admitted : await admitted.handler(admitted);
    const { reason, detail = "" } = observed.outcome;
    // What is answered without an error may have its reason too.
    if (reason && gateway.runtime.showReasons && !response.webSocket)
      showReason(response.headers, reason, detail);
    // An upgraded connection's headers are gone already.
    if (!response.webSocket) addIds(response.headers, observed.ids);
  } catch (thrown) {
    const error = normalise(thrown);
    observed.outcome.reason = error.reason;
    observed.outcome.detail = error.message;
    response = errorResponse(error, observed.ids, observed.call);
    if (gateway.runtime.showReasons) showReason(response.headers, error.reason, error.message);
    if (error.reason === "gateway.bug") console.error(JSON.stringify(bugReport(error, observed)));
  }
  if (!response.webSocket) observed.cors?.apply(request, response.headers);
  writeLog(gateway, observed, response.status, ctx);
  if (gateway.store.isStale(startedAt)) ctx.waitUntil(gateway.store.refresh(gateway.kv));
  return response;
}

/** From a request to a call that knows its route, or to the answer of a preflight; refuses what has no route. */
async function admit(
  gateway: Gateway,
  observed: Observed,
  ctx: ExecutionContext,
): Promise<Response | (Call & { readonly handler: CompiledRoute["handler"] })> {
  const { request, target, ids } = observed;
  const { store, kv } = gateway;
  if (!isHost(request.headers.get("host"))) {
    throw new GatewayError("DEFAULT_4XX", "request.host", "the Host header is no host name");
  }
  // Before anything looks at it: what follows may cost more than its length.
  if (target.path.length > MAX_PATH) throw tooLong(MAX_PATH);
  const canonical = canonicalPath(target.path);
  if (!canonical.ok) throw badPath(canonical.refusal);
  const fullPath = canonical.path;
  if (!store.isReady) await firstRead(store, kv);
  else if (store.isExpired(observed.startedAt)) await store.catchUp(kv, ctx);
  const location = locate(target.host, fullPath, store);
  if (typeof location === "string") {
    throw notLocated(location, target.host, store.domain(hostnameOf(target.host)));
  }
  const api = store.api(location.api) ?? (await loadApi(store, kv, location.api));
  if (!api) throw noApi(location.api);
  const chosen = chooseStage(api.stages, location.stage, location.path);
  if (!chosen) throw noStage(observed, api, location.api);
  const { stage, path, named } = chosen;
  const { settings } = stage.config;
  observed.stage = stage;
  observed.cors = stage.cors;
  if (settings.protocol === "REST") {
    observed.ids = { protocol: "REST", requestId: crypto.randomUUID(), extendedRequestId: ids.requestId };
  }
  const headers = inspectHeaders(request.headers);
  const arrival = arrive(gateway, observed, ctx, stage.config, {
    fullPath,
    path,
    stageNamed: named,
    basePath: location.basePath,
    stoppedHeaders: headers.stopped,
  });
  observed.call = arrival;
  if (stage.config.broken) throw brokenStage(stage.config);
  if (settings.disableExecuteApiEndpoint && location.basePath === undefined) {
    throw endpointDisabled(target.host, settings);
  }
  const clientCert = location.mutualTls && verifiedCertificate(request, location.mutualTls);
  if (clientCert) observed.caller.clientCert = clientCert;
  limit(target, headers.bytes, settings);
  if (canonical.encodedSlash && !settings.allowEncodedSlashes) {
    throw badPath("an encoded slash, backslash or semicolon");
  }
  const preflight = answerPreflight(observed, stage, path);
  if (preflight) return preflight;
  const match = stage.trie.match(arrival.method, path);
  if (!match) throw noRoute(arrival.method, path, settings);
  const { route, values } = match;
  observed.route = route;
  if (route.cors !== undefined) observed.cors = route.cors ?? undefined;
  const call = {
    ...arrival,
    route: {
      key: route.config.key,
      template: route.template,
      operationName: route.operationName,
      parameters: route.parameters(values),
    },
    handler: route.handler,
  };
  observed.call = call;
  return call;
}

/** The call as its stage is known, and its route not yet. */
function arrive(
  { runtime }: Gateway,
  observed: Observed,
  ctx: ExecutionContext,
  stage: StageConfig,
  place: Pick<Call, "fullPath" | "path" | "stageNamed" | "basePath" | "stoppedHeaders">,
): Call {
  const { request, target, ids } = observed;
  return {
    ...place,
    request,
    runtime,
    ctx,
    method: routedMethod(request, stage.settings),
    scheme: target.scheme,
    host: target.host,
    query: target.query,
    stage,
    route: NO_ROUTE,
    clientAddress: observed.address,
    requestId: ids.requestId,
    extendedRequestId: ids.extendedRequestId,
    startedAt: observed.startedAt,
    outcome: observed.outcome,
    caller: observed.caller,
  };
}

async function firstRead(store: Gateway["store"], kv: KVNamespace): Promise<void> {
  try {
    await store.ready(kv);
  } catch (error) {
    throw unavailable(error);
  }
}

async function loadApi(
  store: Gateway["store"],
  kv: KVNamespace,
  name: string,
): Promise<CompiledApi | undefined> {
  try {
    return await store.loadApi(kv, name);
  } catch (error) {
    throw unavailable(error);
  }
}

/**
 * A browser's question whether a page may ask, answered before authorization and without a
 * backend, by the CORS of the route that the page wants to call.
 *
 * `strict`: API Gateway leaves it to an OPTIONS or `$default` route with an authorizer
 * (aws-semantics 2.1), which refuses it.
 */
function answerPreflight(observed: Observed, stage: CompiledStage, path: string): Response | undefined {
  const { request } = observed;
  if (request.method !== "OPTIONS") return undefined;
  const wanted = request.headers.get("access-control-request-method");
  if (wanted === null || !request.headers.has("origin")) return undefined;
  const route = stage.trie.match(wanted, path)?.route;
  const cors = route?.cors === undefined ? stage.cors : route.cors;
  if (!cors) {
    // A route that has none says nothing of the API's either.
    observed.cors = undefined;
    return undefined;
  }
  if (stage.config.settings.strict) {
    const own = stage.trie.match("OPTIONS", path)?.route;
    const guarded = own?.config.ok === true && (own.config.entry.authorizer ?? NONE) !== NONE;
    if (guarded && (own.template.method === "OPTIONS" || own.config.key === DEFAULT_ROUTE)) return undefined;
  }
  observed.cors = undefined;
  const answer = cors.preflight(request);
  if (!answer.headers.has("access-control-allow-origin")) {
    observed.outcome.reason = "cors.refused";
    observed.outcome.detail = "the origin, or the method that the page asks for, is not among those allowed";
  }
  return answer;
}

/** REST APIs let a header replace the method (aws-semantics 2.2); routing and guards see the same one. */
function routedMethod(request: Request, settings: ApiEntry): string {
  if (settings.protocol !== "REST") return request.method;
  const override = request.headers.get("x-http-method-override")?.toUpperCase();
  return override !== undefined && ANY_METHODS.has(override) ? override : request.method;
}

function noStage(observed: Observed, api: CompiledApi, name: string): GatewayError {
  const [any] = api.stages.values();
  const rest = any?.config.settings.protocol === "REST";
  const detail = `the path names no stage of ${name}, and it has no $default`;
  if (!rest) return new GatewayError("RESOURCE_NOT_FOUND", "stage.none", detail);
  observed.ids = { ...observed.ids, protocol: "REST", requestId: crypto.randomUUID() };
  return new GatewayError("DEFAULT_4XX", "stage.none", detail, { status: 403, message: "Forbidden" });
}

/** Developers see in the response what the log says; a header holds printable ASCII only. */
function showReason(headers: Headers, reason: Reason, detail: string): void {
  const text = detail.replace(/[^\x20-\x7e]+/g, " ").slice(0, 512);
  headers.set("x-portico-reason", `${reason}: ${text}`);
}

function bugReport(error: GatewayError, observed: Observed): Record<string, unknown> {
  return {
    level: "error",
    reason: error.reason,
    requestId: observed.ids.requestId,
    error: error.message,
    stack: error.cause instanceof Error ? error.cause.stack : undefined,
  };
}

/** `$context.authorizer.principalId`, or the signer's ARN. */
function callerName({ authorizer }: Caller): string | undefined {
  const name = authorizer?.kind === "iam" ? authorizer.userArn : authorizer?.principalId;
  return name === undefined ? undefined : logField(name);
}

function writeLog(gateway: Gateway, observed: Observed, status: number, ctx: ExecutionContext): void {
  const { log } = gateway;
  const stage = observed.stage?.config;
  if (!log || stage?.settings.accessLog === false) return;
  const now = Date.now();
  const { outcome } = observed;
  log.write(
    {
      time: new Date(observed.startedAt).toISOString(),
      requestId: observed.ids.requestId,
      api: stage?.api,
      stage: stage?.stage,
      method: observed.request.method,
      path: logField(observed.target.path),
      route: observed.route?.config.key,
      status,
      reason: outcome.reason,
      detail: outcome.detail === undefined ? undefined : logField(outcome.detail),
      latency: now - observed.startedAt,
      integrationLatency: outcome.integrationLatency,
      integrationStatus: outcome.integrationStatus,
      attempts: outcome.attempts,
      origin: outcome.origin,
      sourceIp: observed.address,
      caller: callerName(observed.caller),
      apiKeyId: observed.caller.apiKey?.id,
      limiter: outcome.limiter,
      cache: outcome.cache,
      userAgent: logField(observed.request.headers.get("user-agent") ?? ""),
    },
    ctx,
    now,
  );
}
