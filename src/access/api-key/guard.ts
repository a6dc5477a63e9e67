import type { Call, Guard } from "../../call.ts";
import type { ApiKeyFacts } from "../../caller.ts";
import type { StageConfig } from "../../config/api-config.ts";
import type { ApiKeyEntry, UsagePlanEntry } from "../../config/api-key-schema.ts";
import type { EntryLookup } from "../../config/entry-cache.ts";
import type { Parsed } from "../../config/problem.ts";
import { GatewayError, type Reason } from "../../gateway-responses/gateway-error.ts";
import { recognise } from "./key-format.ts";
import { keyHash } from "./key-hash.ts";

export interface ApiKeyServices {
  readonly apiKeys: EntryLookup<ApiKeyEntry>;
  readonly usagePlans: EntryLookup<UsagePlanEntry>;
}

/**
 * Lets in who shows a key that is enabled, not expired, and of a usage plan that contains this
 * stage; everybody else gets API Gateway's 403, for whatever reason (aws-semantics 11). The
 * reasons name a key's id, never its text. What cannot be read lets nobody in.
 *
 * A key in use is answered from memory. The header itself goes on to the integration, as it
 * does at API Gateway.
 */
export function requireApiKey(stage: StageConfig, services: ApiKeyServices): Guard {
  const textOf = stage.settings.apiKeySource === "AUTHORIZER" ? fromAuthorizer : fromHeader;
  return (next) => async (call) => {
    const value = textOf(call);
    const key = await findKey(value, services.apiKeys, call);
    const plan = await findPlan(key, stage, services.usagePlans, call);
    call.caller.apiKey = { id: key.id, value, ...plan };
    return next(call);
  };
}

function fromHeader(call: Call): string {
  const text = call.request.headers.get("x-api-key");
  if (!text) throw refusal("api_key.missing", "the route asks for an API key: there is no x-api-key header");
  // A key has no blank in it; several headers arrive joined by one.
  if (text.includes(", ")) throw refusal("api_key.malformed", "there is more than one x-api-key header");
  if (recognise(text) === "broken") throw malformed("the x-api-key header");
  return text;
}

/** The header counts for nothing here: only the authorizer says which key it is. */
function fromAuthorizer(call: Call): string {
  const text = call.caller.usageIdentifierKey;
  if (!text) {
    throw refusal(
      "api_key.missing",
      "the route asks for an API key: its authorizer gave no usageIdentifierKey",
    );
  }
  if (recognise(text) === "broken") throw malformed("the authorizer's usageIdentifierKey");
  return text;
}

async function findKey(text: string, keys: EntryLookup<ApiKeyEntry>, call: Call): Promise<ApiKeyEntry> {
  const name = await keyHash(text);
  const shown = `the API key with the hash ${name.slice(0, 8)}...`;
  const found = keys.known(name, call.ctx);
  const parsed = found === undefined ? await read(keys, name, shown) : found;
  if (parsed === null) throw refusal("api_key.unknown", `${shown} is not there`);
  const key = usable(parsed);
  if (!key.enabled) throw refusal("api_key.disabled", `the API key ${key.id} is disabled`);
  if (key.expiresAt !== undefined && Date.parse(key.expiresAt) <= call.startedAt) {
    throw refusal("api_key.expired", `the API key ${key.id} expired at ${key.expiresAt}`);
  }
  return key;
}

/**
 * The first of a key's plans that contains the stage. A plan that is not there contains none;
 * one that cannot be read or is bad might, with limits of its own, so that none after it counts.
 */
async function findPlan(
  key: ApiKeyEntry,
  stage: StageConfig,
  plans: EntryLookup<UsagePlanEntry>,
  call: Call,
): Promise<Pick<ApiKeyFacts, "plan" | "usagePlan">> {
  for (const name of key.usagePlans) {
    const found = plans.known(name, call.ctx);
    const parsed = found === undefined ? await read(plans, name, `the usage plan ${name}`) : found;
    if (parsed === null) continue;
    const usagePlan = usable(parsed);
    if (contains(usagePlan, stage)) return { plan: name, usagePlan };
  }
  const tried = key.usagePlans.length === 0 ? "it has none" : `tried: ${key.usagePlans.join(", ")}`;
  throw refusal(
    "api_key.plan",
    `no usage plan of the API key ${key.id} contains the stage ${stage.stage} of ${stage.api} (${tried})`,
  );
}

function contains(plan: UsagePlanEntry, { api, stage }: StageConfig): boolean {
  return plan.apiStages.some((covered) => covered.api === api && covered.stage === stage);
}

async function read<T>(lookup: EntryLookup<T>, name: string, shown: string): Promise<Parsed<T> | null> {
  try {
    return await lookup.read(name);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new GatewayError("DEFAULT_5XX", "api_key.unavailable", `${shown} could not be read: ${why}`, {
      status: 503,
      message: "Service Unavailable",
      cause,
    });
  }
}

function usable<T>(parsed: Parsed<T>): T {
  if (parsed.ok) return parsed.value;
  const [problem] = parsed.problems;
  throw new GatewayError(
    "API_CONFIGURATION_ERROR",
    "config.invalid",
    `the entry is bad: ${problem?.path ?? ""}: ${problem?.message ?? ""}`,
  );
}

function malformed(where: string): GatewayError {
  return refusal(
    "api_key.malformed",
    `${where} holds no API key: 20 to 128 visible characters, and the checksum at the end of a portico_ key`,
  );
}

function refusal(reason: Reason, detail: string): GatewayError {
  return new GatewayError("INVALID_API_KEY", reason, detail);
}
