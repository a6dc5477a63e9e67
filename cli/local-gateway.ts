import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { workerOptions } from "./engine/worker-options.ts";

/** The secret that opens a gateway's management endpoints, as the Worker knows it. */
export const TOKEN_VARIABLE = "MANAGEMENT_TOKEN";

const TOKEN_FILE = "management-token";
const GATEWAY_FILE = "gateway.json";

/** As the gateway takes it: long enough, and fit for a header. */
const TOKEN = /^[\x21-\x7e]{32,}$/;

/** Where the gateway of a data folder listens, and in which process. */
const GatewayFile = v.object({ url: v.string(), pid: v.number() });

/**
 * The management token of this machine's gateway: the one in `.dev.vars`, else the one in the
 * data folder, which is made (32 random bytes, readable to its owner alone) where there is none.
 *
 * @param root the folder with wrangler.toml
 */
export async function managementToken(root: string, data: string): Promise<string> {
  const configured = configuredToken(root);
  if (configured !== undefined) return configured;
  const file = join(data, TOKEN_FILE);
  const kept = await keptToken(data);
  if (kept !== undefined) {
    // A copy or a backup may have opened it to others.
    await chmod(file, 0o600);
    return kept;
  }
  const token = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
  await mkdir(data, { recursive: true });
  // The mode counts for a new file only: a damaged one is not written into.
  await rm(file, { force: true });
  await writeFile(file, `${token}\n`, { mode: 0o600, flag: "wx" });
  return token;
}

function configuredToken(root: string): string | undefined {
  const token = workerOptions(root).bindings?.[TOKEN_VARIABLE];
  return typeof token === "string" ? token : undefined;
}

async function keptToken(data: string): Promise<string | undefined> {
  const token = (await readIfThere(join(data, TOKEN_FILE)))?.trim();
  return token !== undefined && TOKEN.test(token) ? token : undefined;
}

/**
 * Writes where the gateway listens, for the command line to find it.
 *
 * @returns takes it back, unless another gateway has taken the folder over meanwhile
 */
export async function announce(data: string, url: string): Promise<() => Promise<void>> {
  const file = join(data, GATEWAY_FILE);
  const mine = `${JSON.stringify({ url, pid: process.pid })}\n`;
  await writeFile(file, mine);
  return async () => {
    if ((await readIfThere(file)) === mine) await rm(file, { force: true });
  };
}

/** The URL of a listening gateway as one reaches it from this machine. */
export function localUrl(host: string, port: number): string {
  if (host === "0.0.0.0") return `http://127.0.0.1:${port}`;
  if (host === "::") return `http://[::1]:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** A running gateway and its token. */
export interface LocalGateway {
  readonly url: string;
  readonly token: string;
}

/** The gateway that runs on a data folder; none when none does. */
export async function findGateway(root: string, data: string): Promise<LocalGateway | undefined> {
  const text = await readIfThere(join(data, GATEWAY_FILE));
  const token = configuredToken(root) ?? (await keptToken(data));
  if (text === undefined || token === undefined) return undefined;
  const file = v.safeParse(v.pipe(v.string(), v.parseJson(), GatewayFile), text);
  // One that was killed took nothing back: whoever listens there now must not be shown the token.
  return file.success && runs(file.output.pid) ? { url: file.output.url, token } : undefined;
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // There is none, or it is another user's, who has come by the number since.
    return false;
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
