import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Authorizer } from "../../../src/access/authorizer.ts";
import type { KeySetsOptions } from "../../../src/access/jwt/key-sets.ts";
import { ask, Clock, callOf, Issuer, jwtSubject, type Signer, signer, token } from "./issuer.ts";

const REFRESH = 300;

let first: Signer;
let second: Signer;
let clock: Clock;
let issuer: Issuer;
let subject: Authorizer;

beforeAll(async () => {
  first = await signer("RS256");
  second = await signer("RS256");
});

beforeEach(() => {
  clock = new Clock();
  issuer = new Issuer(clock);
  issuer.publish(first, "k1");
  subject = build();
});

const build = (
  more: Readonly<Record<string, unknown>> = {},
  options: Partial<KeySetsOptions> = {},
): Authorizer => jwtSubject(issuer, more, options);

const passes = async (sent: string, using = subject) =>
  expect(await ask(using, { token: sent })).toMatchObject({ status: 200 });

const isRefused = async (sent: string, reason: string, using = subject) =>
  expect(await ask(using, { token: sent })).toMatchObject({ status: 401, reason });

describe("discovery", () => {
  test("asks for the issuer's document and its keys, once", async () => {
    const sent = await issuer.sign(first, "k1");
    for (let i = 0; i < 5; i++) await passes(sent);
    await passes(await issuer.sign(first, "k1", { sub: "another" }));
    expect(issuer.asked).toEqual([
      "https://issuer.test/tenant/.well-known/openid-configuration",
      "https://issuer.test/tenant/jwks",
    ]);
  });

  test("an issuer whose name ends with a slash", async () => {
    issuer = new Issuer(clock, "https://issuer.test/");
    issuer.publish(first, "k1");
    const jwtConfiguration = { issuer: "https://issuer.test/", audience: ["*"] };
    subject = build({ jwtConfiguration });
    await passes(await issuer.sign(first, "k1"));
    expect(issuer.asked[0]).toBe("https://issuer.test/.well-known/openid-configuration");
    await isRefused(await issuer.sign(first, "k1", { iss: "https://issuer.test" }), "auth.jwt.issuer");
  });

  test("jwksUri spares it, jwks spares every fetch", async () => {
    const sent = await issuer.sign(first, "k1");
    await passes(sent, build({ jwksUri: "https://issuer.test/tenant/jwks" }));
    expect(issuer.asked).toEqual(["https://issuer.test/tenant/jwks"]);
    const inline = build({ jwks: { keys: issuer.keys } });
    await passes(sent, inline);
    await isRefused(await issuer.sign(second, "k2"), "auth.jwt.key", inline);
    expect(issuer.asked).toHaveLength(1);
  });

  test.each<[string, Record<string, unknown>]>([
    ["of another issuer", { issuer: "https://evil.test", jwks_uri: "https://issuer.test/tenant/jwks" }],
    [
      "of almost this issuer",
      { issuer: "https://issuer.test/tenant/", jwks_uri: "https://issuer.test/tenant/jwks" },
    ],
    ["without an issuer", { jwks_uri: "https://issuer.test/tenant/jwks" }],
    ["without jwks_uri", { issuer: "https://issuer.test/tenant" }],
    ["with keys in a file", { issuer: "https://issuer.test/tenant", jwks_uri: "file:///etc/jwks" }],
    [
      "with keys in a data URL",
      { issuer: "https://issuer.test/tenant", jwks_uri: "data:application/json,{}" },
    ],
    [
      "with keys where anyone can change them",
      { issuer: "https://issuer.test/tenant", jwks_uri: "http://issuer.test/tenant/jwks" },
    ],
  ])("R-10 a document %s is not taken", async (_, document) => {
    issuer.answer = (url) => (url.endsWith("openid-configuration") ? Response.json(document) : undefined);
    const verdict = await ask(subject, { token: await issuer.sign(first, "k1") });
    expect(verdict).toMatchObject({ status: 503, reason: "auth.jwt.keys_unavailable" });
    expect(issuer.jwksFetches).toBe(0);
    expect(issuer.problems).toMatchObject([{ code: "jwks.unavailable", path: issuer.url }]);
  });
});

describe("R-10 an issuer's keys are its own", () => {
  test("another issuer's key of the same kid does not sign for this one", async () => {
    const other = new Issuer(clock, "https://other.test");
    other.publish(second, "k1");
    await passes(await issuer.sign(first, "k1"));
    const mixed = await token({ alg: "RS256", kid: "k1" }, issuer.claims(), second.sign);
    await isRefused(mixed, "auth.jwt.signature");
  });

  test("one key set for all authorizers of an issuer, whatever else they say", async () => {
    const keySets = issuer.keySets();
    expect(keySets.of(issuer.url)).toBe(keySets.of(issuer.url));
    expect(keySets.of(issuer.url)).not.toBe(keySets.of("https://other.test"));
    expect(keySets.of(issuer.url)).not.toBe(keySets.of(issuer.url, "https://issuer.test/tenant/jwks"));
  });
});

describe("R-11 unknown kids", () => {
  test("1,000 random kids cause at most one fetch per cooldown", async () => {
    await passes(await issuer.sign(first, "k1"));
    const flood = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        const kid = crypto.randomUUID();
        await isRefused(
          await token({ alg: "RS256", kid }, issuer.claims(), async () => new Uint8Array(256)),
          "auth.jwt.key",
        );
      }
    };
    await flood(250);
    expect(issuer.asked).toHaveLength(2);
    for (let cooldown = 1; cooldown <= 3; cooldown++) {
      clock.pass(30);
      await flood(250);
      // The keys alone: where they are is known.
      expect(issuer.asked).toHaveLength(2 + cooldown);
    }
  });

  test("... nor do 200 at the same time, nor tokens without kid, nor an issuer that fails", async () => {
    await passes(await issuer.sign(first, "k1"));
    issuer.publish(second, "k2");
    clock.pass(30);
    issuer.answer = () => new Response(null, { status: 500 });
    const forged = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        token(
          { alg: "RS256", kid: i % 2 ? `x${i}` : undefined },
          issuer.claims(),
          async () => new Uint8Array(256),
        ),
      ),
    );
    const before = issuer.asked.length;
    const verdicts = await Promise.all(forged.map((sent) => ask(subject, { token: sent })));
    expect(new Set(verdicts.map(({ status }) => status))).toEqual(new Set([401]));
    expect(issuer.asked.length - before).toBe(1);
  });

  test("a key published since is taken after one fetch", async () => {
    await passes(await issuer.sign(first, "k1"));
    issuer.publish(second, "k2");
    const sent = await issuer.sign(second, "k2");
    await isRefused(sent, "auth.jwt.key");
    clock.pass(30);
    await passes(sent);
    expect(issuer.jwksFetches).toBe(2);
    await passes(await issuer.sign(first, "k1"));
  });

  test("a known kid whose key does not fit causes none", async () => {
    await passes(await issuer.sign(first, "k1"));
    clock.pass(60);
    await isRefused(
      await token({ alg: "RS256", kid: "k1" }, issuer.claims(), second.sign),
      "auth.jwt.signature",
    );
    expect(issuer.jwksFetches).toBe(1);
  });
});

describe("the first request", () => {
  test("many of them at once fetch once", async () => {
    const tokens = await Promise.all(
      Array.from({ length: 50 }, (_, i) => issuer.sign(first, "k1", { sub: `user-${i}` })),
    );
    await Promise.all(tokens.map((sent) => passes(sent)));
    expect(issuer.asked).toHaveLength(2);
  });

  test("one that is cut off does not hold up the others for ever, nor bring back old keys late", async () => {
    const old = await issuer.sign(first, "k1");
    const late = Promise.withResolvers<Response>();
    let asked = 0;
    issuer.answer = (url) => (url.endsWith("/jwks") && asked++ === 0 ? late.promise : undefined);
    // Longer than the test: the attempt looks like one whose request is gone.
    subject = build({}, { timeoutMs: 60_000 });
    const lost = createExecutionContext();
    const cutOff = Promise.resolve(subject.authorize(callOf({ token: old }, lost), [])).catch(
      () => undefined,
    );
    const oldKeys = issuer.keys;
    issuer.keys = [];
    issuer.publish(second, "k2");
    const waiting = ask(subject, { token: await issuer.sign(second, "k2") });
    await vi.waitUntil(() => issuer.asked.length === 2);
    clock.pass(121);
    expect((await waiting).status).toBe(200);
    expect(issuer.asked).toHaveLength(4);
    late.resolve(Response.json({ keys: oldKeys }));
    await cutOff;
    await isRefused(old, "auth.jwt.key");
    await passes(await issuer.sign(second, "k2"));
  });

  test.each(["deny", "allow"])(
    "R-13 those who wait for one that died wait for the next one (onError %s)",
    async (onError) => {
      const looks = vi.spyOn(clock, "now");
      const never = new Promise<never>(() => undefined);
      issuer.answer = () => never;
      subject = build({ onError }, { timeoutMs: 60_000 });
      const sent = await issuer.sign(first, "k1", { exp: clock.seconds + 86_400 });
      void subject.authorize(callOf({ token: sent }, createExecutionContext()), []);
      const others = Array.from({ length: 5 }, () => ask(subject, { token: sent }));
      // Who waits looks at the clock now and then.
      await vi.waitUntil(() => looks.mock.calls.length > 30, { timeout: 20_000 });
      expect(issuer.asked).toHaveLength(1);
      const next = Promise.withResolvers<void>();
      issuer.answer = () => next.promise.then(() => undefined);
      clock.pass(121);
      // The first of them that sees it asks in its place, once for all.
      await vi.waitUntil(() => issuer.asked.length === 2, { timeout: 20_000 });
      next.resolve();
      for (const { status, caller } of await Promise.all(others)) {
        expect([status, caller.authorizer?.kind]).toEqual([200, "jwt"]);
      }
      expect(issuer.asked).toHaveLength(3);
    },
  );

  test("its fetch goes on when its client goes away", async () => {
    const kept: Promise<unknown>[] = [];
    const ctx = Object.assign(createExecutionContext(), {
      waitUntil: (work: Promise<unknown>) => void kept.push(work),
    });
    await subject.authorize(callOf({ token: await issuer.sign(first, "k1") }, ctx), []);
    expect(kept).toHaveLength(1);
  });

  test.each<[string, () => Response | Promise<Response>]>([
    ["HTML", () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["500", () => new Response("{}", { status: 500 })],
    ["404", () => Response.json({ keys: [] }, { status: 404 })],
    ["204", () => new Response(null, { status: 204 })],
    ["206", () => Response.json({ keys: [] }, { status: 206 })],
    [
      "a redirect",
      () => new Response(null, { status: 302, headers: { location: "https://evil.test/jwks" } }),
    ],
    [
      "a redirect with keys",
      () => Response.json({ keys: issuer.keys }, { status: 307, headers: { location: "/" } }),
    ],
    ["nothing", () => new Response("")],
    ["half of its JSON", () => new Response('{"keys":[')],
    ["a list", () => Response.json(issuer.keys)],
    ["keys that are no list", () => Response.json({ keys: { 0: issuer.keys[0] } })],
    ["no keys member", () => Response.json({})],
    ["null", () => Response.json(null)],
    ["invalid UTF-8", () => new Response(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))],
    ["10 MB", () => new Response(`{"keys":[${" ".repeat(10_000_000)}]}`)],
    ["10 MB that say they are 10 bytes", () => endless(10_000_000, { "content-length": "10" })],
    ["a body without end", () => endless(Number.POSITIVE_INFINITY)],
    [
      "headers and no body",
      () => new Response(new ReadableStream({ pull: () => new Promise(() => undefined) })),
    ],
    ["nothing for too long", () => new Promise<never>(() => undefined)],
    ["a broken connection", () => Promise.reject(new TypeError("Network connection lost."))],
    [
      "a connection broken in the body",
      () => new Response(new ReadableStream({ pull: () => Promise.reject(new Error("lost")) })),
    ],
  ])("an issuer that answers %s: 503, and 5 s of rest", async (_, answer) => {
    subject = build({}, { timeoutMs: 100 });
    issuer.answer = (url) => (url.endsWith("/jwks") ? answer() : undefined);
    const sent = await issuer.sign(first, "k1");
    for (let i = 0; i < 3; i++) {
      const verdict = await ask(subject, { token: sent });
      expect(verdict).toMatchObject({ status: 503, reason: "auth.jwt.keys_unavailable" });
      expect(verdict.body).toBe('{"message":"Service Unavailable"}');
    }
    expect(issuer.jwksFetches).toBe(1);
    expect(issuer.problems).toHaveLength(1);
    issuer.answer = undefined;
    clock.pass(5);
    await passes(sent);
  });

  test("R-13 onError allow lets the call go on without an identity; bad tokens stay bad", async () => {
    issuer.answer = () => new Response(null, { status: 500 });
    subject = build({ onError: "allow" });
    const verdict = await ask(subject, { token: await issuer.sign(first, "k1"), scopes: ["admin"] });
    expect(verdict).toMatchObject({ status: 200, caller: {} });
    expect(verdict.caller.authorizer).toBeUndefined();
    await isRefused("a.b.c", "auth.jwt.malformed");
    await isRefused(await issuer.sign(first, "k1", { iss: "https://evil.test" }), "auth.jwt.issuer");
    expect(await ask(subject, {})).toMatchObject({ status: 401, reason: "auth.identity_source" });
    // With keys there is nothing to excuse.
    issuer.answer = undefined;
    clock.pass(5);
    await isRefused(await issuer.sign(second, "k1"), "auth.jwt.signature");
    await isRefused(await issuer.sign(second, "k9"), "auth.jwt.key");
  });
});

describe("a refresh", () => {
  test("happens behind a request, and not before its time", async () => {
    const sent = await issuer.sign(first, "k1");
    await passes(sent);
    clock.pass(REFRESH - 1);
    await passes(sent);
    expect(issuer.asked).toHaveLength(2);
    clock.pass(1);
    const gate = Promise.withResolvers<void>();
    issuer.answer = async () => {
      await gate.promise;
      return undefined;
    };
    const ctx = createExecutionContext();
    // The answer does not wait for the issuer.
    expect(await subject.authorize(callOf({ token: sent }, ctx), [])).toEqual({ grant: "Authenticated" });
    expect(issuer.asked).toHaveLength(3);
    const other = createExecutionContext();
    await subject.authorize(callOf({ token: sent }, other), []);
    gate.resolve();
    await waitOnExecutionContext(ctx);
    await waitOnExecutionContext(other);
    expect(issuer.asked).toHaveLength(4);
    await passes(sent);
    expect(issuer.asked).toHaveLength(4);
  });

  test("ends tokens of a key that is gone, though they were verified before", async () => {
    const old = await issuer.sign(first, "k1", { exp: clock.seconds + 86_400 });
    await passes(old);
    issuer.keys = [];
    issuer.publish(second, "k2");
    clock.pass(REFRESH);
    // This request has the keys fetched behind its back.
    await passes(old);
    await isRefused(old, "auth.jwt.key");
    await passes(await issuer.sign(second, "k2"));
  });

  test("ends tokens whose kid stands for another key now", async () => {
    const old = await issuer.sign(first, "k1", { exp: clock.seconds + 86_400 });
    await passes(old);
    issuer.keys = [];
    issuer.publish(second, "k1");
    clock.pass(REFRESH);
    await passes(old);
    await isRefused(old, "auth.jwt.signature");
  });

  test("leaves verified what is published unchanged, in whatever order and company", async () => {
    const sent = await issuer.sign(first, "k1");
    await passes(sent);
    const [jwk] = issuer.keys;
    issuer.keys = [];
    issuer.publish(second, "k2");
    issuer.keys.push(
      Object.fromEntries(Object.entries({ ...jwk, extra: "x" }).reverse()) as (typeof issuer.keys)[0],
    );
    clock.pass(REFRESH);
    await passes(sent);
    await passes(sent);
  });

  test("comes in front of the request when nobody asked for twice its time", async () => {
    const old = await issuer.sign(first, "k1", { exp: clock.seconds + 86_400 });
    await passes(old);
    issuer.keys = [];
    issuer.publish(second, "k2");
    clock.pass(2 * REFRESH);
    await isRefused(old, "auth.jwt.key");
  });

  test("one that failed before an idle day does not bring a withdrawn key back after it", async () => {
    const old = await issuer.sign(first, "k1", { exp: clock.seconds + 10 * 86_400 });
    await passes(old);
    clock.pass(REFRESH + 10);
    issuer.answer = () => new Response("", { status: 500 });
    await passes(old);
    issuer.answer = undefined;
    issuer.keys = [];
    issuer.publish(second, "k2");
    clock.pass(86_400);
    await isRefused(old, "auth.jwt.key");
  });

  test("an empty set is the issuer's word", async () => {
    const old = await issuer.sign(first, "k1", { exp: clock.seconds + 86_400 });
    await passes(old);
    issuer.keys = [];
    clock.pass(REFRESH);
    await passes(old);
    await isRefused(old, "auth.jwt.key");
  });

  test("R-11 an outage: the last keys serve on, with one attempt per cooldown, behind requests", async () => {
    const sent = await issuer.sign(first, "k1", { exp: clock.seconds + 86_400 });
    await passes(sent);
    issuer.answer = () => new Response("<html>", { status: 502 });
    clock.pass(REFRESH);
    for (let hour = 0; hour < 3; hour++) {
      const before = issuer.asked.length;
      for (let i = 0; i < 20; i++) await passes(await issuer.sign(first, "k1", { sub: `${hour} ${i}` }));
      await passes(sent);
      expect(issuer.asked.length - before).toBe(1);
      clock.pass(3600);
    }
    expect(issuer.problems).toHaveLength(3);
    expect(issuer.problems[0]?.message).toContain("those fetched before stay in use");
    issuer.answer = undefined;
    issuer.publish(second, "k2");
    await passes(sent);
    await passes(await issuer.sign(second, "k2"));
  });
});

function endless(bytes: number, headers: Record<string, string> = {}): Response {
  let left = bytes;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left <= 0) return controller.close();
      left -= 65_536;
      controller.enqueue(new Uint8Array(65_536).fill(0x20));
    },
  });
  return new Response(body, { headers });
}
