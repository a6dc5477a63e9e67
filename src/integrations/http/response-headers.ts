import type { Call } from "../../call.ts";
import { HOP_BY_HOP } from "../../incoming-headers.ts";
import { removeListed } from "../headers.ts";

/** REST APIs hand these on under another name (aws-semantics 5, recorded). */
const REMAPPED = ["Connection", "Content-Length", "Date", "Server"] as const;
const REST_PROXY_DROPPED = [...HOP_BY_HOP, "content-encoding", "via"];

/** An origin's response headers on an HTTP API: everything but what concerns the hop. */
export function httpResponseHeaders(headers: Headers): void {
  removeListed(headers, headers.get("connection"));
  for (const name of HOP_BY_HOP) headers.delete(name);
}

/** An origin's response headers on a REST API. */
export function restResponseHeaders(headers: Headers, call: Call): void {
  const remapped: [string, string][] = [];
  for (const name of REMAPPED) {
    const value = headers.get(name);
    if (value !== null) remapped.push([name, value]);
  }
  const requestId = headers.get("x-amzn-requestid");
  removeListed(headers, headers.get("connection"));
  for (const name of REST_PROXY_DROPPED) headers.delete(name);
  for (const [name, value] of remapped) {
    headers.delete(name);
    headers.set(`x-amzn-Remapped-${name}`, value);
  }
  headers.set("date", new Date(call.startedAt).toUTCString());
  if (requestId !== null) headers.set("x-amzn-remapped-x-amzn-requestid", requestId);
  if (!headers.has("content-type")) headers.set("content-type", "application/json");
}
