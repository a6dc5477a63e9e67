import { env } from "cloudflare:workers";
import { api, type GatewayOptions, gateway, type TestGateway } from "../../support/gateway.ts";

/** What functions and service integrations see of the bindings. */
export const BINDINGS: Readonly<Record<string, unknown>> = {
  PROFILES: env.PROFILES,
  FILES: env.FILES,
  DB: env.DB,
  JOBS: env.JOBS,
  ROOMS: env.ROOMS,
  ECHO: env.ORIGIN,
};

/** A gateway whose routes are services of the platform. */
export function services(
  routes: Readonly<Record<string, unknown>>,
  settings?: Readonly<Record<string, unknown>>,
  options: GatewayOptions = {},
): Promise<TestGateway> {
  return gateway(api(routes, settings), { functionEnv: BINDINGS, showReasons: true, ...options });
}

export const reasonOf = (response: Response): string =>
  (response.headers.get("x-portico-reason") ?? "").split(":")[0] ?? "";

export const KINDS = [
  ["HTTP", undefined],
  ["REST", { protocol: "REST" }],
] as const;
