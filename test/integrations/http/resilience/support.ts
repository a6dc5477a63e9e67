import { createExecutionContext } from "cloudflare:test";
import * as v from "valibot";
import type { Call } from "../../../../src/call.ts";
import { GatewayIntegration } from "../../../../src/config/integration-schema.ts";
import { parseRouteKey } from "../../../../src/config/route-key.ts";
import { API_DEFAULTS } from "../../../../src/config/schemas.ts";
import { GatewayError } from "../../../../src/gateway-responses/gateway-error.ts";
import { Circuits } from "../../../../src/integrations/http/resilience/circuits.ts";
import {
  type OriginRequest,
  type OriginSender,
  originSender,
} from "../../../../src/integrations/http/send.ts";
import { buildRequest } from "../../../support/gateway.ts";
import { VirtualClock } from "../../../throttle/support/virtual-clock.ts";

/** What an origin does with a request: a status, a failure, or both after some ms. */
export type Behaviour =
  | number
  | "reset"
  | "stall"
  | { readonly afterMs: number; readonly what: number | "reset" }
  | { readonly status: number; readonly headers: Readonly<Record<string, string>> };

/** One attempt, as the origins saw it. */
export interface Seen {
  readonly host: string;
  /** Ms since the world began. */
  readonly at: number;
  readonly method: string;
  readonly headers: Headers;
  readonly body: RequestInit["body"];
  readonly signal: AbortSignal | null | undefined;
}

export interface Sending {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: OriginRequest["body"];
  readonly stop?: AbortSignal;
  readonly host?: string;
}

/** What came of a request. */
export interface Outcome {
  /** The status, or the reason why there is none. */
  readonly result: number | string;
  readonly response: Response | undefined;
  readonly error: GatewayError | undefined;
  readonly outcome: Call["outcome"];
  /** Ms from sending it until the answer. */
  readonly tookMs: number;
}

const BEGIN = 1_700_000_000_000;

/** Origins that do as they are told, in time that goes by when it is told to. */
export class World {
  readonly clock = new VirtualClock(BEGIN);
  readonly circuits = new Circuits();
  readonly seen: Seen[] = [];
  /** Bodies of answers that nobody wanted any more. */
  cancelled = 0;
  /** By host: what it does, or what it does in turn (the last again and again). */
  readonly origins: Record<string, Behaviour | readonly Behaviour[]>;
  readonly #random: () => number;

  constructor(origins: Record<string, Behaviour | readonly Behaviour[]>, random: () => number = () => 0.5) {
    this.origins = origins;
    this.#random = random;
  }

  /** The hosts that were asked, in turn. */
  get hosts(): readonly string[] {
    return this.seen.map(({ host }) => host);
  }

  sender(
    integration: Readonly<Record<string, unknown>>,
    variables: Record<string, string> = {},
  ): OriginSender {
    const parsed = v.parse(GatewayIntegration, { type: "http_proxy", ...integration });
    const chance = { clock: this.clock, random: this.#random };
    return originSender(parsed, { ...STAGE, variables }, this.circuits, chance);
  }

  async send(sender: OriginSender, sending: Sending = {}): Promise<Outcome> {
    const began = this.clock.now();
    const call = this.#call(sending);
    const request: OriginRequest = {
      method: sending.method ?? "GET",
      headers: new Headers(sending.headers),
      body: sending.body ?? null,
      url: (origin) => origin.fill(() => undefined),
    };
    let response: Response | undefined;
    let error: GatewayError | undefined;
    try {
      response = await this.clock.until(sender(call, request));
    } catch (thrown) {
      if (!(thrown instanceof GatewayError)) throw thrown;
      error = thrown;
    }
    const result = response?.status ?? error?.reason ?? "";
    return { result, response, error, outcome: call.outcome, tookMs: this.clock.now() - began };
  }

  #call({ method = "GET", headers = {}, stop, host = "api.test" }: Sending): Call {
    const template = parseRouteKey("ANY /{proxy+}");
    if (typeof template === "string") throw new Error(template);
    return {
      request: buildRequest("/", { method, headers }),
      runtime: {
        fetchOrigin: (url, init) => this.#fetch(url, init),
        loadFunction: () => Promise.reject(new Error("no function is called")),
        functionEnv: {},
        showReasons: false,
      },
      ctx: createExecutionContext(),
      method,
      scheme: "https",
      host,
      fullPath: "/",
      path: "/",
      query: "",
      stageNamed: false,
      basePath: undefined,
      stage: STAGE,
      route: { key: "ANY /{proxy+}", template, operationName: undefined, parameters: {} },
      stoppedHeaders: [],
      clientAddress: "203.0.113.7",
      requestId: "id",
      extendedRequestId: "id",
      startedAt: this.clock.now(),
      outcome: {},
      caller: {},
      ...(stop && { stop }),
    };
  }

  #fetch(url: string, init: RequestInit): Promise<Response> {
    const { host } = new URL(url);
    const turn = this.hosts.filter((other) => other === host).length;
    const { method = "GET", body, signal } = init;
    this.seen.push({
      host,
      at: this.clock.now() - BEGIN,
      method,
      headers: new Headers(init.headers),
      body,
      signal,
    });
    const told = this.origins[host] ?? "reset";
    const behaviour = isList(told) ? (told[Math.min(turn, told.length - 1)] ?? "reset") : told;
    return Promise.race([this.#behave(behaviour), aborted(signal)]);
  }

  #behave(behaviour: Behaviour): Promise<Response> {
    if (typeof behaviour === "number") return Promise.resolve(this.#answer(behaviour, {}));
    if (behaviour === "reset") return Promise.reject(new Error("Network connection lost."));
    if (behaviour === "stall") return new Promise(() => undefined);
    if ("status" in behaviour) return Promise.resolve(this.#answer(behaviour.status, behaviour.headers));
    const { afterMs, what } = behaviour;
    return new Promise((resolve, reject) => {
      this.clock.after(afterMs, () => this.#behave(what).then(resolve, reject));
    });
  }

  #answer(status: number, headers: Readonly<Record<string, string>>): Response {
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          controller.enqueue(new TextEncoder().encode(`status ${status}`));
          controller.close();
        },
        cancel: () => {
          this.cancelled += 1;
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(status === 204 || status === 304 ? null : body, { status, headers });
  }
}

const isList = (told: Behaviour | readonly Behaviour[]): told is readonly Behaviour[] => Array.isArray(told);

function aborted(signal: AbortSignal | null | undefined): Promise<never> {
  if (signal?.aborted) return Promise.reject(signal.reason);
  return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
}

const STAGE = {
  api: "shop",
  stage: "$default",
  settings: API_DEFAULTS,
  variables: {},
  routes: [],
  authorizers: new Map(),
  models: new Map(),
  limits: { stage: [], defaultRoute: undefined, routes: new Map(), account: [] },
  deployment: "auto",
  broken: false,
  problems: [],
};
