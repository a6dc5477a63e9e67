import type { GatewayIntegration } from "../../../config/integration-schema.ts";
import type { Fallback, Retry } from "../../../config/resilience-schema.ts";
import type { Clock } from "../../../lib/clock.ts";
import { compileUri, type UriTemplate } from "../uri.ts";
import type { Weighted } from "./choose-origin.ts";
import type { Circuit } from "./circuit.ts";
import type { Circuits } from "./circuits.ts";
import type { RetryBudget } from "./retry-budget.ts";

/** One of a route's origins. */
export interface Origin extends Weighted {
  readonly uri: UriTemplate;
  readonly circuit: Circuit | undefined;
}

/** What answers when no origin does. */
export interface FallbackPlan {
  readonly statuses: readonly number[];
  /** Where it is another origin. */
  readonly origin?: { readonly uri: UriTemplate; readonly timeout: number };
  /** Where it is written in the configuration; a new one for each request. */
  readonly answer?: () => Response;
}

/** How a route goes on when an origin fails; built once a route. */
export interface Plan {
  readonly origins: readonly Origin[];
  readonly retry: Retry | undefined;
  readonly budget: RetryBudget | undefined;
  /** The answers that its circuits count as failures. */
  readonly circuitStatuses: readonly number[];
  readonly fallback: FallbackPlan | undefined;
  /** Whether small bodies are read before they are sent: for what is sent twice, or blamed on the origin. */
  readonly keepsBodies: boolean;
  /** For all attempts together, in ms. */
  readonly timeout: number;
}

/** Time and chance, so that what depends on them can be run on any. */
export interface Chance {
  readonly clock: Clock;
  /** From 0 to 1, exclusive. */
  readonly random: () => number;
}

/** @returns none when an origin has no valid URL once the stage's variables are filled in */
export function makePlan(
  integration: GatewayIntegration,
  variables: Readonly<Record<string, string>>,
  timeout: number,
  circuits: Circuits,
): Plan | undefined {
  const { retry, circuit } = integration;
  const origins: Origin[] = [];
  for (const { uri, weight } of integration.origins ?? [{ uri: integration.uri ?? "", weight: 1 }]) {
    const template = compileUri(uri, variables);
    if (!template) return undefined;
    origins.push({
      uri: template,
      weight,
      circuit: circuit && circuits.circuit(template.authority, circuit),
    });
  }
  const fallback = integration.fallback && planFallback(integration.fallback, variables, timeout);
  if (integration.fallback && !fallback) return undefined;
  const authorities = origins.map(({ uri }) => uri.authority);
  return {
    origins,
    retry,
    budget: retry && circuits.budget(authorities, retry),
    circuitStatuses: circuit?.statuses ?? [],
    fallback,
    keepsBodies: retry !== undefined || circuit !== undefined || fallback?.origin !== undefined,
    timeout,
  };
}

function planFallback(
  { uri, timeoutInMillis, statusCode, headers, body, statuses }: Fallback,
  variables: Readonly<Record<string, string>>,
  timeout: number,
): FallbackPlan | undefined {
  if (uri !== undefined) {
    const template = compileUri(uri, variables);
    return template && { statuses, origin: { uri: template, timeout: timeoutInMillis ?? timeout } };
  }
  // What is said in an emergency must not be remembered as the answer.
  const said = { "cache-control": "no-store", ...lowerCase(headers ?? {}) };
  return { statuses, answer: () => new Response(body ?? null, { status: statusCode ?? 503, headers: said }) };
}

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
