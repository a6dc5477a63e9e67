import { type ChildProcess, fork } from "node:child_process";
import type { BenchRequest } from "../case.ts";
import type { Job, Outcome, WireRequest } from "./job.ts";

const RUN_TIMEOUT_MS = 120_000;

/** The generator's process, as the bench sees it: one run at a time. */
export class Load {
  readonly #process: ChildProcess = fork(new URL("generator.ts", import.meta.url));

  run(job: Job): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(late);
        this.#process.off("message", onMessage).off("exit", onExit);
        act();
      };
      const onMessage = (outcome: Outcome): void => settle(() => resolve(outcome));
      const onExit = (): void => settle(() => reject(new Error("the load generator broke down")));
      const onLate = (): void =>
        settle(() => reject(new Error(`${job.count} requests took more than ${RUN_TIMEOUT_MS / 1000} s`)));
      const late = setTimeout(onLate, RUN_TIMEOUT_MS);
      this.#process.on("message", onMessage).on("exit", onExit);
      this.#process.send(job);
    });
  }

  stop(): void {
    if (this.#process.connected) this.#process.disconnect();
  }
}

/** A request as a browser's `fetch` would put it on the wire, six headers or so. */
export function wireRequest(request: BenchRequest, port: number): WireRequest<string> {
  const { method = "GET", path, headers = {}, body = "", status = 200, says = "" } = request;
  const sent = {
    host: `localhost:${port}`,
    "user-agent": "portico-bench/1",
    accept: "application/json",
    "accept-language": "en",
    authorization: "Bearer c29tZSB0b2tlbg",
    "x-client-version": "12",
    ...headers,
    ...(body === "" ? {} : { "content-length": String(Buffer.byteLength(body)) }),
  };
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...Object.entries(sent).map(([name, value]) => `${name}: ${value}`),
  ];
  return { bytes: `${lines.join("\r\n")}\r\n\r\n${body}`, status, says };
}
