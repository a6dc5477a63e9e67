import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Authorizer } from "../../../src/access/authorizer.ts";
import { importCredentialsKey, sealSecret } from "../../../src/access/iam/secret.ts";
import { sha256Hex } from "../../../src/access/iam/signature.ts";
import type { Call } from "../../../src/call.ts";
import { GatewayError } from "../../../src/gateway-responses/gateway-error.ts";
import { errorResponse } from "../../../src/gateway-responses/respond.ts";
import { FaultyKV } from "../../support/faulty-kv.ts";
import { authorizerOf, callTo, ID, NOW, putCredential, SEALING_KEY, SECRET, signedCall } from "./call.ts";

const MINUTE = 60_000;
const INVALID =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
const UNKNOWN = "The security token included in the request is invalid.";

interface Refused {
  readonly status: number;
  readonly reason: string;
  readonly type: string | null;
  readonly body: string;
}

/** What the client and the log get when the call is refused. */
async function refusalOf(authorizer: Authorizer, call: Call): Promise<Refused> {
  try {
    await authorizer.authorize(call, []);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const { protocol } = call.stage.settings;
    const response = errorResponse(error, { protocol, requestId: "id", extendedRequestId: "id" });
    const type = response.headers.get("x-amzn-errortype");
    return { status: response.status, reason: error.reason, type, body: await response.text() };
  }
  throw new Error("the call was let through");
}

const allow = (resource = "*") => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: resource }],
});

describe("a call whose signature fits", () => {
  test("is known by its credential, in the header form and presigned", async () => {
    await putCredential();
    for (const signQuery of [false, true]) {
      const call = await signedCall("/prod/pets?b=1&a=2", { signQuery });
      expect(await authorizerOf().authorize(call, [])).toEqual({ grant: "None", crossAccount: false });
      expect(call.caller.authorizer).toEqual({
        kind: "iam",
        accessKey: ID,
        accountId: "000000000000",
        userId: ID,
        userArn: `arn:aws:iam::000000000000:user/${ID}`,
        principalOrgId: null,
      });
    }
  });

  test("shows what the credential's entry says of its user", async () => {
    await putCredential({
      accountId: "123456789012",
      userName: "ann",
      userId: "AIDAX",
      principalOrgId: "o-1",
    });
    const call = await signedCall("/prod/pets");
    expect(await authorizerOf().authorize(call, [])).toEqual({ grant: "None", crossAccount: true });
    expect(call.caller.authorizer).toMatchObject({
      accountId: "123456789012",
      userId: "AIDAX",
      userArn: "arn:aws:iam::123456789012:user/ann",
      principalOrgId: "o-1",
    });
  });

  test("is of the same account when its API's ARN has it", async () => {
    await putCredential({ accountId: "123456789012" });
    const settings = { arn: "arn:aws:execute-api:eu-central-1:123456789012:shop" };
    const call = await signedCall("/prod/pets", { settings });
    expect(await authorizerOf().authorize(call, [])).toMatchObject({ crossAccount: false });
  });

  test("hands on the body that was hashed", async () => {
    await putCredential();
    const call = await signedCall("/prod/pets", { method: "POST", body: "payload" });
    await authorizerOf().authorize(call, []);
    expect(new TextDecoder().decode(call.bufferedBody)).toBe("payload");
  });

  test("can be sent again within its time, as with AWS", async () => {
    await putCredential();
    const authorizer = authorizerOf();
    for (const now of [NOW, NOW + 4 * MINUTE]) {
      const call = await signedCall("/prod/pets", { signedAt: NOW, now });
      expect(await authorizer.authorize(call, [])).toMatchObject({ grant: "None" });
    }
  });

  test("opens the secret once for a day, region and service", async () => {
    await putCredential();
    const authorizer = authorizerOf();
    for (const region of ["eu-central-1", "eu-central-1", "us-east-1"]) {
      await authorizer.authorize(await signedCall("/prod/pets", { region }), []);
    }
    expect(authorizer.opened).toHaveLength(2);
  });

  test("R-28 a rotated secret counts at once, and the old one no more", async () => {
    await putCredential();
    const authorizer = authorizerOf({ refreshMs: -1 });
    await authorizer.authorize(await signedCall("/prod/pets"), []);
    const secret = await sealSecret(await importCredentialsKey(SEALING_KEY), ID, "another");
    await putCredential({ secret });
    expect(await tryCall(authorizer, { secret: "another" })).toBeUndefined();
    expect(await tryCall(authorizer, { secret: SECRET })).toBe("auth.iam.signature");
  });
});

async function tryCall(
  authorizer: Authorizer,
  options: Parameters<typeof signedCall>[1],
): Promise<string | undefined> {
  try {
    await authorizer.authorize(await signedCall("/prod/pets", options), []);
    return undefined;
  } catch (error) {
    return error instanceof GatewayError ? error.reason : String(error);
  }
}

describe("a call that is refused", () => {
  test("an unsigned one misses its token, in the words of its kind of API", async () => {
    expect(await refusalOf(authorizerOf(), callTo("/prod/pets"))).toEqual({
      status: 403,
      reason: "auth.iam.missing",
      type: "MissingAuthenticationTokenException",
      body: '{"message":"Missing Authentication Token"}',
    });
    const http = callTo("/pets", { settings: { protocol: "HTTP" } });
    expect(await refusalOf(authorizerOf(), http)).toMatchObject({
      status: 403,
      body: '{"message":"Forbidden"}',
    });
  });

  test.each([
    ["another secret", { secret: "wrong" }, "auth.iam.signature", INVALID],
    ["an unknown access key", { id: "AKIAUNKNOWN" }, "auth.iam.credential", UNKNOWN],
    [
      "another service",
      { service: "s3" },
      "auth.iam.credential",
      "Credential should be scoped to correct service: 'execute-api'.",
    ],
    [
      "an old signature",
      { signedAt: NOW - 6 * MINUTE },
      "auth.iam.expired",
      "Signature expired: 20260401T115400Z is now earlier than 20260401T115500Z (20260401T120000Z - 5 min.)",
    ],
    [
      "a signature from the future",
      { signedAt: NOW + 6 * MINUTE },
      "auth.iam.expired",
      "Signature not yet current: 20260401T120600Z is still later than 20260401T120500Z (20260401T120000Z + 5 min.)",
    ],
    ["another body", { method: "POST", body: "b", signedBody: "a" }, "auth.iam.signature", INVALID],
    ["a session token that nobody gave", { sessionToken: "t" }, "auth.iam.credential", UNKNOWN],
  ] as const)("%s: 403, and HTTP APIs say no more than Forbidden", async (_, options, reason, message) => {
    await putCredential();
    expect(await refusalOf(authorizerOf(), await signedCall("/prod/pets", options))).toEqual({
      status: 403,
      reason,
      type: message === UNKNOWN ? "UnrecognizedClientException" : "InvalidSignatureException",
      body: JSON.stringify({ message }),
    });
    const http = await signedCall("/pets", { ...options, settings: { protocol: "HTTP" } });
    expect(await refusalOf(authorizerOf(), http)).toMatchObject({
      status: 403,
      reason,
      body: '{"message":"Forbidden"}',
    });
  });

  test("a region other than the one that the authorizer asks for", async () => {
    await putCredential();
    const authorizer = authorizerOf({ entry: { region: "eu-central-1" } });
    expect(await tryCall(authorizer, {})).toBeUndefined();
    expect(
      await refusalOf(authorizer, await signedCall("/prod/pets", { region: "us-east-1" })),
    ).toMatchObject({
      reason: "auth.iam.credential",
      body: `{"message":"Credential should be scoped to a valid region, not 'us-east-1'."}`,
    });
  });

  test("a disabled credential looks like one that is not there", async () => {
    await putCredential({ enabled: false });
    const disabled = await refusalOf(authorizerOf(), await signedCall("/prod/pets"));
    const unknown = await refusalOf(authorizerOf(), await signedCall("/prod/pets", { id: "AKIAUNKNOWN" }));
    expect(disabled).toEqual(unknown);
  });

  test("an expired credential, on both kinds of API", async () => {
    await putCredential({ expiresAt: "2026-04-01T12:00:00Z" });
    expect(await tryCall(authorizerOf(), { now: NOW - 1000 })).toBeUndefined();
    expect(await refusalOf(authorizerOf(), await signedCall("/prod/pets"))).toMatchObject({
      status: 403,
      type: "ExpiredTokenException",
      reason: "auth.iam.expired",
    });
    const http = await signedCall("/pets", { settings: { protocol: "HTTP" } });
    expect(await refusalOf(authorizerOf(), http)).toMatchObject({
      status: 403,
      body: '{"message":"Forbidden"}',
    });
  });

  test("a method that an unsigned header put in place of the signed one", async () => {
    await putCredential();
    const call = await signedCall("/prod/pets", { method: "GET", routedMethod: "DELETE" });
    expect(await refusalOf(authorizerOf(), call)).toMatchObject({ reason: "auth.iam.malformed" });
    const headers = { "x-http-method-override": "DELETE" };
    const signed = await signedCall("/prod/pets", { method: "GET", routedMethod: "DELETE", headers });
    expect(await authorizerOf().authorize(signed, [])).toMatchObject({ grant: "None" });
  });
});

describe("session tokens", () => {
  const sessionToken = "FwoGZXIvYXdzEXAMPLE//token==";

  test.each([false, true])("the one whose hash is stored, signed in the query: %s", async (signQuery) => {
    await putCredential({ sessionTokenHash: await sha256Hex(new TextEncoder().encode(sessionToken)) });
    expect(await tryCall(authorizerOf(), { sessionToken, signQuery })).toBeUndefined();
    expect(await tryCall(authorizerOf(), { sessionToken: `${sessionToken}=`, signQuery })).toBe(
      "auth.iam.credential",
    );
    expect(await tryCall(authorizerOf(), { signQuery })).toBe("auth.iam.credential");
  });
});

describe("the payload's hash", () => {
  const hashOf = (body: string): Promise<string> => sha256Hex(new TextEncoder().encode(body));
  const post = { method: "POST", body: "payload" };

  test("stated and right, or stated for another body", async () => {
    await putCredential();
    const right = { ...post, headers: { "x-amz-content-sha256": await hashOf("payload") } };
    expect(await tryCall(authorizerOf(), right)).toBeUndefined();
    const wrong = { ...post, headers: { "x-amz-content-sha256": await hashOf("other") } };
    expect(await tryCall(authorizerOf(), wrong)).toBe("auth.iam.payload");
  });

  test("UNSIGNED-PAYLOAD is taken where the authorizer says so, and the body stays unread", async () => {
    await putCredential();
    const headers = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
    expect(await tryCall(authorizerOf(), { ...post, headers })).toBe("auth.iam.payload");
    const call = await signedCall("/prod/pets", { ...post, headers });
    await authorizerOf({ entry: { unsignedPayload: true } }).authorize(call, []);
    expect(call.request.bodyUsed).toBe(false);
    expect(call.bufferedBody).toBeUndefined();
  });

  test.each([
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "unsigned-payload",
    "",
    "7",
  ])("%j is refused", async (hash) => {
    await putCredential();
    const authorizer = authorizerOf({ entry: { unsignedPayload: true } });
    expect(await tryCall(authorizer, { ...post, headers: { "x-amz-content-sha256": hash } })).toBe(
      "auth.iam.payload",
    );
  });

  test("R-19 a body over the API's limit is not read to its end", async () => {
    await putCredential();
    const settings = { limits: { bodyBytes: 6 } };
    expect(await tryCall(authorizerOf(), { ...post, settings })).toBe("request.body_too_large");
  });

  test("R-19 nobody's body is read who is refused without it", async () => {
    await putCredential({ policy: { Statement: { Effect: "Deny", Action: "*", Resource: "*" } } });
    const stated = { "x-amz-content-sha256": await hashOf("payload") };
    for (const [options, reason] of [
      [{ id: "AKIAUNKNOWN" }, "auth.iam.credential"],
      [{ service: "s3" }, "auth.iam.credential"],
      [{ signedAt: NOW - 6 * MINUTE }, "auth.iam.expired"],
      [{ secret: "wrong", headers: stated }, "auth.iam.signature"],
      [{ headers: stated }, "auth.iam.denied"],
    ] as const) {
      const call = await signedCall("/prod/pets", { ...post, ...options });
      expect(await refusalOf(authorizerOf(), call)).toMatchObject({ reason });
      expect(call.request.bodyUsed, JSON.stringify(options)).toBe(false);
    }
  });
});

describe("the credential's policy", () => {
  const arn = "arn:aws:execute-api:eu-central-1:123456789012:shop";
  const settings = { arn };

  test("allows, or has nothing to say", async () => {
    await putCredential({ policy: allow(`${arn}/prod/GET/pets/*`) });
    const inside = await signedCall("/pets/7", { settings });
    expect(await authorizerOf().authorize(inside, [])).toMatchObject({ grant: "Allow" });
    const outside = await signedCall("/users", { settings });
    expect(await authorizerOf().authorize(outside, [])).toMatchObject({ grant: "None" });
  });

  test("denies in API Gateway's words, the API's account masked", async () => {
    const deny = { Effect: "Deny", Action: "execute-api:*", Resource: `${arn}/*/DELETE/*` };
    await putCredential({ userName: "ann", policy: { Statement: [...allow().Statement, deny] } });
    const call = await signedCall("/pets/7", { method: "DELETE", settings });
    expect(await refusalOf(authorizerOf(), call)).toEqual({
      status: 403,
      reason: "auth.iam.denied",
      type: "AccessDeniedException",
      body: '{"Message":"User: arn:aws:iam::000000000000:user/ann is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-central-1:********9012:shop/prod/DELETE/pets/7 with an explicit deny"}',
    });
    expect(await tryCall(authorizerOf(), { settings })).toBeUndefined();
  });

  test("asks about the call: its address", async () => {
    const Condition = { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } };
    await putCredential({ policy: { Statement: { ...allow().Statement[0], Condition } } });
    expect(await authorizerOf().authorize(await signedCall("/pets"), [])).toMatchObject({ grant: "Allow" });
    const elsewhere = { ...(await signedCall("/pets")), clientAddress: "198.51.100.1" };
    expect(await authorizerOf().authorize(elsewhere, [])).toMatchObject({ grant: "None" });
  });
});

describe("R-13 what cannot be decided is denied", () => {
  test("the store fails: 503", async () => {
    const kv = new FaultyKV();
    kv.fault = "throws";
    expect(await refusalOf(authorizerOf({ kv: kv.namespace }), await signedCall("/pets"))).toMatchObject({
      status: 503,
      reason: "auth.iam.unavailable",
      body: '{"message": "Service Unavailable"}',
    });
  });

  test.each([
    ["no CREDENTIALS_KEY", undefined],
    ["an empty one", ""],
    ["one that is no base64", "%%%"],
    ["a short one", btoa("short")],
    ["another one", btoa("fedcba9876543210fedcba9876543210")],
  ])("%s: 500", async (_, credentialsKey) => {
    await putCredential();
    expect(await refusalOf(authorizerOf({ credentialsKey }), await signedCall("/pets"))).toMatchObject({
      status: 500,
      reason: "auth.iam.unavailable",
      body: '{"message":null}',
    });
  });

  test.each([
    ["an entry that is no JSON", "{"],
    ["a secret in clear", JSON.stringify({ secret: SECRET })],
    [
      "a misspelt member",
      JSON.stringify({ secret: `v1.${"A".repeat(16)}.${"A".repeat(40)}`, enabld: false }),
    ],
  ])("%s: 500, and the secret stays out of the log (R-12)", async (_, text) => {
    await env.CONFIG.put(`credentials/${ID}`, text);
    const call = await signedCall("/pets");
    const thrown = await Promise.resolve(authorizerOf().authorize(call, [])).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ type: "AUTHORIZER_CONFIGURATION_ERROR", reason: "auth.iam.unavailable" });
    expect(String(thrown)).not.toContain(SECRET);
  });

  test("a secret sealed for another access key id: 500", async () => {
    const secret = await putCredential({}, "AKIAOTHER");
    await putCredential({ secret });
    expect(await refusalOf(authorizerOf(), await signedCall("/pets"))).toMatchObject({ status: 500 });
  });

  test("a failing store does not stop a credential that is known", async () => {
    await putCredential();
    const kv = new FaultyKV();
    const authorizer = authorizerOf({ kv: kv.namespace });
    expect(await tryCall(authorizer, {})).toBeUndefined();
    kv.fault = "throws";
    expect(await tryCall(authorizer, {})).toBeUndefined();
  });
});
