import * as v from "valibot";
import { checkPolicy, PolicyDocument } from "../policy/schema.ts";

/** Stands before an access key id. */
export const CREDENTIAL_PREFIX = "credentials/";

/** These texts reach events, logs and terminals. */
const line = (max: number) =>
  v.pipe(
    v.string(),
    v.nonEmpty(),
    v.maxLength(max, `longer than ${max} characters`),
    v.regex(/^\P{Cc}*$/u, "there is a control character in it"),
  );

const instant = v.pipe(
  v.string(),
  v.isoTimestamp("not an instant: write a date, a time and a zone, as 2027-01-31T00:00:00Z"),
  v.check((text) => !Number.isNaN(Date.parse(text)), "the calendar has no such day"),
  v.transform((text) => new Date(text).toISOString()),
);

/** A caller's own policy; whatever of it cannot be evaluated makes the whole credential bad. */
const identityPolicy = v.pipe(
  PolicyDocument,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const { path, message } of checkPolicy("", dataset.value, "identity")) {
      addIssue({ message: `${path.slice(1)}: ${message}` });
    }
  }),
);

/**
 * `credentials/{access key id}`: a caller that signs its requests. What IAM would say of it
 * stands here, under IAM's names.
 */
export const CredentialEntry = v.strictObject({
  /** `v1.IV.CIPHERTEXT`, sealed with CREDENTIALS_KEY for this access key id; `portico credentials create` writes it. */
  secret: v.pipe(
    v.string(),
    v.regex(
      /^v1\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{22,1024}$/,
      "not a sealed secret: `portico credentials create` makes one",
    ),
  ),
  enabled: v.optional(v.boolean(), true),
  accountId: v.optional(
    v.pipe(v.string(), v.regex(/^\d{12}$/, "an account id is 12 digits")),
    "000000000000",
  ),
  /** The access key id by default. */
  userName: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[\w+=,.@-]{1,128}$/, "a user's name is 1 to 128 of A-Z a-z 0-9 _ + = , . @ -"),
    ),
  ),
  /** `arn:aws:iam::{accountId}:user/{userName}` by default. */
  userArn: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^arn:[a-z-]+:(?:iam|sts)::(?:\d{12})?:[\w+=,.@/:-]{1,512}$/, "not an ARN of IAM or STS"),
    ),
  ),
  /** What events show as `user` and `caller`; the access key id by default. */
  userId: v.optional(line(256)),
  principalOrgId: v.optional(line(64)),
  /**
   * The SHA-256, in lower-case hex, of the session token that every request has to carry.
   * Without it no request may carry one.
   */
  sessionTokenHash: v.optional(
    v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "not a SHA-256 in lower-case hexadecimal")),
  ),
  /** What the caller may do; an API's resource policy may allow it too. */
  policy: v.optional(identityPolicy),
  description: v.optional(line(1024)),
  createdAt: v.optional(instant),
  /** From then on the credential is refused. */
  expiresAt: v.optional(instant),
});

export type CredentialEntry = v.InferOutput<typeof CredentialEntry>;
