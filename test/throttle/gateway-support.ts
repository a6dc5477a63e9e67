import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { generateKey } from "../../src/access/api-key/key-format.ts";
import { keyHash } from "../../src/access/api-key/key-hash.ts";
import type { Ask, CounterStub, Grant } from "../../src/throttle/lease.ts";
import {
  buildRequest,
  type GatewayOptions,
  gateway,
  proxyTo,
  type RequestOptions,
  type TestGateway,
} from "../support/gateway.ts";

/** The real counters, under names of one test's own, with faults that can be switched on. */
export class Counters {
  fault: "none" | "throws" | "hangs" = "none";
  /** The names that were asked, once for each call. */
  readonly asked: string[] = [];
  readonly #own = crypto.randomUUID();

  readonly open = (name: string): CounterStub => ({
    lease: (holder, asks) => this.#lease(name, holder, asks),
  });

  /** The object itself. */
  object(name: string) {
    return env.COUNTERS.getByName(`${this.#own} ${name}`);
  }

  async #lease(name: string, holder: string, asks: readonly Ask[]): Promise<readonly Grant[]> {
    this.asked.push(name);
    if (this.fault === "throws") throw new Error("Durable Object is overloaded");
    if (this.fault === "hangs") await new Promise(() => undefined);
    return this.object(name).lease(holder, [...asks]);
  }
}

const contexts: ExecutionContext[] = [];

/** Waits for what the requests so far have left for afterwards. */
export async function settle(): Promise<void> {
  await Promise.all(contexts.splice(0).map((ctx) => waitOnExecutionContext(ctx)));
}

/** One isolate's gateway; its requests share a context, so that none waits for what another left behind. */
export class LimitedGateway {
  readonly gate: TestGateway;
  readonly counters: Counters;
  readonly ctx = createExecutionContext();

  constructor(gate: TestGateway, counters: Counters) {
    this.gate = gate;
    this.counters = counters;
    contexts.push(this.ctx);
  }

  send(target: string, options?: RequestOptions): Promise<Response> {
    return this.gate.serve(buildRequest(target, options), this.ctx);
  }

  /** Statuses of so many requests, one after the other. */
  async statuses(count: number, target: string, options?: RequestOptions): Promise<readonly number[]> {
    const statuses: number[] = [];
    for (let i = 0; i < count; i++) statuses.push((await this.send(target, options)).status);
    return statuses;
  }

  /** How many of so many requests get in, one after the other. */
  async admitted(count: number, target: string, options?: RequestOptions): Promise<number> {
    return (await this.statuses(count, target, options)).filter((status) => status === 200).length;
  }

  /**
   * How many requests get in until so many have, and whether more do then. Tokens of a slice that
   * has ended, or that a refused request had in hand, are a moment on their way back.
   */
  async admittedInTime(count: number, target: string, options?: RequestOptions): Promise<number> {
    let admitted = 0;
    for (let i = 0; i < 100 && admitted < count; i++) {
      const { status } = await this.send(target, options);
      if (status === 200) admitted++;
      else await wait(25);
    }
    return admitted + (await this.admitted(5, target, options));
  }

  /** How many of so many requests get in that are sent at once. */
  async admittedAtOnce(count: number, target: string, options?: RequestOptions): Promise<number> {
    const answers = await Promise.all(Array.from({ length: count }, () => this.send(target, options)));
    return answers.filter(({ status }) => status === 200).length;
  }
}

/** A gateway that says why it refuses, over the real counters. */
export async function limited(
  entries: Readonly<Record<string, unknown>>,
  options: GatewayOptions = {},
  counters = new Counters(),
): Promise<LimitedGateway> {
  return new LimitedGateway(
    await gateway(entries, { showReasons: true, counters: counters.open, ...options }),
    counters,
  );
}

/** Routes of the API `default` to an origin, by route key, each with its further members. */
export function routes(
  members: Readonly<Record<string, object>>,
  api = "default",
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(members).map(([key, more]) => [
      `apis/${api}/routes/${key}`,
      { integration: proxyTo("https://origin.test/"), ...more },
    ]),
  );
}

/** So many requests, and none comes back while a test runs. */
export const only = (burst: number, more: object = {}) => ({ rate: 1, interval: "day", burst, ...more });

/** API Gateway's form of the same: a rate is per second. */
export const onlySettings = (burst: number) => ({
  throttlingRateLimit: 0.00001,
  throttlingBurstLimit: burst,
});
export const onlyPlan = (burst: number) => ({ rateLimit: 0.00001, burstLimit: burst });

/** A new API key's text. */
export const newKey = (): string => generateKey((count) => crypto.getRandomValues(new Uint8Array(count)));

/** The entry of a key in a plan. */
export async function keyEntry(text: string, id: string, plan = "gold"): Promise<Record<string, unknown>> {
  return { [`api-keys/${await keyHash(text)}`]: { id, usagePlans: [plan] } };
}

/** `x-portico-reason` without its sentence. */
export const reasonOf = (response: Response): string | undefined =>
  response.headers.get("x-portico-reason")?.split(":")[0];

/** Names and values of a response's headers, without the ids. */
export function headersOf(response: Response): Readonly<Record<string, string>> {
  const ids = ["apigw-requestid", "x-amzn-requestid", "x-amz-apigw-id", "date"];
  return Object.fromEntries([...response.headers].filter(([name]) => !ids.includes(name)));
}

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** An origin that answers when it is let go. */
export class SlowOrigin {
  readonly #waiting: ((response: Response) => void)[] = [];

  readonly answer = (): Promise<Response> =>
    new Promise((resolve) => {
      this.#waiting.push(resolve);
    });

  get inFlight(): number {
    return this.#waiting.length;
  }

  /** Until so many requests are waiting here. */
  async has(count: number): Promise<void> {
    while (this.#waiting.length < count) await wait(2);
  }

  /** Answers the first of the waiting requests. */
  release(response = new Response("done")): void {
    this.#waiting.shift()?.(response);
  }

  releaseAll(): void {
    while (this.#waiting.length > 0) this.release();
  }
}
