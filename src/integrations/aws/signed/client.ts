import { GatewayError } from "../../../gateway-responses/gateway-error.ts";
import { toHex } from "../../../lib/hex.ts";
import { readAnswer } from "../../answer-body.ts";
import { originFailure } from "../../http/origin-failure.ts";
import type { AwsCall, AwsSettings } from "./credentials.ts";
import { type Place, type ServiceModel, serviceModel } from "./services.ts";

/** Where a signed request goes: nothing of it is a caller's to choose (R-16). */
export interface AwsTarget {
  /** As an integration's URI names it: `dynamodb`, `sync-states`. */
  readonly service: string;
  readonly region: string;
  /** Labels before the service's own host, as `data-ats` in `data-ats.iot`. */
  readonly subdomain?: string;
}

export interface AwsRequest {
  readonly method: string;
  /** Encoded as `encodeStrictly` does, with a slash in front. */
  readonly path: string;
  /** Encoded by `encodeQuery`, without `?`. */
  readonly query: string;
  readonly headers: Headers;
  /** A stream is sent as it comes, its payload unsigned: S3's way alone. */
  readonly body: Uint8Array | ReadableStream<Uint8Array> | null;
}

/** What the signature sets, and what concerns the hop. */
const OWN_HEADERS = [
  "authorization",
  "x-amz-date",
  "x-amz-security-token",
  "x-amz-content-sha256",
  "host",
  "content-length",
  "accept-encoding",
  "connection",
  "expect",
  "te",
  "transfer-encoding",
  "upgrade",
];

/**
 * Sends a request to a service of AWS, signed with the Worker's credentials.
 *
 * @throws GatewayError when the gateway cannot sign, or the service does not take what it signs
 */
export async function sendSigned(call: AwsCall, target: AwsTarget, request: AwsRequest): Promise<Response> {
  const settings = settingsOf(call);
  const model = serviceModel(target.service);
  const place = placeOf(target, model);
  const base = endpointOf(settings, target, model, place);
  const url = `${base}${request.path}${request.query === "" ? "" : `?${request.query}`}`;
  const bodyless = request.method === "GET" || request.method === "HEAD";
  const body = bodyless ? null : request.body;
  const headers = await signedHeaders(settings, target, model, place, { ...request, body }, url);
  const authority = new URL(base).host;
  let response: Response;
  try {
    response = await call.runtime.fetchOrigin(url, {
      method: request.method,
      headers,
      body,
      redirect: "manual",
      ...(call.stop && { signal: call.stop }),
    });
  } catch (error) {
    throw originFailure(error, call, authority);
  }
  if (response.status < 200 || response.status > 599) {
    throw originFailure(new Error(`it sent the status ${response.status}`), call, authority);
  }
  call.outcome.integrationStatus = response.status;
  return response.status === 400 || response.status === 401 || response.status === 403
    ? checkRefusal(call, response)
    : response;
}

function settingsOf(call: AwsCall): AwsSettings {
  const { aws } = call.runtime;
  if (aws?.canSign) return aws;
  throw new GatewayError(
    "API_CONFIGURATION_ERROR",
    "aws.credentials",
    `${call.route.key} calls AWS, and there are no secrets AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
  );
}

function placeOf({ service, region }: AwsTarget, model: ServiceModel): Place {
  return model.host?.(region) ?? { host: `${service}.${region}`, region };
}

/** @returns scheme, host, port and the base path, without a slash at its end */
function endpointOf(
  settings: AwsSettings,
  { region, subdomain }: AwsTarget,
  model: ServiceModel,
  { host }: Place,
): string {
  const own = settings.endpoint(model.id);
  if (own === undefined) {
    const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
    const label = subdomain ?? model.subdomain;
    return `https://${label === undefined ? "" : `${label}.`}${host}.${suffix}`;
  }
  const url = URL.canParse(own) ? new URL(own) : undefined;
  if (
    url &&
    /^https?:$/.test(url.protocol) &&
    url.username === "" &&
    url.password === "" &&
    url.search === ""
  ) {
    return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  }
  throw new GatewayError(
    "API_CONFIGURATION_ERROR",
    "aws.endpoint",
    `AWS_ENDPOINT_URL (or AWS_ENDPOINT_URL_${model.id}) is no http(s) URL without password and query`,
  );
}

/**
 * Signed are the host and what is AWS's own: other headers may change on the way, as the engine's
 * `accept-encoding` does, and a signature over them would then be wrong.
 */
async function signedHeaders(
  settings: AwsSettings,
  { service }: AwsTarget,
  model: ServiceModel,
  { region }: Place,
  { method, headers, body }: AwsRequest,
  url: string,
): Promise<Headers> {
  const all = new Headers(headers);
  for (const name of OWN_HEADERS) all.delete(name);
  const signing = new Headers();
  for (const [name, value] of all) if (name.startsWith("x-amz-")) signing.set(name, value);
  const whole = body instanceof ReadableStream ? undefined : (body ?? new Uint8Array());
  if (!whole) signing.set("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
  // S3 asks for it in every request.
  else if (service === "s3") signing.set("x-amz-content-sha256", await sha256(whole));
  const signed = await settings.sign({
    method,
    url,
    headers: signing,
    ...(whole && { body: whole }),
    service: model.signing ?? service,
    region,
  });
  for (const [name, value] of signed) all.set(name, value);
  return all;
}

async function sha256(bytes: Uint8Array): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** What AWS answers to credentials that it does not know, or to a signature that it does not make itself. */
const NOT_THE_CALLERS = new Set([
  "AuthorizationHeaderMalformed",
  "ExpiredToken",
  "ExpiredTokenException",
  "IncompleteSignature",
  "IncompleteSignatureException",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidSignature",
  "InvalidSignatureException",
  "InvalidToken",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
  "UnrecognizedClient",
  "UnrecognizedClientException",
]);

/**
 * A refusal of the gateway's own credentials is no answer to the client: it names the access key,
 * and S3's quotes all that was signed (R-12).
 */
async function checkRefusal(call: AwsCall, response: Response): Promise<Response> {
  const bytes = await readAnswer(call, response.body);
  const code = errorCode(response.headers, new TextDecoder().decode(bytes.slice(0, 2_000)));
  if (!NOT_THE_CALLERS.has(code)) return new Response(bytes, response);
  throw new GatewayError(
    "API_CONFIGURATION_ERROR",
    "aws.credentials",
    `AWS does not take the gateway's credentials for ${call.route.key}: ${code}`,
  );
}

/** By the header of REST services, the member of JSON ones, or the element of the others. */
export function errorCode(headers: Headers, body: string): string {
  const header = headers.get("x-amzn-errortype")?.split(":")[0];
  if (header !== undefined) return header;
  const [, element, member] =
    /<Code>(\w+)<\/Code>|"(?:__type|code)"\s*:\s*"(?:[^"#]*#)?(\w+)"/i.exec(body) ?? [];
  return element ?? member ?? "";
}
