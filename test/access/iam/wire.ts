import { deriveSigningKey, isSignatureValid, sha256Hex } from "../../../src/access/iam/signature.ts";
import { readSignedParts, type SignedRequest } from "../../../src/access/iam/signed-parts.ts";
import { checkTime } from "../../../src/access/iam/time-window.ts";

/** A request as it is on the wire. */
export interface Wire {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** Parses `GET /path HTTP/1.1`, headers and body; folded header lines become one, as HTTP parsers do it. */
export function parseWire(text: string): Wire {
  const [head = "", ...rest] = text.split("\n\n");
  const [requestLine = "", ...lines] = head.replace(/\n[ \t]+/g, " ").split("\n");
  const [, method = "", target = ""] = /^(\S+) (.*) HTTP\/1\.1$/.exec(requestLine) ?? [];
  const question = target.indexOf("?");
  return {
    method,
    path: question < 0 ? target : target.slice(0, question),
    query: question < 0 ? "" : target.slice(question + 1),
    headers: lines
      .filter((line) => line !== "")
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)] as const),
    body: rest.join("\n\n").replace(/\n$/, ""),
  };
}

export function toSignedRequest({ method, path, query, headers }: Wire): SignedRequest {
  const joined = new Headers();
  for (const [name, value] of headers) joined.append(name, value);
  return { method, path, query, headers: joined };
}

export interface Verifying {
  /** Whose secret it is. */
  readonly accessKeyId: string;
  readonly secret: string;
  /** ms since the epoch. */
  readonly now: number;
  readonly skew?: number;
  readonly token?: string | undefined;
}

/** Whether the request verifies; else why not. The steps are the authorizer's. */
export async function verify(
  wire: Wire,
  { accessKeyId, secret, now, skew = 300_000, token }: Verifying,
): Promise<"verified" | string> {
  const request = toSignedRequest(wire);
  const parts = readSignedParts(request);
  if (!parts.ok) return parts.detail;
  const late = checkTime(parts, now, skew);
  if (late) return late.detail;
  if (parts.accessKeyId !== accessKeyId) return "unknown credential";
  if (parts.token !== token) return "wrong session token";
  const hash = await sha256Hex(new TextEncoder().encode(wire.body));
  const key = await deriveSigningKey(secret, parts.scope);
  if (!(await isSignatureValid(request, parts, parts.payloadHash ?? hash, key))) return "wrong signature";
  return parts.payloadHash === undefined || parts.payloadHash === hash ? "verified" : "wrong payload";
}

/** The text with one character replaced by one that differs in more than its case. */
export function flip(text: string, at = Math.floor(text.length / 2)): string {
  const other = text[at] === "7" ? "3" : "7";
  return `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
}

/** Every way to change one signed thing of a request, by its name. */
export function tamperings(wire: Wire): readonly (readonly [what: string, changed: Wire])[] {
  const changed: (readonly [string, Wire])[] = [
    ["the method", { ...wire, method: wire.method === "PUT" ? "PATCH" : "PUT" }],
    // Its last character: what comes before it may be taken back by dots.
    ["the path", { ...wire, path: wire.path.length > 1 ? flip(wire.path, wire.path.length - 1) : "/7" }],
    ["the path's end", { ...wire, path: `${wire.path}7` }],
    ["a parameter more", { ...wire, query: wire.query === "" ? "a=7" : `${wire.query}&a=7` }],
    ["the body", { ...wire, body: wire.body === "" ? "7" : flip(wire.body) }],
  ];
  const parameters = wire.query === "" ? [] : wire.query.split("&");
  for (const [index, parameter] of parameters.entries()) {
    const others = parameters.toSpliced(index, 1);
    changed.push([`parameter ${index} taken off`, { ...wire, query: others.join("&") }]);
    changed.push([
      `parameter ${index}`,
      { ...wire, query: parameters.with(index, flip(parameter, parameter.length - 1)).join("&") },
    ]);
  }
  const signed = /SignedHeaders=([^,&]+)/.exec(`${wire.query},${wire.headers.join(",")}`)?.[1] ?? "";
  const names = decodeURIComponent(signed).split(";");
  for (const [index, [name, value]] of wire.headers.entries()) {
    const lower = name.toLowerCase();
    if (lower === "authorization") {
      for (const part of value.split(/[ /,]+/)) {
        changed.push([
          `Authorization: ${part}`,
          {
            ...wire,
            headers: wire.headers.with(index, [name, value.replace(part, flip(part, part.length - 1))]),
          },
        ]);
      }
    } else if (names.includes(lower)) {
      changed.push([
        `the header ${name}`,
        { ...wire, headers: wire.headers.with(index, [name, flip(value)]) },
      ]);
      if (wire.headers.filter(([other]) => other.toLowerCase() === lower).length === 1) {
        changed.push([
          `the header ${name} taken off`,
          { ...wire, headers: wire.headers.toSpliced(index, 1) },
        ]);
      }
    }
  }
  return changed;
}
