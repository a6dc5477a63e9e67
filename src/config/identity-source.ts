import type { Problem } from "./problem.ts";

/** Where an authorizer finds what identifies a caller (aws-semantics 9). */
export interface IdentitySource {
  readonly place: "header" | "querystring" | "context" | "stageVariables";
  /** Header names are lower-case. */
  readonly name: string;
}

const SOURCE =
  /^(?:\$request\.|method\.request\.)(header|querystring)\.(.+)$|^\$?(context|stageVariables)\.(.+)$/;

/** Both spellings, HTTP API's and REST's; none for what is no identity source. */
export function parseIdentitySource(text: string): IdentitySource | undefined {
  const [, place, name, other, otherName] = SOURCE.exec(text) ?? [];
  if (place === "header" && name !== undefined) return { place, name: name.toLowerCase() };
  if (place === "querystring" && name !== undefined) return { place, name };
  if ((other === "context" || other === "stageVariables") && otherName !== undefined) {
    return { place: other, name: otherName };
  }
  return undefined;
}

/** A misspelt source would be missing in every request, or in none. */
export function checkIdentitySources(
  path: string,
  sources: readonly string[],
  type: "jwt" | "cognito_user_pools" | "token" | "request",
): readonly Problem[] {
  const problems: Problem[] = [];
  for (const text of sources) {
    const source = parseIdentitySource(text);
    const fits =
      type === "request" || source?.place === "header" || (type === "jwt" && source?.place === "querystring");
    if (source && fits) continue;
    problems.push({
      code: "identity_source.unknown",
      path,
      message: source
        ? `an authorizer of type ${type} reads a header${type === "jwt" ? " or a query parameter" : ""}, not "${text}"`
        : `"${text}" is no identity source`,
      hint: "write $request.header.NAME or $request.querystring.NAME (HTTP), method.request.header.NAME (REST)",
    });
  }
  if (type !== "request" && sources.length !== 1) {
    problems.push({
      code: "identity_source.count",
      path,
      message: `an authorizer of type ${type} has one identity source, not ${sources.length}`,
    });
  }
  return problems;
}
