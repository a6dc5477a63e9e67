import { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * The engine's `node:http` is made of `fetch` and refuses `ServerResponse.assignSocket`, with
 * which serverless-http and serverless-express catch what an app writes. This hands them the
 * bytes instead; a function that uses one of them imports it, besides the flag nodejs_compat.
 */
ServerResponse.prototype.assignSocket = function assignSocket(this: ServerResponse, socket: Socket): void {
  this.on("_dataWritten", (writes: readonly Written[]) => {
    for (const { entry } of writes) socket.write(entry.data ?? "", entry.encoding ?? "utf8");
  });
};

/** One write as the engine's `OutgoingMessage` announces it: the first begins with the header. */
interface Written {
  readonly entry: { readonly data?: string | Uint8Array; readonly encoding?: BufferEncoding | null };
}
