import {
  generateKey,
  generateKeyId,
  KEY_PREFIX,
  type RandomBytes,
  recognise,
} from "../src/access/api-key/key-format.ts";
import { keyHash } from "../src/access/api-key/key-hash.ts";
import { API_KEY_PREFIX, ApiKeyEntry } from "../src/config/api-key-schema.ts";
import { parseEntry, parseValue } from "../src/config/parse.ts";
import { nearest } from "../src/config/problem.ts";
import { Failure } from "./engine/failure.ts";
import { readEntries } from "./entries.ts";
import { requirePlans } from "./plan-stages.ts";
import type { Store } from "./store.ts";
import { table } from "./usage-plans.ts";

/** What these commands need of the world; tests bring their own. */
export interface World {
  readonly now: Date;
  readonly random: RandomBytes;
}

export const thisWorld = (): World => ({
  now: new Date(),
  random: (count) => crypto.getRandomValues(new Uint8Array(count)),
});

export interface NewKey {
  readonly name?: string | undefined;
  readonly owner?: string | undefined;
  readonly description?: string | undefined;
  readonly plans: readonly string[];
  /** `team=shop` */
  readonly labels: readonly string[];
  /** A date (`2027-01-01`, from its start in UTC), an instant, or a time from now (`90d`, `12h`). */
  readonly expires?: string | undefined;
  /** A key that exists elsewhere, as one imported from API Gateway. */
  readonly value?: string | undefined;
}

export interface CreatedKey {
  /** Shown this once: the store has its hash only. */
  readonly key: string;
  readonly entry: ApiKeyEntry;
}

/**
 * Makes a key, or takes one over, and writes its entry.
 *
 * @throws Failure for a value that no key can have or that exists, and for plans that do not fit
 */
export async function createKey(store: Store, options: NewKey, world: World): Promise<CreatedKey> {
  const { name, owner, description, plans, labels, expires, value } = options;
  if (value !== undefined) checkValue(value);
  await requirePlans(store, plans);
  const entry = checked({
    id: generateKeyId(world.random),
    ...(name === undefined ? {} : { name }),
    ...(owner === undefined ? {} : { owner }),
    ...(description === undefined ? {} : { description }),
    usagePlans: [...new Set(plans)],
    ...(labels.length === 0 ? {} : { labels: Object.fromEntries(labels.map(label)) }),
    createdAt: world.now.toISOString(),
    ...(expires === undefined ? {} : { expiresAt: expiry(expires, world.now) }),
  });
  return add(store, entry, value ?? generateKey(world.random));
}

async function add(store: Store, entry: ApiKeyEntry, key: string): Promise<CreatedKey> {
  const stored = API_KEY_PREFIX + (await keyHash(key));
  const text = await store.get(stored);
  if (text !== undefined) {
    const there = parseEntry(stored, text, ApiKeyEntry);
    const id = there.ok ? there.value.id : "one whose entry is bad";
    throw new Failure(`this key is there already: ${id}`, "portico keys list shows it");
  }
  await store.put(new Map([[stored, JSON.stringify(entry)]]));
  return { key, entry };
}

/** API Gateway's sentences (aws-semantics 20); the value itself is not repeated. */
function checkValue(value: string): void {
  if (value.length < 20) throw new Failure("API Key value should be at least 20 characters");
  if (value.length > 128) throw new Failure("API Key value exceeds maximum size of 128 characters");
  if (recognise(value) !== "broken") return;
  throw value.startsWith(KEY_PREFIX)
    ? new Failure("the checksum at the end of the key is wrong", "some characters got lost or exchanged")
    : new Failure("a key is of visible ASCII characters without blanks");
}

export type KeyState = "enabled" | "disabled" | "expired" | "bad";

export interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly plans: readonly string[];
  readonly state: KeyState;
  readonly created: string;
  readonly expires: string;
}

/** Keys, oldest first; of a plan or an owner when one is named. Bad entries come last, by their hash. */
export async function listKeys(
  store: Store,
  filter: { readonly plan?: string | undefined; readonly owner?: string | undefined },
  now: Date,
): Promise<readonly KeyRow[]> {
  const { plan, owner } = filter;
  const good: KeyRow[] = [];
  const bad: KeyRow[] = [];
  for (const { name: hash, entry } of await readEntries(store, API_KEY_PREFIX, ApiKeyEntry)) {
    if (!entry.ok) {
      const name = entry.problems[0]?.message ?? "";
      bad.push({ id: hash, name, owner: "", plans: [], state: "bad", created: "", expires: "" });
    } else if (
      (plan === undefined || entry.value.usagePlans.includes(plan)) &&
      (owner === undefined || entry.value.owner === owner)
    ) {
      good.push(row(entry.value, now));
    }
  }
  good.sort((a, b) => (a.created + a.id < b.created + b.id ? -1 : 1));
  return [...good, ...bad];
}

function row(entry: ApiKeyEntry, now: Date): KeyRow {
  const { id, name = "", owner = "", usagePlans, enabled, createdAt = "", expiresAt = "" } = entry;
  const state = !enabled ? "disabled" : isOver(entry, now) ? "expired" : "enabled";
  return { id, name, owner, plans: usagePlans, state, created: createdAt, expires: expiresAt };
}

const isOver = ({ expiresAt }: ApiKeyEntry, now: Date): boolean =>
  expiresAt !== undefined && Date.parse(expiresAt) <= now.getTime();

/** Keys as lines, a line of headings first. */
export function keyTable(rows: readonly KeyRow[]): readonly string[] {
  return table(
    ["ID", "NAME", "OWNER", "PLANS", "STATE", "CREATED", "EXPIRES"],
    rows.map(({ id, name, owner, plans, state, created, expires }) => [
      id,
      name,
      owner,
      plans.join(" "),
      state,
      minutes(created),
      minutes(expires),
    ]),
  );
}

/** `2027-01-01 00:00Z` */
const minutes = (instant: string): string => instant && `${instant.slice(0, 16).replace("T", " ")}Z`;

/**
 * Lets a key be used again, or not any more: gateways follow within their refresh time.
 *
 * @throws Failure when there is no such key
 */
export async function setKeyEnabled(store: Store, id: string, enabled: boolean): Promise<ApiKeyEntry> {
  const { stored, entry } = await find(store, id);
  const changed = { ...entry, enabled };
  await store.put(new Map([[stored, JSON.stringify(changed)]]));
  return changed;
}

/**
 * Gives a key these plans in place of those that it has: gateways follow within their refresh time.
 *
 * @throws Failure when there is no such key, no plan is named, or the plans do not fit
 */
export async function setKeyPlans(store: Store, id: string, plans: readonly string[]): Promise<ApiKeyEntry> {
  if (plans.length === 0) {
    throw new Failure(
      "no plan is named",
      `write --plan NAME; a key that is to stop: portico keys disable ${id}`,
    );
  }
  const { stored, entry } = await find(store, id);
  await requirePlans(store, plans);
  const changed = { ...entry, usagePlans: [...new Set(plans)] };
  await store.put(new Map([[stored, JSON.stringify(changed)]]));
  return changed;
}

/**
 * @param id or the hash of a key whose entry is bad, as the list shows it
 * @throws Failure when there is no such key
 */
export async function deleteKey(store: Store, id: string): Promise<void> {
  const byHash = /^[0-9a-f]{64}$/.test(id) && (await store.get(API_KEY_PREFIX + id)) !== undefined;
  const stored = byHash ? API_KEY_PREFIX + id : (await find(store, id)).stored;
  await store.remove([stored]);
}

export interface RotateOptions {
  /** How long the old key still works, as `24h`; not at all by default. */
  readonly grace?: string | undefined;
  /** The new key's end; the old key's by default, so that rotating lengthens nobody's access. */
  readonly expires?: string | undefined;
}

export interface RotatedKey extends CreatedKey {
  readonly old: ApiKeyEntry;
}

/**
 * Makes a new key with the settings of an old one, under an id of its own. The old one is
 * disabled at once, since a key that has leaked is what rotating is for; with `grace` it
 * expires after that time instead, for clients that change over by themselves.
 *
 * @throws Failure when there is no such key, or it is disabled or expired
 */
export async function rotateKey(
  store: Store,
  id: string,
  options: RotateOptions,
  world: World,
): Promise<RotatedKey> {
  const { stored, entry } = await find(store, id);
  const { now } = world;
  if (!entry.enabled) throw new Failure(`the key ${id} is disabled`, `portico keys enable ${id} comes first`);
  if (isOver(entry, now) && options.expires === undefined) {
    throw new Failure(
      `the key ${id} expired at ${entry.expiresAt ?? ""}`,
      "say until when the new one lasts: --expires 90d",
    );
  }
  const end = options.grace === undefined ? undefined : graceEnd(options.grace, now);
  const next = checked({
    ...entry,
    id: generateKeyId(world.random),
    createdAt: now.toISOString(),
    ...(options.expires === undefined ? {} : { expiresAt: expiry(options.expires, now) }),
  });
  const old =
    end === undefined
      ? { ...entry, enabled: false }
      : {
          ...entry,
          expiresAt: entry.expiresAt !== undefined && entry.expiresAt < end ? entry.expiresAt : end,
        };
  // The new key is there before the old one stops.
  const created = await add(store, next, generateKey(world.random));
  await store.put(new Map([[stored, JSON.stringify(old)]]));
  return { ...created, old };
}

async function find(
  store: Store,
  id: string,
): Promise<{ readonly stored: string; readonly entry: ApiKeyEntry }> {
  const all = (await readEntries(store, API_KEY_PREFIX, ApiKeyEntry)).flatMap(({ name, entry }) =>
    entry.ok ? [{ stored: API_KEY_PREFIX + name, entry: entry.value }] : [],
  );
  const [first, second] = all.filter(({ entry }) => entry.id === id);
  if (first && second) {
    throw new Failure(
      `two keys have the id ${id}: ${first.stored} and ${second.stored}`,
      "give one of the entries another id",
    );
  }
  if (first) return first;
  // Who types the key in place of its id has shown it to this terminal only: it is not repeated.
  if (recognise(id) === "valid")
    throw new Failure("this is a key, not its id", "portico keys list shows the ids");
  const near = nearest(
    id,
    all.map(({ entry }) => entry.id),
  );
  throw new Failure(
    `there is no key with the id "${id}"`,
    near === undefined ? "portico keys list shows the ids" : `did you mean "${near}"?`,
  );
}

function label(text: string): readonly [string, string] {
  const equals = text.indexOf("=");
  if (equals <= 0) throw new Failure(`"${text}" is no label`, "write a name and a value: --label team=shop");
  return [text.slice(0, equals), text.slice(equals + 1)];
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `24h` in ms; none for what is no time. */
function duration(text: string): number | undefined {
  const [, count, unit = ""] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const size = UNITS[unit];
  return count === undefined || size === undefined ? undefined : Number(count) * size;
}

function graceEnd(text: string, now: Date): string {
  const ms = duration(text);
  if (ms === undefined)
    throw new Failure(`--grace "${text}" is no time`, "write minutes, hours or days: 30m, 24h, 7d");
  return new Date(now.getTime() + ms).toISOString();
}

function expiry(text: string, now: Date): string {
  const ms = duration(text);
  const written = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
  const parsed = parseValue(
    "",
    { id: "x", expiresAt: ms === undefined ? written : new Date(now.getTime() + ms).toISOString() },
    ApiKeyEntry,
  );
  const instant = parsed.ok ? parsed.value.expiresAt : undefined;
  if (instant === undefined) {
    throw new Failure(
      `--expires "${text}" is no date and no time from now`,
      "write 2027-01-31, 2027-01-31T12:00:00Z or 90d",
    );
  }
  if (Date.parse(instant) <= now.getTime()) {
    throw new Failure(`--expires "${text}" is over already`, "the key would never work");
  }
  return instant;
}

function checked(value: unknown): ApiKeyEntry {
  const parsed = parseValue("", value, ApiKeyEntry);
  if (parsed.ok) return parsed.value;
  const [problem] = parsed.problems;
  throw new Failure(`${problem?.path.split("#")[1] ?? "the key"}: ${problem?.message ?? ""}`, problem?.hint);
}
