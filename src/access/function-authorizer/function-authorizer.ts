import type { Call } from "../../call.ts";
import type { StageConfig } from "../../config/api-config.ts";
import type { RequestAuthorizer, TokenAuthorizer } from "../../config/authorizer-schema.ts";
import { methodArn } from "../../functions/event-context.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import { withDeadline } from "../../lib/deadline.ts";
import { wholePattern } from "../../lib/safe-pattern.ts";
import type { Effect } from "../../policy/policy.ts";
import type { Authorized, Authorizer } from "../authorizer.ts";
import { authorizerEvent, type EventFormat } from "./event.ts";
import { failure, isUnavailable, unauthorized } from "./failure.ts";
import { compileIdentity, type Identity, identityKey, identityText, isMissing } from "./identity.ts";
import { type AuthorizerResult, isBad, type ResultRules, readResult } from "./result.ts";
import { type Kept, ResultCache, type ResultCacheOptions, type SharedResults } from "./result-cache.ts";
import { compileTarget } from "./target.ts";
import { ALLOW, evaluate, settle } from "./verdict.ts";

export interface FunctionAuthorizerOptions {
  /** ms since the epoch. */
  readonly now?: () => number;
  /** Lets the isolates of one location share results; each keeps its own by default. */
  readonly shared?: SharedResults | undefined;
}

/** REST APIs keep results for 300 s unless told otherwise, HTTP APIs do not (aws-semantics 9). */
const REST_TTL_SECONDS = 300;
/** Longer tokens are not matched against a pattern, in characters; API Gateway's limit for headers. */
const MAX_TOKEN = 10_240;
/** API Gateway's limit for a method ARN (aws-semantics 9.3), in bytes. */
const MAX_ARN = 1_600;

interface Answer {
  readonly result: AuthorizerResult;
  readonly text: string;
  /** ms */
  readonly latency: number;
  readonly effect: Effect;
}

/**
 * A Lambda authorizer: a bundled function or an endpoint decides (aws-semantics 9.2, 9.3).
 * It lives as long as the configuration that it was made of, and with it what it keeps.
 *
 * Requests of one caller that miss at the same time may each ask the function: on this
 * platform no request may wait for another's I/O.
 */
export function functionAuthorizer(
  entry: TokenAuthorizer | RequestAuthorizer,
  name: string,
  stage: StageConfig,
  options: FunctionAuthorizerOptions = {},
): Authorizer {
  const { settings, variables } = stage;
  const { now = Date.now, shared } = options;
  const rest = settings.protocol === "REST";
  const format = eventFormat(entry, rest);
  const readIdentity = compileIdentity(entry.identitySource, variables);
  const target = compileTarget(entry.authorizerUri, variables);
  const timeout = entry.timeoutInMillis;
  const rules: ResultRules = {
    rest,
    simple: format === "2.0" && entry.type === "request" && entry.enableSimpleResponses,
  };
  const ttl = entry.authorizerResultTtlInSeconds ?? (rest ? REST_TTL_SECONDS : 0);
  // Nothing tells callers apart where no source is named, so nothing may be kept for them.
  const caching = ttl > 0 && entry.identitySource.length > 0;
  const optional = format === "REST" && !caching;
  const expression = entry.type === "token" ? entry.identityValidationExpression : undefined;
  const pattern = expression === undefined ? undefined : wholePattern(expression);
  const cacheOptions: ResultCacheOptions = {
    ttlMs: ttl * 1000,
    scope: JSON.stringify([
      shared?.deployment,
      stage.api,
      stage.stage,
      name,
      settings.protocol,
      Object.entries(variables),
      target.id,
      entry,
    ]),
    now,
    shared,
    read: (text) => {
      const result = readResult(text, rules);
      return isBad(result) ? undefined : result;
    },
  };
  const cache = new ResultCache(cacheOptions);
  // Apart, so that a caller who tries every path does not drive out everybody else's results.
  const narrow = new ResultCache(cacheOptions);

  /** @throws GatewayError 401 for a caller that the function need not be asked about */
  const identify = (call: Call): Identity => {
    const identity = readIdentity(call);
    if (!optional) {
      const missing = identity.findIndex(isMissing);
      if (missing >= 0) {
        const detail = `the request has no ${entry.identitySource[missing] ?? ""}`;
        throw unauthorized("auth.identity_source", detail);
      }
    }
    if (pattern && !matches(pattern, identityText(identity[0]))) {
      throw unauthorized(
        "auth.identity_validation",
        `the token does not match the identityValidationExpression of ${name}`,
      );
    }
    return identity;
  };

  const ask = async (call: Call, identity: Identity): Promise<Answer> => {
    const startedAt = now();
    const event = authorizerEvent(format, call, identity);
    const stop = new AbortController();
    const expired = () => failure("auth.function.timeout", `${name} did not answer within ${timeout} ms`);
    let text: string;
    try {
      text = await withDeadline(target.ask(call, event, Date.now() + timeout, stop.signal), timeout, expired);
    } finally {
      // Ends a call to an endpoint whose time is over; nothing, when all went well.
      stop.abort();
    }
    const result = readResult(text, rules);
    if (isBad(result)) {
      throw failure("auth.function.bad_response", `the answer of ${name} is no good: ${result.message}`);
    }
    return { result, text, latency: now() - startedAt, effect: evaluate(call, result) };
  };

  /** By what was kept, unless it speaks of another route; API Gateway takes it all the same (`strict`). */
  const settleKept = (call: Call, kept: Kept, arn: string): Authorized | undefined => {
    const effect = evaluate(call, kept.result);
    const speaks = settings.strict || effect !== "None" || kept.arn === arn;
    return speaks ? settle(call, kept.result, effect, 0) : undefined;
  };

  /**
   * A function that answers with a policy for the one method that it was asked about would
   * lock its caller out of all others until the result is forgotten; so it is asked again,
   * once for each method ARN (DESIGN section 8).
   */
  const remembered = async (
    call: Call,
    identity: Identity,
    key: string,
    arn: string,
  ): Promise<Authorized> => {
    const wide = await cache.find(key, call.ctx);
    const settled = wide && settleKept(call, wide, arn);
    if (settled) return settled;
    const own = wide && (await narrow.find(key + arn, call.ctx));
    if (own) return settle(call, own.result, evaluate(call, own.result), 0);
    const answer = await ask(call, identity);
    await (wide ? narrow.keep(key + arn, answer, arn) : cache.keep(key, answer, arn));
    return settle(call, answer.result, answer.effect, answer.latency);
  };

  const asked = async (call: Call, identity: Identity): Promise<Authorized> => {
    const { result, effect, latency } = await ask(call, identity);
    return settle(call, result, effect, latency);
  };

  const open = entry.onError === "allow";

  return {
    authorize(call) {
      const identity = identify(call);
      const arn = methodArn(call);
      if (rest && arn.length > MAX_ARN) throw arnTooLong();
      if (!caching) return guarded(open, call, asked(call, identity));
      const key = identityKey(identity);
      const kept = cache.known(key, call.ctx);
      const settled = kept && settleKept(call, kept, arn);
      if (settled) return settled;
      const own = kept && narrow.known(key + arn, call.ctx);
      if (own) return settle(call, own.result, evaluate(call, own.result), 0);
      return guarded(open, call, remembered(call, identity, key, arn));
    },
  };
}

function eventFormat(entry: TokenAuthorizer | RequestAuthorizer, rest: boolean): EventFormat {
  if (entry.type === "token") return "TOKEN";
  return rest ? "REST" : (entry.authorizerPayloadFormatVersion ?? "2.0");
}

/** The whole token has to match, and the pattern is known to take linear time. */
function matches(pattern: RegExp, token: string): boolean {
  return token.length <= MAX_TOKEN && pattern.test(token);
}

/** An authorizer that cannot be asked denies, unless the entry says in so many words that it does not. */
function guarded(open: boolean, call: Call, work: Promise<Authorized>): Promise<Authorized> {
  if (!open) return work;
  return work.catch((error: unknown) => {
    if (!isUnavailable(error)) throw error;
    call.outcome.reason = error.reason;
    call.outcome.detail = `let through by onError: ${error.message}`;
    return ALLOW;
  });
}

function arnTooLong(): GatewayError {
  return new GatewayError(
    "DEFAULT_4XX",
    "request.url_too_long",
    `the method ARN is longer than ${MAX_ARN} bytes`,
    { status: 414, message: "Request URI too long" },
  );
}
