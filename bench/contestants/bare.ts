/** The baseline of every ratio for proxied requests: as little as a Worker can do. */
interface Env {
  readonly ORIGIN: { fetch(url: string, request: Request): Promise<Response> };
  readonly ORIGIN_URL: string;
}

export default {
  fetch(request: Request, env: Env): Promise<Response> {
    return env.ORIGIN.fetch(env.ORIGIN_URL, request);
  },
};
