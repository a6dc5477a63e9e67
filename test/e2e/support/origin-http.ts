import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import type { OriginEvent } from "./origin.ts";

type Report = (event: OriginEvent) => void;
/** Resolves when the test lets this path go on. */
type Released = (path: string) => Promise<void>;
type Answer = (request: IncomingMessage, response: ServerResponse, path: string) => void | Promise<void>;

const CHUNK = Buffer.alloc(64 * 1024, "portico ");

/** A sound HTTP server; the first segment of a path says how it answers. */
export function httpOrigin(report: Report, released: Released): Server {
  const answers: Readonly<Record<string, Answer>> = {
    echo,
    down: (request, response) => sendMuch(response, Number(query(request).get("bytes"))),
    up: (request, response) => countBody(request, response),
    slow: async (_request, response, path) => {
      response.writeHead(200, { "content-type": "text/plain" });
      response.write("first");
      await released(path);
      response.end("last");
    },
    events: async (_request, response, path) => {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
      for (let i = 1; i <= 3; i++) {
        response.write(`id: ${i}\ndata: event ${i}\n\n`);
        await released(path);
      }
      response.end();
    },
    never: () => undefined,
    gzip: (_request, response) => {
      response.writeHead(200, { "content-type": "text/plain", "content-encoding": "gzip" });
      response.end(gzipSync("compressed by the origin"));
    },
    status: (request, response) => {
      const wanted = query(request);
      if (wanted.has("location")) response.setHeader("location", wanted.get("location") ?? "");
      if (wanted.has("length")) response.setHeader("content-length", wanted.get("length") ?? "");
      response.writeHead(Number(wanted.get("code")));
      response.end();
    },
    headers: (_request, response) => {
      response.writeHead(200, [
        ...["set-cookie", "a=1; Path=/", "set-cookie", "b=2, with a comma", "set-cookie", "c=3"],
        ...["connection", "x-listed", "x-listed", "of this hop only", "keep-alive", "timeout=5"],
        ...["proxy-authenticate", "Basic", "x-kept", "one", "x-kept", "two", "etag", '"weak"'],
      ]);
      response.end("headers");
    },
    trailers: (_request, response) => {
      response.writeHead(200, { trailer: "x-checksum", "transfer-encoding": "chunked" });
      response.write("a body with a trailer");
      response.addTrailers({ "x-checksum": "abc" });
      response.end();
    },
  };
  let next = 0;
  // As lenient as old servers are: what they would take for a second request counts as one.
  const server = createServer({ insecureHTTPParser: true, keepAlive: true }, (request, response) => {
    const id = ++next;
    const [path = "/"] = (request.url ?? "/").split("?");
    const { method = "" } = request;
    report({ what: "request", id, method, path: request.url ?? "", headers: request.rawHeaders });
    let first = true;
    request.on("data", (chunk: Buffer) => {
      if (first) report({ what: "chunk", id, path, bytes: chunk.length });
      first = false;
    });
    request.on("end", () => {
      if (request.rawTrailers.length > 0)
        report({ what: "trailers", id, path, trailers: request.rawTrailers });
    });
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    response.on("close", () => report({ what: "closed", id, path, finished: response.writableFinished }));
    const answer = answers[path.split("/")[1] ?? ""] ?? echo;
    Promise.resolve(answer(request, response, path)).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  server.on("clientError", (_error, socket) => {
    report({ what: "garbage", text: String(_error.message) });
    socket.destroy();
  });
  return server;
}

function query(request: IncomingMessage): URLSearchParams {
  return new URL(request.url ?? "/", "http://origin").searchParams;
}

/** What reached the origin, as JSON. */
function echo(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { method, url, rawHeaders } = request;
    const body = Buffer.concat(chunks).toString("latin1");
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ method, url, headers: rawHeaders, body }));
  });
}

function sendMuch(response: ServerResponse, bytes: number): void {
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": bytes });
  let left = bytes;
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      const size = Math.min(left, CHUNK.length);
      left -= size;
      if (!response.write(size === CHUNK.length ? CHUNK : CHUNK.subarray(0, size)) && left > 0) {
        response.once("drain", more);
        return;
      }
    }
    response.end();
  };
  more();
}

async function countBody(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let bytes = 0;
  for await (const chunk of request) bytes += (chunk as Buffer).length;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ bytes, length: request.headers["content-length"] ?? null }));
}
