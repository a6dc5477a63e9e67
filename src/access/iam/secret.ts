import { fromBase64, toBase64 } from "../../lib/base64.ts";

/**
 * The secrets of credentials, sealed with AES-256-GCM under the key of the Worker secret
 * `CREDENTIALS_KEY`: who can read the config store cannot sign. The access key id
 * is sealed along, so that no entry's secret can be put under another's name.
 */

/** `CryptoKey`, by a name that both the Worker's and Node.js's types know. */
export type SealingKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

const encoder = new TextEncoder();
const VERSION = "v1";
/** NIST SP 800-38D, 8.2.2: 96 random bits. */
const IV_BYTES = 12;
const SEALED = /^v1\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,})$/;

/** @throws Error when the text is not the base64 of 32 bytes; it never quotes the text */
export async function importCredentialsKey(text: string): Promise<SealingKey> {
  const bytes = fromBase64(text.trim());
  if (bytes?.length !== 32) throw new Error("CREDENTIALS_KEY is not the base64 of 32 bytes");
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

export async function sealSecret(key: SealingKey, accessKeyId: string, secret: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const sealed = await crypto.subtle.encrypt(algorithm(iv, accessKeyId), key, encoder.encode(secret));
  return `${VERSION}.${toBase64Url(iv)}.${toBase64Url(new Uint8Array(sealed))}`;
}

/** @throws Error for what was not sealed with this key, for this access key id */
export async function unsealSecret(key: SealingKey, accessKeyId: string, sealed: string): Promise<string> {
  const [, ivText = "", text = ""] = SEALED.exec(sealed) ?? [];
  const iv = fromBase64Url(ivText);
  const bytes = fromBase64Url(text);
  if (iv?.length !== IV_BYTES || !bytes)
    throw new Error(`the secret of ${accessKeyId} is not sealed as it has to be`);
  let opened: ArrayBuffer;
  try {
    opened = await crypto.subtle.decrypt(algorithm(iv, accessKeyId), key, bytes);
  } catch {
    throw new Error(
      `the secret of ${accessKeyId} was sealed with another CREDENTIALS_KEY, or for another access key id`,
    );
  }
  return new TextDecoder().decode(opened);
}

/**
 * Opens secrets with the key that the Worker has. Whether that is one shows when it is first
 * needed: a gateway without credentials needs none.
 */
export function secretOpener(
  credentialsKey: string | undefined,
): (accessKeyId: string, sealed: string) => Promise<string> {
  let key: Promise<SealingKey> | undefined;
  return async (accessKeyId, sealed) => {
    if (credentialsKey === undefined || credentialsKey === "") {
      throw new Error(
        "the Worker has no CREDENTIALS_KEY: `wrangler secret put CREDENTIALS_KEY`, or .dev.vars on one machine",
      );
    }
    key ??= importCredentialsKey(credentialsKey);
    return unsealSecret(await key, accessKeyId, sealed);
  };
}

function algorithm(iv: Uint8Array<ArrayBuffer>, accessKeyId: string) {
  return { name: "AES-GCM", iv, additionalData: encoder.encode(accessKeyId) };
}

function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
  return bytes && new Uint8Array(bytes);
}
