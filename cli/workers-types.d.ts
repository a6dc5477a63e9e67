/** Of the Workers' types, which Node.js's contradict: as much as reading a configuration uses. */

interface KVNamespace {
  get(key: string, type: "text"): Promise<string | null>;
  get(keys: string[], type: "text"): Promise<Map<string, string | null>>;
  list(options: { prefix: string; cursor?: string }): Promise<
    | { readonly keys: readonly { readonly name: string }[]; readonly list_complete: true }
    | {
        readonly keys: readonly { readonly name: string }[];
        readonly list_complete: false;
        readonly cursor: string;
      }
  >;
}

interface ExecutionContext {
  waitUntil(promise: Promise<unknown>): void;
}
