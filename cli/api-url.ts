/** The API that is addressed by no name. */
const DEFAULT_API = "default";

/** Where a gateway is asked for, as a user types it. */
export function gatewayUrl(host: string, port: number): string {
  const isHere = host === "0.0.0.0" || host === "::" || host === "127.0.0.1";
  return `http://${isHere ? "localhost" : host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Where an API's routes answer: the first label of the host names any but the default one. */
export function apiUrl(api: string, host: string, port: number): string {
  const url = gatewayUrl(host === "::1" && api !== DEFAULT_API ? "localhost" : host, port);
  if (api === DEFAULT_API) return url;
  // No label stands before an address.
  return /^http:\/\/(?:\[|[\d.]+:)/.test(url)
    ? `${url} (with a header Host that begins with "${api}.")`
    : url.replace("://", `://${api}.`);
}
