import { javaText, type Value, ValueLimit } from "../values.ts";
import { JavaList, SilentMap } from "../velocity/items.ts";
import { TemplateError } from "../velocity/template-error.ts";

/** The variables of `$context`, by name: `{ requestId: "...", identity: { sourceIp: "..." } }`. A null prints as nothing. */
export interface ContextTree {
  readonly [name: string]: ContextValue | undefined;
}

export type ContextValue = string | number | boolean | null | readonly ContextValue[] | ContextTree;

/** Values by name; several for a header or parameter that is repeated. */
export type Overrides = ReadonlyMap<string, string | readonly string[]>;

export interface RequestOverride {
  readonly header: Overrides;
  readonly path: Overrides;
  readonly querystring: Overrides;
}

export interface ResponseOverride {
  /** 100 to 599; anything else that a template sets is ignored, as API Gateway does. */
  readonly status: number | undefined;
  readonly header: Overrides;
}

/**
 * `$context` of one request. Its request and response templates share it: what the one sets
 * the other sees, and the overrides are read from it after both.
 */
export class TemplateContext {
  readonly #variables: () => ContextTree;
  #root: Map<string, Value> | undefined;

  /** @param variables asked for once, when a template first names `$context` */
  constructor(variables: () => ContextTree) {
    this.#variables = variables;
  }

  /** What `$context` is in a template. */
  get root(): Map<string, Value> {
    this.#root ??= rootOf(this.#variables());
    return this.#root;
  }

  /** `$context.requestOverride`; undefined when no template has set anything there. */
  get requestOverride(): RequestOverride | undefined {
    const override = this.#override("requestOverride");
    if (!override) return undefined;
    const [header, path, querystring] = ["header", "path", "querystring"].map((part) =>
      overridesOf(override.get(part)),
    );
    if (!header || !path || !querystring || header.size + path.size + querystring.size === 0)
      return undefined;
    return { header, path, querystring };
  }

  /** `$context.responseOverride`; undefined when no template has set anything there. */
  get responseOverride(): ResponseOverride | undefined {
    const override = this.#override("responseOverride");
    if (!override) return undefined;
    const header = overridesOf(override.get("header"));
    const status = statusOf(override.get("status"));
    return status === undefined && header.size === 0 ? undefined : { status, header };
  }

  #override(name: string): Map<string, Value> | undefined {
    const override = this.#root?.get(name);
    return override instanceof Map ? override : undefined;
  }
}

/** `$context.authorizer` is a map without an authorizer too, but is not among the keys then. */
class Root extends SilentMap {
  readonly #authorizer = new SilentMap();

  override get(name: string): Value | undefined {
    return super.get(name) ?? (name === "authorizer" ? this.#authorizer : undefined);
  }
}

function rootOf(tree: ContextTree): Root {
  const root = filled(new Root(), tree);
  root.set("requestOverride", silent({ path: {}, header: {}, querystring: {} }));
  root.set("responseOverride", silent({ header: {} }));
  return root;
}

const silent = (tree: ContextTree): SilentMap => filled(new SilentMap(), tree);

function filled<T extends SilentMap>(map: T, tree: ContextTree): T {
  for (const name of Object.keys(tree)) {
    const value = tree[name];
    if (value !== undefined) map.set(name, itemOf(value));
  }
  return map;
}

function itemOf(value: ContextValue): Value {
  if (typeof value !== "object" || value === null) return value;
  return isList(value) ? JavaList.over(value.map(itemOf)) : silent(value);
}

const isList = (value: readonly ContextValue[] | ContextTree): value is readonly ContextValue[] =>
  Array.isArray(value);

function overridesOf(part: Value | undefined): Overrides {
  const overrides = new Map<string, string | readonly string[]>();
  if (!(part instanceof Map)) return overrides;
  for (const [name, value] of part) {
    if (value !== null) overrides.set(name, Array.isArray(value) ? Array.from(value, textOf) : textOf(value));
  }
  return overrides;
}

function textOf(value: Value): string {
  try {
    return javaText(value);
  } catch (error) {
    if (error instanceof ValueLimit)
      throw new TemplateError("limit", `an override is too long: ${error.message}`);
    throw error;
  }
}

function statusOf(value: Value | undefined): number | undefined {
  const status = typeof value === "string" && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === "number" && status >= 100 && status <= 599 ? status : undefined;
}
