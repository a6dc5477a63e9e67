import { describe, expect, test } from "vitest";
import { CredentialEntry } from "../../src/config/credential-schema.ts";
import { parseEntry } from "../../src/config/parse.ts";

const KEY = "credentials/AKIA";
const secret = `v1.${"A".repeat(16)}.${"b".repeat(75)}`;

const parse = (members: unknown) => parseEntry(KEY, JSON.stringify(members), CredentialEntry);

describe("credentials/{access key id}", () => {
  test("a sealed secret is enough", () => {
    expect(parse({ secret })).toEqual({
      ok: true,
      value: { secret, enabled: true, accountId: "000000000000" },
    });
  });

  test("everything that an entry can say", () => {
    const entry = {
      secret,
      enabled: false,
      accountId: "123456789012",
      userName: "ann+ops@example.com",
      userArn: "arn:aws:sts::123456789012:assumed-role/ops/ann",
      userId: "AROAX:ann",
      principalOrgId: "o-abc",
      sessionTokenHash: "0".repeat(64),
      policy: {
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Action: "execute-api:Invoke", Resource: "arn:aws:execute-api:*:*:shop/*" },
          { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket/*" },
        ],
      },
      description: "the nightly job",
      createdAt: "2026-04-01T12:00:00.000Z",
      expiresAt: "2027-04-01T12:00:00.000Z",
    };
    expect(parse(entry)).toEqual({ ok: true, value: entry });
  });

  const statement = { Effect: "Allow", Action: "execute-api:Invoke", Resource: "*" };
  test.each<[string, Record<string, unknown>, string]>([
    ["no secret", { secret: undefined }, "#secret"],
    ["a secret in clear", { secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" }, "#secret"],
    ["a misspelt member", { enabeld: false }, "#enabeld"],
    ["an account with letters", { accountId: "12345678901x" }, "#accountId"],
    ["an account's number as a number", { accountId: 123456789012 }, "#accountId"],
    ["a user's name with a slash", { userName: "a/b" }, "#userName"],
    ["an ARN of another service", { userArn: "arn:aws:s3:::bucket" }, "#userArn"],
    ["an ARN with a line break", { userArn: "arn:aws:iam::123456789012:user/a\nb" }, "#userArn"],
    ["a session token in place of its hash", { sessionTokenHash: "token" }, "#sessionTokenHash"],
    ["a day that is none", { expiresAt: "2026-13-01T00:00:00Z" }, "#expiresAt"],
    ["a day without a time", { expiresAt: "2026-04-01" }, "#expiresAt"],
    ["a policy without statements", { policy: {} }, "#policy.Statement"],
    [
      "R-13 a policy with a Principal, which belongs into resource policies",
      { policy: { Statement: { ...statement, Principal: "*" } } },
      "#policy",
    ],
    [
      "R-13 a misspelt action",
      { policy: { Statement: { ...statement, Effect: "Deny", Action: "execute-api:Invok" } } },
      "#policy",
    ],
  ])("%s makes the entry bad", (_, members, place) => {
    const parsed = parse({ secret, ...members });
    expect(parsed.ok).toBe(false);
    const [problem] = parsed.ok ? [] : parsed.problems;
    expect(problem?.path).toBe(`${KEY}${place}`);
    expect(JSON.stringify(parsed)).not.toContain("wJalrXUtnFEMI");
  });

  test("a problem of the policy says where in it", () => {
    const parsed = parse({
      secret,
      policy: { Statement: [statement, { ...statement, Action: "execute-api:Invok" }] },
    });
    expect(parsed).toMatchObject({
      problems: [
        { path: `${KEY}#policy`, message: expect.stringMatching(/^Statement\.1\.Action: .*no action/) },
      ],
    });
  });
});
