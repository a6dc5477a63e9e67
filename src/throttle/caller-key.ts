import type { Call } from "../call.ts";
import { toHex } from "../lib/hex.ts";
import { formatAddress, parseAddress, prefix64 } from "../lib/ip-address.ts";

/** Longer values are kept as their digest: what a caller sends must not fill the memory. */
const LONGEST = 128;

/** Whose bucket it is. */
export interface Key {
  readonly value: string;
  /** The counter, where it is one that the configuration names. */
  readonly scope?: string;
}

type KeyOf = (call: Call) => Key | Promise<Key>;

/**
 * Finds whose bucket a request takes from. Whoever lacks the value shares one bucket with all
 * others who do: nobody gets around a limit by leaving a header out.
 *
 * @param per as the configuration has it; none for the route's own bucket
 */
export function callerKey(per: string): KeyOf | undefined {
  if (per === "route") return undefined;
  if (per === "ip") return (call) => ({ value: `=${block(call.clientAddress)}` });
  if (per === "apiKey") return (call) => keyOf(call.caller.apiKey?.id);
  if (per === "stage") return ({ stage }) => ({ value: "", scope: `stage/${stage.api}/${stage.stage}` });
  if (per === "api") return ({ stage }) => ({ value: "", scope: `api/${stage.api}` });
  if (per === "account") return () => ({ value: "", scope: "account/" });
  const dot = per.indexOf(".");
  const name = per.slice(dot + 1);
  switch (per.slice(0, dot)) {
    case "header":
      return (call) => keyOf(call.request.headers.get(name) ?? undefined);
    case "querystring":
      return (call) => keyOf(parameter(call.query, name));
    case "jwt":
      return ({ caller: { authorizer } }) =>
        keyOf(authorizer?.kind === "jwt" ? textOf(authorizer.claims[name]) : undefined);
    default:
      return ({ caller: { authorizer } }) => {
        if (name === "principalId") {
          return keyOf(authorizer?.kind === "iam" ? authorizer.userArn : authorizer?.principalId);
        }
        return keyOf(authorizer?.kind === "lambda" ? textOf(authorizer.context[name]) : undefined);
      };
  }
}

/** An address's block as its bucket's name; what is no address is its own. */
function block(address: string): string {
  // The engine writes IPv4 addresses in one way only.
  if (!address.includes(":")) return address;
  const parsed = parseAddress(address);
  return parsed ? formatAddress(prefix64(parsed)) : address;
}

function keyOf(value: string | undefined): Key | Promise<Key> {
  if (value === undefined) return MISSING;
  if (value.length <= LONGEST) return { value: `=${value}` };
  return digest(value);
}

const MISSING: Key = { value: "-" };

const encoder = new TextEncoder();

async function digest(text: string): Promise<Key> {
  const bytes = await crypto.subtle.digest("SHA-256", encoder.encode(text));
  return { value: `#${toHex(new Uint8Array(bytes))}` };
}

/** All values of a query parameter: whichever of them a backend goes by, it is counted. */
function parameter(query: string, name: string): string | undefined {
  const values = new URLSearchParams(query).getAll(name);
  return values.length === 0 ? undefined : values.join(",");
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}
