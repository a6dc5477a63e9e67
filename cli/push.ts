import {
  apiKey,
  authorizerKey,
  deploymentKey,
  modelKey,
  parseEntryKey,
  routeKeyEntry,
  stageKey,
} from "../src/config/keys.ts";
import { parseEntry, parseJson } from "../src/config/parse.ts";
import { type DeploymentEntry, StageEntry } from "../src/config/schemas.ts";
import { record } from "../src/openapi/members.ts";
import type { Definition } from "./definition.ts";
import { Failure } from "./engine/failure.ts";
import type { Store } from "./store.ts";

export interface PushResult {
  readonly written: number;
  readonly removed: readonly string[];
  /** Entries that somebody had put by hand, with other values. */
  readonly replaced: readonly string[];
  /** The deployment that the stage now serves, when a stage was named. */
  readonly deployment: string | undefined;
}

/**
 * Makes the store say what the definition says. Entries that an earlier push wrote and the
 * definition no longer has are removed; those that somebody put by hand stay.
 *
 * With a stage, the entries become an immutable deployment besides, written before the
 * stage's pointer to it, so that no gateway ever sees the pointer alone.
 *
 * @param now for the deployment's id and time
 */
export async function push(
  definition: Definition,
  store: Store,
  stage: string | undefined,
  now: Date,
): Promise<PushResult> {
  const { api } = definition;
  if (stage !== undefined && !/^(?:\$default|[A-Za-z0-9_-]{1,128})$/.test(stage)) {
    throw new Failure(`"${stage}" is no stage's name`, "1 to 128 of A-Z a-z 0-9 _ -, or $default");
  }
  const owned = [routeKeyEntry(api, ""), authorizerKey(api, ""), modelKey(api, "")];
  // The prefix is another API's too, when that one's name is longer.
  const before = (await store.list(apiKey(api))).filter(
    ({ name }) => name === apiKey(api) || owned.some((prefix) => name.startsWith(prefix)),
  );
  const removed = before
    .filter(({ name, pushed }) => pushed && !definition.entries.has(name))
    .map(({ name }) => name);
  const entries = new Map([...definition.entries].map(([key, value]) => [key, JSON.stringify(value)]));
  const replaced: string[] = [];
  for (const { name, pushed } of before) {
    if (!pushed && entries.has(name) && (await store.get(name)) !== entries.get(name)) replaced.push(name);
  }
  // What guards comes first: a gateway that reads meanwhile finds no route without it.
  const isRoute = (key: string): boolean => key.startsWith(routeKeyEntry(api, ""));
  await store.put(new Map([...entries].filter(([key]) => !isRoute(key))));
  await store.put(new Map([...entries].filter(([key]) => isRoute(key))));
  await store.remove(removed);
  const others = stage === undefined ? NOTHING : await handPut(before, removed, definition, store);
  const deployment = stage === undefined ? undefined : await deploy(definition, store, stage, now, others);
  return { written: entries.size, removed, replaced, deployment };
}

const NOTHING: ReadonlyMap<string, unknown> = new Map();

/** What others put beside the definition: a snapshot without it would lose their guards. */
async function handPut(
  before: readonly { readonly name: string }[],
  removed: readonly string[],
  definition: Definition,
  store: Store,
): Promise<ReadonlyMap<string, unknown>> {
  const found = new Map<string, unknown>();
  for (const { name } of before) {
    if (definition.entries.has(name) || removed.includes(name)) continue;
    const text = await store.get(name);
    if (text === undefined) continue;
    const json = parseJson(name, text);
    if (!json.ok) throw new Failure(`${name}: ${json.problems[0]?.message ?? ""}`, "mend or delete it");
    found.set(name, json.value);
  }
  return found;
}

async function deploy(
  definition: Definition,
  store: Store,
  stage: string,
  now: Date,
  others: ReadonlyMap<string, unknown>,
): Promise<string> {
  const { api } = definition;
  const id = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 19).replace(".", "-");
  const routes: Record<string, unknown> = {};
  const authorizers: Record<string, unknown> = {};
  const models: Record<string, unknown> = {};
  for (const [key, value] of [...definition.entries, ...others]) {
    const name = parseEntryKey(key);
    if (name?.kind === "routes") routes[name.name] = value;
    else if (name?.kind === "authorizers") authorizers[name.name] = value;
    else if (name?.kind === "models") models[name.name] = value;
  }
  const settings = definition.entries.get(apiKey(api)) ?? others.get(apiKey(api));
  const entry: DeploymentEntry = {
    id,
    createdAt: now.toISOString(),
    ...(settings === undefined ? {} : { api: settings }),
    routes,
    authorizers,
    models,
  };
  await store.put(new Map([[deploymentKey(api, id), JSON.stringify(entry)]]));
  const key = stageKey(api, stage);
  const before = stageMembers(key, await store.get(key));
  await store.put(new Map([[key, JSON.stringify({ ...before, deployment: id })]]));
  return id;
}

/**
 * What a stage says besides what it serves, as it was written: a default that is spelt out (the
 * burst of a rate) would stay when what it follows from changes.
 */
function stageMembers(key: string, text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  const entry = parseEntry(key, text, StageEntry);
  if (!entry.ok) {
    throw new Failure(
      `the stage's entry ${key} is bad: ${entry.problems[0]?.message ?? ""}`,
      "mend or delete it",
    );
  }
  const { autoDeploy: _, ...kept } = record(JSON.parse(text)) ?? {};
  return kept;
}
