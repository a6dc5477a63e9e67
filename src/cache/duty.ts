import { RpcTarget } from "cloudflare:workers";
import type { StoredResponse } from "./http/stored-response.ts";
import type { Ending } from "./pending.ts";
import type { CachedBody, Failure, Fill, Keep, Kept } from "./protocol.ts";

export interface DutyOptions {
  readonly end: (ending: Ending) => void;
  readonly keep: (keep: Keep, body: Uint8Array | ReadableStream<Uint8Array>) => Promise<Kept>;
  /** Ends it, too. */
  readonly update: (head: StoredResponse | undefined) => CachedBody;
  /** Of what was kept. */
  readonly rest: (offset: number) => ReadableStream<Uint8Array> | undefined;
  /** The stored response's. */
  readonly body: () => CachedBody;
}

/** The platform disposes of it when the request that has it ends, or its machine does. */
export class Duty extends RpcTarget implements Fill {
  readonly #options: DutyOptions;
  #isKeeping = false;

  constructor(options: DutyOptions) {
    super();
    this.#options = options;
  }

  async keep(keep: Keep, body: Uint8Array | ReadableStream<Uint8Array>): Promise<Kept> {
    this.#isKeeping = true;
    return this.#options.keep(keep, body);
  }

  async rest(offset: number): Promise<ReadableStream<Uint8Array> | undefined> {
    return this.#options.rest(offset);
  }

  async update(head: StoredResponse | undefined): Promise<CachedBody> {
    return this.#options.update(head);
  }

  async stale(failure: Failure): Promise<CachedBody> {
    const body = this.#options.body();
    this.#options.end(failure);
    return body;
  }

  async fail(failure: Failure): Promise<void> {
    this.#options.end(failure);
  }

  async pass(): Promise<void> {
    this.#options.end("passed");
  }

  [Symbol.dispose](): void {
    // A body that breaks off ends it by itself.
    if (!this.#isKeeping) this.#options.end("dropped");
  }
}
