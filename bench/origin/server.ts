/**
 * The origin, a process of its own. `/fresh/1000` may be kept for a day and has 1,000 bytes,
 * `/stale/1000` is to be validated at each use, `/no-store/1000` is not kept; to everything
 * else it gives the same small JSON answer, which is not kept either.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

const SMALL = Buffer.from(
  JSON.stringify({
    id: 42,
    name: "widget",
    tags: ["a", "b", "c"],
    price: 12.5,
    description: "x".repeat(100),
  }),
);
const ETAG = '"42"';

/** `public`, since the load generator sends Authorization. */
const CACHE_CONTROL: Readonly<Record<string, string>> = {
  fresh: "public, max-age=86400",
  stale: "public, max-age=0, must-revalidate",
  "no-store": "no-store",
};

const bodies = new Map<number, Buffer>();

process.on("disconnect", () => process.exit());

const server = createServer((request, response) => {
  request.resume();
  const [, kind = "", bytes = ""] = /^\/([a-z-]+)\/(\d+)$/.exec(request.url ?? "") ?? [];
  const control = CACHE_CONTROL[kind];
  if (control === undefined) answer(response, "no-store", SMALL);
  else if (isCurrent(request)) notModified(response, control);
  else answer(response, control, bodyOf(Number(bytes)));
});
server.keepAliveTimeout = 300_000;
server.listen(0, "127.0.0.1", () => process.send?.(server.address()));

function answer(response: ServerResponse, control: string, body: Buffer): void {
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": body.length,
    "cache-control": control,
    etag: ETAG,
    vary: "accept-encoding",
  });
  response.end(body);
}

function notModified(response: ServerResponse, control: string): void {
  response.writeHead(304, { "cache-control": control, etag: ETAG, vary: "accept-encoding" });
  response.end();
}

const isCurrent = ({ headers }: IncomingMessage): boolean => headers["if-none-match"] === ETAG;

/** JSON of so many bytes. */
function bodyOf(bytes: number): Buffer {
  const known = bodies.get(bytes);
  if (known) return known;
  const body = Buffer.from(JSON.stringify("x".repeat(bytes - 2)));
  bodies.set(bytes, body);
  return body;
}
