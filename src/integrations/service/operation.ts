import type { Call } from "../../call.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import type { Arguments } from "./parameters.ts";

/** One request's use of a service. */
export interface Operation {
  readonly call: Call;
  /** A name of `SERVICE_OPERATIONS`. */
  readonly name: string;
  readonly args: Arguments;
}

/** Carries out an operation; none where the binding is of another kind. */
export type Service = (binding: unknown, operation: Operation) => Promise<Response> | undefined;

/** Whether a binding has these methods; to a script a service binding has every method there is. */
export function hasMethods(binding: unknown, ...names: readonly string[]): boolean {
  if (typeof binding !== "object" || binding === null || isFetcher(binding)) return false;
  return names.every((name) => typeof Reflect.get(binding, name) === "function");
}

export function isFetcher(binding: unknown): binding is Fetcher {
  return Object.prototype.toString.call(binding) === "[object Fetcher]";
}

export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  const all = new Headers({ "content-type": "application/json", ...headers });
  return new Response(JSON.stringify(body), { status, headers: all });
}

/** Done, and nothing to say of it. */
export function noContent(): Response {
  return new Response(null, { status: 204 });
}

/** 404 for what a service has not. */
export function notFound({ call }: Operation, what: string): GatewayError {
  return new GatewayError(
    "RESOURCE_NOT_FOUND",
    "service.not_found",
    `${call.route.key} finds no such ${what}`,
  );
}

/** 409 for what is there already. */
export function conflict({ call }: Operation, what: string): GatewayError {
  return new GatewayError("DEFAULT_4XX", "service.conflict", `${call.route.key} conflicts with ${what}`, {
    status: 409,
    message: "Conflict",
    errorType: "ConflictException",
  });
}

/** Bytes of a text in UTF-8. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}
