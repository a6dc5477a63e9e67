/** What an integration's `uri` names: a bundled function, or a place to send HTTP to. */

const MODULE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/;
const INVOCATION =
  /^arn:[^:]+:apigateway:[^:]*:lambda:path\/\/?[^/]+\/functions\/(.+)\/(?:invocations|response-streaming-invocations)$/;
const FUNCTION_ARN = /^(?:arn:[^:]+:lambda:[^:]*:[^:]*|\d{12}):function:([^:]+)(?::[^:]+)?$/;

/**
 * The module under `routes/` that a function's `uri` means: a name (`hello`), a Lambda ARN,
 * whole or partial (`123456789012:function:hello`), or an invocation URI, whose function name
 * is then the module's (DESIGN section 5). A version or alias behind the name is dropped: there
 * is one module of a name.
 * Stage variables must be filled in already.
 */
export function functionName(uri: string): string | undefined {
  const arn = INVOCATION.exec(uri)?.[1] ?? uri;
  const name = arn.includes(":") ? FUNCTION_ARN.exec(arn)?.[1] : arn;
  return name !== undefined && MODULE_NAME.test(name) ? name : undefined;
}

/**
 * Fills `${stageVariables.NAME}` anywhere in a URI; a missing one is the empty string, any
 * other `${...}` stays as it is (aws-semantics 6.1, recorded).
 */
export function fillStageVariables(uri: string, variables: Readonly<Record<string, string>>): string {
  return uri.replace(/\$\{stageVariables\.([A-Za-z0-9_]+)\}/g, (_, name: string) =>
    Object.hasOwn(variables, name) ? (variables[name] ?? "") : "",
  );
}

/** The stage variables that a URI names. */
export function stageVariablesOf(uri: string): readonly string[] {
  return [...uri.matchAll(/\$\{stageVariables\.([A-Za-z0-9_]+)\}/g)].map(([, name = ""]) => name);
}

/** Scheme and authority of a URI with nothing but text in it; none when it is no http(s) URL. */
export function httpAuthority(uri: string): string | undefined {
  return /^https?:\/\/([^/?#]*)/i.exec(uri)?.[1];
}
