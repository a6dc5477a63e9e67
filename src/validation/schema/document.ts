import type { Dialect } from "./dialect.ts";
import { isObject, type JsonObject } from "./values.ts";

/** One schema and where it stands. */
export interface Node {
  readonly schema: JsonObject | boolean;
  readonly document: Document;
  readonly resource: Resource;
  /** A JSON pointer from the document's root. */
  readonly pointer: string;
}

/** A schema with a URI of its own, and what can be named in it. */
export interface Resource {
  readonly document: Document;
  /** Without a fragment. */
  readonly uri: string;
  readonly root: string;
  /** Plain names to pointers from the document's root. */
  readonly anchors: Map<string, string>;
  /** Those that `$dynamicRef` may find instead of another resource's. */
  readonly dynamicAnchors: Map<string, string>;
}

/** Keywords whose value is a schema, a list of schemas, or schemas by name. */
const ONE = [
  ...["additionalItems", "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames"],
  ...["then", "unevaluatedItems", "unevaluatedProperties"],
];
const LIST = ["allOf", "anyOf", "items", "oneOf", "prefixItems"];
const NAMED = ["$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"];

/** A model's schema: the schemas in it by pointer, its resources by URI. */
export class Document {
  /** The model's. */
  readonly name: string;
  readonly dialect: Dialect;
  readonly resources = new Map<string, Resource>();
  readonly #root: unknown;
  readonly #nodes = new Map<string, Node>();

  constructor(name: string, root: unknown, dialect: Dialect) {
    this.name = name;
    this.#root = root;
    this.dialect = dialect;
    // What relative references start from, where the schema has no `$id`.
    this.#walk(root, "", this.#resource(`https://models.invalid/${encodeURIComponent(name)}`, ""));
  }

  get root(): Node | undefined {
    return this.at("");
  }

  /** The schema at a pointer; undefined where none can be. */
  at(pointer: string): Node | undefined {
    const known = this.#nodes.get(pointer);
    if (known) return known;
    // A reference may name what stands below a member that is no keyword.
    let value = this.#root;
    let resource = this.#nodes.get("")?.resource;
    let path = "";
    for (const part of pointer.split("/").slice(1)) {
      const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
      if (Array.isArray(value)) value = value[Number(name)];
      else if (isObject(value) && Object.hasOwn(value, name)) value = value[name];
      else return undefined;
      path += `/${part}`;
      resource = this.#nodes.get(path)?.resource ?? resource;
    }
    return resource && this.#add(value, pointer, resource);
  }

  #add(value: unknown, pointer: string, resource: Resource): Node | undefined {
    if (typeof value !== "boolean" && !isObject(value)) return undefined;
    const node: Node = { schema: value, document: this, resource, pointer };
    this.#nodes.set(pointer, node);
    return node;
  }

  #resource(uri: string, root: string): Resource {
    const resource: Resource = { document: this, uri, root, anchors: new Map(), dynamicAnchors: new Map() };
    this.resources.set(uri, resource);
    return resource;
  }

  #walk(value: unknown, pointer: string, around: Resource): void {
    const resource = isObject(value) ? this.#identified(value, pointer, around) : around;
    if (!this.#add(value, pointer, resource) || !isObject(value)) return;
    const below = (path: string, schema: unknown): void => this.#walk(schema, pointer + path, resource);
    for (const name of ONE) if (isObject(value[name])) below(`/${name}`, value[name]);
    for (const name of LIST) {
      const list = value[name];
      if (Array.isArray(list)) for (const [index, item] of list.entries()) below(`/${name}/${index}`, item);
    }
    for (const name of NAMED) {
      const named = value[name];
      if (isObject(named))
        for (const [key, item] of Object.entries(named)) below(`/${name}/${escaped(key)}`, item);
    }
  }

  /** Notes a schema's own URI and names, and gives the resource that it belongs to. */
  #identified(schema: JsonObject, pointer: string, around: Resource): Resource {
    // Drafts 4 and 7: what stands beside a reference is not looked at.
    if (this.dialect !== "2020-12" && typeof schema["$ref"] === "string") return around;
    const id = schema[this.dialect === "draft-04" ? "id" : "$id"];
    let resource = around;
    if (typeof id === "string") {
      const [uri = "", fragment = ""] = id.split("#");
      const resolved = resolveUri(uri, around.uri);
      if (uri !== "" && resolved !== undefined) resource = this.#resource(resolved, pointer);
      if (fragment !== "" && this.dialect !== "2020-12") resource.anchors.set(fragment, pointer);
    }
    if (this.dialect !== "2020-12") return resource;
    const { $anchor, $dynamicAnchor } = schema;
    if (typeof $anchor === "string") resource.anchors.set($anchor, pointer);
    if (typeof $dynamicAnchor === "string") {
      resource.anchors.set($dynamicAnchor, pointer);
      resource.dynamicAnchors.set($dynamicAnchor, pointer);
    }
    return resource;
  }
}

export const escaped = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");

/** A reference without its fragment, made absolute; undefined where it is none (RFC 3986, 5). */
export function resolveUri(reference: string, base: string): string | undefined {
  if (reference === "") return base;
  return URL.parse(reference, base)?.href.replace(/#$/, "");
}
