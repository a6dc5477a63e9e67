import { base64url, exportSPKI } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import type { Authorizer } from "../../../src/access/authorizer.ts";
import { JWT_ALGORITHMS } from "../../../src/config/authorizer-schema.ts";
import {
  ask,
  b64,
  Clock,
  expectRefusal,
  Issuer,
  jwtSubject,
  part,
  type Signer,
  signer,
  token,
} from "./issuer.ts";

const clock = new Clock();
const issuer = new Issuer(clock);
const keys: Record<string, Signer> = {};
let attacker: Signer;
let subject: Authorizer;

const key = (alg: string): Signer => {
  const found = keys[alg];
  if (!found) throw new Error(`no key for ${alg}`);
  return found;
};

beforeAll(async () => {
  for (const alg of ["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"]) {
    keys[alg] = await signer(alg);
    issuer.publish(key(alg), `k-${alg}`, { alg, use: "sig" });
  }
  // Keys that say nothing of their algorithm, as many issuers publish them.
  issuer.publish(key("RS256"), "plain-rsa");
  issuer.publish(key("ES256"), "plain-p256");
  attacker = await signer("RS256");
  subject = jwtSubject(issuer, { algorithms: JWT_ALGORITHMS });
});

type Bytes = Uint8Array<ArrayBuffer>;
const bytes = (text: string): Bytes => Uint8Array.from(new TextEncoder().encode(text));
const claims = (more: Readonly<Record<string, unknown>> = {}) => issuer.claims(more);
const nothing = async (): Promise<Uint8Array> => new Uint8Array();
const header = (more: Readonly<Record<string, unknown>> = {}) => ({ alg: "RS256", kid: "k-RS256", ...more });
const rs256 = (payload: unknown, more: Readonly<Record<string, unknown>> = {}): Promise<string> =>
  token(header(more), payload, key("RS256").sign);

function hmac(secret: Bytes, hash = "SHA-256") {
  return async (input: Uint8Array): Promise<Uint8Array> => {
    const imported = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash }, false, ["sign"]);
    return new Uint8Array(await crypto.subtle.sign("HMAC", imported, input));
  };
}

const refused = (sent: string, reason: string, using = subject): Promise<void> =>
  expectRefusal(using, sent, reason);

const MALFORMED = "auth.jwt.malformed";
const ALGORITHM = "auth.jwt.algorithm";
const SIGNATURE = "auth.jwt.signature";
const KEY = "auth.jwt.key";

describe("sound tokens pass", () => {
  test.each(["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"])("%s", async (alg) => {
    const sent = await issuer.sign(key(alg), `k-${alg}`);
    expect(await ask(subject, { token: sent })).toMatchObject({ status: 200 });
  });

  test.each(["RS384", "RS512", "PS384", "PS512"])("%s with a key that names no algorithm", async (alg) => {
    const other = await signer(alg);
    const own = new Issuer(clock);
    own.publish(other, "plain");
    const open = jwtSubject(own, { algorithms: JWT_ALGORITHMS });
    expect(await ask(open, { token: await own.sign(other, "plain") })).toMatchObject({ status: 200 });
  });
});

describe("R-09 the algorithm is the configuration's", () => {
  test.each(["none", "None", "NONE", "nOnE", " none", "none ", "", "n\u006fne\u0000"])(
    "alg %j",
    async (alg) => {
      for (const kid of ["k-RS256", undefined]) {
        const unsigned = await token({ alg, kid }, claims(), nothing);
        await refused(unsigned, MALFORMED);
        await refused(`${unsigned}${b64("x")}`, ALGORITHM);
        await refused(await token({ alg, kid }, claims(), key("RS256").sign), ALGORITHM);
      }
    },
  );

  test.each([[undefined], [null], [256], [true], [["RS256"]], [{ RS256: 1 }]])("alg %j", async (alg) => {
    await refused(await rs256(claims(), { alg }), ALGORITHM);
  });

  test.each(["HS256", "HS384", "HS512"])("%s with the public key for a secret", async (alg) => {
    for (const name of ["RS256", "ES256", "EdDSA"]) {
      const { publicKey, publicJwk } = key(name);
      const pem = await exportSPKI(publicKey);
      const der = await crypto.subtle.exportKey("spki", publicKey);
      if (!(der instanceof ArrayBuffer)) throw new Error("no DER");
      const published = issuer.keys.find(({ kid }) => kid === `k-${name}`);
      const secrets = [
        bytes(pem),
        bytes(pem.trim()),
        bytes(`${pem.trim()}\n`),
        new Uint8Array(der),
        bytes(JSON.stringify(publicJwk)),
        bytes(JSON.stringify(published)),
        bytes(publicJwk.n ?? publicJwk.x ?? ""),
        new Uint8Array(base64url.decode(publicJwk.n ?? publicJwk.x ?? "")),
        bytes(`k-${name}`),
      ];
      for (const secret of secrets) {
        const sign = hmac(secret, `SHA-${alg.slice(2)}`);
        await refused(await token({ alg, kid: `k-${name}` }, claims(), sign), ALGORITHM);
        // As if it were the key's own algorithm.
        await refused(await token({ alg: name, kid: `k-${name}` }, claims(), sign), SIGNATURE);
      }
    }
  });

  test.each([
    ["RS256", "PS256", "k-RS256", KEY],
    ["PS256", "RS256", "k-PS256", KEY],
    ["RS256", "RS512", "k-RS256", KEY],
    ["RS256", "PS256", "plain-rsa", SIGNATURE],
    ["RS256", "RS384", "plain-rsa", SIGNATURE],
    ["RS256", "ES256", "k-RS256", KEY],
    ["ES256", "RS256", "k-ES256", KEY],
    ["ES256", "ES384", "plain-p256", KEY],
    ["ES256", "EdDSA", "k-ES256", KEY],
    ["ES384", "ES256", "k-ES384", KEY],
    ["EdDSA", "ES256", "k-EdDSA", KEY],
    ["EdDSA", "Ed25519", "k-EdDSA", ALGORITHM],
    ["EdDSA", "Ed448", "k-EdDSA", ALGORITHM],
    ["ES256", "ES256K", "k-ES256", ALGORITHM],
    ["RS256", "RS1", "k-RS256", ALGORITHM],
    ["RS256", "rs256", "k-RS256", ALGORITHM],
    ["RS256", "RSA-OAEP", "k-RS256", ALGORITHM],
    ["RS256", "dir", "k-RS256", ALGORITHM],
    ["RS256", "__proto__", "k-RS256", ALGORITHM],
    ["RS256", "constructor", "k-RS256", ALGORITHM],
  ])("a signature by %s that says %s (%s)", async (real, alg, kid, reason) => {
    await refused(await token({ alg, kid }, claims(), key(real).sign), reason);
  });

  test("an algorithm that the entry does not list", async () => {
    const own = jwtSubject(issuer);
    for (const alg of ["PS256", "ES256", "EdDSA"]) {
      await refused(await issuer.sign(key(alg), `k-${alg}`), ALGORITHM, own);
    }
    const elliptic = jwtSubject(issuer, { algorithms: ["ES256"] });
    await refused(await issuer.sign(key("RS256"), "k-RS256"), ALGORITHM, elliptic);
  });
});

describe("R-11 keys come from the issuer, not from the token", () => {
  test.each<[string, (signer: Signer) => Record<string, unknown>]>([
    ["jwk", ({ publicJwk }) => ({ jwk: publicJwk })],
    ["jwk of the issuer's kid", ({ publicJwk }) => ({ jwk: { ...publicJwk, kid: "k-RS256" } })],
    ["jku", () => ({ jku: "https://evil.test/jwks" })],
    ["jku at the issuer", () => ({ jku: "https://issuer.test/tenant/../evil/jwks" })],
    ["x5u", () => ({ x5u: "https://evil.test/cert.pem" })],
    ["x5c", ({ publicJwk }) => ({ x5c: [publicJwk.n] })],
    ["x5t", () => ({ x5t: "abc", "x5t#S256": "def" })],
    ["all of them", ({ publicJwk }) => ({ jwk: publicJwk, jku: "https://evil.test/jwks", x5c: ["a"] })],
  ])("%s with an attacker's key", async (_, extra) => {
    const before = issuer.asked.length;
    await refused(await token(header(extra(attacker)), claims(), attacker.sign), SIGNATURE);
    await refused(await token(header({ ...extra(attacker), kid: "mine" }), claims(), attacker.sign), KEY);
    const without = header({ ...extra(attacker), kid: undefined });
    await refused(await token(without, claims(), attacker.sign), KEY);
    expect(issuer.asked.slice(before).filter((url) => !url.startsWith(issuer.url))).toEqual([]);
    // Beside a signature of the issuer's they mean nothing.
    expect(await ask(subject, { token: await rs256(claims(), extra(attacker)) })).toMatchObject({
      status: 200,
    });
  });

  test.each([
    "../../../dev/null",
    "/dev/null",
    "k-RS256' OR '1'='1",
    "k-RS256; DROP TABLE keys",
    "k-RS256\u0000",
    " k-RS256",
    "K-RS256",
    "",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "https://evil.test/jwks",
    "x".repeat(8000),
    "💥",
  ])("kid %j", async (kid) => {
    await refused(await token(header({ kid }), claims(), attacker.sign), KEY);
    await refused(await token(header({ kid }), claims(), key("RS256").sign), KEY);
  });

  test.each([[null], [1], [0], [true], [["k-RS256"]], [{ toString: "k-RS256" }], [{}]])(
    "kid %j",
    async (kid) => {
      await refused(await token(header({ kid }), claims(), key("RS256").sign), MALFORMED);
    },
  );
});

describe("extensions that nobody here understands", () => {
  test.each([
    [{ crit: ["exp"], exp: 1 }],
    [{ crit: ["b64"], b64: false }],
    [{ crit: ["b64"], b64: true }],
    [{ crit: ["http://example.test/x"], "http://example.test/x": true }],
    [{ crit: [] }],
    [{ crit: null }],
    [{ crit: "b64" }],
    [{ crit: ["alg"] }],
    [{ b64: false }],
    [{ b64: "false" }],
    [{ b64: null }],
  ])("%j", async (more) => {
    await refused(await rs256(claims(), more), MALFORMED);
  });

  test("an unencoded payload (RFC 7797)", async () => {
    const head = part(header({ b64: false, crit: ["b64"] }));
    const body = JSON.stringify(claims());
    const signature = b64(await key("RS256").sign(bytes(`${head}.${body}`)));
    await refused(`${head}.${b64(body)}.${signature}`, MALFORMED);
  });
});

describe("what is no compact JWS", () => {
  const cases: readonly (readonly [string, (sound: string) => string])[] = [
    ["nothing but dots", () => ".."],
    ["one part", (sound) => sound.split(".")[0] ?? ""],
    ["two parts", (sound) => sound.split(".").slice(0, 2).join(".")],
    ["no signature", (sound) => sound.replace(/[^.]+$/, "")],
    ["no payload", (sound) => sound.replace(/\.[^.]+\./, "..")],
    ["no header", (sound) => sound.replace(/^[^.]+/, "")],
    ["a fourth part", (sound) => `${sound}.${b64("x")}`],
    ["a dot behind", (sound) => `${sound}.`],
    ["a dot before", (sound) => `.${sound}`],
    ["five parts, as a JWE has", (sound) => `${sound}.${b64("tag")}.${b64("iv")}`],
    ["padding", (sound) => `${sound}==`],
    ["padding in the payload", (sound) => sound.replace(/\.([^.]+)\./, ".$1=.")],
    ["standard base64", (sound) => `${sound.slice(0, -4)}+/+/`],
    ["a blank inside", (sound) => sound.replace(".", " .")],
    ["a tab inside", (sound) => sound.replace(".", ".\t")],
    ["garbage behind", (sound) => `${sound}!`],
    ["a second token behind", (sound) => `${sound}, Bearer ${sound}`],
    ["JSON", (sound) => JSON.stringify({ payload: sound })],
    ["percent-encoding", (sound) => sound.replace(".", "%2E")],
    ["unused bits that are set", (sound) => sound.replace(/.$/, (last) => (last === "B" ? "C" : "B"))],
    ["a length that no base64 has", (sound) => `${sound.split(".").slice(0, 2).join(".")}.AAAAA`],
    ["more than 16 KiB", (sound) => `${"A".repeat(16_384)}.${sound}`],
    ["text", () => "token"],
  ];
  test.each(cases)("%s", async (_, change) => {
    await refused(change(await rs256(claims())), MALFORMED);
  });

  test("any character changed anywhere", async () => {
    const sound = await rs256(claims());
    for (let at = 0; at < sound.length; at += 7) {
      const other = sound[at] === "Q" ? "g" : "Q";
      const changed = sound.slice(0, at) + other + sound.slice(at + 1);
      const verdict = await ask(subject, { token: changed });
      expect(verdict.status, `position ${at}`).toBe(401);
    }
  });
});

describe("what is no claims set", () => {
  const BAD_UTF8 = new Uint8Array([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]);
  const OVERLONG = new Uint8Array([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]);
  test.each<[string, () => unknown]>([
    ["an array", () => JSON.stringify([claims()])],
    ["a number", () => "1"],
    ["text", () => '"claims"'],
    ["null", () => "null"],
    ["true", () => "true"],
    ["no JSON", () => "{"],
    ["a comment in the JSON", () => `/**/${JSON.stringify(claims())}`],
    ["a trailing comma", () => JSON.stringify(claims()).replace(/}$/, ",}")],
    ["something behind the JSON", () => `${JSON.stringify(claims())}{}`],
    ["a byte order mark", () => `\ufeff${JSON.stringify(claims())}`],
    ["invalid UTF-8", () => BAD_UTF8],
    ["overlong UTF-8", () => OVERLONG],
    ["UTF-16", () => new Uint8Array(new Uint16Array([...'{"a":1}'].map((c) => c.charCodeAt(0))).buffer)],
    ["a nested JWS", () => part(claims())],
    ["exp twice", () => JSON.stringify(claims()).replace(/}$/, `,"exp":9999999999}`)],
    ["iss twice", () => JSON.stringify(claims()).replace(/^{/, `{"iss":"https://evil.test",`)],
    ["aud twice, once with an escape", () => JSON.stringify(claims()).replace(/^{/, '{"\\u0061ud":"x",')],
  ])("%s", async (_, payload) => {
    await refused(await rs256(payload()), MALFORMED);
  });

  test("a header that is no object, or says alg or kid twice", async () => {
    const bad = ["[]", "null", "1", '"RS256"', "{", '{"alg":"none","alg":"RS256","kid":"k-RS256"}'];
    bad.push('{"alg":"RS256","alg":"none"}', '{"alg":"RS256","kid":"x","kid":"k-RS256"}');
    bad.push(`\ufeff${JSON.stringify(header())}`);
    for (const text of bad) await refused(await token(text, claims(), key("RS256").sign), MALFORMED);
  });

  test("members named like an object's own ways change nothing", async () => {
    const text = JSON.stringify(claims()).replace(/^{/, '{"__proto__":{"aud":"x"},"constructor":{"a":1},');
    expect(await ask(subject, { token: await rs256(text) })).toMatchObject({ status: 200 });
    const alone = JSON.stringify({ __proto__: null, ...claims({ aud: undefined }) });
    const inherited = alone.replace(/^{/, '{"__proto__":{"aud":"orders-api","client_id":"orders-api"},');
    await refused(await rs256(inherited), "auth.jwt.audience");
    expect("aud" in {}).toBe(false);
  });

  test("a payload nested a thousand deep", async () => {
    const deep = `${"[".repeat(1000)}${"]".repeat(1000)}`;
    const sent = await rs256(JSON.stringify(claims()).replace(/}$/, `,"deep":${deep}}`));
    expect(await ask(subject, { token: sent })).toMatchObject({ status: 200 });
  });
});

describe("signatures that are none", () => {
  const ORDER_P256 = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
  const hex = (text: string): Uint8Array =>
    Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((p) => [...p]));
  const zeros = (count: number): Uint8Array => new Uint8Array(count);
  const n = hex(ORDER_P256);
  const one = join(zeros(31), new Uint8Array([1]));

  /** DER as OpenSSL writes it: SEQUENCE of two INTEGERs. */
  function der(signature: Uint8Array): Uint8Array {
    const integer = (half: Uint8Array): Uint8Array => join(new Uint8Array([2, half.length + 1, 0]), half);
    const both = join(integer(signature.subarray(0, 32)), integer(signature.subarray(32)));
    return join(new Uint8Array([0x30, both.length]), both);
  }

  test.each<[string, (sound: Uint8Array) => Uint8Array]>([
    ["r and s are 0 (CVE-2022-21449)", () => zeros(64)],
    ["r is 0", (sound) => join(zeros(32), sound.subarray(32))],
    ["s is 0", (sound) => join(sound.subarray(0, 32), zeros(32))],
    ["r is the order", (sound) => join(n, sound.subarray(32))],
    ["s is the order", (sound) => join(sound.subarray(0, 32), n)],
    ["r and s are the order", () => join(n, n)],
    ["r and s are 1", () => join(one, one)],
    ["r and s are all ones", () => zeros(64).fill(0xff)],
    ["DER", der],
    ["r and s exchanged", (sound) => join(sound.subarray(32), sound.subarray(0, 32))],
    ["one byte short", (sound) => sound.subarray(0, 63)],
    ["one byte more", (sound) => join(sound, zeros(1))],
    ["one byte more in front", (sound) => join(zeros(1), sound)],
    ["half of it", (sound) => sound.subarray(0, 32)],
    ["one byte", () => zeros(1)],
    ["as long as ES384's", (sound) => join(sound, zeros(32))],
    ["a kilobyte", () => zeros(1024)],
  ])("ES256: %s", async (_, change) => {
    const sign = async (input: Uint8Array) => change(await key("ES256").sign(input));
    await refused(await token({ alg: "ES256", kid: "k-ES256" }, claims(), sign), SIGNATURE);
  });

  test.each<[string, (sound: Uint8Array) => Uint8Array]>([
    ["a zero in front", (sound) => join(zeros(1), sound)],
    ["a zero behind", (sound) => join(sound, zeros(1))],
    ["one byte short", (sound) => sound.subarray(1)],
    ["all zeros", (sound) => zeros(sound.length)],
    ["one", (sound) => join(zeros(sound.length - 1), new Uint8Array([1]))],
    ["all ones", (sound) => zeros(sound.length).fill(0xff)],
    ["one byte", () => new Uint8Array([1])],
    ["twice", (sound) => join(sound, sound)],
  ])("RS256 and PS256: %s", async (_, change) => {
    for (const alg of ["RS256", "PS256"]) {
      const sign = async (input: Uint8Array) => change(await key(alg).sign(input));
      await refused(await token({ alg, kid: `k-${alg}` }, claims(), sign), SIGNATURE);
    }
  });

  test.each<[string, (sound: Uint8Array) => Uint8Array]>([
    ["all zeros", () => zeros(64)],
    ["short", (sound) => sound.subarray(0, 63)],
    ["long", (sound) => join(sound, zeros(1))],
    ["s plus the order", (sound) => join(sound.subarray(0, 32), zeros(32).fill(0xff))],
  ])("EdDSA: %s", async (_, change) => {
    const sign = async (input: Uint8Array) => change(await key("EdDSA").sign(input));
    await refused(await token({ alg: "EdDSA", kid: "k-EdDSA" }, claims(), sign), SIGNATURE);
  });

  test("another token's signature", async () => {
    const [head, ,] = (await rs256(claims())).split(".");
    const other = (await rs256(claims({ sub: "somebody" }))).split(".");
    await refused(`${head}.${part(claims({ sub: "admin" }))}.${other[2]}`, SIGNATURE);
  });

  test("an attacker's signature under the issuer's kid", async () => {
    await refused(await token(header(), claims(), attacker.sign), SIGNATURE);
  });
});
