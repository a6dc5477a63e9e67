/**
 * The load generator, a process of its own: keep-alive connections that each wait for an
 * answer before they send the next request.
 */
import { connect, type Socket } from "node:net";
import type { Job, Outcome, WireRequest } from "./job.ts";
import { ResponseReader } from "./response-reader.ts";

process.on("disconnect", () => process.exit());
process.on("message", (job: Job) => new Run(job, (outcome) => process.send?.(outcome)).start());

class Run {
  readonly #job: Job;
  readonly #done: (outcome: Outcome) => void;
  readonly #requests: readonly WireRequest<Buffer>[];
  readonly #latenciesMs: Float64Array;
  readonly #sockets = new Set<Socket>();
  readonly #startedAt = performance.now();
  #sent = 0;
  #answered = 0;
  #errors = 0;
  #firstError: string | undefined;

  constructor(job: Job, done: (outcome: Outcome) => void) {
    this.#job = job;
    this.#done = done;
    this.#requests = job.requests.map((request) => ({ ...request, bytes: Buffer.from(request.bytes) }));
    this.#latenciesMs = new Float64Array(job.count);
  }

  start(): void {
    for (let index = 0; index < this.#job.connections; index++) this.#open();
  }

  #open(): void {
    const socket = connect({ port: this.#job.port, host: "127.0.0.1", noDelay: true });
    const reader = new ResponseReader();
    let waiting: { readonly request: WireRequest<Buffer>; readonly sentAt: number } | undefined;
    const next = (): void => {
      const request = this.#next();
      waiting = request && { request, sentAt: performance.now() };
      if (request) socket.write(request.bytes);
    };
    this.#sockets.add(socket);
    socket.on("connect", next);
    socket.on("data", (chunk) => {
      const status = reader.push(chunk);
      if (status === undefined || !waiting) return;
      this.#settle(waiting.sentAt, complaint(waiting.request, status, reader.head));
      next();
    });
    socket.on("error", () => undefined); // `close` follows
    socket.on("close", () => {
      this.#sockets.delete(socket);
      if (this.#answered === this.#job.count) return;
      if (waiting) this.#settle(waiting.sentAt, "the connection broke");
      else if (this.#next()) this.#settle(performance.now(), "no connection");
      this.#open();
    });
  }

  #next(): WireRequest<Buffer> | undefined {
    if (this.#sent === this.#job.count) return undefined;
    return this.#requests[this.#sent++ % this.#requests.length];
  }

  #settle(sentAt: number, error: string | undefined): void {
    this.#latenciesMs[this.#answered++] = performance.now() - sentAt;
    if (error !== undefined) {
      this.#errors += 1;
      this.#firstError ??= error;
    }
    if (this.#answered === this.#job.count) this.#finish();
  }

  #finish(): void {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    for (const socket of this.#sockets) socket.destroy();
    this.#latenciesMs.sort();
    this.#done({
      seconds,
      p50Micros: this.#percentileMicros(0.5),
      p99Micros: this.#percentileMicros(0.99),
      errors: this.#errors,
      firstError: this.#firstError,
    });
  }

  #percentileMicros(share: number): number {
    return Math.round((this.#latenciesMs[Math.floor(this.#job.count * share)] ?? 0) * 1000);
  }
}

function complaint(expected: WireRequest<Buffer>, status: number, head: string): string | undefined {
  if (status !== expected.status) return `status ${status}, expected ${expected.status}`;
  return head.includes(expected.says) ? undefined : `"${expected.says}" is not in the head: ${head}`;
}
