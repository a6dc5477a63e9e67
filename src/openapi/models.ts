import { nearest } from "../config/problem.ts";
import type { OpenApiDocument } from "./document.ts";
import type { Findings } from "./findings.ts";
import { type Members, member, record } from "./members.ts";
import { at, pointerToken, pointerTokens } from "./reference.ts";
import { withReferences } from "./schema-references.ts";

/** How a model refers to another one of its API, beside the document's own way (aws-semantics 8). */
const MODEL_URL = /^https:\/\/apigateway\.[a-z.]+\/restapis\/[^/]+\/models\/([^/#?]+)$/;

/** A model that validated routes reach. */
export interface ImportedModel {
  readonly name: string;
  /** Where its schema stands in the document. */
  readonly place: string;
  readonly schema: Members;
}

/**
 * Schemas of a document as models. A model's name is of letters and digits (aws-semantics 8):
 * of other names those remain, and what has no name gets one from where it stands. Only what is
 * asked for becomes a model, and what that refers to.
 */
export class ModelImport {
  readonly #document: OpenApiDocument;
  readonly #findings: Findings;
  /** Names by the place of their schema. */
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #models = new Map<string, ImportedModel>();

  constructor(document: OpenApiDocument, findings: Findings) {
    this.#document = document;
    this.#findings = findings;
    const named = Object.keys(record(at(document.root, document.schemas)) ?? {});
    // A name that fits is nobody else's, whatever comes before it.
    for (const name of named) if (isModelName(name)) this.#name([...document.schemas, name], name);
    for (const name of named) if (!isModelName(name)) this.#name([...document.schemas, name], name);
  }

  get models(): Iterable<ImportedModel> {
    return this.#models.values();
  }

  /**
   * The model of a schema.
   *
   * @param place where the schema stands
   * @param wanted its name, when it has none of its own
   * @returns its name; none for what is no schema
   */
  of(schema: unknown, place: string, wanted: string): string | undefined {
    const members = record(schema);
    if (!members) {
      this.#problem("schema.malformed", place, "a schema is an object");
      return undefined;
    }
    const reference = members["$ref"];
    // Before 3.1, whatever stands beside a reference is not read.
    if (typeof reference === "string" && (this.#document.version !== "3.1" || isBare(members))) {
      const tokens = this.#tokens(reference, undefined, place);
      return tokens && this.#add(tokens, place);
    }
    const name = this.#free(wanted);
    this.#keep(name, place, members);
    return name;
  }

  /**
   * A schema that is no model itself, with its references to models.
   *
   * @param place where it stands
   */
  referring(schema: Members, place: string): Members {
    return withReferences(schema, place, (reference, at) => this.#reference(reference, schema, at));
  }

  /** The model of what stands at a place; a reference to a place inside a schema makes one of it. */
  #add(tokens: readonly string[], from: string): string | undefined {
    const key = tokens.join("\n");
    const schema = record(at(this.#document.root, tokens));
    if (!schema) {
      this.#problem("schema.malformed", from, `"${tokens.join(".")}", which this refers to, is no schema`);
      return undefined;
    }
    const below = this.#document.schemas.every((token, index) => tokens[index] === token);
    const name =
      this.#names.get(key) ??
      this.#name(tokens, tokens.slice(below ? this.#document.schemas.length : 0).join("-"));
    if (this.#models.has(name)) return name;
    const last = tokens.at(-1) ?? "";
    if (name !== last) {
      this.#findings.warnings.push({
        code: "model.renamed",
        path: tokens.join("."),
        message: `this model is called ${name}: a model's name has letters and digits only`,
      });
    }
    this.#keep(name, tokens.join("."), schema);
    return name;
  }

  #keep(name: string, place: string, schema: Members): void {
    // Known before its references are followed, which may lead back to it.
    this.#models.set(name, { name, place, schema });
    this.#models.set(name, { name, place, schema: this.referring(schema, place) });
  }

  #reference(reference: string, own: Members, place: string): string {
    const tokens = this.#tokens(reference, own, place);
    const name = tokens && this.#add(tokens, place);
    if (!tokens || name === undefined || name === MODEL_URL.exec(reference)?.[1]) return reference;
    return `#/${[...this.#document.schemas, name].map(pointerToken).join("/")}`;
  }

  /** The place that a reference names; none for one that stays inside its model, and for a bad one. */
  #tokens(reference: string, own: Members | undefined, place: string): readonly string[] | undefined {
    // `#` and `#anchor` name something of the model itself.
    if (own && /^#(?!\/)/.test(reference)) return undefined;
    const model = MODEL_URL.exec(reference)?.[1];
    const tokens = model === undefined ? pointerTokens(reference) : [...this.#document.schemas, model];
    if (tokens && at(this.#document.root, tokens) !== undefined) return tokens;
    // A schema that was written elsewhere has its own definitions with it.
    if (own && tokens && at(own, tokens) !== undefined) return undefined;
    const near = tokens && nearest(tokens.at(-1) ?? "", siblings(this.#document.root, tokens));
    this.#findings.problems.push({
      code: "schema.reference",
      path: place,
      message: tokens
        ? `there is no schema "${reference}" in this document`
        : `"${reference}" leads out of this document, and is not read`,
      ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
    });
    return undefined;
  }

  #name(tokens: readonly string[], wanted: string): string {
    const name = this.#free(wanted);
    this.#names.set(tokens.join("\n"), name);
    return name;
  }

  /** A name of letters and digits that no other model has. */
  #free(wanted: string): string {
    const base = isModelName(wanted) ? wanted : pascalCase(wanted);
    let name = base;
    for (let count = 2; this.#taken.has(name); count++) name = `${base}${count}`;
    this.#taken.add(name);
    return name;
  }

  #problem(code: string, path: string, message: string): void {
    this.#findings.problems.push({ code, path, message });
  }
}

const isModelName = (name: string): boolean => /^[A-Za-z0-9]+$/.test(name);

/** `pet-item.v2` as `PetItemV2`. */
export function pascalCase(text: string): string {
  const words = text.split(/[^A-Za-z0-9]+/).filter(Boolean);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("") || "Model";
}

const ANNOTATIONS: readonly string[] = ["$ref", "title", "summary", "description"];
const isBare = (schema: Members): boolean => Object.keys(schema).every((name) => ANNOTATIONS.includes(name));

function siblings(root: unknown, tokens: readonly string[]): readonly string[] {
  const parent = at(root, tokens.slice(0, -1));
  return Object.keys(record(parent) ?? {}).filter((name) => member(parent, name) !== undefined);
}
