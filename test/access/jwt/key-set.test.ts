import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Authorizer } from "../../../src/access/authorizer.ts";
import { parseKeySet } from "../../../src/access/jwt/key-set.ts";
import { ask, Clock, Issuer, jwtSubject, type Signer, signer, token } from "./issuer.ts";

let first: Signer;
let second: Signer;
let issuer: Issuer;
let subject: Authorizer;

beforeAll(async () => {
  first = await signer("RS256");
  second = await signer("RS256");
});

beforeEach(() => {
  issuer = new Issuer(new Clock());
  issuer.publish(first, "k1");
  subject = build();
});

const build = (more: Readonly<Record<string, unknown>> = {}): Authorizer => jwtSubject(issuer, more);

const passes = async (sent: string, using = subject) =>
  expect(await ask(using, { token: sent })).toMatchObject({ status: 200 });

const isRefused = async (sent: string, reason: string, using = subject) =>
  expect(await ask(using, { token: sent })).toMatchObject({ status: 401, reason });

describe("what a key set may hold", () => {
  const isKey = async (publish: () => void, alg = "RS256", expected = 401): Promise<void> => {
    issuer.keys = [];
    publish();
    subject = build({ algorithms: ["RS256", "ES256"] });
    const used = alg === "RS256" ? first : await signer(alg);
    const verdict = await ask(subject, { token: await issuer.sign(used, "k1") });
    expect(verdict.status).toBe(expected);
    if (expected === 401) expect(verdict.reason).toBe("auth.jwt.key");
  };

  test("sound keys beside what is none", async () => {
    const { publicJwk } = first;
    const rubbish: unknown[] = [null, 1, "key", [], {}, { kty: "oct", kid: "k1", k: "c2VjcmV0" }, { kty: 1 }];
    rubbish.push({ kty: "RSA", kid: "k1" }, { kty: "XYZ", kid: "k1" }, { ...publicJwk, kid: 7 });
    issuer.answer = (url) =>
      url.endsWith("/jwks")
        ? Response.json({ keys: [...rubbish, { ...publicJwk, kid: "k1" }, ...rubbish] })
        : undefined;
    await passes(await issuer.sign(first, "k1"));
  });

  test.each<[string, Record<string, unknown>]>([
    ["for encryption", { use: "enc" }],
    ["for encryption by its operations", { key_ops: ["encrypt"] }],
    ["without operations", { key_ops: [] }],
    ["for signing only", { key_ops: ["sign"] }],
    ["of another algorithm", { alg: "RS512" }],
    ["of an encryption algorithm", { alg: "RSA-OAEP" }],
    ["of another type", { kty: "EC" }],
    ["with its private half", { d: "AQAB" }],
    ["with a prime", { p: "AQAB" }],
    ["with a secret", { k: "AQAB" }],
    ["with no modulus", { n: "" }],
    ["with a modulus that is no base64", { n: "!!!" }],
    ["with a modulus of zero", { n: "AAAA".repeat(100) }],
    ["with the exponent 1", { e: "AQ" }],
    ["with the exponent 0", { e: "AA" }],
    ["with the exponent 2", { e: "Ag" }],
  ])("no key %s", (_, more) => isKey(() => issuer.publish(first, "k1", more)));

  test("no RSA key below 2048 bits, padded or not", async () => {
    const { n = "" } = first.publicJwk;
    const half = n.slice(0, 171);
    await isKey(() => issuer.publish(first, "k1", { n: half }));
    await isKey(() => issuer.publish(first, "k1", { n: `${"AAAA".repeat(60)}${half}` }));
    const weak = await crypto.subtle.generateKey(
      {
        name: "RSASSA-PKCS1-v1_5",
        modulusLength: 1024,
        publicExponent: new Uint8Array([1, 0, 1]),
        hash: "SHA-256",
      },
      true,
      ["sign", "verify"],
    );
    if (!("privateKey" in weak)) throw new Error("no pair");
    const jwk = await crypto.subtle.exportKey("jwk", weak.publicKey);
    if (jwk instanceof ArrayBuffer) throw new Error("no JWK");
    issuer.keys = [{ kty: "RSA", n: jwk.n ?? "", e: jwk.e ?? "", kid: "k1" }];
    const sent = await token(
      { alg: "RS256", kid: "k1" },
      issuer.claims(),
      async (input) => new Uint8Array(await crypto.subtle.sign("RSASSA-PKCS1-v1_5", weak.privateKey, input)),
    );
    await isRefused(sent, "auth.jwt.key");
  });

  test("no point off its curve, no point at infinity", async () => {
    const { publicJwk } = await signer("ES256");
    const zero = "A".repeat(43);
    for (const more of [
      { x: zero },
      { y: zero },
      { x: zero, y: zero },
      { x: publicJwk.y ?? "" },
      { crv: "P-384" },
    ]) {
      issuer.keys = [{ ...publicJwk, kid: "k1", ...more }];
      await isKeyless(
        await token({ alg: "ES256", kid: "k1" }, issuer.claims(), async () => new Uint8Array(64)),
      );
    }
  });

  const isKeyless = async (sent: string): Promise<void> => {
    await isRefused(sent, "auth.jwt.key", build({ algorithms: ["ES256"] }));
  };

  test("several keys of one kid: the one that signed counts", async () => {
    issuer.keys = [];
    issuer.publish(second, "k1");
    issuer.publish(first, "k1");
    issuer.publish(first, "k1");
    issuer.publish(await signer("ES256"), "k1");
    await passes(await issuer.sign(first, "k1"));
    await passes(await issuer.sign(second, "k1"));
    await isRefused(await issuer.sign(await signer("RS256"), "k1"), "auth.jwt.signature");
  });

  test("... of the first three: more would make forged tokens expensive", async () => {
    issuer.keys = [];
    for (let i = 0; i < 3; i++) issuer.publish(await signer("RS256"), "k1");
    issuer.publish(first, "k1");
    await isRefused(await issuer.sign(first, "k1"), "auth.jwt.signature");
  });

  test("a key that stays is the same object, so that what it verified need not be verified again", () => {
    const { publicJwk } = first;
    const before = parseKeySet({ keys: [{ ...publicJwk, kid: "k1" }] }, undefined);
    const after = parseKeySet(
      {
        keys: [
          { ...second.publicJwk, kid: "k2" },
          { kid: "k1", extra: 1, ...publicJwk },
        ],
      },
      before,
    );
    expect(after?.byKid.get("k1")?.[0]).toBe(before?.byKid.get("k1")?.[0]);
    expect(after?.keys.size).toBe(2);
  });

  test("a token without kid passes only where one key fits", async () => {
    const sent = await issuer.sign(first, undefined);
    issuer.publish(await signer("ES256"), "e1");
    issuer.publish(second, "k2", { alg: "RS512" });
    await passes(sent);
    issuer.publish(second, "k3");
    await isRefused(sent, "auth.jwt.key", build());
    issuer.keys = [{ ...first.publicJwk }];
    await passes(sent, build());
  });
});
