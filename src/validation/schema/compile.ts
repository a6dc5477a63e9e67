import { type Dialect, FOREIGN_KEYWORDS } from "./dialect.ts";
import type { Node, Resource } from "./document.ts";
import { Evaluated } from "./evaluated.ts";
import type { Context, Keyword } from "./keyword.ts";
import { LIST_KEYWORDS, UNEVALUATED_ITEMS } from "./keywords-of-lists.ts";
import { OBJECT_KEYWORDS, UNEVALUATED_PROPERTIES } from "./keywords-of-objects.ts";
import { SCHEMA_KEYWORDS } from "./keywords-of-schemas.ts";
import { VALUE_KEYWORDS } from "./keywords-of-values.ts";
import type { Library, Target } from "./library.ts";
import type { Check } from "./run.ts";
import { type JsonObject, KINDS, type Kind, kindOf } from "./values.ts";

/** What is wrong with a model's schema. */
export interface SchemaProblem {
  readonly model: string;
  /** A JSON pointer into the model's schema. */
  readonly pointer: string;
  readonly message: string;
  readonly hint?: string;
}

const UNEVALUATED = [UNEVALUATED_ITEMS, UNEVALUATED_PROPERTIES];
/** The cheap ones first; what was not looked at is known last. */
const KEYWORDS: readonly Keyword[] = [
  ...VALUE_KEYWORDS,
  ...OBJECT_KEYWORDS,
  ...LIST_KEYWORDS,
  ...SCHEMA_KEYWORDS,
  ...UNEVALUATED,
];
type Lists = Readonly<Record<Kind, Check[]>>;

/** Schemas within each other in one model. */
const MAX_NESTING = 200;

const ANYTHING: Check = () => true;

/** Schemas as checks, each built once however often it is referred to. */
export class Compiler {
  readonly problems: SchemaProblem[] = [];
  readonly #library: Library;
  readonly #checks = new Map<Node, Check>();
  /** The schemas that a schema holds the same value against. */
  readonly #same = new Map<Node, Node[]>();
  /** Names that some `$dynamicRef` asks for. */
  readonly #dynamicNames = new Set<string>();

  constructor(library: Library) {
    this.#library = library;
  }

  /** The check of a schema and of all that it refers to. */
  compile(node: Node): Check {
    const check = this.#check(node);
    this.#compileDynamic();
    this.#findCircles(node, new Set(), new Set());
    return check;
  }

  /** What `$dynamicRef` may come to is known by its name only, until no schema brings another. */
  #compileDynamic(): void {
    let size: number;
    do {
      size = this.#checks.size;
      for (const resource of this.#library.resources) {
        for (const name of this.#dynamicNames) {
          const node = dynamicNode(resource, name);
          if (node) this.#check(node);
        }
      }
    } while (this.#checks.size > size);
  }

  #check(node: Node): Check {
    const known = this.#checks.get(node);
    if (known) return known;
    // What refers back to a schema that is being built calls it by way of this.
    let built: Check = ANYTHING;
    this.#checks.set(node, (value, run, at, seen) => built(value, run, at, seen));
    built = this.#build(node);
    this.#checks.set(node, built);
    return built;
  }

  #build(node: Node): Check {
    const { schema } = node;
    if (schema === true) return ANYTHING;
    if (schema === false) return (_, run, at) => run.fail(at, "may not be there");
    if (node.pointer.split("/").length > MAX_NESTING) {
      this.#wrong(node, "", "the schema is nested too deep");
      return ANYTHING;
    }
    const context = this.#context(node, schema);
    const checks: Lists = { null: [], boolean: [], number: [], string: [], array: [], object: [] };
    for (const { name, kind, build } of keywordsOf(schema, context.dialect)) {
      const check = build(context, schema[name]);
      if (!check) continue;
      for (const each of KINDS) {
        const own = typeof check === "function" ? check : check[each];
        if (own && (kind === undefined || kind === each)) checks[each].push(own);
      }
    }
    this.#refuseForeign(node, schema);
    const asks = UNEVALUATED.some(({ name }) => schema[name] !== undefined);
    return combine(checks, asks, node.pointer === node.resource.root ? node.resource : undefined);
  }

  #context(node: Node, schema: JsonObject): Context {
    const { document, pointer } = node;
    const inner = (path: string, value: unknown): Node | undefined => {
      const boolean = typeof value === "boolean";
      const early = boolean && document.dialect === "draft-04" && !/^\/additional/.test(path);
      const found = early ? undefined : document.at(pointer + path);
      if (!found)
        this.#wrong(node, path, early ? "true and false are no schemas in draft-04" : "this is no schema");
      return found;
    };
    return {
      schema,
      dialect: document.dialect,
      below: (path, value) => {
        const found = inner(path, value);
        return found ? this.#check(found) : ANYTHING;
      },
      same: (path, value) => {
        const found = inner(path, value);
        return found ? this.#refer(node, found) : ANYTHING;
      },
      refer: (target) => this.#refer(node, target),
      target: (keyword, reference) => this.#target(node, keyword, reference),
      dynamic: (resource, anchor) => {
        const found = dynamicNode(resource, anchor);
        return found && this.#checks.get(found);
      },
      wrong: (path, message, hint) => this.#wrong(node, `/${path}`, message, hint),
    };
  }

  #refer(from: Node, to: Node): Check {
    const others = this.#same.get(from);
    if (others) others.push(to);
    else this.#same.set(from, [to]);
    return this.#check(to);
  }

  #target(from: Node, keyword: string, reference: string): Target | undefined {
    const target = this.#library.resolve(reference, from);
    if (target.kind === "node" && keyword === "$dynamicRef" && target.anchor !== undefined) {
      this.#dynamicNames.add(target.anchor);
    }
    if (target.kind !== "none") return target;
    return this.#wrong(from, `/${keyword}`, target.message);
  }

  #wrong(node: Node, path: string, message: string, hint?: string): undefined {
    const problem = { model: node.document.name, pointer: node.pointer + path, message };
    this.problems.push(hint === undefined ? problem : { ...problem, hint });
  }

  #refuseForeign(node: Node, schema: JsonObject): void {
    const { dialect } = node.document;
    if (isReference(schema, dialect)) return;
    for (const name of FOREIGN_KEYWORDS[dialect]) {
      if (schema[name] === undefined) continue;
      const hint = 'name the version that has it in "$schema"';
      this.#wrong(node, `/${name}`, `"${name}" is no keyword of ${dialect}`, hint);
    }
  }

  /** A schema that comes back to itself without going into the value would never end. */
  #findCircles(node: Node, path: Set<Node>, done: Set<Node>): void {
    if (done.has(node)) return;
    if (path.has(node)) {
      this.#wrong(node, "", "this schema refers to itself for one and the same value");
      return;
    }
    path.add(node);
    for (const next of this.#same.get(node) ?? []) this.#findCircles(next, path, done);
    path.delete(node);
    done.add(node);
  }
}

/** Drafts 4 and 7 look at nothing beside a reference. */
function isReference(schema: JsonObject, dialect: Dialect): boolean {
  return dialect !== "2020-12" && schema["$ref"] !== undefined;
}

function keywordsOf(schema: JsonObject, dialect: Dialect): readonly Keyword[] {
  const only = isReference(schema, dialect) ? "$ref" : undefined;
  return KEYWORDS.filter(
    ({ name }) =>
      schema[name] !== undefined &&
      (only === undefined || name === only) &&
      !FOREIGN_KEYWORDS[dialect].includes(name),
  );
}

function dynamicNode({ document, dynamicAnchors }: Resource, anchor: string): Node | undefined {
  const pointer = dynamicAnchors.get(anchor);
  return pointer === undefined ? undefined : document.at(pointer);
}

/**
 * One check of all that a schema's keywords ask of a value's kind.
 *
 * @param asks whether it has to know what of a value its own keywords have looked at
 * @param resource the one that it is the root of
 */
function combine(lists: Lists, asks: boolean, resource: Resource | undefined): Check {
  const all: Check = (value, run, at, seen) => {
    run.enter();
    let fits = true;
    for (const check of lists[kindOf(value)]) {
      if (check(value, run, at, seen)) continue;
      fits = false;
      if (!run.goesOn) break;
    }
    run.leave();
    return fits;
  };
  const scoped = resource && resource.dynamicAnchors.size > 0;
  if (!asks && !scoped) return all;
  return (value, run, at, seen) => {
    if (scoped) run.scope.push(resource);
    const own = asks ? new Evaluated() : seen;
    const fits = all(value, run, at, own);
    if (asks && fits && own) seen?.merge(own);
    if (scoped) run.scope.pop();
    return fits;
  };
}
