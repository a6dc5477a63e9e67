import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

export interface Origin {
  /** Without a path. */
  readonly url: string;
  stop(): void;
}

export async function startOrigin(): Promise<Origin> {
  const process: ChildProcess = fork(new URL("server.ts", import.meta.url));
  const [address]: AddressInfo[] = await once(process, "message");
  if (!address) throw new Error("the origin did not start");
  return { url: `http://127.0.0.1:${address.port}`, stop: () => process.disconnect() };
}
