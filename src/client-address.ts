import { formatAddress, parseAddress } from "./lib/ip-address.ts";

/**
 * The client's address as the platform or the engine saw it, never what a client can write
 * itself.
 *
 * The engine on one machine reports the connection's peer in `cf.clientIp`; an edge platform
 * overwrites `CF-Connecting-IP` on every request. Where the first is present the second
 * comes from the client and is ignored.
 *
 * @param trustedHops how many proxies of one's own stand in front, each of which appends the
 *   address that it saw to `X-Forwarded-For`. The client's is counted from the right; a chain
 *   that is shorter did not come through all of them, and the peer stands for it.
 */
export function clientAddress(request: Request, trustedHops = 0): string {
  const { cf } = request;
  const reported: unknown = cf === undefined ? undefined : Reflect.get(cf, "clientIp");
  const byEngine = typeof reported === "string";
  const peer = byEngine ? withoutPort(reported) : (request.headers.get("cf-connecting-ip") ?? "127.0.0.1");
  if (trustedHops === 0) return peer;
  const chain = (request.headers.get("x-forwarded-for") ?? "").split(",");
  // An edge platform has appended the peer already.
  const last = chain.length - 1;
  if (!byEngine && canonical(chain[last] ?? "") === canonical(peer)) chain.pop();
  return canonical(chain[chain.length - trustedHops] ?? "") ?? peer;
}

/** An address without its port in its one spelling; none for what is no address. */
function canonical(entry: string): string | undefined {
  const address = parseAddress(withoutPort(entry.trim()));
  return address && formatAddress(address);
}

/** `127.0.0.1:5000` and `[::1]:5000` without their ports, mapped IPv4 as IPv4. */
function withoutPort(peer: string): string {
  if (peer.startsWith("[")) return peer.slice(1, peer.indexOf("]")).replace(/^::ffff:(?=\d+\.)/, "");
  const colon = peer.indexOf(":");
  return colon >= 0 && colon === peer.lastIndexOf(":") ? peer.slice(0, colon) : peer;
}
