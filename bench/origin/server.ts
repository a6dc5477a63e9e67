/** The origin, a process of its own: the same small JSON answer to everything. */
import { createServer } from "node:http";

const BODY = JSON.stringify({
  id: 42,
  name: "widget",
  tags: ["a", "b", "c"],
  price: 12.5,
  description: "x".repeat(100),
});

process.on("disconnect", () => process.exit());

const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": BODY.length,
    "cache-control": "no-store",
    etag: '"42"',
    vary: "accept-encoding",
  });
  response.end(BODY);
});
server.keepAliveTimeout = 300_000;
server.listen(0, "127.0.0.1", () => process.send?.(server.address()));
