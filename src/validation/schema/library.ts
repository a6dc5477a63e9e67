import { type Dialect, dialectOf } from "./dialect.ts";
import { Document, type Node, type Resource, resolveUri } from "./document.ts";
import type { JsonObject } from "./values.ts";

/** A schema as an API has it. */
export interface Model {
  readonly schema: JsonObject;
  /** A `$schema` for a schema that has none. */
  readonly jsonSchemaDialect?: string | undefined;
}

/** An API's models by name: those that parse. */
export type ModelSource = ReadonlyMap<string, Model>;

/** Where a `$ref` leads; `elsewhere` is for whoever knows all models. */
export type Target =
  | { readonly kind: "node"; readonly node: Node; readonly anchor?: string }
  | { readonly kind: "elsewhere" }
  | { readonly kind: "none"; readonly message: string };

/** API Gateway's own name for a model; the id is any API's. */
const MODEL_URL =
  /^https?:\/\/apigateway\.[a-z0-9.-]*amazonaws\.com(?:\.cn)?\/restapis\/[^/]+\/models\/([^/#]+)$/;
/** How OpenAPI and JSON Schema name a schema beside this one. */
const BESIDE = /^\/(?:definitions|\$defs|components\/schemas)\/([^/]+)(\/.*)?$/;

const DEFAULT_DIALECT: Dialect = "draft-04";

/** The documents of an API's models, and what references in them lead to. */
export class Library {
  readonly #models: ModelSource;
  readonly #complete: boolean;
  readonly #documents = new Map<string, Document>();
  #byUri: ReadonlyMap<string, Document> | undefined;

  /** @param complete false where models may refer to others that are not in `models` */
  constructor(models: ModelSource, complete: boolean) {
    this.#models = models;
    this.#complete = complete;
  }

  /** @returns undefined where there is no such model; a text where its dialect is not known */
  document(name: string): Document | string | undefined {
    const known = this.#documents.get(name);
    if (known) return known;
    const model = this.#models.get(name);
    if (!model) return undefined;
    const stated = model.schema["$schema"] ?? model.jsonSchemaDialect;
    const dialect = typeof stated === "string" ? dialectOf(stated) : DEFAULT_DIALECT;
    if (dialect === undefined) return `"${String(stated)}" is no version of JSON Schema that is known here`;
    const document = new Document(name, model.schema, dialect);
    this.#documents.set(name, document);
    return document;
  }

  /** The resources of all documents that were asked for so far. */
  get resources(): readonly Resource[] {
    return [...this.#documents.values()].flatMap((document) => [...document.resources.values()]);
  }

  resolve(reference: string, from: Node): Target {
    const [uri = "", rawFragment] = reference.split("#", 2);
    const fragment = decoded(rawFragment ?? "");
    const named = MODEL_URL.exec(uri)?.[1];
    if (named !== undefined) return this.#inModel(named, fragment);
    const target = resolveUri(uri, from.resource.uri);
    if (target === undefined) return none(reference);
    const document = from.document.resources.has(target) ? from.document : this.#holder(target);
    if (!document) return this.#complete ? none(reference) : { kind: "elsewhere" };
    const found = inDocument(document, target, fragment);
    if (found) return found;
    const [, beside, rest = ""] = uri === "" ? (BESIDE.exec(fragment) ?? []) : [];
    return beside === undefined ? none(reference) : this.#inModel(unescaped(beside), rest);
  }

  #inModel(name: string, fragment: string): Target {
    const document = this.document(name);
    if (document === undefined) {
      return this.#complete
        ? { kind: "none", message: `there is no model "${name}"` }
        : { kind: "elsewhere" };
    }
    if (typeof document === "string") return { kind: "none", message: document };
    const [root] = document.resources.values();
    const found = root && inDocument(document, root.uri, fragment);
    return found ?? { kind: "none", message: `the model "${name}" has no schema at #${fragment}` };
  }

  /** The document with a schema of that URI, of all models. */
  #holder(uri: string): Document | undefined {
    if (!this.#byUri) {
      const byUri = new Map<string, Document>();
      for (const name of this.#models.keys()) {
        const document = this.document(name);
        if (document instanceof Document)
          for (const own of document.resources.keys()) byUri.set(own, document);
      }
      this.#byUri = byUri;
    }
    return this.#byUri.get(uri);
  }
}

function inDocument(document: Document, uri: string, fragment: string): Target | undefined {
  const resource = document.resources.get(uri);
  if (!resource) return undefined;
  const anchor = fragment !== "" && !fragment.startsWith("/") ? fragment : undefined;
  const pointer = anchor === undefined ? resource.root + fragment : resource.anchors.get(anchor);
  const node = pointer === undefined ? undefined : document.at(pointer);
  return node && { kind: "node", node, ...(anchor === undefined ? {} : { anchor }) };
}

const none = (reference: string): Target => ({
  kind: "none",
  message: `there is nothing at "${reference}"`,
});

const unescaped = (part: string): string => part.replaceAll("~1", "/").replaceAll("~0", "~");

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
