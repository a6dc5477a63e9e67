import { importCredentialsKey, sealSecret } from "../src/access/iam/secret.ts";
import { ACCESS_KEY_ID } from "../src/access/iam/signed-parts.ts";
import { CREDENTIAL_PREFIX, CredentialEntry } from "../src/config/credential-schema.ts";
import { parseEntry, parseValue } from "../src/config/parse.ts";
import type { Problem } from "../src/config/problem.ts";
import { toBase64 } from "../src/lib/base64.ts";
import { Failure } from "./engine/failure.ts";
import { problemLines } from "./print.ts";
import type { Store } from "./store.ts";

/** Where wrangler reads a Worker's secrets from on one machine. */
const DEV_VARS = ".dev.vars";
const KEY_NAME = "CREDENTIALS_KEY";
const KEY_LINE =
  /^[ \t]*(?:export[ \t]+)?CREDENTIALS_KEY[ \t]*=[ \t]*(["']?)([A-Za-z0-9+/=]+)\1[ \t]*(?:#.*)?$/gm;

/** The files beside wrangler.toml. */
export interface SecretFiles {
  /** None when there is no such file. */
  read(name: string): Promise<string | undefined>;
  /** Makes a new file readable to its owner alone. */
  append(name: string, text: string): Promise<void>;
}

/** The key that secrets are sealed with. */
export interface CredentialsKey {
  /** Base64 of 32 bytes. */
  readonly text: string;
  /** `created`: it is new, and stands in .dev.vars from now on; a running gateway has to be started again. */
  readonly from: "environment" | typeof DEV_VARS | "created";
}

/**
 * Finds the key in the environment, else in `.dev.vars`; for this machine's store one is made
 * where there is none.
 *
 * @throws Failure when there is none and none can be made
 */
export async function credentialsKey(
  files: SecretFiles,
  environment: Readonly<Record<string, string | undefined>>,
  store: "local" | "remote",
): Promise<CredentialsKey> {
  const given = environment[KEY_NAME];
  if (given !== undefined && given !== "") return { text: given, from: "environment" };
  const content = await files.read(DEV_VARS);
  // Of a name that stands twice the last counts, as for wrangler.
  const kept = [...(content ?? "").matchAll(KEY_LINE)].at(-1)?.[2];
  if (kept !== undefined) return { text: kept, from: DEV_VARS };
  if (store === "remote") {
    throw new Failure(
      `${KEY_NAME} is not set`,
      `it has to be the deployed gateway's: make one with "openssl rand -base64 32", give it to "wrangler secret put ${KEY_NAME}" and to this command's environment`,
    );
  }
  if (content === undefined && (await files.read(".env")) !== undefined) {
    throw new Failure(
      `${KEY_NAME} is not set`,
      `wrangler reads no .env once there is a ${DEV_VARS}: move its lines there, or set ${KEY_NAME} yourself ("openssl rand -base64 32")`,
    );
  }
  const text = toBase64(crypto.getRandomValues(new Uint8Array(32)));
  const separator = content === undefined || content === "" || content.endsWith("\n") ? "" : "\n";
  await files.append(DEV_VARS, `${separator}${KEY_NAME}="${text}"\n`);
  return { text, from: "created" };
}

export interface NewCredential {
  readonly userName?: string | undefined;
  /** 12 digits. */
  readonly accountId?: string | undefined;
  /** A policy document, as JSON has it. */
  readonly policy?: unknown;
  readonly description?: string | undefined;
  readonly createdAt: Date;
}

export interface CreatedCredential {
  readonly accessKeyId: string;
  /** Shown once: nothing but its sealed form is kept. */
  readonly secretAccessKey: string;
}

/** @throws Failure when the key or what was asked for is bad */
export async function createCredential(
  store: Store,
  key: string,
  { userName, accountId, policy, description, createdAt }: NewCredential,
): Promise<CreatedCredential> {
  const sealing = await importCredentialsKey(key).catch((error: unknown) => {
    throw new Failure(error instanceof Error ? error.message : String(error), "openssl rand -base64 32");
  });
  const accessKeyId = newAccessKeyId();
  const secretAccessKey = toBase64(crypto.getRandomValues(new Uint8Array(30)));
  const entry = {
    secret: await sealSecret(sealing, accessKeyId, secretAccessKey),
    ...(userName === undefined ? {} : { userName }),
    ...(accountId === undefined ? {} : { accountId }),
    ...(policy === undefined ? {} : { policy }),
    ...(description === undefined ? {} : { description }),
    createdAt: createdAt.toISOString(),
  };
  const name = CREDENTIAL_PREFIX + accessKeyId;
  const parsed = parseValue(name, entry, CredentialEntry);
  if (!parsed.ok) throw bad("the credential cannot be created", parsed.problems);
  await store.put(new Map([[name, JSON.stringify(entry)]]));
  return { accessKeyId, secretAccessKey };
}

export interface ListedCredential {
  readonly accessKeyId: string;
  /** None when the entry is bad. */
  readonly entry: CredentialEntry | undefined;
  readonly problems: readonly Problem[];
}

export async function listCredentials(store: Store): Promise<readonly ListedCredential[]> {
  const listed: ListedCredential[] = [];
  for (const { name } of await store.list(CREDENTIAL_PREFIX)) {
    const text = await store.get(name);
    // Deleted since it was listed.
    if (text === undefined) continue;
    const parsed = parseEntry(name, text, CredentialEntry);
    listed.push({
      accessKeyId: name.slice(CREDENTIAL_PREFIX.length),
      entry: parsed.ok ? parsed.value : undefined,
      problems: parsed.ok ? [] : parsed.problems,
    });
  }
  return listed;
}

/** The table of credentials: id, state, user; never a secret, sealed or not. */
export function credentialTable(credentials: readonly ListedCredential[], now: Date): readonly string[] {
  return credentials.map(({ accessKeyId, entry, problems }) => {
    if (!entry) return `${accessKeyId}  bad       ${problemLines(problems)[0] ?? ""}`;
    const expired = entry.expiresAt !== undefined && Date.parse(entry.expiresAt) <= now.getTime();
    const state = expired ? "expired" : entry.enabled ? "enabled" : "disabled";
    const description = entry.description === undefined ? "" : `  ${entry.description}`;
    const policy = entry.policy === undefined ? "  (no policy)" : "";
    return `${accessKeyId}  ${state.padEnd(8)}  ${entry.accountId}  ${entry.userName ?? accessKeyId}${policy}${description}`;
  });
}

/** A gateway that runs notices within its refresh time (CONFIG_REFRESH_SECONDS). */
export async function setCredentialEnabled(
  store: Store,
  accessKeyId: string,
  enabled: boolean,
): Promise<void> {
  const name = entryName(accessKeyId);
  const text = await existing(store, name, accessKeyId);
  const parsed = parseEntry(name, text, CredentialEntry);
  if (!parsed.ok) throw bad("the credential cannot be changed", parsed.problems);
  // The text's own members, so that nothing but this changes.
  const members: Record<string, unknown> = JSON.parse(text);
  await store.put(new Map([[name, JSON.stringify({ ...members, enabled })]]));
}

export async function deleteCredential(store: Store, accessKeyId: string): Promise<void> {
  const name = entryName(accessKeyId);
  await existing(store, name, accessKeyId);
  await store.remove([name]);
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** In the form of AWS's: 80 random bits behind `AKIA`. */
function newAccessKeyId(): string {
  const random = crypto.getRandomValues(new Uint8Array(16));
  return `AKIA${Array.from(random, (byte) => ALPHABET[byte & 31]).join("")}`;
}

function entryName(accessKeyId: string): string {
  if (!ACCESS_KEY_ID.test(accessKeyId)) throw new Failure(`"${accessKeyId}" is no access key id`);
  return CREDENTIAL_PREFIX + accessKeyId;
}

async function existing(store: Store, name: string, accessKeyId: string): Promise<string> {
  const text = await store.get(name);
  if (text === undefined)
    throw new Failure(`there is no credential ${accessKeyId}`, "portico credentials list");
  return text;
}

function bad(what: string, problems: readonly Problem[]): Failure {
  return new Failure(`${what}: ${problemLines(problems)[0] ?? ""}`);
}
