import { describe, expect, test } from "vitest";
import { Failure } from "../../../cli/engine/failure.ts";
import {
  createKey,
  deleteKey,
  keyTable,
  listKeys,
  type NewKey,
  type RotateOptions,
  rotateKey,
  setKeyEnabled,
  setKeyPlans,
  thisWorld,
} from "../../../cli/keys.ts";
import { recognise } from "../../../src/access/api-key/key-format.ts";
import { keyHash } from "../../../src/access/api-key/key-hash.ts";
import { MemoryStore } from "../../support/memory-store.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const FOREIGN = "LBSQTfPV6S3NEeRNwaylM6sYGkzxKxVE70uWM0pk";
const PLANS = {
  "usage-plans/gold": { apiStages: [{ api: "shop", stage: "prod" }] },
  "usage-plans/silver": { apiStages: [{ api: "shop", stage: "test" }] },
  "usage-plans/rival": { apiStages: [{ api: "shop", stage: "prod" }] },
  "usage-plans/bad": "{}",
};

const world = { ...thisWorld(), now: NOW };
const create = (store: MemoryStore, options: Partial<NewKey> = {}) =>
  createKey(store, { plans: [], labels: [], ...options }, world);

async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
  }
  return "no failure";
}

const storedAs = async (key: string): Promise<string> => `api-keys/${await keyHash(key)}`;

describe("keys create", () => {
  test("writes an entry under the key's hash and gives the key", async () => {
    const store = new MemoryStore(PLANS);
    const { key, entry } = await create(store, {
      name: "Web shop",
      owner: "ann@example.com",
      description: "for the tests",
      plans: ["gold", "silver", "gold"],
      labels: ["team=shop", "note=a=b", "empty="],
      expires: "2027-01-01",
    });
    expect(recognise(key)).toBe("valid");
    expect(store.json(await storedAs(key))).toEqual({
      id: entry.id,
      name: "Web shop",
      owner: "ann@example.com",
      description: "for the tests",
      enabled: true,
      usagePlans: ["gold", "silver"],
      labels: { team: "shop", note: "a=b", empty: "" },
      createdAt: "2026-11-21T12:00:00.000Z",
      expiresAt: "2027-01-01T00:00:00.000Z",
    });
    expect(entry.id).toMatch(/^k_[0-9A-Za-z]{10}$/);
  });

  test("R-12 R-28 the store never holds the key, nor does any list", async () => {
    const store = new MemoryStore(PLANS);
    const keys = [
      (await create(store, { plans: ["gold"] })).key,
      (await create(store, { value: FOREIGN })).key,
    ];
    const { id } = (await listKeys(store, {}, NOW))[0] ?? { id: "" };
    keys.push((await rotateKey(store, id, { grace: "1h" }, world)).key);
    const all = JSON.stringify([...store.entries]) + keyTable(await listKeys(store, {}, NOW)).join("\n");
    for (const key of keys) expect(all).not.toContain(key);
    expect(keys[1]).toBe(FOREIGN);
  });

  test.each([
    ["90d", "2027-02-19T12:00:00.000Z"],
    ["2w", "2026-12-05T12:00:00.000Z"],
    ["36h", "2026-11-23T00:00:00.000Z"],
    ["5m", "2026-11-21T12:05:00.000Z"],
    ["2027-01-31T12:00:00+01:00", "2027-01-31T11:00:00.000Z"],
  ])("--expires %s is %s", async (expires, expected) => {
    expect((await create(new MemoryStore(), { expires })).entry.expiresAt).toBe(expected);
  });

  const noTime = "is no date and no time from now (write 2027-01-31, 2027-01-31T12:00:00Z or 90d)";
  test.each<[Partial<NewKey>, string]>([
    [{ expires: "soon" }, `--expires "soon" ${noTime}`],
    [{ expires: "90" }, `--expires "90" ${noTime}`],
    [{ expires: "2027-02-30" }, `--expires "2027-02-30" ${noTime}`],
    [{ expires: "-1d" }, `--expires "-1d" ${noTime}`],
    [{ expires: "0d" }, '--expires "0d" is over already (the key would never work)'],
    [{ expires: "2026-11-21" }, '--expires "2026-11-21" is over already (the key would never work)'],
    [{ labels: ["team"] }, '"team" is no label (write a name and a value: --label team=shop)'],
    [{ labels: ["=x"] }, '"=x" is no label (write a name and a value: --label team=shop)'],
    [{ name: "a\u001b[2J" }, "name: there is a control character in it"],
    [{ plans: ["glod"] }, 'there is no usage plan "glod" (did you mean "gold"?)'],
    [
      { plans: ["enterprise"] },
      'there is no usage plan "enterprise" (create it: portico usage-plans create enterprise --stage API:STAGE)',
    ],
    [
      { plans: ["bad"] },
      'the usage plan\'s entry usage-plans/bad is bad: the key "apiStages" is missing (mend it)',
    ],
    [
      { plans: ["gold", "silver", "rival"] },
      'the usage plans "gold" and "rival" both contain the stage shop:prod (a key has one plan per stage: leave one of them out)',
    ],
    [{ value: "x".repeat(19) }, "API Key value should be at least 20 characters"],
    [{ value: "x".repeat(129) }, "API Key value exceeds maximum size of 128 characters"],
    [{ value: "a key with blanks in it" }, "a key is of visible ASCII characters without blanks"],
    [
      { value: `portico_${"0".repeat(38)}`.replace(/0$/, "1") },
      "the checksum at the end of the key is wrong (some characters got lost or exchanged)",
    ],
  ])("%j fails and writes nothing", async (options, expected) => {
    const store = new MemoryStore(PLANS);
    expect(await failure(create(store, options))).toBe(expected);
    expect(store.written).toEqual([]);
  });

  test("a value that exists is not taken twice, and not repeated", async () => {
    const store = new MemoryStore();
    const { entry } = await create(store, { value: FOREIGN, owner: "ann" });
    expect(await failure(create(store, { value: FOREIGN }))).toBe(
      `this key is there already: ${entry.id} (portico keys list shows it)`,
    );
    expect(store.written).toHaveLength(1);
  });
});

describe("keys list", () => {
  const STORE = {
    "api-keys/a": {
      id: "k_late",
      name: "late",
      owner: "ann",
      usagePlans: ["gold", "silver"],
      createdAt: "2026-11-20T00:00:00Z",
    },
    "api-keys/b": { id: "k_early", owner: "bob", createdAt: "2026-11-01T00:00:00Z", enabled: false },
    "api-keys/c": {
      id: "k_over",
      owner: "ann",
      usagePlans: ["gold"],
      createdAt: "2026-11-02T00:00:00Z",
      expiresAt: "2026-11-21T12:00:00Z",
    },
    "api-keys/d": { name: "no id" },
  };

  test("shows what there is, oldest first", async () => {
    expect(keyTable(await listKeys(new MemoryStore(STORE), {}, NOW))).toEqual([
      "ID       NAME                     OWNER  PLANS        STATE     CREATED            EXPIRES",
      "k_early  -                        bob    -            disabled  2026-11-01 00:00Z  -",
      "k_over   -                        ann    gold         expired   2026-11-02 00:00Z  2026-11-21 12:00Z",
      "k_late   late                     ann    gold silver  enabled   2026-11-20 00:00Z  -",
      'd        the key "id" is missing  -      -            bad       -                  -',
    ]);
  });

  test.each([
    [{ owner: "ann" }, ["k_over", "k_late", "d"]],
    [{ plan: "silver" }, ["k_late", "d"]],
    [{ plan: "gold", owner: "bob" }, ["d"]],
  ])("of %j", async (filter, expected) => {
    const rows = await listKeys(new MemoryStore(STORE), filter, NOW);
    expect(rows.map(({ id }) => id)).toEqual(expected);
  });
});

describe("keys disable, enable, delete", () => {
  test("change the one key and nothing else of it", async () => {
    const store = new MemoryStore(PLANS);
    const { key, entry } = await create(store, {
      name: "n",
      plans: ["gold"],
      labels: ["a=b"],
      expires: "1d",
    });
    const other = await create(store);
    await setKeyEnabled(store, entry.id, false);
    expect(store.json(await storedAs(key))).toEqual({ ...entry, enabled: false });
    await setKeyEnabled(store, entry.id, true);
    expect(store.json(await storedAs(key))).toEqual(entry);
    await deleteKey(store, entry.id);
    expect(await listKeys(store, {}, NOW)).toMatchObject([{ id: other.entry.id }]);
  });

  test("a bad entry is deleted by its hash", async () => {
    const hash = "0".repeat(64);
    const store = new MemoryStore({ [`api-keys/${hash}`]: "{" });
    await deleteKey(store, hash);
    expect(store.entries.size).toBe(0);
    expect(await failure(deleteKey(store, hash))).toMatch(/^there is no key with the id/);
  });

  test("an id that is not there, or there twice, changes nothing", async () => {
    const store = new MemoryStore({
      "api-keys/a": { id: "k_abcdef" },
      "api-keys/b": { id: "k_twice" },
      "api-keys/c": { id: "k_twice" },
    });
    expect(await failure(deleteKey(store, "k_abcdex"))).toBe(
      'there is no key with the id "k_abcdex" (did you mean "k_abcdef"?)',
    );
    expect(await failure(setKeyEnabled(store, "x", false))).toBe(
      'there is no key with the id "x" (portico keys list shows the ids)',
    );
    expect(await failure(deleteKey(store, "k_twice"))).toBe(
      "two keys have the id k_twice: api-keys/b and api-keys/c (give one of the entries another id)",
    );
    expect(store.entries.size).toBe(3);
    expect(store.written).toEqual([]);
  });

  test("R-12 a key in place of its id is not repeated", async () => {
    const store = new MemoryStore();
    const { key } = await create(store);
    expect(await failure(deleteKey(store, key))).toBe(
      "this is a key, not its id (portico keys list shows the ids)",
    );
  });
});

describe("keys set-plans", () => {
  const KEY = { id: "k_1", owner: "ann", enabled: false, usagePlans: ["gold"] };

  test("gives a key other plans, and leaves the rest of it", async () => {
    const store = new MemoryStore({ ...PLANS, "api-keys/a": KEY });
    const entry = await setKeyPlans(store, "k_1", ["silver", "rival", "silver"]);
    expect(entry.usagePlans).toEqual(["silver", "rival"]);
    expect(store.json("api-keys/a")).toEqual({ ...KEY, usagePlans: ["silver", "rival"] });
  });

  test.each([
    [
      "k_1",
      ["gold", "silver", "rival"],
      'the usage plans "gold" and "rival" both contain the stage shop:prod (a key has one plan per stage: leave one of them out)',
    ],
    ["k_1", [], "no plan is named (write --plan NAME; a key that is to stop: portico keys disable k_1)"],
    ["k_1", ["glod"], 'there is no usage plan "glod" (did you mean "gold"?)'],
    [
      "k_1",
      ["bad"],
      `the usage plan's entry usage-plans/bad is bad: the key "apiStages" is missing (mend it)`,
    ],
    ["k_2", ["gold"], 'there is no key with the id "k_2" (did you mean "k_1"?)'],
  ])("%s %j fails and writes nothing", async (id, plans, expected) => {
    const store = new MemoryStore({ ...PLANS, "api-keys/a": KEY });
    expect(await failure(setKeyPlans(store, id, plans))).toBe(expected);
    expect(store.written).toEqual([]);
  });
});

describe("keys rotate", () => {
  const rotate = async (entry: Partial<NewKey>, options: RotateOptions) => {
    const store = new MemoryStore(PLANS);
    const before = await create(store, {
      name: "n",
      owner: "ann",
      plans: ["gold"],
      labels: ["a=b"],
      ...entry,
    });
    const rotated = await rotateKey(store, before.entry.id, options, world);
    return {
      store,
      before,
      rotated,
      old: store.json(await storedAs(before.key)),
      next: store.json(await storedAs(rotated.key)),
    };
  };

  test("makes a new key with the same settings and disables the old one at once", async () => {
    const { store, before, rotated, old, next } = await rotate({ expires: "2027-01-01" }, {});
    expect(rotated.key).not.toBe(before.key);
    expect(rotated.entry.id).not.toBe(before.entry.id);
    expect(next).toEqual({ ...before.entry, id: rotated.entry.id, createdAt: NOW.toISOString() });
    expect(old).toEqual({ ...before.entry, enabled: false });
    // The new one is there before the old one stops.
    expect(store.written.slice(1)).toEqual([await storedAs(rotated.key), await storedAs(before.key)]);
  });

  test.each([
    [undefined, "24h", "2026-11-22T12:00:00.000Z"],
    ["2027-01-01", "24h", "2026-11-22T12:00:00.000Z"],
    ["2h", "24h", "2026-11-21T14:00:00.000Z"],
  ])("a key that expires %s has %s of grace, never longer than it had: %s", async (expires, grace, end) => {
    const { old, next } = await rotate(expires === undefined ? {} : { expires }, { grace });
    expect(old).toMatchObject({ enabled: true, expiresAt: end });
    expect(next).not.toMatchObject({ expiresAt: "2026-11-22T12:00:00.000Z" });
  });

  test("the new key may last longer when that is said", async () => {
    const { next } = await rotate({ expires: "1d" }, { expires: "90d" });
    expect(next).toMatchObject({ expiresAt: "2027-02-19T12:00:00.000Z" });
  });

  test.each([
    [{ id: "k_x", enabled: false }, {}, "the key k_x is disabled (portico keys enable k_x comes first)"],
    [
      { id: "k_x", expiresAt: "2026-11-21T12:00:00.000Z" },
      {},
      "the key k_x expired at 2026-11-21T12:00:00.000Z (say until when the new one lasts: --expires 90d)",
    ],
    [
      { id: "k_x" },
      { grace: "1 day" },
      '--grace "1 day" is no time (write minutes, hours or days: 30m, 24h, 7d)',
    ],
  ])("%j with %j fails and writes nothing", async (entry, options, expected) => {
    const store = new MemoryStore({ "api-keys/a": entry });
    expect(await failure(rotateKey(store, "k_x", options, world))).toBe(expected);
    expect(store.written).toEqual([]);
  });
});
