import { beforeAll, describe, expect, test } from "vitest";
import type { Authorizer } from "../../../src/access/authorizer.ts";
import { ask, Clock, expectRefusal, Issuer, jwtSubject, type Signer, signer, token } from "./issuer.ts";

const clock = new Clock();
const issuer = new Issuer(clock);
let key: Signer;
let subject: Authorizer;

beforeAll(async () => {
  key = await signer("RS256");
  issuer.publish(key, "k1");
  subject = jwtSubject(issuer);
});

const claims = (more: Readonly<Record<string, unknown>> = {}) => issuer.claims(more);
const rs256 = (payload: unknown): Promise<string> => token({ alg: "RS256", kid: "k1" }, payload, key.sign);
const refused = (sent: string, reason: string): Promise<void> => expectRefusal(subject, sent, reason);
const at = (offset: number): number => clock.seconds + offset;

const MALFORMED = "auth.jwt.malformed";
const CLAIM = "auth.jwt.claim";
const AUD = "auth.jwt.audience";
const ISS = "auth.jwt.issuer";

describe("R-10 claims that are refused", () => {
  test.each<[string, () => Record<string, unknown>, string]>([
    ["exp missing", () => ({ exp: undefined }), CLAIM],
    ["exp null", () => ({ exp: null }), CLAIM],
    ["exp text", () => ({ exp: String(at(60)) }), CLAIM],
    ["exp 'never'", () => ({ exp: "never" }), CLAIM],
    ["exp a list", () => ({ exp: [at(60)] }), CLAIM],
    ["exp an object", () => ({ exp: { valueOf: at(60) } }), CLAIM],
    ["exp true", () => ({ exp: true }), CLAIM],
    ["exp beyond every integer", () => ({ exp: 1e300 }), CLAIM],
    ["exp now", () => ({ exp: at(0) }), "auth.jwt.expired"],
    ["exp past", () => ({ exp: at(-1) }), "auth.jwt.expired"],
    ["exp zero", () => ({ exp: 0 }), "auth.jwt.expired"],
    ["exp negative", () => ({ exp: -at(60) }), "auth.jwt.expired"],
    ["exp a fraction too early", () => ({ exp: at(0) - 0.5 }), "auth.jwt.expired"],
    ["nbf to come", () => ({ nbf: at(1) }), "auth.jwt.not_before"],
    ["nbf text", () => ({ nbf: String(at(-60)) }), CLAIM],
    ["nbf null", () => ({ nbf: null }), CLAIM],
    ["iat to come", () => ({ iat: at(1) }), "auth.jwt.issued_at"],
    ["iat text", () => ({ iat: "2027-01-15" }), CLAIM],
    ["iat an object", () => ({ iat: {} }), CLAIM],
    ["aud missing", () => ({ aud: undefined }), AUD],
    ["aud another", () => ({ aud: "other-api" }), AUD],
    ["aud in other letters", () => ({ aud: "Orders-API" }), AUD],
    ["aud a part", () => ({ aud: "orders" }), AUD],
    ["aud longer", () => ({ aud: "orders-api " }), AUD],
    ["aud a list of others", () => ({ aud: ["a", "b"] }), AUD],
    ["aud empty list", () => ({ aud: [] }), AUD],
    ["aud a list in a list", () => ({ aud: [["orders-api"]] }), AUD],
    ["aud an object", () => ({ aud: { 0: "orders-api", length: 1 } }), AUD],
    ["aud null", () => ({ aud: null }), AUD],
    ["aud true", () => ({ aud: true }), AUD],
    ["aud the wildcard", () => ({ aud: "*" }), AUD],
    ["aud another, client_id right", () => ({ aud: "other-api", client_id: "orders-api" }), AUD],
    ["aud null, client_id right", () => ({ aud: null, client_id: "orders-api" }), AUD],
    ["client_id a list", () => ({ aud: undefined, client_id: [["orders-api"]] }), AUD],
    ["client_id another", () => ({ aud: undefined, client_id: "other" }), AUD],
    ["iss missing", () => ({ iss: undefined }), ISS],
    ["iss null", () => ({ iss: null }), ISS],
    ["iss a list", () => ({ iss: [issuer.url] }), ISS],
    ["iss with a slash", () => ({ iss: `${issuer.url}/` }), ISS],
    ["iss in capitals", () => ({ iss: issuer.url.toUpperCase() }), ISS],
    ["iss a longer one", () => ({ iss: `${issuer.url}.evil.test` }), ISS],
    ["iss an attacker's", () => ({ iss: "https://evil.test" }), ISS],
    ["iss with another scheme", () => ({ iss: issuer.url.replace("https", "http") }), ISS],
    ["iss __proto__", () => ({ iss: "__proto__" }), ISS],
  ])("%s", async (_, more, reason) => {
    const before = issuer.asked.length;
    await refused(await rs256(claims(more())), reason);
    if (reason === ISS) expect(issuer.asked).toHaveLength(before);
  });

  test.each(["1e400", "-1e400", "NaN", "Infinity", "-Infinity", "0x7fffffff", "1_000_000"])(
    "exp, nbf and iat written as %s",
    async (number) => {
      for (const name of ["exp", "nbf", "iat"]) {
        const text = JSON.stringify(claims({ [name]: "@" })).replace('"@"', number);
        await refused(await rs256(text), number.endsWith("1e400") ? CLAIM : MALFORMED);
      }
    },
  );
});

test.each<[string, () => Record<string, unknown>]>([
  ["exp with a fraction", () => ({ exp: at(0) + 0.5 })],
  ["nbf now", () => ({ nbf: at(0) })],
  ["no iat", () => ({ iat: undefined })],
  ["aud in a list with others", () => ({ aud: ["x", 1, null, "orders-api"] })],
  ["client_id without aud", () => ({ aud: undefined, client_id: "orders-api" })],
])("%s passes", async (_, more) => {
  expect(await ask(subject, { token: await rs256(claims(more())) })).toMatchObject({ status: 200 });
});
