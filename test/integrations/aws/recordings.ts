import { expect } from "vitest";
import file from "./recordings.json";
import type { Sent } from "./support.ts";

/** A request as AWS's SDK for JavaScript sends it, recorded with `region: "eu-west-1"`. */
interface Recording {
  readonly sdk: string;
  readonly command: string;
  readonly input: unknown;
  readonly request: {
    readonly host: string;
    readonly method: string;
    readonly path: string;
    readonly query: Readonly<Record<string, string>>;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
}

const RECORDINGS: Readonly<Record<string, Recording>> = Object.fromEntries(Object.entries(file));

function recording(name: string): Recording {
  const found = RECORDINGS[name];
  if (!found) throw new Error(`there is no recording of ${name}`);
  return found;
}

/** Expects what was sent to be what the SDK sends, but for the order of members and of pairs. */
export function expectRecorded(sent: Sent, name: string): void {
  const { request } = recording(name);
  const { "x-id": _, ...query } = request.query;
  expect({
    host: sent.url.host,
    method: sent.method,
    path: sent.url.pathname,
    query: Object.fromEntries(sent.url.searchParams),
    headers: Object.fromEntries(
      Object.keys(request.headers).map((header) => [header, sent.headers.get(header)]),
    ),
    body: bodyOf(sent.body, sent.headers.get("content-type")),
  }).toEqual({
    host: request.host,
    method: request.method,
    path: request.path,
    query,
    headers: request.headers,
    body: bodyOf(request.body, request.headers["content-type"] ?? null),
  });
}

function bodyOf(text: string, type: string | null): unknown {
  if (text !== "" && type?.includes("json")) return JSON.parse(text);
  // The encoding counts: the pairs are compared as they are written.
  return type?.includes("form") ? text.split("&").sort() : text;
}
