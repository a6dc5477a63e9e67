import { type CompiledPolicy, compilePolicy } from "../../policy/policy.ts";
import { readPolicy } from "../../policy/schema.ts";

/** An authorizer's answer, checked. Requests share it, so nothing in it can be changed. */
export interface AuthorizerResult {
  /** A policy, evaluated for every call; or the answer itself. */
  readonly verdict: CompiledPolicy | boolean;
  readonly principalId: string | undefined;
  /** REST: text; HTTP: what JSON can say. */
  readonly context: Readonly<Record<string, unknown>>;
  readonly usageIdentifierKey: string | undefined;
}

export interface ResultRules {
  readonly rest: boolean;
  /** Answers are `{isAuthorized, context}` in place of policies. */
  readonly simple: boolean;
}

/** A bad answer's fault, as one sentence. */
export interface BadResult {
  readonly message: string;
}

type Members = Readonly<Record<string, unknown>>;

/** Reads an answer (aws-semantics 9.2, 9.3). What is not exactly as documented is no answer. */
export function readResult(text: string, rules: ResultRules): AuthorizerResult | BadResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad("it is no JSON");
  }
  if (!isObject(value)) return bad(`it is ${value === null ? "null" : describe(value)}, not an object`);
  const context = readContext(value["context"], rules.rest);
  if (isBad(context)) return context;
  return rules.simple ? readSimple(value, context) : readDocument(value, context, rules.rest);
}

export function isBad(result: object): result is BadResult {
  return "message" in result && !("verdict" in result);
}

function readSimple(value: Members, context: Context): AuthorizerResult | BadResult {
  const { isAuthorized } = value;
  // Not even "false" or 1: what a program takes for true must not be guessed here.
  if (typeof isAuthorized !== "boolean") return bad("isAuthorized has to be true or false");
  return {
    verdict: isAuthorized,
    principalId: undefined,
    context: context.members,
    usageIdentifierKey: undefined,
  };
}

function readDocument(value: Members, context: Context, rest: boolean): AuthorizerResult | BadResult {
  const { principalId = null, usageIdentifierKey = null, policyDocument } = value;
  if (policyDocument === undefined && "isAuthorized" in value) {
    return bad("isAuthorized is an answer of payload format 2.0 with enableSimpleResponses");
  }
  if (typeof principalId !== "string" && (rest || principalId !== null)) {
    return bad("principalId has to be a string");
  }
  if (typeof usageIdentifierKey !== "string" && usageIdentifierKey !== null) {
    return bad("usageIdentifierKey has to be a string");
  }
  const policy = readPolicy(policyDocument);
  if (!policy.ok) return bad(`policyDocument: ${policy.message}`);
  return {
    verdict: compilePolicy(policy.policy),
    principalId: principalId ?? undefined,
    context: context.members,
    usageIdentifierKey: usageIdentifierKey ?? undefined,
  };
}

/** Wrapped, so that a context with a member `message` is not taken for a fault. */
interface Context {
  readonly members: Members;
}

const NOTHING: Context = { members: Object.freeze({}) };

function readContext(context: unknown, rest: boolean): Context | BadResult {
  if (context === undefined || context === null) return NOTHING;
  if (!isObject(context)) return bad("context has to be an object");
  if (!rest) return { members: frozen(context) };
  const texts: [string, string][] = [];
  for (const [name, value] of Object.entries(context)) {
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
      return bad(`context.${name} has to be a string, a number or a boolean`);
    }
    if (name !== "__proto__") texts.push([name, String(value)]);
  }
  return { members: Object.freeze(Object.fromEntries(texts)) };
}

/** JSON's `__proto__` is a member like any other; to code that copies members it is a trap. */
function frozen<T extends object>(value: T): T {
  if (Object.hasOwn(value, "__proto__")) Reflect.deleteProperty(value, "__proto__");
  for (const member of Object.values(value))
    if (typeof member === "object" && member !== null) frozen(member);
  return Object.freeze(value);
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}

function bad(message: string): BadResult {
  return { message };
}
