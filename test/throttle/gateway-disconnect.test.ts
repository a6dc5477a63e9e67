import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { proxyTo, writeEntries } from "../support/gateway.ts";
import { wait } from "./gateway-support.ts";

/** A client of the script itself, whose origin waits for the end of the request's body. */
class Client {
  readonly #body = new IdentityTransformStream();
  readonly #writer = this.#body.writable.getWriter();
  readonly #left = new AbortController();
  status: number | undefined;
  readonly done: Promise<void>;

  constructor(path: string) {
    this.#writer.closed.catch(() => undefined);
    this.done = exports.default
      .fetch(`https://api.test${path}`, {
        method: "POST",
        body: this.#body.readable,
        signal: this.#left.signal,
      })
      .then(
        async (response) => {
          await response.arrayBuffer();
          this.status = response.status;
        },
        () => undefined,
      );
  }

  /** Sends the end of the body, so that the origin answers. */
  async end(): Promise<void> {
    await this.#writer.close().catch(() => undefined);
    await this.done;
  }

  leave(): void {
    this.#left.abort();
  }
}

/** One that is under way, or has been refused. */
async function send(path: string): Promise<Client> {
  const client = new Client(path);
  await Promise.race([client.done, wait(200)]);
  return client;
}

// The engine ends a request's JavaScript with its client, unless something is still to be done.
test("whoever leaves before the answer frees the slot", async () => {
  await writeEntries({
    "apis/default/routes/POST /a": {
      integration: proxyTo("https://origin.test/"),
      concurrency: { limit: 2 },
    },
  });
  const [first, second, third] = [await send("/a"), await send("/a"), await send("/a")];
  expect([first.status, second.status, third.status]).toEqual([undefined, undefined, 429]);
  second.leave();
  await wait(200);
  const next = await send("/a");
  await first.end();
  await next.end();
  expect([first.status, next.status]).toEqual([200, 200]);
});
