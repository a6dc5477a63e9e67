import { AwsV4Signer } from "aws4fetch";
import type { Call, Runtime } from "../../../call.ts";

/** The runtime of a gateway that may call AWS. */
export interface AwsRuntime extends Runtime {
  readonly aws?: AwsSettings;
}

export interface AwsCall extends Call {
  readonly runtime: AwsRuntime;
}

const ENDPOINT = "AWS_ENDPOINT_URL";
const NAMES: ReadonlySet<string> = new Set([
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_REGION",
  ENDPOINT,
]);

/** Whether a variable or secret of the Worker is the gateway's own, which no function may see. */
export function isAwsSetting(name: string): boolean {
  return NAMES.has(name) || name.startsWith(`${ENDPOINT}_`);
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface Signable {
  readonly method: string;
  readonly url: string;
  /** Those that are signed. */
  readonly headers: Headers;
  /** Must be there unless `x-amz-content-sha256` is. */
  readonly body?: Uint8Array;
  /** The signing name: `dynamodb`, `s3`. */
  readonly service: string;
  readonly region: string;
}

/** Signing keys of a day, region and service: deriving one costs four HMACs. */
const SIGNING_KEYS = 64;

/**
 * What the Worker's variables and secrets say of AWS, under the names of the AWS SDKs. The
 * secrets do not leave this object: printed, or made JSON of, it shows none.
 */
export class AwsSettings {
  /** `AWS_REGION`: where a call goes that names no region. */
  readonly region: string | undefined;
  readonly #credentials: Credentials | undefined;
  readonly #endpoints: ReadonlyMap<string, string>;
  readonly #signingKeys = new Map<string, ArrayBuffer>();

  constructor(env: Readonly<Record<string, unknown>>) {
    const texts = Object.entries(env).filter(
      (entry): entry is [string, string] =>
        isAwsSetting(entry[0]) && typeof entry[1] === "string" && entry[1] !== "",
    );
    const all = new Map(texts);
    const [accessKeyId, secretAccessKey] = [all.get("AWS_ACCESS_KEY_ID"), all.get("AWS_SECRET_ACCESS_KEY")];
    const sessionToken = all.get("AWS_SESSION_TOKEN");
    this.region = all.get("AWS_REGION");
    this.#endpoints = all;
    if (accessKeyId === undefined || secretAccessKey === undefined) return;
    this.#credentials = {
      accessKeyId: accessKeyId.trim(),
      // A line end of the file that a secret came from.
      secretAccessKey: secretAccessKey.trim(),
      ...(sessionToken !== undefined && { sessionToken: sessionToken.trim() }),
    };
  }

  get canSign(): boolean {
    return this.#credentials !== undefined;
  }

  /**
   * In place of the service's own endpoint: `AWS_ENDPOINT_URL_DYNAMODB`, else `AWS_ENDPOINT_URL`.
   *
   * @param serviceId as the SDKs' variables have it: `DYNAMODB`, `SECRETS_MANAGER`
   */
  endpoint(serviceId: string): string | undefined {
    return this.#endpoints.get(`${ENDPOINT}_${serviceId}`) ?? this.#endpoints.get(ENDPOINT);
  }

  /**
   * The headers with a signature (SigV4) and all that it needs.
   *
   * @throws Error without credentials
   */
  async sign({ method, url, headers, body, service, region }: Signable): Promise<Headers> {
    if (!this.#credentials) throw new Error("there are no credentials");
    if (this.#signingKeys.size >= SIGNING_KEYS) this.#signingKeys.clear();
    const signer = new AwsV4Signer({
      ...this.#credentials,
      method,
      url,
      headers,
      ...(body && { body }),
      service,
      region,
      cache: this.#signingKeys,
    });
    return (await signer.sign()).headers;
  }
}
