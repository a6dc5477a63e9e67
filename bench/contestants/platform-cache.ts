/** A cache as the platform's documentation builds it, on its Cache API. */
interface Env {
  readonly ORIGIN: { fetch(url: string, request: Request): Promise<Response> };
  readonly ORIGIN_URL: string;
}

interface Context {
  waitUntil(work: Promise<unknown>): void;
}

declare const caches: {
  readonly default: {
    match(request: Request): Promise<Response | undefined>;
    put(request: Request, response: Response): Promise<void>;
  };
};

export default {
  async fetch(request: Request, env: Env, ctx: Context): Promise<Response> {
    const known = await caches.default.match(request);
    if (known) return known;
    const response = await env.ORIGIN.fetch(env.ORIGIN_URL, request);
    ctx.waitUntil(caches.default.put(request, response.clone()));
    return response;
  },
};
