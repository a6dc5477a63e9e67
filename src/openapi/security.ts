import { AWS_IAM, NONE } from "../config/check-access.ts";
import { nearest, type Problem } from "../config/problem.ts";
import { record } from "./members.ts";
import type { Schemes } from "./security-schemes.ts";

/** The members of a route entry that guard it. */
export interface Guarding {
  readonly authorizer?: string;
  readonly authorizationScopes?: readonly string[];
  readonly apiKeyRequired?: true;
}

const AUTH = "x-amazon-apigateway-auth";

/**
 * What an operation asks of its callers: its own `security`, else the document's, and
 * `x-amazon-apigateway-auth`.
 *
 * OpenAPI's list means "one of these"; API Gateway reads it as an authorizer and an API key
 * that are both needed, and so do we. Anything that cannot be enforced is a problem: an
 * import opens no door.
 */
export function readSecurity(
  root: Readonly<Record<string, unknown>>,
  operation: Readonly<Record<string, unknown>>,
  schemes: Schemes,
  place: string,
  problems: Problem[],
): Guarding {
  const own = operation["security"] !== undefined;
  const path = own ? `${place}.security` : "security";
  const security: unknown = own
    ? operation["security"]
    : root["security"] === undefined
      ? []
      : root["security"];
  if (!Array.isArray(security) || !security.every((entry) => record(entry))) {
    problems.push({ code: "security.malformed", path, message: "security is a list of objects" });
    return {};
  }
  const guards = new Map<string, readonly string[]>();
  let apiKey = false;
  for (const [name, scopes] of security.flatMap((entry) => Object.entries(record(entry) ?? {}))) {
    const scheme = schemes.byName.get(name);
    if (!scheme) problems.push(unknownScheme(path, name, schemes));
    else if (scheme.kind === "unknown") {
      problems.push({
        code: "security.unsupported",
        path,
        message: `the security scheme "${name}" guards nothing: ${scheme.why}`,
      });
    } else if (scheme.kind === "apiKey") apiKey = true;
    else if (!isTexts(scopes)) {
      problems.push({
        code: "security.scopes",
        path,
        message: `the scopes of "${name}" are a list of texts`,
        hint: `write ${name}: [], or ${name}: [orders/read]`,
      });
    } else guards.set(scheme.name, scopes);
  }
  if (authIsIam(operation, place, problems)) guards.set(AWS_IAM, []);
  if (guards.size > 1) {
    problems.push({
      code: "security.several",
      path: own ? path : place,
      message: `an operation has one authorizer, not ${guards.size} (${[...guards.keys()].join(", ")})`,
      ...(own
        ? {}
        : { hint: "the document's security holds here too: security: [] on the operation takes it off" }),
    });
  }
  const optional = security.length > 1 && security.some((entry) => Object.keys(entry ?? {}).length === 0);
  if (optional) {
    problems.push({
      code: "security.optional",
      path,
      message: "an empty requirement beside others would let everybody in",
      hint: "take {} out, or leave only {}",
    });
  }
  const [guard] = guards;
  // An operation that says it itself is open on purpose.
  const open = !guard && (own || operation[AUTH] !== undefined);
  return {
    ...(guard ? { authorizer: guard[0] } : open && !apiKey ? { authorizer: NONE } : {}),
    ...(guard && guard[1].length > 0 ? { authorizationScopes: guard[1] } : {}),
    ...(apiKey ? { apiKeyRequired: true } : {}),
  };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function unknownScheme(path: string, name: string, schemes: Schemes): Problem {
  const near = nearest(name, schemes.byName.keys());
  return {
    code: "security.unknown",
    path,
    message: `there is no security scheme "${name}" under ${schemes.place}`,
    ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
  };
}

function authIsIam(
  operation: Readonly<Record<string, unknown>>,
  place: string,
  problems: Problem[],
): boolean {
  const auth = operation[AUTH];
  if (auth === undefined) return false;
  const type = record(auth)?.["type"];
  const name = typeof type === "string" ? type.toUpperCase() : "";
  if (name === AWS_IAM) return true;
  if (name !== NONE) {
    problems.push({
      code: "value.unknown",
      path: `${place}.${AUTH}`,
      message: `the type of ${AUTH} is ${NONE} or ${AWS_IAM}`,
    });
  }
  return false;
}
