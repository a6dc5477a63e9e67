import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Authorizer } from "../../../src/access/authorizer.ts";
import { type Ask, ask, Clock, Issuer, jwtSubject, type Signer, signer } from "./issuer.ts";

let key: Signer;
let issuer: Issuer;
let subject: Authorizer;

beforeAll(async () => {
  key = await signer("RS256");
});

beforeEach(() => {
  issuer = new Issuer(new Clock());
  issuer.publish(key, "k1");
  subject = jwtSubject(issuer);
});

const sign = (more: Readonly<Record<string, unknown>> = {}): Promise<string> => issuer.sign(key, "k1", more);
const MISSING = { status: 401, reason: "auth.identity_source", challenge: "Bearer" };
const MALFORMED = { status: 401, reason: "auth.jwt.malformed" };

describe("R-10 where the token stands", () => {
  test.each<[string, (token: string) => string]>([
    ["bare", (token) => token],
    ["Bearer", (token) => `Bearer ${token}`],
    ["bearer", (token) => `bearer ${token}`],
    ["BEARER with blanks", (token) => `BEARER   ${token}`],
    ["Bearer with blanks", (token) => `Bearer   ${token}`],
  ])("%s passes", async (_, write) => {
    const verdict = await ask(subject, { headers: { authorization: write(await sign()) } });
    expect(verdict).toMatchObject({
      status: 200,
      caller: { authorizer: { kind: "jwt", principalId: "user-1" } },
    });
  });

  test.each<[string, (token: string) => string]>([
    ["Basic", (token) => `Basic ${token}`],
    ["DPoP", (token) => `DPoP ${token}`],
    ["Token", (token) => `Token ${token}`],
    ["JWT", (token) => `JWT ${token}`],
    ["Bearer alone", () => "Bearer"],
    ["bearer alone", () => "bearer"],
    ["a scheme that begins so", (token) => `BearerToken ${token}`],
    ["a signature", () => "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=c"],
  ])("%s is no token", async (_, write) => {
    expect(await ask(subject, { headers: { authorization: write(await sign()) } })).toMatchObject(MISSING);
  });

  test.each<[string, (token: string) => string]>([
    ["two tokens", (token) => `Bearer ${token} ${token}`],
    ["a tab for a blank", (token) => `Bearer\t${token}`],
    ["a colon", (token) => `Bearer: ${token}`],
    ["quotes", (token) => `Bearer "${token}"`],
  ])("%s: refused", async (_, write) => {
    expect(await ask(subject, { headers: { authorization: write(await sign()) } })).toMatchObject({
      status: 401,
    });
  });

  test("none at all, an empty one, a repeated header", async () => {
    expect(await ask(subject, {})).toMatchObject({ ...MISSING, body: '{"message":"Unauthorized"}' });
    expect(await ask(subject, { headers: { authorization: "" } })).toMatchObject(MISSING);
    const line = `Bearer ${await sign()}`;
    const headers: [string, string][] = [
      ["authorization", line],
      ["authorization", line],
    ];
    expect(await ask(subject, { headers })).toMatchObject(MALFORMED);
  });

  test.each(["$request.header.X-Token", "method.request.header.x-token"])("%s", async (identitySource) => {
    subject = jwtSubject(issuer, { identitySource });
    const token = await sign();
    expect(await ask(subject, { headers: { "x-token": token } })).toMatchObject({ status: 200 });
    expect(await ask(subject, { token })).toMatchObject(MISSING);
  });

  test.each(["$request.querystring.access_token", "method.request.querystring.access_token"])(
    "%s",
    async (identitySource) => {
      subject = jwtSubject(issuer, { identitySource });
      const token = await sign();
      const other = await sign({ sub: "other" });
      const cases: [string, object][] = [
        [`access_token=${token}`, { status: 200 }],
        [`a=1&access%5Ftoken=${token.replaceAll(".", "%2E")}&b`, { status: 200 }],
        [`access_token=Bearer+${token}`, { status: 200 }],
        [`access_token=${token}&access_token=${token}`, { status: 200 }],
        [`access_token=${token}&access_token=${other}`, MALFORMED],
        [`access_token=${token}&access_token=`, MALFORMED],
        [`Access_Token=${token}`, MISSING],
        [`access_token=`, MISSING],
        [`access_token`, MISSING],
        [`x=access_token=${token}`, MISSING],
        ["", MISSING],
      ];
      for (const [query, expected] of cases)
        expect(await ask(subject, { query }), query).toMatchObject(expected);
      expect(await ask(subject, { token })).toMatchObject(MISSING);
    },
  );

  // A matcher that tries every split of the blanks would run into the runner's own time limit.
  test.each(["%0A", "%0Ax", "%E2%80%A8"])("R-21 200,000 blanks after Bearer and %j: refused", async (end) => {
    subject = jwtSubject(issuer, { identitySource: "$request.querystring.t" });
    const query = `t=Bearer${"+".repeat(200_000)}${end}`;
    expect(await ask(subject, { query })).toMatchObject({ status: 401 });
  });

  test("the first place where something stands counts, whatever stands there", async () => {
    subject = jwtSubject(issuer, { identitySource: "$request.header.Authorization, $request.querystring.t" });
    const query = `t=${await sign({ sub: "query" })}`;
    const principal = async (more: Ask) => (await ask(subject, { query, ...more })).caller.authorizer;
    expect(await principal({})).toMatchObject({ principalId: "query" });
    expect(await principal({ token: await sign({ sub: "header" }) })).toMatchObject({
      principalId: "header",
    });
    expect(await ask(subject, { query, token: "x.y.z" })).toMatchObject(MALFORMED);
    expect(await ask(subject, { query, headers: { authorization: "Basic YTpi" } })).toMatchObject(MISSING);
  });

  test.each(["$context.identity.sourceIp", "$request.body.token", "Authorization", "$request.header."])(
    "%s is no place for a token: every call is refused",
    async (identitySource) => {
      subject = jwtSubject(issuer, { identitySource });
      expect(await ask(subject, { token: await sign() })).toMatchObject(MISSING);
    },
  );
});

describe("audience", () => {
  const withAudience = (...audience: string[]) =>
    jwtSubject(issuer, { jwtConfiguration: { issuer: issuer.url, audience } });

  test("one of several", async () => {
    subject = withAudience("a", "b");
    expect(await ask(subject, { token: await sign({ aud: ["x", "b"] }) })).toMatchObject({ status: 200 });
    expect(await ask(subject, { token: await sign({ aud: undefined, client_id: "a" }) })).toMatchObject({
      status: 200,
    });
    expect(await ask(subject, { token: await sign({ aud: "c", client_id: "a" }) })).toMatchObject({
      status: 401,
      reason: "auth.jwt.audience",
      challenge:
        'Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience"',
    });
  });

  test("the wildcard alone waives it; among others it is a name", async () => {
    expect(await ask(withAudience("*"), { token: await sign({ aud: undefined }) })).toMatchObject({
      status: 200,
    });
    expect(await ask(withAudience("*", "a"), { token: await sign({ aud: "b" }) })).toMatchObject({
      status: 401,
    });
  });
});

describe("scopes", () => {
  const scopesOf = async (more: Readonly<Record<string, unknown>>, scopes: readonly string[]) => {
    const { status, reason, challenge, body, caller } = await ask(subject, {
      token: await sign(more),
      scopes,
    });
    const found = caller.authorizer?.kind === "jwt" ? caller.authorizer.scopes : undefined;
    return { status, reason, challenge, body, found };
  };

  test.each<[string, Record<string, unknown>, readonly string[]]>([
    ["text", { scope: "orders/read orders/write" }, ["orders/read", "orders/write"]],
    ["text with blanks around", { scope: "  orders/read  " }, ["orders/read"]],
    ["a list", { scope: ["orders/read", "x"] }, ["orders/read", "x"]],
    ["scp as text", { scp: "orders/read x" }, ["orders/read", "x"]],
    ["scp as a list", { scp: ["x", "orders/read"] }, ["x", "orders/read"]],
    ["both", { scope: "x", scp: ["orders/read", "x"] }, ["x", "orders/read"]],
    ["a list with other things in it", { scope: ["orders/read", 1, null, ""] }, ["orders/read"]],
  ])("%s", async (_, claims, found) => {
    expect(await scopesOf(claims, ["admin", "orders/read"])).toMatchObject({ status: 200, found });
    expect(await scopesOf(claims, [])).toMatchObject({ status: 200, found: null });
  });

  test.each<[string, Record<string, unknown>]>([
    ["none", {}],
    ["another", { scope: "other" }],
    ["a part of it", { scope: "orders" }],
    ["a longer one", { scope: "orders/read2" }],
    ["in capitals", { scope: "ORDERS/READ" }],
    ["with commas", { scope: "orders/read,x" }],
    ["with a tab", { scope: "x\torders/read" }],
    ["an object", { scope: { "orders/read": true } }],
    ["a number", { scope: 1, scp: 2 }],
    ["a list in a list", { scope: [["orders/read"]] }],
    ["null", { scope: null, scp: null }],
  ])("%s: 403", async (_, claims) => {
    expect(await scopesOf(claims, ["orders/read", "admin"])).toEqual({
      status: 403,
      reason: "auth.jwt.scope",
      body: '{"message":"Forbidden"}',
      challenge: 'Bearer scope="orders/read admin" error="insufficient_scope"',
      found: undefined,
    });
  });

  test("each route's own, also for a token that is known already", async () => {
    const token = await sign({ scope: "a b" });
    const statuses: number[] = [];
    for (const scopes of [["a"], ["c"], [], ["b", "c"], ["c"]]) {
      statuses.push((await ask(subject, { token, scopes })).status);
    }
    expect(statuses).toEqual([200, 403, 200, 200, 403]);
  });

  test("a scope with quotes cannot leave its place in the challenge", async () => {
    const { challenge } = await scopesOf({}, ['a" error="none', "b\\", "é", "c"]);
    expect(challenge).toBe('Bearer scope="aerror=none b  c" error="insufficient_scope"');
  });
});
