import type { Call } from "../../../call.ts";
import { GatewayError, type Reason } from "../../../gateway-responses/gateway-error.ts";
import { sleep } from "../../../lib/clock.ts";
import type { OriginRequest } from "../send.ts";
import { chooseOrigin } from "./choose-origin.ts";
import { type Limit, oneAttempt } from "./one-attempt.ts";
import type { Chance, FallbackPlan, Origin, Plan } from "./plan.ts";
import { backoffMs, isRepeatable, retryAfterMs } from "./repeat.ts";

/** What came of an attempt: an answer of whatever status, or none. */
type Result = Response | GatewayError;

/** For so long, in ms, an origin's `Retry-After` is waited for. */
const PATIENCE_MS = 5_000;

/** What is the origin's fault, or the way's to it. */
const FAILURES: ReadonlySet<Reason> = new Set([
  "integration.network",
  "integration.unreachable",
  "integration.timeout",
  "integration.circuit_open",
]);

/** One client's request and the origins of its route, until one of them answers or none is left. */
export class Exchange {
  readonly #plan: Plan;
  readonly #chance: Chance;
  readonly #call: Call;
  readonly #request: OriginRequest;
  /** Whether all of the body is here, if there is one: it can be sent again, and no failure is its client's. */
  readonly #hasBody: boolean;
  readonly #mayRepeat: boolean;
  readonly #startedAt: number;
  readonly #tried: Origin[] = [];

  constructor(plan: Plan, chance: Chance, call: Call, request: OriginRequest) {
    this.#plan = plan;
    this.#chance = chance;
    this.#call = call;
    this.#request = request;
    this.#hasBody = request.body === null || request.body instanceof Uint8Array;
    this.#mayRepeat = this.#hasBody && isRepeatable(request.method, request.headers, plan.retry);
    this.#startedAt = chance.clock.now();
  }

  /** @throws GatewayError what the last attempt failed with, when nothing else answers */
  async answer(): Promise<Response> {
    const { fallback, timeout } = this.#plan;
    this.#call.outcome.answerDueAt = this.#startedAt + timeout;
    const result = await this.#askOrigins();
    if (fallback && isFailure(result, fallback.statuses)) return this.#fallBack(fallback, result);
    return settled(result);
  }

  async #askOrigins(): Promise<Result> {
    const { retry, budget } = this.#plan;
    const { clock } = this.#chance;
    budget?.request(clock.now());
    let result = await this.#askOne();
    while (retry && this.#mayRepeat && isFailure(result, retry.statuses)) {
      if (this.#tried.length >= retry.attempts) break;
      const waitMs = this.#waitMs(retry.backoffInMillis, result);
      if (waitMs === undefined || !budget?.take(clock.now())) break;
      discard(result);
      await sleep(waitMs, clock);
      result = await this.#askOne();
    }
    return result;
  }

  async #askOne(): Promise<Result> {
    const { clock, random } = this.#chance;
    const { outcome } = this.#call;
    const now = clock.now();
    const origin = chooseOrigin(this.#open(now), this.#tried, random());
    if (!origin) return this.#circuitOpen(now);
    const { uri, circuit } = origin;
    const permit = circuit?.enter(now) ?? 0;
    const limit = this.#limit(now);
    const isShort = this.#tried.length > 0 && limit.ms < limit.named;
    this.#tried.push(origin);
    outcome.attempts = this.#tried.length;
    outcome.origin = uri.authority;
    try {
      const response = await oneAttempt(this.#call, this.#request, uri, limit, new AbortController(), clock);
      circuit?.report(permit, !this.#plan.circuitStatuses.includes(response.status), clock.now());
      return response;
    } catch (error) {
      const failure = this.#failureOf(error);
      if (failure && this.#isItsFault(failure, isShort)) circuit?.report(permit, false, clock.now());
      else circuit?.release(permit);
      if (!failure) throw error;
      return failure;
    }
  }

  #open(now: number): readonly Origin[] {
    return this.#plan.origins.filter(({ circuit }) => circuit?.admits(now) ?? true);
  }

  #limit(now: number): Limit {
    const { retry, timeout } = this.#plan;
    const left = this.#startedAt + timeout - now;
    const perTry = retry?.perTryTimeoutInMillis ?? timeout;
    return perTry <= left ? { ms: perTry, named: perTry } : { ms: Math.max(0, left), named: timeout };
  }

  /** How long to wait for the next attempt, in ms; undefined when there is to be none. */
  #waitMs(backoff: number, result: Result): number | undefined {
    const { clock, random } = this.#chance;
    const now = clock.now();
    const open = this.#open(now);
    if (open.length === 0) return undefined;
    const sameAgain = open.every((origin) => origin === this.#tried.at(-1));
    const asked = sameAgain && result instanceof Response ? result.headers.get("retry-after") : null;
    const askedMs = retryAfterMs(asked, now);
    const waitMs = Math.max(askedMs, backoffMs(backoff, this.#tried.length, random()));
    const inTime = now + waitMs < this.#startedAt + this.#plan.timeout;
    return askedMs <= PATIENCE_MS && inTime ? waitMs : undefined;
  }

  /** The failure of an origin; none for what the client, or a guard, has brought about. */
  #failureOf(error: unknown): GatewayError | undefined {
    if (!(error instanceof GatewayError) || this.#call.stop?.aborted) return undefined;
    return FAILURES.has(error.reason) ? error : undefined;
  }

  /**
   * A client can break its body off, or send it slowly: no origin is left alone for that.
   * Nor for being late when it got only what was left of the route's time.
   */
  #isItsFault({ reason }: GatewayError, isShort: boolean): boolean {
    return this.#hasBody && !(isShort && reason === "integration.timeout");
  }

  #circuitOpen(now: number): GatewayError {
    const waits = this.#plan.origins.map(({ circuit }) => circuit?.waitMs(now) ?? 0);
    const seconds = Math.max(1, Math.ceil(Math.min(...waits) / 1000));
    const names = this.#plan.origins.map(({ uri }) => uri.authority).join(", ");
    return new GatewayError(
      "INTEGRATION_FAILURE",
      "integration.circuit_open",
      `${names} of ${this.#call.route.key} failed too often and is left alone for ${seconds} s`,
      { headers: { "retry-after": String(seconds) } },
    );
  }

  async #fallBack({ origin, answer }: FallbackPlan, result: Result): Promise<Response> {
    const { outcome } = this.#call;
    let response: Result | undefined;
    if (answer) response = answer();
    else if (origin && (this.#mayRepeat || this.#tried.length === 0)) {
      response = await this.#askFallback(origin);
    }
    if (!response) return settled(result);
    if (response instanceof GatewayError) return this.#failedTwice(result, response);
    const why =
      result instanceof Response
        ? `${outcome.origin ?? "the origin"} answered with ${result.status}`
        : result.message;
    outcome.reason = "integration.fallback";
    outcome.detail = `the fallback of ${this.#call.route.key} answers: ${why}`;
    if (origin) outcome.origin = origin.uri.authority;
    discard(result);
    return response;
  }

  /** The failure of the origins stands when the fallback fails as well; the log names both. */
  #failedTwice(result: Result, { message }: GatewayError): Response {
    const too = `; the fallback failed too: ${message}`;
    if (result instanceof GatewayError) {
      const { type, reason, headers, cause } = result;
      throw new GatewayError(type, reason, result.message + too, { ...(headers && { headers }), cause });
    }
    const { outcome } = this.#call;
    outcome.detail = `${outcome.origin ?? "the origin"} answered with ${result.status}${too}`;
    return result;
  }

  async #askFallback({ uri, timeout }: NonNullable<FallbackPlan["origin"]>): Promise<Result> {
    const limit = { ms: timeout, named: timeout };
    this.#call.outcome.answerDueAt = this.#chance.clock.now() + timeout;
    try {
      return await oneAttempt(
        this.#call,
        this.#request,
        uri,
        limit,
        new AbortController(),
        this.#chance.clock,
      );
    } catch (error) {
      const failure = this.#failureOf(error);
      if (!failure) throw error;
      return failure;
    }
  }
}

function isFailure(result: Result, statuses: readonly number[]): boolean {
  return result instanceof GatewayError || statuses.includes(result.status);
}

function settled(result: Result): Response {
  if (result instanceof GatewayError) throw result;
  return result;
}

/** Nobody reads it: its connection is let go. */
function discard(result: Result): void {
  if (result instanceof Response) result.body?.cancel().catch(() => undefined);
}
