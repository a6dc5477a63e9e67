import * as v from "valibot";
import type { Shard } from "../cache/guard.ts";
import { canonicalUrl, SHARDS, shardName, spaceOf } from "../cache/key.ts";
import type { Selector } from "../cache/protocol.ts";
import { parseEntry } from "../config/parse.ts";
import type { Parsed } from "../config/problem.ts";

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(8_192));

const SELECTORS = ["route", "tag", "url", "prefix"] as const;

/** What is to be forgotten, of one stage: exactly one of `all`, `route`, `tag`, `url` and `prefix`. */
const PurgeRequest = v.pipe(
  v.strictObject({
    api: v.optional(text, "default"),
    stage: v.optional(text, "$default"),
    /** Everything. */
    all: v.optional(v.literal(true)),
    /** A route key: `GET /users/{id}`. */
    route: v.optional(text),
    /** One of the response's `Cache-Tag`. */
    tag: v.optional(text),
    /** With its query in any order: `https://api.example.com/users/1?a=b`. */
    url: v.optional(text),
    /** What URLs begin with. */
    prefix: v.optional(text),
    /** Keeps the responses as stale ones, which may be validated and served where the origin fails. */
    soft: v.optional(v.boolean(), false),
  }),
  v.check(
    (purge) =>
      [purge.all, ...SELECTORS.map((name) => purge[name])].filter((value) => value !== undefined).length ===
      1,
    "name exactly one of all, route, tag, url and prefix",
  ),
);
export type PurgeRequest = v.InferOutput<typeof PurgeRequest>;

export const parsePurge = (body: string): Parsed<PurgeRequest> => parseEntry("body", body, PurgeRequest);

/**
 * Forgets responses in all shards of a stage. What isolates remember besides is over within a
 * second.
 *
 * @returns how many responses there were
 */
export async function purge(
  { api, stage, soft, ...what }: PurgeRequest,
  open: (shard: string) => Pick<Shard, "purge">,
): Promise<number> {
  const space = spaceOf(api, stage);
  const selector = selectorOf(what);
  const counts = await Promise.all(
    Array.from({ length: SHARDS }, (_, shard) => open(shardName(space, shard)).purge(selector, soft)),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

function selectorOf(what: Pick<PurgeRequest, (typeof SELECTORS)[number]>): Selector {
  for (const kind of SELECTORS) {
    const value = what[kind];
    if (value !== undefined) return { kind, value: kind === "url" ? canonicalUrl(value) : value };
  }
  return { kind: "all" };
}
