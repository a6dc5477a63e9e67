import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Authorizer } from "../../../src/access/authorizer.ts";
import { ask, Clock, Issuer, jwtSubject, type Signer, signer } from "./issuer.ts";

let first: Signer;
let clock: Clock;
let issuer: Issuer;
let subject: Authorizer;

beforeAll(async () => {
  first = await signer("RS256");
});

beforeEach(() => {
  clock = new Clock();
  issuer = new Issuer(clock);
  issuer.publish(first, "k1");
  subject = jwtSubject(issuer);
});

const passes = async (sent: string, using = subject) =>
  expect(await ask(using, { token: sent })).toMatchObject({ status: 200 });

const isRefused = async (sent: string, reason: string, using = subject) =>
  expect(await ask(using, { token: sent })).toMatchObject({ status: 401, reason });

describe("R-31 what is remembered of a token", () => {
  test("is frozen through and through, and the same for every request", async () => {
    const sent = await issuer.sign(first, "k1", { roles: ["a", { b: ["c"] }], nested: { x: { y: 1 } } });
    const one = (await ask(subject, { token: sent, scopes: [] })).caller.authorizer;
    const two = (await ask(subject, { token: sent, scopes: [] })).caller.authorizer;
    if (one?.kind !== "jwt" || two?.kind !== "jwt") throw new Error("no claims");
    expect(one).not.toBe(two);
    expect(one.claims).toEqual(two.claims);
    const frozen = (value: unknown): boolean =>
      typeof value !== "object" ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(frozen));
    expect(frozen(one.claims)).toBe(true);
  });

  test("ends with the token, and is held against its nbf when the clock is set back", async () => {
    const sent = await issuer.sign(first, "k1", { exp: clock.seconds + 60, nbf: clock.seconds });
    await passes(sent);
    clock.pass(59);
    await passes(sent);
    clock.pass(1);
    await isRefused(sent, "auth.jwt.expired");
    clock.pass(-61);
    await isRefused(sent, "auth.jwt.not_before");
  });

  test("a refused token is never remembered as good", async () => {
    const sent = await issuer.sign(first, "k1", { nbf: clock.seconds + 10 });
    for (let i = 0; i < 3; i++) await isRefused(sent, "auth.jwt.not_before");
    clock.pass(10);
    await passes(sent);
  });

  test("clock skew widens both ends", async () => {
    subject = jwtSubject(issuer, { clockSkewSeconds: 30 });
    const { seconds } = clock;
    await passes(await issuer.sign(first, "k1", { exp: seconds - 29, nbf: seconds + 30, iat: seconds + 30 }));
    await isRefused(await issuer.sign(first, "k1", { exp: seconds - 30 }), "auth.jwt.expired");
    await isRefused(await issuer.sign(first, "k1", { nbf: seconds + 31 }), "auth.jwt.not_before");
    await isRefused(await issuer.sign(first, "k1", { iat: seconds + 31 }), "auth.jwt.issued_at");
  });
});
