/** The origin's process: two servers and a line to the test that started it. */
import { createServer, type Server } from "node:net";
import type { OriginEvent } from "./origin.ts";
import { httpOrigin } from "./origin-http.ts";
import { rawOrigin } from "./origin-raw.ts";

const report = (event: OriginEvent): void => {
  if (process.connected) process.send?.(event);
};

const waiting = new Map<string, (() => void)[]>();
const released = (path: string): Promise<void> =>
  new Promise((resolve) => waiting.set(path, [...(waiting.get(path) ?? []), resolve]));

process.on("message", ({ release }: { release: string }) => {
  for (const go of waiting.get(release) ?? []) go();
  waiting.delete(release);
});
// Whoever started this has gone, or has had enough.
process.once("disconnect", () => process.exit(0));

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    }),
  );

const http = await listen(httpOrigin(report, released));
const raw = await listen(rawOrigin(report, released));
const nobody = createServer();
const refused = await listen(nobody);
nobody.close(() => report({ what: "listening", http, raw, refused }));
