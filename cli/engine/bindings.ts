import { join } from "node:path";
import { unstable_readConfig } from "wrangler";
import type { Bindings } from "../check-bindings.ts";
import { Failure } from "./failure.ts";

/**
 * The bindings that wrangler.toml has, by the types of integrations that use them.
 *
 * @throws Failure when wrangler.toml is not there or cannot be read
 */
export function readBindings(root: string): Bindings {
  const config = wranglerConfig(root);
  const names = (list: readonly { readonly binding: string }[]): readonly string[] =>
    list.map(({ binding }) => binding);
  const objects: readonly { readonly name: string }[] = config.durable_objects.bindings;
  return {
    queue: names(config.queues.producers ?? []),
    kv: names(config.kv_namespaces),
    r2: names(config.r2_buckets),
    d1: names(config.d1_databases),
    workflow: names(config.workflows),
    service: names(config.services ?? []),
    durable_object: objects.map(({ name }) => name),
    analytics_engine: names(config.analytics_engine_datasets),
  };
}

function wranglerConfig(root: string): ReturnType<typeof unstable_readConfig> {
  try {
    return unstable_readConfig({ config: join(root, "wrangler.toml") }, { hideWarnings: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Failure(`wrangler.toml cannot be read: ${message.split("\n")[0] ?? ""}`);
  }
}
