import type { IamFacts } from "../../caller.ts";
import type { CredentialEntry } from "../../config/credential-schema.ts";
import { fromHex } from "../../lib/hex.ts";
import { type CompiledPolicy, compilePolicy } from "../../policy/policy.ts";

/** A credential, ready for requests. */
export interface Principal {
  readonly entry: CredentialEntry;
  readonly facts: IamFacts;
  readonly policy: CompiledPolicy | undefined;
  /** ms since the epoch. */
  readonly expiresAt: number;
  /** SHA-256 of the session token. */
  readonly tokenHash: Uint8Array | undefined;
}

/** Who signs with this access key, and what its policy says. */
export function principal(accessKeyId: string, entry: CredentialEntry): Principal {
  const { accountId, userName = accessKeyId, policy, expiresAt, sessionTokenHash } = entry;
  return {
    entry,
    facts: Object.freeze<IamFacts>({
      kind: "iam",
      accessKey: accessKeyId,
      accountId,
      userId: entry.userId ?? accessKeyId,
      userArn: entry.userArn ?? `arn:aws:iam::${accountId}:user/${userName}`,
      principalOrgId: entry.principalOrgId ?? null,
    }),
    policy: policy && compilePolicy(policy),
    expiresAt: expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt),
    tokenHash: sessionTokenHash === undefined ? undefined : fromHex(sessionTokenHash),
  };
}
