import { nearest, type Problem } from "../config/problem.ts";
import { parseCidr } from "../lib/ip-address.ts";
import { isPrincipalName, type PrincipalElement } from "./principal.ts";
import { ABBREVIATED } from "./resource.ts";
import type { PolicyDocument, PolicyStatement } from "./schema.ts";
import { parseTemplate } from "./template.ts";
import { parseBool, parseDate, parseNumber } from "./values.ts";
import { ACTIONS, comparable, conditionKey, listOf, operatorNamed, type ValueType } from "./vocabulary.ts";
import { compileWildcard, matchesWildcard } from "./wildcard.ts";

/** Whose policy it is: an API's or a route's, a caller's, or one that a function authorizer answered. */
type Use = "resource" | "identity" | "authorizer";

/** A resource policy's characters (aws-semantics 10). */
const MAX_POLICY = 8192;
/** A resource's characters in an authorizer's policy (aws-semantics 9.3). */
const MAX_AUTHORIZER_RESOURCE = 512;

/**
 * What the schema of a policy cannot see: whether its principals, actions, resources and
 * values mean something, and whether they fit its use.
 *
 * @param path where the document stands: `apis/shop#policy`
 */
export function checkPolicy(
  path: string,
  document: PolicyDocument,
  use: "resource" | "identity",
): readonly Problem[] {
  return check(path, document, use);
}

/** The same for a function authorizer's answer; actions and resources of other services are nobody's concern there. */
export function checkAuthorizerPolicy(path: string, document: PolicyDocument): readonly Problem[] {
  return check(path, document, "authorizer");
}

function check(path: string, document: PolicyDocument, use: Use): readonly Problem[] {
  const problems: Problem[] = [];
  const size = use === "resource" ? JSON.stringify(document).length : 0;
  if (size > MAX_POLICY) {
    const message = `a resource policy has at most ${MAX_POLICY} characters; this one has ${size}`;
    problems.push({ code: "policy.size", path, message });
  }
  const { Statement, Version } = document;
  const root = `${path}${path.includes("#") ? "." : "#"}Statement`;
  listOf(Statement).forEach((statement, index) => {
    const place = Array.isArray(Statement) ? `${root}.${index}` : root;
    problems.push(
      ...checkPrincipals(place, statement, use),
      ...(use === "authorizer" ? [] : checkActions(place, statement, use)),
      ...checkResources(place, statement, use, Version),
      ...checkConditions(place, statement, Version),
    );
  });
  return problems;
}

function checkPrincipals(place: string, statement: PolicyStatement, use: Use): readonly Problem[] {
  const { Principal, NotPrincipal } = statement;
  const code = "policy.principal";
  if (use !== "resource") {
    if (Principal === undefined && NotPrincipal === undefined) return [];
    const member = Principal === undefined ? "NotPrincipal" : "Principal";
    const message = `${member} belongs into resource policies; this policy is its caller's own`;
    return [{ code, path: `${place}.${member}`, message }];
  }
  if ((Principal === undefined) === (NotPrincipal === undefined)) {
    return [
      {
        code,
        path: place,
        message: "a statement of a resource policy has either Principal or NotPrincipal",
        hint: 'write "Principal": "*" for everybody',
      },
    ];
  }
  return Principal === undefined
    ? checkNames(`${place}.NotPrincipal`, NotPrincipal ?? "*")
    : checkNames(`${place}.Principal`, Principal);
}

function checkNames(place: string, element: PrincipalElement): readonly Problem[] {
  if (element === "*") return [];
  return listOf(element["AWS"] ?? [])
    .filter((name) => !isPrincipalName(name))
    .map((name) => ({
      code: "policy.principal",
      path: `${place}.AWS`,
      message: `"${name}" names no principal`,
      hint: 'write "*", an account\'s 12 digits or a whole ARN (arn:aws:iam::ACCOUNT:user/NAME)',
    }));
}

/** An action that no call here has would make its statement dead: bad in an Allow, worse in a Deny. */
function checkActions(place: string, statement: PolicyStatement, use: Use): readonly Problem[] {
  const member = statement.Action === undefined ? "NotAction" : "Action";
  return listOf(statement.Action ?? statement.NotAction ?? []).flatMap((text): Problem[] => {
    const name = text.toLowerCase();
    // Callers may be allowed things of other services in the same policy.
    const foreign = /^[a-z0-9-]+:/.test(name) && !name.startsWith("execute-api:");
    if (use === "identity" && foreign) return [];
    const pattern = compileWildcard([name]);
    if (ACTIONS.some((action) => matchesWildcard(pattern, action.toLowerCase()))) return [];
    const near = nearest(text, ACTIONS);
    return [
      {
        code: "policy.action",
        path: `${place}.${member}`,
        message: `"${text}" is no action of execute-api (${ACTIONS.join(", ")})`,
        ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
      },
    ];
  });
}

function checkResources(
  place: string,
  statement: PolicyStatement,
  use: Use,
  version: string | undefined,
): readonly Problem[] {
  const path = `${place}.${statement.Resource === undefined ? "NotResource" : "Resource"}`;
  return listOf(statement.Resource ?? statement.NotResource ?? []).flatMap((text): Problem[] => {
    if (use === "authorizer" && text.length > MAX_AUTHORIZER_RESOURCE) {
      const message = `a resource has at most ${MAX_AUTHORIZER_RESOURCE} characters; this one has ${text.length}`;
      return [{ code: "policy.resource", path, message }];
    }
    if (use !== "authorizer" && !namesResource(text, use)) {
      const short = use === "resource" ? ` or ${ABBREVIATED}STAGE/METHOD/PATH` : "";
      return [
        {
          code: "policy.resource",
          path,
          message: `"${text}" names no resource of an API`,
          hint: `write "*", arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH${short}`,
        },
      ];
    }
    const parsed = parseTemplate(text, version);
    return parsed.ok ? [] : [{ code: "policy.variable", path, message: parsed.message }];
  });
}

/** Whether a resource can be one that is asked for here; callers' policies may name other services' too. */
function namesResource(text: string, use: "resource" | "identity"): boolean {
  if (text === "*") return true;
  if (use === "resource" && text.startsWith(ABBREVIATED)) return true;
  const [arn, partition = "", service = ""] = text.split(":");
  if (arn !== "arn") return false;
  return use === "identity" || service === "execute-api" || /[*?]/.test(partition + service);
}

function checkConditions(
  place: string,
  statement: PolicyStatement,
  version: string | undefined,
): readonly Problem[] {
  return Object.entries(statement.Condition ?? {}).flatMap(([operator, block = {}]) =>
    Object.entries(block).flatMap(([key, values]): readonly Problem[] => {
      const path = `${place}.Condition.${operator}.${key}`;
      const comparison = operatorNamed(operator)?.comparison;
      const known = conditionKey(key);
      // The schema lets neither through.
      if (comparison === undefined || known === undefined) return [];
      const type = comparison === "null" ? "bool" : comparison.type;
      if (comparison !== "null" && !comparable(known, type)) {
        return [
          {
            code: "policy.condition",
            path,
            message: `${operator} cannot compare ${key}`,
            hint: "every key can be compared by the String operators",
          },
        ];
      }
      return listOf(values)
        .map(String)
        .flatMap((value): Problem[] => {
          const message = problemOf(type, value, version);
          return message === undefined ? [] : [{ code: "policy.value", path, message }];
        });
    }),
  );
}

/** What is wrong with a value, in a sentence. */
function problemOf(type: ValueType, value: string, version: string | undefined): string | undefined {
  switch (type) {
    case "ip":
      return parseCidr(value) ? undefined : `"${value}" is no address and no block of addresses (10.0.0.0/8)`;
    case "date":
      return parseDate(value) === undefined
        ? `"${value}" is no date (2026-04-01T00:00:00Z) and no number of seconds since 1970`
        : undefined;
    case "numeric":
      return parseNumber(value) === undefined ? `"${value}" is no number` : undefined;
    case "bool":
      return parseBool(value) === undefined ? `"${value}" is neither true nor false` : undefined;
    default: {
      const parsed = parseTemplate(value, version);
      if (!parsed.ok) return parsed.message;
      // A variable may bring the colons of a whole ARN.
      if (type !== "arn" || parsed.variables || value === "*") return undefined;
      return value.split(":").length < 6 ? `"${value}" is no ARN: it has less than six parts` : undefined;
    }
  }
}
