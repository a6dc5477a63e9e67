import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { generateKey } from "../../../src/access/api-key/key-format.ts";
import { keyHash } from "../../../src/access/api-key/key-hash.ts";
import { NOW, Setting, writeKey, writePlan } from "./setting.ts";

const random = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));
const KEY = generateKey(random);
const FOREIGN = "LBSQTfPV6S3NEeRNwaylM6sYGkzxKxVE70uWM0pk";
const REFRESH = 30_000;

const at = (ms: number): string => new Date(NOW + ms).toISOString();

describe("a key that fits", () => {
  test.each([KEY, FOREIGN])("lets the call in, with its id and plan: %s", async (key) => {
    await writeKey(key);
    await writePlan("gold", "shop:prod");
    const setting = new Setting();
    expect(await setting.call({ headers: { "X-API-Key": key } })).toBe("in");
    expect(setting.caller?.apiKey).toMatchObject({ id: "k_one", value: key, plan: "gold" });
  });

  test.each([
    [["gold"], "gold"],
    [["silver", "gold"], "gold"],
    [["gold", "gold2"], "gold"],
    [["gold2", "gold"], "gold2"],
    [["gone", "gold"], "gold"],
  ])("of the plans %j it is in %s", async (usagePlans, plan) => {
    await writeKey(KEY, { usagePlans });
    await writePlan("silver", "shop:test", "prod:shop", "other:prod");
    await writePlan("gold", "other:test", "shop:prod");
    await writePlan("gold2", "shop:prod");
    const setting = new Setting();
    expect(await setting.verdict(KEY)).toBe("in");
    expect(setting.caller?.apiKey?.plan).toBe(plan);
  });

  test("in use costs no read of the store, neither while it is young nor afterwards", async () => {
    await writeKey(KEY);
    await writePlan("gold", "shop:prod");
    const setting = new Setting();
    await setting.verdict(KEY);
    expect(setting.kv.gets).toBe(2);
    for (let i = 0; i < 100; i++) expect(await setting.verdict(KEY)).toBe("in");
    expect(setting.kv.gets).toBe(2);
    // Behind the requests: with a store that answers nothing more, they go on.
    setting.kv.fault = "hangs";
    setting.now += REFRESH / 2;
    for (let i = 0; i < 3; i++) expect(await setting.verdict(KEY)).toBe("in");
    setting.kv.release();
  });
});

describe("R-13 API Gateway's 403 for everybody else", () => {
  test.each([
    ["no header", {}, "api_key.missing"],
    ["an empty header", { "x-api-key": "" }, "api_key.missing"],
    [
      "a key under another name",
      { authorization: KEY, "x-api-keys": KEY, x_api_key: KEY },
      "api_key.missing",
    ],
    ["a short key", { "x-api-key": "short" }, "api_key.malformed"],
    ["a long key", { "x-api-key": "x".repeat(129) }, "api_key.malformed"],
    [
      "a wrong checksum",
      { "x-api-key": `${KEY.slice(0, -1)}${KEY.endsWith("0") ? "1" : "0"}` },
      "api_key.malformed",
    ],
    ["the key with its kind in front", { "x-api-key": `Bearer ${KEY}` }, "api_key.malformed"],
    ["the hash of the key", { "x-api-key": "HASH" }, "api_key.unknown"],
    ["another key", { "x-api-key": generateKey(random) }, "api_key.unknown"],
    ["the key in other letters", { "x-api-key": FOREIGN.toLowerCase() }, "api_key.unknown"],
  ])("%s", async (_, headers, reason) => {
    await writeKey(KEY);
    await writeKey(FOREIGN);
    await writePlan("gold", "shop:prod");
    const setting = new Setting();
    const hash = await keyHash(KEY);
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value === "HASH" ? hash : value]),
    );
    expect((await setting.call({ headers: sent })).split(":")[0]).toBe(`INVALID_API_KEY ${reason}`);
    expect(setting.caller).toBeUndefined();
    if (reason !== "api_key.unknown") expect(setting.kv.gets).toBe(0);
  });

  test("R-05 two headers are no key, even if both hold the same", async () => {
    await writeKey(KEY);
    await writePlan("gold", "shop:prod");
    for (const second of [KEY, FOREIGN, "x"]) {
      const headers: [string, string][] = [
        ["x-api-key", KEY],
        ["X-Api-Key", second],
      ];
      expect(await new Setting().call({ headers })).toBe(
        "INVALID_API_KEY api_key.malformed: there is more than one x-api-key header",
      );
    }
  });

  test.each([
    [{ enabled: false }, "api_key.disabled: the API key k_one is disabled"],
    [{ expiresAt: at(0) }, "api_key.expired: the API key k_one expired at 2026-11-21T00:00:00.000Z"],
    [{ enabled: false, expiresAt: at(-1) }, "api_key.disabled: the API key k_one is disabled"],
    [
      { usagePlans: [] },
      "api_key.plan: no usage plan of the API key k_one contains the stage prod of shop (it has none)",
    ],
    [
      { usagePlans: ["silver", "empty", "gone"] },
      "api_key.plan: no usage plan of the API key k_one contains the stage prod of shop (tried: silver, empty, gone)",
    ],
  ])("a key that says %j", async (entry, expected) => {
    await writeKey(KEY, entry);
    await writePlan("gold", "shop:prod");
    await writePlan("silver", "shop:test", "prod:shop", "shop:Prod", "other:prod");
    await writePlan("empty");
    expect(await new Setting().verdict(KEY)).toMatch(/^INVALID_API_KEY /);
    expect(await new Setting().call({ headers: { "x-api-key": KEY } })).toBe(`INVALID_API_KEY ${expected}`);
  });

  test("a key expires on the millisecond, without a read", async () => {
    await writeKey(KEY, { expiresAt: at(10) });
    await writePlan("gold", "shop:prod");
    const setting = new Setting();
    setting.now += 9;
    expect(await setting.verdict(KEY)).toBe("in");
    setting.now += 1;
    expect(await setting.verdict(KEY)).toBe("INVALID_API_KEY api_key.expired");
    expect(setting.kv.gets).toBe(2);
  });

  test.each([
    ["disabled", "api_key.disabled", () => writeKey(KEY, { enabled: false })],
    ["deleted", "api_key.unknown", async () => env.CONFIG.delete(`api-keys/${await keyHash(KEY)}`)],
    ["without its plan", "api_key.plan", () => writeKey(KEY, { usagePlans: [] })],
    ["of a plan that is gone", "api_key.plan", () => env.CONFIG.delete("usage-plans/gold")],
    ["of a plan without the stage", "api_key.plan", () => writePlan("gold", "shop:test")],
  ])("a key %s stops within the refresh time", async (_, reason, change) => {
    await writeKey(KEY);
    await writePlan("gold", "shop:prod");
    const setting = new Setting();
    expect(await setting.verdict(KEY)).toBe("in");
    await change();
    setting.now += REFRESH;
    expect(await setting.verdict(KEY)).toBe(`INVALID_API_KEY ${reason}`);
  });
});

describe("the key that the authorizer names", () => {
  const AUTHORIZER = { apiKeySource: "AUTHORIZER" } as const;

  test("counts, and the header does not (R-06)", async () => {
    await writeKey(KEY);
    await writeKey(FOREIGN, { id: "k_two" });
    await writePlan("gold", "shop:prod");
    const setting = new Setting(AUTHORIZER);
    const headers = { "x-api-key": FOREIGN };
    expect(await setting.call({ headers, usageIdentifierKey: KEY })).toBe("in");
    expect(setting.caller?.apiKey?.id).toBe("k_one");
    expect(await setting.call({ headers })).toMatch(
      /^INVALID_API_KEY api_key\.missing: .*usageIdentifierKey$/,
    );
    expect(await setting.call({ headers, usageIdentifierKey: "" })).toMatch(/api_key\.missing/);
    expect(await setting.call({ headers, usageIdentifierKey: "no key" })).toMatch(/api_key\.malformed/);
  });

  test("counts for nothing where keys come from the header", async () => {
    await writeKey(KEY);
    await writePlan("gold", "shop:prod");
    expect(await new Setting().call({ usageIdentifierKey: KEY })).toMatch(/api_key\.missing/);
  });
});

describe("R-13 what cannot be told lets nobody in", () => {
  test.each([
    ["throws", "KV GET failed: 500 Internal Server Error"],
    ["hangs", "no answer within 50 ms"],
  ] as const)("a store that %s, with nothing known: 503", async (fault, why) => {
    await writeKey(KEY);
    await writePlan("gold", "shop:prod");
    const setting = new Setting();
    setting.kv.fault = fault;
    const answer = await setting.call({ headers: { "x-api-key": KEY } });
    expect(answer).toMatch(
      /^DEFAULT_5XX 503 api_key\.unavailable: the API key with the hash [0-9a-f]{8}\.\.\. /,
    );
    expect(answer).toContain(why);
    setting.kv.release();
    setting.kv.fault = "none";
    expect(await setting.verdict(KEY)).toBe("in");
  });

  test("a plan that cannot be read: 503, although a later one would fit", async () => {
    await writeKey(KEY, { usagePlans: ["silver", "gold"] });
    await writePlan("gold", "shop:prod");
    await writePlan("silver", "shop:test");
    const setting = new Setting();
    setting.failing = "usage-plans/silver";
    expect(await setting.verdict(KEY)).toBe("DEFAULT_5XX 503 api_key.unavailable");
  });

  test("a store that fails later: who is known goes on, who is not gets 503", async () => {
    await writeKey(KEY);
    await writeKey(FOREIGN);
    await writePlan("gold", "shop:prod");
    const setting = new Setting();
    await setting.verdict(KEY);
    setting.kv.fault = "throws";
    for (let i = 0; i < 20; i++) {
      setting.now += REFRESH / 2;
      expect(await setting.verdict(KEY)).toBe("in");
      expect(await setting.verdict(FOREIGN)).toBe("DEFAULT_5XX 503 api_key.unavailable");
    }
  });

  test.each([
    ["broken JSON", "{"],
    ["an unknown member", { disabled: true }],
    ["a date that is none", { expiresAt: "2027-02-30T00:00:00Z" }],
    ["no id", { id: undefined }],
    ["text", '"enabled"'],
    ["null", "null"],
    ["a list", "[]"],
    ["nothing", ""],
  ])("a bad entry of a key, %s: 500, reported", async (_, entry) => {
    await writeKey(KEY, entry);
    await writePlan("gold", "shop:prod");
    const setting = new Setting();
    expect(await setting.verdict(KEY)).toBe("API_CONFIGURATION_ERROR config.invalid");
    expect(setting.problems).not.toEqual([]);
  });

  test("a bad plan: 500, although a later one would fit", async () => {
    await writeKey(KEY, { usagePlans: ["silver", "gold"] });
    await writePlan("gold", "shop:prod");
    await env.CONFIG.put("usage-plans/silver", '{"apiStage":[]}');
    expect(await new Setting().verdict(KEY)).toBe("API_CONFIGURATION_ERROR config.invalid");
  });

  test("a store that has lost its values refuses", async () => {
    await writeKey(KEY);
    await writePlan("gold", "shop:prod");
    const setting = new Setting();
    setting.kv.fault = "null";
    expect(await setting.verdict(KEY)).toBe("INVALID_API_KEY api_key.unknown");
  });
});

test("R-12 no refusal and no report quotes a key", async () => {
  await writeKey(KEY, "{");
  await writeKey(FOREIGN, { enabled: false });
  const setting = new Setting();
  const wrong = `${KEY}x`;
  const texts: string[] = [];
  for (const fault of ["none", "corrupt", "null", "throws"] as const) {
    setting.kv.fault = fault;
    for (const key of [KEY, FOREIGN, wrong, generateKey(random), `${KEY}, ${FOREIGN}`]) {
      texts.push(await setting.call({ headers: { "x-api-key": key } }));
      expect(texts.at(-1)).not.toContain(key);
    }
    setting.now += REFRESH;
  }
  const all = `${texts.join("\n")}\n${JSON.stringify(setting.problems)}`;
  for (const secret of [KEY, FOREIGN, KEY.slice(8, 30)]) expect(all).not.toContain(secret);
});
