import type { Call } from "../call.ts";
import type { ResponseSource } from "../config/gateway-response-schema.ts";
import { contextValue } from "../context.ts";
import { percentDecode } from "../lib/percent.ts";
import { headerReader } from "../request-header.ts";
import type { GatewayError } from "./gateway-error.ts";

/** A refusal or failure, and the call that it answers. */
export interface Failure {
  readonly error: GatewayError;
  /** `$context.error.message`: what the client is told without any customisation. */
  readonly message: string | null;
  readonly call: Call;
}

/** A source's value; undefined where it has none. */
export type ReadSource = (failure: Failure) => string | undefined;

/** @param variables the stage's */
export function compileSource(
  { place, name }: ResponseSource,
  variables: Readonly<Record<string, string>>,
): ReadSource {
  switch (place) {
    case "context":
      return compileContext(name);
    case "stageVariables": {
      const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
      return () => value;
    }
    case "header": {
      const read = headerReader(name);
      return ({ call }) => read(call);
    }
    case "querystring":
      // Of several values the last, as in REST mappings (aws-semantics 7.2).
      return ({ call }) => new URLSearchParams(call.query).getAll(name).at(-1);
    case "path":
      return ({ call: { route } }) =>
        Object.hasOwn(route.parameters, name) ? percentDecode(route.parameters[name] ?? "") : undefined;
  }
}

function compileContext(name: string): ReadSource {
  switch (name) {
    case "error.message":
      return ({ message }) => message ?? undefined;
    case "error.messageString":
      return ({ message }) => JSON.stringify(message);
    case "error.responseType":
      return ({ error }) => error.type;
    case "error.validationErrorString":
      return ({ error }) => error.validationErrorString;
    default:
      return ({ call }) => contextValue(call, name);
  }
}
