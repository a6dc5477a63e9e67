import { byteLength, hasMethods, json, noContent, notFound, type Operation } from "./operation.ts";
import type { Arguments } from "./parameters.ts";

/** The platform's limit, in bytes of JSON. */
const METADATA_LIMIT = 1024;

export function kv(binding: unknown, operation: Operation): Promise<Response> | undefined {
  if (!isKv(binding)) return undefined;
  switch (operation.name) {
    case "get":
      return get(binding, operation);
    case "put":
      return put(binding, operation);
    case "delete":
      return remove(binding, operation);
    default:
      return list(binding, operation);
  }
}

function isKv(binding: unknown): binding is KVNamespace {
  return hasMethods(binding, "get", "put", "getWithMetadata");
}

/** `get`: the value as it is stored, streamed; 404 without one. */
async function get(binding: KVNamespace, operation: Operation): Promise<Response> {
  const { args } = operation;
  const cacheTtl = args.integer("cacheTtl");
  const value = await binding.get(args.required("key"), {
    type: "stream",
    ...(cacheTtl !== undefined && { cacheTtl }),
  });
  if (value === null) throw notFound(operation, "key");
  return new Response(value, { headers: { "content-type": args.text("contentType") ?? "application/json" } });
}

/** `put`: 204, whether the key was there or not. */
async function put(binding: KVNamespace, { args }: Operation): Promise<Response> {
  const key = args.required("key");
  const expiration = expirationOf(args);
  const expirationTtl = args.integer("expirationTtl");
  const metadata = args.value("metadata");
  if (metadata !== undefined && byteLength(JSON.stringify(metadata)) > METADATA_LIMIT) {
    throw args.invalid("metadata", `it is longer than ${METADATA_LIMIT} bytes`);
  }
  const options = {
    ...(expiration !== undefined && { expiration }),
    ...(expirationTtl !== undefined && { expirationTtl }),
    ...(metadata !== undefined && { metadata }),
  };
  if (args.isBody("value")) await binding.put(key, await args.body.bytes(), options);
  else {
    const value = args.asText("value");
    if (value === undefined) throw args.missing("value");
    await binding.put(key, value, options);
  }
  return noContent();
}

/** The platform's least, in seconds from now. */
const SOONEST = 60;

function expirationOf(args: Arguments): number | undefined {
  const expiration = args.integer("expiration");
  if (expiration === undefined || expiration >= Math.ceil(Date.now() / 1000) + SOONEST) return expiration;
  throw args.invalid("expiration", `it is not ${SOONEST} seconds from now`);
}

async function remove(binding: KVNamespace, { args }: Operation): Promise<Response> {
  await binding.delete(args.required("key"));
  return noContent();
}

async function list(binding: KVNamespace, { args }: Operation): Promise<Response> {
  const limit = args.integer("limit");
  const { keys, ...rest } = await binding.list({
    prefix: args.text("prefix") ?? null,
    cursor: args.text("cursor") ?? null,
    ...(limit !== undefined && { limit }),
  });
  return json({
    keys,
    list_complete: rest.list_complete,
    ...(rest.list_complete ? {} : { cursor: rest.cursor }),
  });
}
