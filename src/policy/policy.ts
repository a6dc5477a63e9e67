import type { PolicyDocument } from "./schema.ts";
import { actionsOf, compileStatement, type PolicyRequest, type StatementTest } from "./statement.ts";
import { type Action, listOf } from "./vocabulary.ts";

export type { PolicyRequest } from "./statement.ts";

/** What a policy says of a call; `None` when no statement speaks of it. */
export type Effect = "Allow" | "Deny" | "None";

export interface CompiledPolicy {
  evaluate(request: PolicyRequest): Effect;
}

/** The statements about one action, each as what has to hold. */
interface Statements {
  readonly deny: (readonly StatementTest[])[];
  readonly allow: (readonly StatementTest[])[];
}

/**
 * Compiles a policy of any kind: a function authorizer's, an API's or a route's, a
 * credential's. An explicit Deny wins, then any Allow (aws-semantics 9.3).
 *
 * @param scope the API's ARN (`arn:aws:execute-api:REGION:ACCOUNT:API`), for resource policies:
 *   it completes their abbreviated resources (`execute-api:/*`)
 */
export function compilePolicy(document: PolicyDocument, scope?: string): CompiledPolicy {
  const byAction: Readonly<Record<Action, Statements>> = {
    "execute-api:Invoke": { deny: [], allow: [] },
    "execute-api:InvalidateCache": { deny: [], allow: [] },
    "execute-api:ManageConnections": { deny: [], allow: [] },
  };
  for (const statement of listOf(document.Statement)) {
    const tests = compileStatement(statement, scope, document.Version);
    if (!tests) continue;
    for (const action of actionsOf(statement)) {
      const { deny, allow } = byAction[action];
      (statement.Effect === "Deny" ? deny : allow).push(tests);
    }
  }
  return {
    evaluate(request) {
      const { deny, allow } = byAction[request.action];
      if (anyApplies(deny, request)) return "Deny";
      return anyApplies(allow, request) ? "Allow" : "None";
    },
  };
}

function anyApplies(statements: readonly (readonly StatementTest[])[], request: PolicyRequest): boolean {
  for (const tests of statements) if (applies(tests, request)) return true;
  return false;
}

function applies(tests: readonly StatementTest[], request: PolicyRequest): boolean {
  for (const test of tests) if (!test(request)) return false;
  return true;
}
