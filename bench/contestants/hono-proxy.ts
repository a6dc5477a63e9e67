import { Hono, type MiddlewareHandler } from "hono";

export interface Env {
  readonly ORIGIN: { fetch(url: string, init: RequestInit): Promise<Response> };
  readonly ORIGIN_URL: string;
}

const HOP_BY_HOP = ["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];
const TIMEOUT_MS = 29_000;

/**
 * What a team on Workers writes by hand in place of a gateway.
 *
 * @param limiter stands in front of the origin
 */
export function honoProxy<E extends Env>(limiter?: MiddlewareHandler<{ Bindings: E }>) {
  const app = new Hono<{ Bindings: E; Variables: { requestId: string } }>();

  app.use(async (c, next) => {
    c.set("requestId", crypto.randomUUID());
    await next();
    c.header("x-request-id", c.get("requestId"));
  });

  app.get("/hello", (c) => c.json({ message: `Hello, ${c.req.query("name") ?? "world"}!` }));

  if (limiter) app.use("/plain", limiter);

  app.all("/plain", async (c) => {
    const headers = new Headers(c.req.raw.headers);
    for (const name of HOP_BY_HOP) headers.delete(name);
    headers.set("x-request-id", c.get("requestId"));
    headers.set("x-forwarded-proto", "http");
    const response = await c.env.ORIGIN.fetch(c.env.ORIGIN_URL, {
      method: c.req.method,
      headers,
      body: c.req.raw.body,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return new Response(response.body, response);
  });

  app.onError((error, c) => {
    const status = error.name === "TimeoutError" ? 504 : 502;
    return c.json({ message: status === 504 ? "Gateway Timeout" : "Bad Gateway" }, status);
  });

  return app;
}
