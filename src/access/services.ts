import type { ApiKeyEntry, UsagePlanEntry } from "../config/api-key-schema.ts";
import type { CredentialEntry } from "../config/credential-schema.ts";
import type { EntryLookup } from "../config/entry-cache.ts";
import type { SharedResults } from "./function-authorizer/result-cache.ts";
import type { KeySets } from "./jwt/key-sets.ts";

/** What deciding who gets in needs of the isolate; it outlives every configuration. */
export interface AccessServices {
  /** The issuers' public keys. */
  readonly keySets: KeySets;
  readonly apiKeys: EntryLookup<ApiKeyEntry>;
  readonly usagePlans: EntryLookup<UsagePlanEntry>;
  readonly credentials: EntryLookup<CredentialEntry>;
  /** What function authorizers answered, shared by the isolates of one location. */
  readonly sharedResults: SharedResults | undefined;
  /** Opens a credential's sealed secret; throws while there is no valid key to do so. */
  readonly openSecret: (accessKeyId: string, sealed: string) => Promise<string>;
}
