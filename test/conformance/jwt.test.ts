import { beforeAll, expect } from "vitest";
import { jwtAuthorizer } from "../../src/access/jwt/authorizer.ts";
import { claimTexts } from "../../src/functions/claim-text.ts";
import { ask, Clock, Issuer, jwtEntry, type Signer, signer } from "../access/jwt/issuer.ts";
import { type Json, list, record, replay, text, type Vector } from "./vectors.ts";

const ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_notreal";

let key: Signer;
beforeAll(async () => {
  key = await signer("RS256");
});

const words = (value: unknown): string[] => list(value).map(String);

/** `now` and `now+5000` stand for seconds. */
function claimsOf(value: unknown, clock: Clock): Record<string, unknown> {
  const claims: Record<string, unknown> = { ...record(value) };
  for (const [name, claim] of Object.entries(claims)) {
    const [, plus] = /^now(?:\+(\d+))?$/.exec(text(claim)) ?? [];
    if (text(claim).startsWith("now")) claims[name] = clock.seconds + Number(plus ?? 0);
  }
  return claims;
}

async function decision({ setup, input, expected }: Vector): Promise<void> {
  const clock = new Clock();
  const issuer = new Issuer(clock, text(setup["issuer"]) || ISSUER);
  issuer.publish(key, "k1", { alg: "RS256", use: "sig" });
  const audience = setup["audience"] ? words(setup["audience"]) : ["any"];
  const entry = jwtEntry({ jwtConfiguration: { issuer: issuer.url, audience } });
  const subject = jwtAuthorizer(entry, { keySets: issuer.keySets() });
  // The vectors about scopes name nothing else: the rest of the token is sound.
  const whole = "issuer" in setup ? {} : { aud: "any", iss: issuer.url, exp: clock.seconds + 60 };
  const claims = { ...whole, ...claimsOf(input["claims"], clock) };
  const sent = await issuer.sign(key, "k1", { aud: undefined, ...claims });
  const verdict = await ask(subject, { token: sent, scopes: words(setup["authorizationScopes"]) });
  expect(verdict.status, verdict.detail).toBe(expected["status"]);
  if (typeof expected["body"] === "string") expect(verdict.body).toBe(expected["body"]);
  const scopes = expected["requestContext.authorizer.jwt.scopes"];
  if (scopes) expect(verdict.caller.authorizer).toMatchObject({ kind: "jwt", scopes });
}

function wireFormat(input: Json, expected: Json): void {
  const texts = claimTexts({ name: input["claim"] });
  if (expected["claim key"] === "absent") expect(texts).toEqual({});
  else expect(texts).toEqual({ name: expected["requestContext.authorizer.jwt.claims.<name>"] });
}

replay("jwt", (vector) =>
  vector.name.startsWith("claim wire format") ? wireFormat(vector.input, vector.expected) : decision(vector),
);
