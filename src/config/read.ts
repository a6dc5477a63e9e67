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

/** The values of keys, as text; a key that is gone is left out. */
export async function getValues(
  kv: KVNamespace,
  keys: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  const batches: string[][] = [];
  for (let start = 0; start < keys.length; start += BULK_KEYS) {
    batches.push(keys.slice(start, start + BULK_KEYS));
  }
  const answers = await Promise.all(batches.map((batch) => kv.get(batch, "text")));
  for (const answer of answers) {
    for (const [key, value] of answer) if (value !== null) values.set(key, value);
  }
  return values;
}
