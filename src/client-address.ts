/**
 * The client's address as the platform or the engine saw it, never what a forwarding header
 * claims.
 *
 * The engine on one machine reports the connection's peer in `cf.clientIp`; an edge platform
 * overwrites `CF-Connecting-IP` on every request. Where the first is present the second
 * comes from the client and is ignored.
 */
export function clientAddress(request: Request): string {
  const { cf } = request;
  const peer: unknown = cf === undefined ? undefined : Reflect.get(cf, "clientIp");
  if (typeof peer === "string") return withoutPort(peer);
  return request.headers.get("cf-connecting-ip") ?? "127.0.0.1";
}

/** `127.0.0.1:5000` and `[::1]:5000` without their ports, mapped IPv4 as IPv4. */
function withoutPort(peer: string): string {
  if (peer.startsWith("[")) return peer.slice(1, peer.indexOf("]")).replace(/^::ffff:(?=\d+\.)/, "");
  const colon = peer.indexOf(":");
  return colon >= 0 && colon === peer.lastIndexOf(":") ? peer.slice(0, colon) : peer;
}
