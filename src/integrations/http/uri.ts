import { fillStageVariables } from "../../config/integration-uri.ts";

/** An origin's URL with the places that each request fills. */
export interface UriTemplate {
  /** Scheme, host and port. */
  readonly base: string;
  /** Host and port, lower-case: what the loop check compares. */
  readonly authority: string;
  /** @returns the URL without the client's own query */
  fill(parameter: (name: string) => string | undefined): string;
  /** Whether the template has a query of its own. */
  readonly hasQuery: boolean;
}

/**
 * Fills `${stageVariables.x}` now and `{param}` per request, in path and query only: a
 * caller can never choose scheme, host or port. A parameter that is unknown stays in
 * place, as API Gateway leaves it.
 *
 * @returns none when the URI is no http(s) URL once the stage's variables are in it
 */
export function compileUri(
  uri: string,
  variables: Readonly<Record<string, string>>,
): UriTemplate | undefined {
  const filled = fillStageVariables(uri, variables).replace(/#.*$/s, "");
  const match = /^(https?:\/\/)([^/?]+)(.*)$/is.exec(filled);
  const authority = match?.[2] ?? "";
  if (!match || /[{}@\s\\]/.test(authority)) return undefined;
  const base = `${match[1]?.toLowerCase() ?? ""}${authority}`;
  if (!URL.canParse(base)) return undefined;
  const rest = match[3] ?? "";
  const target = rest.startsWith("/") ? rest : `/${rest}`;
  const question = target.indexOf("?");
  // Text, name, text, name, ... text
  const parts = target.split(/\{([A-Za-z0-9_.:-]+)\+?\}/);
  const names = [...target.matchAll(/\{[A-Za-z0-9_.:-]+\+?\}/g)].map(([whole]) => whole.length);
  const lengths = parts.map((part, index) => (index % 2 === 1 ? (names[(index - 1) / 2] ?? 0) : part.length));
  const lower = authority.toLowerCase();
  if (parts.length === 1) {
    const fixed = base + target;
    return { base, authority: lower, hasQuery: question >= 0, fill: () => fixed };
  }
  return {
    base,
    authority: lower,
    hasQuery: question >= 0,
    fill(parameter) {
      let url = base + (parts[0] ?? "");
      let position = lengths[0] ?? 0;
      for (let i = 1; i < parts.length; i += 2) {
        const name = parts[i] ?? "";
        const value = parameter(name);
        const inQuery = question >= 0 && position > question;
        url += value === undefined ? `{${name}}` : inQuery ? forQuery(value) : value;
        url += parts[i + 1] ?? "";
        position += (lengths[i] ?? 0) + (lengths[i + 1] ?? 0);
      }
      return url;
    },
  };
}

/** A path's text inside a query: what separates there must not separate here. */
function forQuery(value: string): string {
  return value.replace(/[&=+#]/g, (character) => encodeURIComponent(character));
}

/** Whether filling a template has made a dot segment, as `/v1/.{id}` with the id `.` does. */
export function hasDotSegment(url: string): boolean {
  return url.includes("/.") && /^https?:\/\/[^?]*\/\.\.?(?:[/?]|$)/i.test(url);
}
