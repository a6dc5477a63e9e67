import { DurableObject } from "cloudflare:workers";

/** A rate limit as the platform's documentation builds it: each request asks its client's object. */
interface Env {
  readonly ORIGIN: { fetch(url: string, request: Request): Promise<Response> };
  readonly ORIGIN_URL: string;
  readonly COUNTERS: { getByName(name: string): { limit(): Promise<boolean> } };
}

const RATE = 1_000_000;
const BURST = 1_000_000;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const client = request.headers.get("cf-connecting-ip") ?? "unknown";
    if (!(await env.COUNTERS.getByName(client).limit())) {
      return new Response("Rate limit exceeded", { status: 429 });
    }
    return env.ORIGIN.fetch(env.ORIGIN_URL, request);
  },
};

/** A token bucket in memory: a restart fills it. */
export class Limiter extends DurableObject {
  #tokens = BURST;
  #at = Date.now();
  #calls = 0;

  limit(): boolean {
    this.#calls++;
    const now = Date.now();
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#at) * RATE) / 1000);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  status(): { readonly calls: number } {
    return { calls: this.#calls };
  }
}
