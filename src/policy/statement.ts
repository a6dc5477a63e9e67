import { compileCondition } from "./condition.ts";
import type { ConditionContext, PolicyPrincipal } from "./conditions.ts";
import { includesPrincipal, principalSet } from "./principal.ts";
import { compileResource } from "./resource.ts";
import type { PolicyStatement } from "./schema.ts";
import { ACTIONS, type Action, listOf } from "./vocabulary.ts";
import { compileWildcard, matchesWildcard } from "./wildcard.ts";

/** A call that policies decide about. */
export interface PolicyRequest {
  readonly action: Action;
  /** The method ARN (aws-semantics 9.3). */
  readonly resource: string;
  /** Who signed it; none for callers of any other kind. */
  readonly principal?: PolicyPrincipal | undefined;
  readonly conditions: ConditionContext;
}

/** One thing that has to hold for a statement to apply. */
export type StatementTest = (request: PolicyRequest) => boolean;

/** The actions that a statement speaks of; names of actions are written in any case. */
export function actionsOf(statement: PolicyStatement): readonly Action[] {
  const patterns = listOf(statement.Action ?? statement.NotAction ?? []).map((text) =>
    compileWildcard([text.toLowerCase()]),
  );
  const wanted = statement.Action !== undefined;
  return ACTIONS.filter((action) => {
    const name = action.toLowerCase();
    return patterns.some((pattern) => matchesWildcard(pattern, name)) === wanted;
  });
}

/**
 * What has to hold, besides the action, for a statement to apply: cheap tests first, and none
 * that always hold. Undefined for a statement that never applies.
 *
 * What cannot be evaluated is refused when a policy is loaded. Should a document come here
 * unchecked, doubt denies: such an Allow never applies, such a Deny does.
 */
export function compileStatement(
  statement: PolicyStatement,
  scope: string | undefined,
  version: string | undefined,
): readonly StatementTest[] | undefined {
  const tests = [
    principalTest(statement),
    resourceTest(statement, scope, version),
    ...conditionTests(statement, version),
  ];
  if (tests.includes("never")) return undefined;
  if (statement.Effect === "Allow" && tests.includes("doubt")) return undefined;
  return tests.filter((test) => typeof test === "function");
}

/** A test, or what is known beforehand; `doubt` for what cannot be evaluated. */
type Compiled = StatementTest | "always" | "never" | "doubt";

function principalTest({ Principal, NotPrincipal }: PolicyStatement): Compiled {
  const element = Principal ?? NotPrincipal;
  if (element === undefined) return "always";
  const set = principalSet(element);
  const wanted = Principal !== undefined;
  if (set.anybody) return wanted ? "always" : "never";
  return ({ principal }) => includesPrincipal(set, principal) === wanted;
}

function resourceTest(
  { Effect, Resource, NotResource }: PolicyStatement,
  scope: string | undefined,
  version: string | undefined,
): Compiled {
  const texts = listOf(Resource ?? NotResource ?? []);
  const patterns = texts.flatMap((text) => compileResource(text, scope, version) ?? []);
  if (patterns.length < texts.length) return "doubt";
  const anything = patterns.some((pattern) => pattern.anything);
  if (Resource !== undefined) {
    if (anything) return "always";
    return ({ resource, conditions }) => patterns.some((pattern) => pattern.matches(resource, conditions));
  }
  if (anything) return "never";
  // A variable without a value excepts nothing, so that it widens a Deny; it must not widen an Allow.
  const open = Effect === "Allow" ? patterns.filter((pattern) => pattern.resolved) : [];
  return ({ resource, conditions }) =>
    !patterns.some((pattern) => pattern.matches(resource, conditions)) &&
    open.every((pattern) => pattern.resolved?.(conditions));
}

function conditionTests(
  { Condition = {} }: PolicyStatement,
  version: string | undefined,
): readonly Compiled[] {
  return Object.entries(Condition).flatMap(([operator, block = {}]) =>
    Object.entries(block).map(([key, values]): Compiled => {
      const test = compileCondition(operator, key, listOf(values).map(String), version);
      return test ? ({ conditions }) => test(conditions) : "doubt";
    }),
  );
}
