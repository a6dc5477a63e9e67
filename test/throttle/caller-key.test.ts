import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import type { Call } from "../../src/call.ts";
import type { Caller } from "../../src/caller.ts";
import type { StageConfig } from "../../src/config/api-config.ts";
import { UsagePlanEntry } from "../../src/config/api-key-schema.ts";
import { API_DEFAULTS } from "../../src/config/schemas.ts";
import { callerKey, type Key } from "../../src/throttle/caller-key.ts";
import { sharedCounter } from "../../src/throttle/rule.ts";
import { callOf } from "../access/function-authorizer/support.ts";

const stage: StageConfig = {
  api: "shop",
  stage: "prod",
  settings: { ...API_DEFAULTS },
  variables: {},
  routes: [],
  authorizers: new Map(),
  models: new Map(),
  limits: { stage: [], defaultRoute: undefined, routes: new Map(), account: [] },
  deployment: "auto",
  broken: false,
  problems: [],
};

const runtime = {
  fetchOrigin: () => Promise.reject(new Error("none")),
  loadFunction: () => Promise.reject(new Error("none")),
  functionEnv: {},
  showReasons: false,
};

interface Request {
  readonly headers?: HeadersInit;
  readonly query?: string;
  readonly address?: string;
  readonly caller?: Caller;
}

async function keyOf(per: string, { headers = {}, query = "", address, caller = {} }: Request): Promise<Key> {
  const call: Call = callOf(stage, runtime, { path: "/a", key: "GET /a", headers });
  const find = callerKey(per);
  if (!find) throw new Error(`${per} is the route's own`);
  return find({ ...call, query, caller, clientAddress: address ?? call.clientAddress });
}

const bucketOf = async (per: string, request: Request): Promise<string> => (await keyOf(per, request)).value;

const usagePlan = v.parse(UsagePlanEntry, { apiStages: [] });
const apiKey = (id: string): Caller => ({ apiKey: { id, value: "secret", plan: "p", usagePlan } });
const jwt = (claims: Readonly<Record<string, unknown>>): Caller => ({
  authorizer: { kind: "jwt", claims, scopes: null, principalId: undefined },
});
const lambda = (context: Readonly<Record<string, unknown>>, principalId = "user"): Caller => ({
  authorizer: { kind: "lambda", principalId, context, latency: 0 },
});
const iam: Caller = {
  authorizer: {
    kind: "iam",
    accessKey: "AKIA",
    accountId: "1",
    userId: "AIDA",
    userArn: "arn:aws:iam::1:user/ann",
    principalOrgId: null,
  },
};

test("the route's own bucket needs no key", () => {
  expect(callerKey("route")).toBe(undefined);
});

test.each([
  ["stage", "stage/shop/prod"],
  ["api", "api/shop"],
  ["account", "account/"],
])("%s is one bucket for all, at the counter %s", async (per, scope) => {
  expect(await keyOf(per, {})).toEqual({ value: "", scope });
});

test.each<readonly [string, Request, string]>([
  ["apiKey", { caller: apiKey("k1") }, "=k1"],
  ["header.x-user", { headers: { "X-User": "ann" } }, "=ann"],
  ["header.X-User", { headers: { "x-user": "ann" } }, "=ann"],
  [
    "header.x-user",
    {
      headers: [
        ["x-user", "ann"],
        ["x-user", "bob"],
      ],
    },
    "=ann, bob",
  ],
  ["querystring.user", { query: "user=ann" }, "=ann"],
  ["querystring.user", { query: "a=b&user=%61nn&c" }, "=ann"],
  ["querystring.user", { query: "user=ann&user=bob" }, "=ann,bob"],
  ["querystring.a.b", { query: "a.b=1" }, "=1"],
  ["jwt.sub", { caller: jwt({ sub: "ann" }) }, "=ann"],
  ["jwt.tenant", { caller: jwt({ tenant: 7 }) }, "=7"],
  ["jwt.admin", { caller: jwt({ admin: false }) }, "=false"],
  ["jwt.groups", { caller: jwt({ groups: ["a", "b"] }) }, '=["a","b"]'],
  ["jwt.https://example.com/tenant", { caller: jwt({ "https://example.com/tenant": "t" }) }, "=t"],
  ["authorizer.tenant", { caller: lambda({ tenant: "t1" }) }, "=t1"],
  ["authorizer.principalId", { caller: lambda({}, "ann") }, "=ann"],
  ["authorizer.principalId", { caller: iam }, "=arn:aws:iam::1:user/ann"],
])("%s", async (per, request, expected) => {
  expect(await keyOf(per, request)).toEqual({ value: expected });
});

describe("whoever lacks the value shares one bucket with all others who do", () => {
  test.each<readonly [string, Request]>([
    ["apiKey", {}],
    ["header.x-user", {}],
    ["querystring.user", {}],
    ["querystring.user", { query: "users=ann&User=ann" }],
    ["jwt.sub", {}],
    ["jwt.sub", { caller: jwt({}) }],
    ["jwt.sub", { caller: jwt({ sub: null }) }],
    ["jwt.sub", { caller: lambda({ sub: "ann" }) }],
    ["jwt.toString", { caller: jwt({ sub: "ann" }) }],
    ["jwt.constructor", { caller: jwt({ sub: "ann" }) }],
    ["authorizer.tenant", {}],
    ["authorizer.tenant", { caller: jwt({ tenant: "t1" }) }],
    ["authorizer.tenant", { caller: lambda({}) }],
    ["authorizer.principalId", {}],
    ["authorizer.principalId", { caller: jwt({ sub: "ann" }) }],
  ])("%s of %o", async (per, request) => {
    expect(await keyOf(per, request)).toEqual({ value: "-" });
  });
});

test.each<readonly [string, Request]>([
  ["header.x-user", { headers: { "x-user": "" } }],
  ["querystring.user", { query: "user=" }],
  ["querystring.user", { query: "user" }],
  ["jwt.sub", { caller: jwt({ sub: "" }) }],
  ["authorizer.tenant", { caller: lambda({ tenant: "" }) }],
])("an empty value is a value: %s of %o", async (per, request) => {
  expect(await keyOf(per, request)).toEqual({ value: "=" });
});

test("no value can pass for none, for a digest, or for another one", async () => {
  const digest = await bucketOf("header.x-user", { headers: { "x-user": "a".repeat(129) } });
  const values = ["-", "#", "=", digest, digest.slice(1), "a", "=a", "==a", "a=", "A"];
  const keys = await Promise.all(
    values.map((value) => bucketOf("header.x-user", { headers: { "x-user": value } })),
  );
  expect(new Set([...keys, "-", digest]).size).toBe(values.length + 2);
});

describe("long values", () => {
  const header = (value: string) => bucketOf("header.x-user", { headers: { "x-user": value } });

  test("128 characters are kept as they are, 129 as a digest", async () => {
    expect(await header("a".repeat(128))).toBe(`=${"a".repeat(128)}`);
    expect(await header("a".repeat(129))).toMatch(/^#[0-9a-f]{64}$/);
  });

  test("that differ in one character anywhere are different callers", async () => {
    const text = "a".repeat(10_000);
    const texts = [0, 1, 127, 128, 129, 5_000, 9_999].map(
      (at) => `${text.slice(0, at)}b${text.slice(at + 1)}`,
    );
    const keys = await Promise.all([text, `${text}a`, ...texts].map(header));
    expect(new Set(keys).size).toBe(texts.length + 2);
    for (const key of keys) expect(key.length).toBe(65);
  });

  test("the same value is the same caller", async () => {
    expect(await header("x".repeat(10_240))).toBe(await header("x".repeat(10_240)));
  });
});

describe("addresses", () => {
  const group = fc.oneof(fc.constant(0), fc.nat(0xffff));
  const groups = fc.array(group, { minLength: 8, maxLength: 8 });
  const hex = (values: readonly number[]) => values.map((value) => value.toString(16));

  /** Some of the ways to write an address. */
  function spellings(values: readonly number[]): string[] {
    const plain = hex(values);
    const padded = plain.map((digits) => digits.padStart(4, "0"));
    const [high = 0, low = 0] = values.slice(6);
    const dotted = [...plain.slice(0, 6), `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`];
    const short = plain.join(":").replace(/(?:^|:)0(?::0)+(?::|$)/, "::");
    return [plain.join(":"), padded.join(":"), plain.join(":").toUpperCase(), dotted.join(":"), short];
  }

  test("IPv6: one bucket for each /64, in whichever way its addresses are written", async () => {
    await fc.assert(
      fc.asyncProperty(groups, groups, async (values, others) => {
        const mapped = [values, others].some(
          (list) => list.slice(0, 5).every((value) => value === 0) && list[5] === 0xffff,
        );
        fc.pre(!mapped);
        const neighbour = [...values.slice(0, 4), ...others.slice(4)];
        fc.pre(!(neighbour.slice(0, 5).every((value) => value === 0) && neighbour[5] === 0xffff));
        const expected = await bucketOf("ip", { address: hex(values).join(":") });
        for (const text of [...spellings(values), ...spellings(neighbour)]) {
          expect(await bucketOf("ip", { address: text }), text).toBe(expected);
        }
        const same = hex(values).slice(0, 4).join(":") === hex(others).slice(0, 4).join(":");
        expect((await bucketOf("ip", { address: hex(others).join(":") })) === expected).toBe(same);
      }),
    );
  });

  test.each([
    ["1.2.3.4", "=1.2.3.4"],
    ["::ffff:1.2.3.4", "=1.2.3.4"],
    ["::ffff:102:304", "=1.2.3.4"],
    ["0:0:0:0:0:FFFF:0102:0304", "=1.2.3.4"],
    ["1.2.3.5", "=1.2.3.5"],
    ["2001:db8:1:2:3:4:5:6", "=2001:db8:1:2::"],
    ["2001:DB8:1:2::", "=2001:db8:1:2::"],
    ["::1", "=::"],
    ["fe80::1%eth0", "=fe80::1%eth0"],
    ["unknown", "=unknown"],
    ["", "="],
  ])("%s counts as %s", async (address, expected) => {
    expect(await keyOf("ip", { address })).toEqual({ value: expected });
  });
});

describe("the counters that callers share", () => {
  test.each<readonly [string, (index: number) => string]>([
    ["IPv4 addresses", (index) => `=10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`],
    ["IPv6 blocks", (index) => `=2001:db8:${index.toString(16)}::`],
    ["numbers", (index) => `=${index}`],
    ["names", (index) => `=user-${index}@example.com`],
    ["digests", (index) => `#${(index * 2_654_435_761).toString(16).padStart(64, "0")}`],
  ])("%s are spread over 64 of them", (_, value) => {
    const counts = new Map<string, number>();
    const callers = 12_800;
    for (let i = 0; i < callers; i++) {
      const counter = sharedCounter("callers/shop", value(i));
      counts.set(counter, (counts.get(counter) ?? 0) + 1);
    }
    expect(counts.size).toBe(64);
    // 200 each if they were even.
    for (const [counter, count] of counts) {
      expect(count, counter).toBeGreaterThan(100);
      expect(count, counter).toBeLessThan(400);
    }
  });

  test("the same value is always at the same one", () => {
    expect(sharedCounter("callers/shop", "=ann")).toBe(sharedCounter("callers/shop", "=ann"));
    expect(sharedCounter("callers/shop", "=ann")).toMatch(/^callers\/shop#(?:[0-9]|[1-5][0-9]|6[0-3])$/);
  });
});
