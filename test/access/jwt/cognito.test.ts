import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Authorizer } from "../../../src/access/authorizer.ts";
import { cognitoAuthorizer } from "../../../src/access/jwt/cognito.ts";
import { KeySets } from "../../../src/access/jwt/key-sets.ts";
import { CognitoAuthorizer } from "../../../src/config/authorizer-schema.ts";
import { parseValue } from "../../../src/config/parse.ts";
import { ask, Clock, Issuer, type Signer, signer } from "./issuer.ts";

const EU = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Abc";
const US = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Xyz";
const arn = (region: string, id: string) => `arn:aws:cognito-idp:${region}:123456789012:userpool/${id}`;

let euKey: Signer;
let usKey: Signer;
let clock: Clock;
let eu: Issuer;
let us: Issuer;
let subject: Authorizer;

beforeAll(async () => {
  euKey = await signer("RS256");
  usKey = await signer("RS256");
});

beforeEach(() => {
  clock = new Clock();
  eu = new Issuer(clock, EU);
  us = new Issuer(clock, US);
  eu.publish(euKey, "k1", { alg: "RS256", use: "sig" });
  us.publish(usKey, "k1", { alg: "RS256", use: "sig" });
  subject = build();
});

function build(more: Readonly<Record<string, unknown>> = {}): Authorizer {
  const providerARNs = [arn("eu-west-1", "eu-west-1_Abc"), arn("us-east-1", "us-east-1_Xyz")];
  const entry = parseValue("a", { type: "cognito_user_pools", providerARNs, ...more }, CognitoAuthorizer);
  if (!entry.ok) throw new Error(JSON.stringify(entry.problems));
  const keySets = new KeySets({
    now: clock.now,
    fetch: (url, init) => (url.startsWith(US) ? us : eu).fetch(url, init),
  });
  return cognitoAuthorizer(entry.value, { keySets });
}

const idToken = (more: Readonly<Record<string, unknown>> = {}) =>
  eu.sign(euKey, "k1", { aud: "client-1", token_use: "id", "custom:role": "admin", ...more });
const accessToken = (more: Readonly<Record<string, unknown>> = {}) =>
  eu.sign(euKey, "k1", { aud: undefined, client_id: "client-1", token_use: "access", scope: "a b", ...more });

const rest = (token: string, scopes: readonly string[] = []) =>
  ask(subject, { token, scopes, protocol: "REST" });
const UNAUTHORIZED = { status: 401, body: '{"message":"Unauthorized"}' };

describe("which token a route takes", () => {
  test("an ID token without scopes", async () => {
    const verdict = await rest(await idToken());
    expect(verdict).toMatchObject({ status: 200, caller: { authorizer: { kind: "jwt", scopes: null } } });
    expect(verdict.caller.authorizer).toMatchObject({
      claims: { "custom:role": "admin" },
      principalId: "user-1",
    });
    expect(eu.asked).toEqual([`${EU}/.well-known/jwks.json`]);
  });

  test("with Bearer or bare, and no other scheme", async () => {
    const token = await idToken();
    for (const [authorization, status] of [
      [token, 200],
      [`Bearer ${token}`, 200],
      [`Basic ${token}`, 401],
    ] as const) {
      expect(await ask(subject, { headers: { authorization }, protocol: "REST" })).toMatchObject({ status });
    }
    expect(await ask(subject, { protocol: "REST" })).toMatchObject({
      ...UNAUTHORIZED,
      reason: "auth.identity_source",
    });
  });

  test("an access token with scopes, one of which it has", async () => {
    expect(await rest(await accessToken(), ["x", "b"])).toMatchObject({
      status: 200,
      caller: { authorizer: { scopes: ["a", "b"] } },
    });
    expect(await rest(await accessToken(), ["x"])).toMatchObject({
      ...UNAUTHORIZED,
      reason: "auth.jwt.scope",
    });
  });

  test("no other, whichever came first", async () => {
    const refused = { ...UNAUTHORIZED, reason: "auth.jwt.token_use" };
    const id = await idToken({ scope: "a" });
    const access = await accessToken();
    expect(await rest(id)).toMatchObject({ status: 200 });
    expect(await rest(id, ["a"])).toMatchObject(refused);
    expect(await rest(access, ["a"])).toMatchObject({ status: 200 });
    expect(await rest(access)).toMatchObject(refused);
    for (const token_use of [undefined, null, "refresh", ["id"], "ID"]) {
      expect(await rest(await idToken({ token_use }))).toMatchObject(refused);
    }
  });
});

describe("R-10 each pool has its own keys", () => {
  test("both pools pass, a third does not", async () => {
    expect(await rest(await idToken())).toMatchObject({ status: 200 });
    const other = await us.sign(usKey, "k1", { aud: "c", token_use: "id" });
    expect(await rest(other)).toMatchObject({ status: 200 });
    const iss = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Evil";
    expect(await rest(await idToken({ iss }))).toMatchObject({ ...UNAUTHORIZED, reason: "auth.jwt.issuer" });
  });

  test("a pool's key does not sign for the other", async () => {
    const mixed = await us.sign(euKey, "k1", { aud: "c", token_use: "id" });
    expect(await rest(mixed)).toMatchObject({ ...UNAUTHORIZED, reason: "auth.jwt.signature" });
  });

  test("an emulator's endpoint, and China's", async () => {
    eu = new Issuer(clock, "http://localhost:9229/eu-west-1_Abc");
    eu.publish(euKey, "k1");
    for (const endpoint of ["http://localhost:9229", "http://localhost:9229/"]) {
      subject = build({ endpoint });
      expect(await rest(await idToken())).toMatchObject({ status: 200 });
    }
    eu = new Issuer(clock, "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_A");
    eu.publish(euKey, "k1");
    subject = build({ providerARNs: [arn("cn-north-1", "cn-north-1_A").replace("aws", "aws-cn")] });
    expect(await rest(await idToken())).toMatchObject({ status: 200 });
  });
});

describe("claims", () => {
  test("an expired token is told so, remembered or not", async () => {
    const token = await idToken({ exp: clock.seconds + 10 });
    expect(await rest(token)).toMatchObject({ status: 200 });
    clock.pass(10);
    for (let i = 0; i < 2; i++) {
      expect(await rest(token)).toMatchObject({
        status: 401,
        reason: "auth.jwt.expired",
        body: '{"message":"The incoming token has expired"}',
      });
    }
  });

  test("R-09 RS256 alone", async () => {
    const elliptic = await signer("ES256");
    eu.publish(elliptic, "e1");
    const token = await eu.sign(elliptic, "e1", { aud: "client-1", token_use: "id" });
    expect(await rest(token)).toMatchObject({ ...UNAUTHORIZED, reason: "auth.jwt.algorithm" });
  });

  test("the app clients to accept: aud of ID tokens, client_id of access tokens", async () => {
    subject = build({ audience: ["client-1", "client-2"] });
    const refused = { ...UNAUTHORIZED, reason: "auth.jwt.audience" };
    expect(await rest(await idToken())).toMatchObject({ status: 200 });
    expect(await rest(await idToken({ aud: "client-3", client_id: "client-1" }))).toMatchObject(refused);
    expect(await rest(await idToken({ aud: undefined, client_id: "client-1" }))).toMatchObject(refused);
    expect(await rest(await accessToken(), ["a"])).toMatchObject({ status: 200 });
    expect(await rest(await accessToken({ client_id: "client-3", aud: "client-1" }), ["a"])).toMatchObject(
      refused,
    );
  });

  test("identityValidationExpression against aud, whole; access tokens have none", async () => {
    subject = build({ identityValidationExpression: "client-[0-9]+|other" });
    const refused = { ...UNAUTHORIZED, reason: "auth.jwt.audience" };
    expect(await rest(await idToken({ aud: "client-12" }))).toMatchObject({ status: 200 });
    expect(await rest(await idToken({ aud: "other" }))).toMatchObject({ status: 200 });
    for (const aud of ["client-1x", "xclient-1", "another", "client-1\n", ["client-1"], undefined]) {
      expect(await rest(await idToken({ aud })), String(aud)).toMatchObject(refused);
    }
    expect(await rest(await accessToken(), ["a"])).toMatchObject(refused);
  });
});
