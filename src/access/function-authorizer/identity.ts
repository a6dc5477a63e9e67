import type { Call } from "../../call.ts";
import { type IdentitySource, parseIdentitySource } from "../../config/identity-source.ts";
import { contextValue } from "../../context.ts";
import { headerReader } from "../../request-header.ts";

/** What a source says of a call: a text, all values of a repeated query parameter, or nothing. */
type IdentityValue = string | readonly string[] | undefined;

/** What an authorizer's identity sources say of a call, in their order. */
export type Identity = readonly IdentityValue[];

export type ReadIdentity = (call: Call) => Identity;

/** Compiles identity sources (aws-semantics 9.2, 9.3): both kinds' spellings on both kinds of API. */
export function compileIdentity(
  sources: readonly string[],
  variables: Readonly<Record<string, string>>,
): ReadIdentity {
  const readers = sources.map((text) => compileSource(parseIdentitySource(text), variables));
  return (call) => readers.map((read) => read(call));
}

function compileSource(
  source: IdentitySource | undefined,
  variables: Readonly<Record<string, string>>,
): (call: Call) => IdentityValue {
  // Refused when the configuration is checked; one that came here all the same is always missing.
  if (!source) return () => undefined;
  const { name } = source;
  switch (source.place) {
    case "header":
      return headerReader(name);
    case "querystring":
      return (call) => queryValue(call.query, name);
    case "context":
      return (call) => contextValue(call, name);
    case "stageVariables": {
      const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
      return () => value;
    }
  }
}

/** Names are case-sensitive. Which of several values a function looks at is not known: all of them count. */
function queryValue(query: string, name: string): IdentityValue {
  if (query === "") return undefined;
  const values = new URLSearchParams(query).getAll(name);
  return values.length > 1 ? values : values[0];
}

/** Whether a source says nothing; an empty value is as good as none (aws-semantics 9.2). */
export function isMissing(value: IdentityValue): boolean {
  return typeof value === "object" ? value.every((one) => one === "") : value === undefined || value === "";
}

/** As events show a value. */
export function identityText(value: IdentityValue): string {
  return typeof value === "object" ? value.join(",") : (value ?? "");
}

/**
 * One text per identity: two that differ anywhere, be it a missing value against an empty
 * one, never have the same. JSON ends where its list ends, so more may follow.
 */
export function identityKey(identity: Identity): string {
  return JSON.stringify(identity.map((value) => value ?? null));
}
