import {
  api,
  type GatewayOptions,
  gateway,
  type RequestOptions,
  type TestGateway,
} from "../../support/gateway.ts";
import { ENVIRONMENT, expectSigned, type Sent } from "./support.ts";

export const REST = { protocol: "REST" };

/** A service of AWS's as `aws` integrations name it. */
export const uriOf = (rest: string): string => `arn:aws:apigateway:eu-west-1:${rest}`;

export interface Asking extends RequestOptions {
  /** The API's settings; an HTTP API's by default. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** More entries: stages, models. */
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly gateway?: GatewayOptions;
}

export interface Asked {
  readonly response: Response;
  readonly subject: TestGateway;
}

/** Asks a gateway whose one route has this integration, and whose Worker has credentials of AWS. */
export async function ask(
  key: string,
  integration: object,
  target: string,
  { settings, entries, gateway: options, ...request }: Asking = {},
): Promise<Asked> {
  const subject = await gateway(
    { ...api({ [key]: integration }, settings), ...entries },
    { showReasons: true, aws: ENVIRONMENT, ...options },
  );
  const [method = "GET"] = key.split(" ");
  const response = await subject.fetch(target, { method, ...request });
  return { response, subject };
}

/** What AWS was sent last, its signature checked. */
export async function lastSigned({ subject }: Asked, service: string, region = "eu-west-1"): Promise<Sent> {
  const { url, method, headers, body, redirect } = subject.lastSent;
  const text = body === undefined ? "" : new TextDecoder().decode(body);
  const sent = { url: new URL(url), method, headers, body: text, redirect };
  await expectSigned(sent, service, region);
  return sent;
}
