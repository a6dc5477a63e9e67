import type { PolicyPrincipal } from "./conditions.ts";
import { listOf } from "./vocabulary.ts";

/** `"*"`, or kinds of principals to their names. */
export type PrincipalElement = "*" | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Whom a Principal names. */
export interface PrincipalSet {
  /** Everybody, callers without a signature included. */
  readonly anybody: boolean;
  /** By number, or by `arn:aws:iam::NUMBER:root`. */
  readonly accounts: ReadonlySet<string>;
  readonly arns: ReadonlySet<string>;
}

const ACCOUNT = /^\d{12}$/;
const ACCOUNT_ROOT = /^arn:[a-z-]+:iam::(\d{12}):root$/;
const PRINCIPAL_ARN = /^arn:[a-z-]+:(?:iam|sts)::\d{12}:[^*?]+$/;

/** Whether a text can name somebody under `AWS`. A wildcard is the whole name or none of it, as in IAM. */
export const isPrincipalName = (name: string): boolean =>
  name === "*" || ACCOUNT.test(name) || PRINCIPAL_ARN.test(name);

/**
 * Reads a Principal once. Services, federated and canonical users are nobody here: none of
 * them calls a gateway with their own name.
 */
export function principalSet(element: PrincipalElement): PrincipalSet {
  const names = element === "*" ? ["*"] : listOf(element["AWS"] ?? []);
  const roots = names.flatMap((name) => ACCOUNT_ROOT.exec(name)?.[1] ?? []);
  return {
    anybody: names.includes("*"),
    accounts: new Set([...names.filter((name) => ACCOUNT.test(name)), ...roots]),
    arns: new Set(names.filter((name) => PRINCIPAL_ARN.test(name))),
  };
}

/** Whether the caller is named; who has not signed is only where everybody is. */
export function includesPrincipal(set: PrincipalSet, principal: PolicyPrincipal | undefined): boolean {
  if (set.anybody) return true;
  return principal !== undefined && (set.accounts.has(principal.accountId) || set.arns.has(principal.arn));
}
