import type { Caller } from "./caller.ts";
import type { StageConfig } from "./config/api-config.ts";
import type { RouteKey } from "./config/route-key.ts";
import type { Fail } from "./config/throttle-schema.ts";
import type { Reason } from "./gateway-responses/gateway-error.ts";

/** Turns one request into one response. Its headers are mutable: the way out adds to them. */
export type Handler = (call: Call) => Promise<Response>;

/** Wraps a handler with one concern; throws `GatewayError` to refuse. */
export type Guard = (next: Handler) => Handler;

/** What the engine and the bundle offer to every request of the isolate. */
export interface Runtime {
  /** Calls an origin; redirects are the client's business. */
  fetchOrigin(url: string, init: RequestInit): Promise<Response>;
  /** The module `routes/{name}.ts`; rejects when there is none or its top level throws. */
  loadFunction(name: string): Promise<unknown>;
  /** The bindings that functions get: all but the gateway's own. */
  readonly functionEnv: Readonly<Record<string, unknown>>;
  /** Whether clients are shown why they are refused (`x-portico-reason`). */
  readonly showReasons: boolean;
}

/** What guards and integrations learn on the way, for the access log. */
export interface Outcome {
  /** `X-Amzn-Trace-Id` towards every backend of this request; see `traceOf`. */
  trace?: string;
  reason?: Reason;
  /** The sentence that names the culprit. */
  detail?: string;
  /** What a limit went by, where its counter did not answer. */
  limiter?: Fail;
  /** Whether a cache answered: from what it had, with what another request just brought, or not at all. */
  cache?: "hit" | "stale" | "collapsed" | "miss" | "bypass";
  /** From calling the integration to its response's headers, in ms. */
  integrationLatency?: number;
  /** When the integration's answer has to be whole, in ms since the epoch, for whoever reads it. */
  answerDueAt?: number;
  /** What the integration answered, where that differs from what the client gets. */
  integrationStatus?: number;
  /** How often origins were asked, on a route that says what follows when one fails. */
  attempts?: number;
  /** Host and port of the one that was asked last. */
  origin?: string;
}

/** The route that a request matched. */
export interface MatchedRoute {
  /** As configured: `GET /users/{id}`. */
  readonly key: string;
  readonly template: RouteKey;
  readonly operationName: string | undefined;
  /** Path variables by name, percent-encoded as they were sent. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Everything that one request carries from the door to the integration and back. */
export interface Call {
  readonly request: Request;
  readonly runtime: Runtime;
  readonly ctx: ExecutionContext;
  /** The method that is routed: on REST APIs `X-HTTP-Method-Override` may have replaced the client's. */
  readonly method: string;
  readonly scheme: "http" | "https";
  /** Lower-case, with its port. */
  readonly host: string;
  /** Canonical path as the client addressed it, stage and base path included. */
  readonly fullPath: string;
  /** Canonical path that the routes see: stage and base path taken off. */
  readonly path: string;
  /** In place of the backend's own path, where a mapping says so. */
  readonly mappedPath?: string;
  /** The query without `?`, as sent. */
  readonly query: string;
  /** Whether the stage's name stood at the front of the path. */
  readonly stageNamed: boolean;
  /** The API mapping's base path; none when the host is no custom domain. */
  readonly basePath: string | undefined;
  readonly stage: StageConfig;
  readonly route: MatchedRoute;
  /** Names of the client's headers that no backend may see as they are. */
  readonly stoppedHeaders: readonly string[];
  /** The address that the engine saw, never one that a header claims. */
  readonly clientAddress: string;
  readonly requestId: string;
  /** REST: a second id, in the form of an HTTP API's; HTTP: the request id again. */
  readonly extendedRequestId: string;
  /** When the request arrived, ms since the epoch. */
  readonly startedAt: number;
  readonly outcome: Outcome;
  /** Who is calling, as far as the guards found out. */
  readonly caller: Caller;
  /** The body, once a guard has had to read it whole; whoever reads or forwards it then takes this. */
  bufferedBody?: Uint8Array;
  /** Stops the call to the integration; set by a guard that may have to. */
  readonly stop?: AbortSignal;
}
