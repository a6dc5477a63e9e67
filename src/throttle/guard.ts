import type { Call, Guard } from "../call.ts";
import { GatewayError } from "../gateway-responses/gateway-error.ts";
import type { Check, Decision, Limiter } from "./limiter.ts";
import { refusal, unavailable } from "./refusal.ts";
import type { Rule } from "./rule.ts";

/** A cost that a response names counts up to this, in tokens. */
const MOST = 1_000_000;

/** What a request has taken. */
interface Taken {
  readonly checks: readonly Check[];
  readonly epochs: Decision["epochs"];
}

/** What a request is held against; some rules are known only with its caller. */
export type RulesOf = (call: Call) => readonly Rule[];

/**
 * Holds requests against all of their limits at once: one that is refused is counted by none
 * of them (aws-semantics 11). Answers say how much is left (`RateLimit`, `RateLimit-Policy`:
 * draft-ietf-httpapi-ratelimit-headers), refusals when to come back (`Retry-After`); with
 * `strict` as little as API Gateway's do.
 */
export function throttle(rulesOf: RulesOf, limiter: Limiter, strict: boolean): Guard {
  return (next) => async (call) => {
    const rules = rulesOf(call);
    if (rules.length === 0) return next(call);
    const checks = await checksOf(rules, call);
    const decided = limiter.decide(checks, call.ctx);
    const decision = decided instanceof Promise ? await decided : decided;
    if (decision.without !== undefined) call.outcome.limiter = decision.without;
    if (decision.denied !== undefined) throw refuse(rules, checks, decision, strict);
    const taken = { checks, epochs: decision.epochs };
    const response = await passOn(next, call, taken, limiter);
    chargeRest(rules, taken, response, limiter, call);
    if (!strict && !response.webSocket) {
      const now = Date.now();
      // A limit decided before this one has said its part already.
      response.headers.append("ratelimit-policy", policies(rules));
      response.headers.append("ratelimit", state(rules, checks, now));
    }
    return response;
  };
}

function checksOf(rules: readonly Rule[], call: Call): readonly Check[] | Promise<readonly Check[]> {
  const checks = rules.map((rule) => rule.check(call));
  const known = checks.filter((check): check is Check => !(check instanceof Promise));
  return known.length === checks.length ? known : Promise.all(checks);
}

/** What another limit refuses further on is not counted here either. */
async function passOn(
  next: (call: Call) => Promise<Response>,
  call: Call,
  { checks, epochs }: Taken,
  limiter: Limiter,
): Promise<Response> {
  try {
    return await next(call);
  } catch (error) {
    if (error instanceof GatewayError && isLimit(error)) limiter.putBack(checks, epochs, call.ctx);
    throw error;
  }
}

const isLimit = ({ reason }: GatewayError): boolean =>
  reason.startsWith("throttle.") || reason === "quota.exceeded";

/** What a response says that it cost, beyond what was taken. */
function chargeRest(
  rules: readonly Rule[],
  { checks, epochs }: Taken,
  response: Response,
  limiter: Limiter,
  { ctx }: Call,
): void {
  rules.forEach(({ cost }, index) => {
    const check = checks[index];
    if (typeof cost === "number" || !check) return;
    const text = response.headers.get(cost.header);
    if (text === null || !/^\d{1,9}$/.test(text.trim())) return;
    const rest = Math.min(MOST, Number(text)) - check.cost;
    if (rest > 0) limiter.charge(check, rest, ctx);
    else if (rest < 0) limiter.putBack([{ ...check, cost: -rest }], epochs?.slice(index, index + 1), ctx);
  });
}

function refuse(
  rules: readonly Rule[],
  checks: readonly Check[],
  { denied = 0, retryAfterMs, closed }: Decision,
  strict: boolean,
): GatewayError {
  const rule = rules[denied];
  if (!rule || closed) return unavailable();
  if (strict) return refusal(rule, retryAfterMs, {});
  return refusal(rule, retryAfterMs, {
    "retry-after": String(Math.max(1, Math.ceil(retryAfterMs / 1000))),
    "ratelimit-policy": policies(rules),
    ratelimit: state(rules, checks, Date.now()),
  });
}

const policies = (rules: readonly Rule[]): string => rules.map(({ policy }) => policy).join(", ");

function state(rules: readonly Rule[], checks: readonly Check[], now: number): string {
  let text = "";
  for (const [index, rule] of rules.entries()) {
    const left = checks[index]?.place.bucket.remaining(now) ?? 0;
    text += `${text === "" ? "" : ", "}"${rule.name}";r=${left};t=${Math.ceil(rule.resetMs(left, now) / 1000)}`;
  }
  return text;
}
