import type { Call } from "../../call.ts";
import type { StageConfig } from "../../config/api-config.ts";
import type { GatewayIntegration } from "../../config/integration-schema.ts";
import { stageVariablesOf } from "../../config/integration-uri.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { HOPS_HEADER, nextHop } from "../../incoming-headers.ts";
import { CLOCK } from "../../lib/clock.ts";
import type { Circuits } from "./resilience/circuits.ts";
import { Exchange } from "./resilience/exchange.ts";
import { oneAttempt } from "./resilience/one-attempt.ts";
import { type Chance, makePlan } from "./resilience/plan.ts";
import { repeatableBody } from "./resilience/repeat.ts";
import { limitIdle, responseTimeout } from "./resilience/stream-mode.ts";
import { compileUri, type UriTemplate } from "./uri.ts";

/** One call to an origin, as prepared by mapping. */
export interface OriginRequest {
  readonly method: string;
  /** Changed here: the gateway's own go on top. */
  readonly headers: Headers;
  /** Bytes, when something had to read them; else the client's stream, which can be sent once. */
  readonly body: Uint8Array | ReadableStream<Uint8Array> | null;
  /** The URL at one of the route's origins, filled for this request. */
  url(origin: UriTemplate): string;
}

/**
 * Sends a request to its origin, and sees to what the route says of failures.
 *
 * @throws GatewayError integration.uri, .loop, .unreachable, .network, .timeout, .circuit_open
 */
export type OriginSender = (call: Call, request: OriginRequest) => Promise<Response>;

const CHANCE: Chance = { clock: CLOCK, random: () => Math.random() };

/** Built once a route; one that says nothing of failures pays nothing for them. */
export function originSender(
  integration: GatewayIntegration,
  stage: StageConfig,
  circuits: Circuits,
  chance: Chance = CHANCE,
): OriginSender {
  const { origins, retry, circuit, fallback } = integration;
  const send =
    origins || retry || circuit || fallback
      ? resilientSender(integration, stage, circuits, chance)
      : plainSender(integration, stage);
  if (integration.responseTransferMode !== "STREAM") return send;
  return async (call, request) => {
    // What is compressed does not come piece by piece (aws-semantics 21: no content-encoding).
    request.headers.set("accept-encoding", "identity");
    return limitIdle(await send(call, request), chance.clock);
  };
}

function plainSender(integration: GatewayIntegration, stage: StageConfig): OriginSender {
  const uri = compileUri(integration.uri ?? "", stage.variables);
  const ms = responseTimeout(integration, stage.settings.protocol);
  const limit = { ms, named: ms };
  return async (call, request) => {
    if (!uri) throw noUrl(call, [integration]);
    setHop(call, request, uri.authority === call.host ? uri : undefined);
    const sentAt = Date.now();
    call.outcome.answerDueAt = sentAt + ms;
    try {
      return await oneAttempt(call, request, uri, limit);
    } finally {
      call.outcome.integrationLatency = Date.now() - sentAt;
    }
  };
}

function resilientSender(
  integration: GatewayIntegration,
  stage: StageConfig,
  circuits: Circuits,
  chance: Chance,
): OriginSender {
  const timeout = responseTimeout(integration, stage.settings.protocol);
  const plan = makePlan(integration, stage.variables, timeout, circuits);
  if (!plan) {
    const { fallback } = integration;
    const named = [integration, ...(integration.origins ?? []), ...(fallback ? [fallback] : [])];
    return (call) => Promise.reject(noUrl(call, named));
  }
  const uris = plan.origins.map(({ uri }) => uri);
  if (plan.fallback?.origin) uris.push(plan.fallback.origin.uri);
  return async (call, request) => {
    setHop(
      call,
      request,
      uris.find(({ authority }) => authority === call.host),
    );
    const body = plan.keepsBodies ? await repeatableBody(call, request.body) : request.body;
    const sentAt = Date.now();
    try {
      return await new Exchange(plan, chance, call, { ...request, body }).answer();
    } finally {
      call.outcome.integrationLatency = Date.now() - sentAt;
    }
  };
}

/** Says how many gateways the request has passed; refuses it when it would come round again. */
function setHop(call: Call, { headers }: OriginRequest, ourselves: UriTemplate | undefined): void {
  const hop = nextHop(call.request.headers);
  if (ourselves || hop === undefined) {
    const where = ourselves ? ` (${ourselves.authority})` : "";
    throw new GatewayError(
      "API_CONFIGURATION_ERROR",
      "integration.loop",
      `${call.route.key} forwards to this gateway itself${where}`,
    );
  }
  headers.set(HOPS_HEADER, hop);
}

/** @param named what has a URI, of which one is none */
function noUrl(call: Call, named: readonly { readonly uri?: string | undefined }[]): GatewayError {
  const { variables, stage } = call.stage;
  const asked = named.flatMap(({ uri = "" }) => stageVariablesOf(uri));
  const missing = asked.filter((name) => !Object.hasOwn(variables, name) || variables[name] === "");
  const which = missing.length === 0 ? "" : `: the stage ${stage} has no variable ${missing.join(", ")}`;
  return new GatewayError(
    "API_CONFIGURATION_ERROR",
    "integration.uri",
    `the integration of ${call.route.key} has no valid URL once the stage's variables are filled in${which}`,
  );
}
