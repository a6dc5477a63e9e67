import type { Call } from "../call.ts";
import { hash } from "../lib/hash.ts";
import { headerReader } from "../request-header.ts";
import { ownerOf } from "./owner.ts";
import type { CacheKey } from "./protocol.ts";

/** Shards of one stage. */
export const SHARDS = 8;

/** The key of a request whose URL says what is asked for (RFC 9111 section 2). */
export function urlKey(call: Call, shared: boolean): CacheKey {
  return {
    ...placeOf(call),
    url: `${call.scheme}://${call.host}${call.fullPath}${sorted(call.query)}`,
    owner: shared ? "" : ownerOf(call.caller),
  };
}

/** What tells entries apart, as a text. */
export type Parameter = (call: Call) => string;

/** @param name `querystring.NAME`, `header.NAME` or `path.NAME`; a missing one is a value of its own */
export function parameter(name: string): Parameter {
  const dot = name.indexOf(".");
  const own = name.slice(dot + 1);
  switch (name.slice(0, dot)) {
    case "querystring":
      return (call) => JSON.stringify(new URLSearchParams(call.query).getAll(own));
    case "header": {
      // As the origin gets it.
      const read = headerReader(own.toLowerCase());
      return (call) => JSON.stringify(read(call) ?? null);
    }
    default:
      return (call) => JSON.stringify(call.route.parameters[own] ?? null);
  }
}

/** The key of API Gateway: the route, its path, and the parameters that were chosen (aws-semantics 13). */
export function chosenKey(call: Call, chosen: readonly Parameter[], shared: boolean): CacheKey {
  const values = chosen.map((read) => read(call));
  return {
    ...placeOf(call),
    url: `${call.scheme}://${call.host}${call.fullPath}`,
    owner: JSON.stringify([call.method, values, shared ? "" : ownerOf(call.caller)]),
  };
}

export const keyText = ({ space, url, owner }: CacheKey): string => `${space}\n${url}\n${owner}`;

/** The object that keeps a URL's responses, all of them. */
export function shardOf({ space, url }: Pick<CacheKey, "space" | "url">): string {
  return shardName(space, hash(url) % SHARDS);
}

export const shardName = (space: string, shard: number): string => `cache/${space}#${shard}`;

export const spaceOf = (api: string, stage: string): string => `${api}/${stage}`;

/** A URL as keys have it. */
export function canonicalUrl(url: string): string {
  const end = url.indexOf("?");
  return end < 0 ? url : url.slice(0, end) + sorted(url.slice(end + 1));
}

/** The query in one order, whatever the client's was; values of one name keep theirs. */
function sorted(query: string): string {
  if (query === "") return "";
  const parts = query.split("&").map((part): [string, string] => {
    const end = part.indexOf("=");
    return [end < 0 ? part : part.slice(0, end), part];
  });
  parts.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `?${parts.map(([, part]) => part).join("&")}`;
}

const placeOf = ({ stage, route }: Call): Pick<CacheKey, "space" | "route"> => ({
  space: spaceOf(stage.api, stage.stage),
  route: route.key,
});
