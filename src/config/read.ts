/** Reading the CONFIG namespace in as few calls as its API allows. */

/** Bulk `get` takes at most this many keys (Workers KV, "read key-value pairs"). */
const BULK_KEYS = 100;

export async function listKeys(kv: KVNamespace, prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await kv.list({ prefix, ...(cursor === undefined ? {} : { cursor }) });
    for (const key of page.keys) keys.push(key.name);
    cursor = page.list_complete ? undefined : page.cursor;
  } while (cursor !== undefined);
  return keys;
}

/**
 * The values of keys, as text. A key that is listed but has no value (the store is eventually
 * consistent) keeps the text it had; one that never had any is empty, which parses as no entry:
 * a guarded route whose value is late must not leave its path to a wider one.
 */
export async function getValues(
  kv: KVNamespace,
  keys: readonly string[],
  before: ReadonlyMap<string, string> | undefined,
): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  const batches: string[][] = [];
  for (let start = 0; start < keys.length; start += BULK_KEYS) {
    batches.push(keys.slice(start, start + BULK_KEYS));
  }
  const answers = await Promise.all(batches.map((batch) => kv.get(batch, "text")));
  for (const answer of answers) {
    for (const [key, value] of answer) values.set(key, value ?? before?.get(key) ?? "");
  }
  return values;
}
