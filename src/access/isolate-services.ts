import { API_KEY_PREFIX, ApiKeyEntry, USAGE_PLAN_PREFIX, UsagePlanEntry } from "../config/api-key-schema.ts";
import { CREDENTIAL_PREFIX, CredentialEntry } from "../config/credential-schema.ts";
import { EntryCache } from "../config/entry-cache.ts";
import { parseEntry } from "../config/parse.ts";
import type { Problem } from "../config/problem.ts";
import { secretOpener } from "./iam/secret.ts";
import { KeySets } from "./jwt/key-sets.ts";
import type { AccessServices } from "./services.ts";

export interface AccessOptions {
  readonly kv: KVNamespace;
  /** Fetches key sets and discovery documents. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** After this long no key, plan or credential is believed unread, in ms. */
  readonly refreshMs: number;
  /** After this long no issuer's keys are believed without being fetched again, in ms. */
  readonly keySetRefreshMs: number;
  /** The Worker secret that credentials' secrets are sealed with, base64 of 32 bytes. */
  readonly credentialsKey: string | undefined;
  /** Which version of the script this is; without it isolates share no authorizers' results. */
  readonly deployment?: string | undefined;
  readonly report: (problem: Problem) => void;
}

/** How many API keys and credentials an isolate keeps in memory. */
const CAPACITY = 10_000;
const PLANS = 1_000;

/** Builds what deciding who gets in needs, once for an isolate. */
export function accessServices(options: AccessOptions): AccessServices {
  const { kv, refreshMs, report, deployment } = options;
  return {
    // Behind requests from half of the time on, in front of them from the whole of it: what an
    // issuer withdraws has ended by then.
    keySets: new KeySets({ fetch: options.fetch, refreshMs: options.keySetRefreshMs / 2, report }),
    apiKeys: new EntryCache({
      kv,
      refreshMs,
      report,
      prefix: API_KEY_PREFIX,
      capacity: CAPACITY,
      parse: (key, text) => parseEntry(key, text, ApiKeyEntry),
    }),
    usagePlans: new EntryCache({
      kv,
      refreshMs,
      report,
      prefix: USAGE_PLAN_PREFIX,
      capacity: PLANS,
      parse: (key, text) => parseEntry(key, text, UsagePlanEntry),
    }),
    credentials: new EntryCache({
      kv,
      refreshMs,
      report,
      prefix: CREDENTIAL_PREFIX,
      capacity: CAPACITY,
      parse: (key, text) => parseEntry(key, text, CredentialEntry),
    }),
    // Another version may have other functions, whose word was not given for this one's routes.
    sharedResults: deployment ? { deployment, open: () => caches.open("portico-authorizers") } : undefined,
    openSecret: secretOpener(options.credentialsKey),
  };
}
