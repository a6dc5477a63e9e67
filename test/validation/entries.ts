import { gateway, proxyTo, type RequestOptions, type Sent, type TestGateway } from "../support/gateway.ts";

/** A validator that looks at everything. */
export const ALL = { validateRequestBody: true, validateRequestParameters: true };

interface Setting {
  /** The route's members besides its integration. */
  readonly route: Readonly<Record<string, unknown>>;
  /** `POST /items/{id}` by default. */
  readonly key?: string;
  /** Schemas by the names of their models. */
  readonly models?: Readonly<Record<string, unknown>>;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** A gateway with one route in front of an origin that answers 200. */
export function validating({
  route,
  key = "POST /items/{id}",
  models = {},
  settings,
}: Setting): Promise<TestGateway> {
  const entries: Record<string, unknown> = {
    "apis/default": { protocol: "REST", ...settings },
    [`apis/default/routes/${key}`]: { integration: proxyTo("https://origin.test/"), ...route },
  };
  for (const [name, schema] of Object.entries(models)) entries[`apis/default/models/${name}`] = { schema };
  return gateway(entries, { showReasons: true });
}

export const json = (body: string, type = "application/json"): RequestOptions => ({
  method: "POST",
  headers: { "content-type": type },
  body,
});

/** Status and `x-portico-reason` without its sentence. */
export async function verdict(response: Response): Promise<readonly [number, string | undefined]> {
  await response.arrayBuffer();
  return [response.status, response.headers.get("x-portico-reason")?.split(":")[0]];
}

/** What an origin was sent, as text. */
export const bodyText = ({ body }: Sent): string => new TextDecoder().decode(body);
