import type { JsonPath } from "../json-path/json-path.ts";
import { readValues } from "../read-values.ts";
import { jsonText, type Value } from "../values.ts";
import { Host, type Item } from "../velocity/items.ts";
import type { Run } from "../velocity/run.ts";
import { textOf } from "../velocity/text.ts";

/** The parameters of a request by where they stand. */
export interface TemplateParams {
  readonly path: Readonly<Record<string, string>>;
  readonly querystring: Readonly<Record<string, string>>;
  readonly header: Readonly<Record<string, string>>;
}

/** A JSONPath of a text; an error of the run when it is none. */
export type FindPath = (run: Run, text: string) => JsonPath;

/** `$input`: the payload, and the request's parameters. */
export class Input extends Host {
  readonly #body: string;
  readonly #asked: () => TemplateParams;
  readonly #path: FindPath;
  #root: Value | undefined;
  #isRead = false;
  #params: Map<string, Map<string, Value>> | undefined;

  /** @param body the payload as text; the empty one is `{}` to a template, as recorded */
  constructor(body: string, params: () => TemplateParams, path: FindPath) {
    super();
    this.#body = body === "" ? "{}" : body;
    this.#asked = params;
    this.#path = path;
  }

  override property(_run: Run, name: string): Item {
    return name === "body" ? this.#body : null;
  }

  override call(run: Run, name: string, args: readonly Item[]): Item {
    const [arg] = args;
    if (args.length > 1) return null;
    if (arg === undefined) return name === "params" ? this.#allParams : null;
    switch (name) {
      case "path":
        return this.#read(run, textOf(run, arg)) ?? null;
      case "json":
        return this.#json(run, textOf(run, arg));
      case "params":
        return this.#param(run, textOf(run, arg));
      default:
        return null;
    }
  }

  override text(): string {
    return "";
  }

  #read(run: Run, path: string): Value | undefined {
    run.work(path.length);
    const compiled = this.#path(run, path);
    if (!this.#isRead) {
      run.work(this.#body.length);
      // A payload that is no JSON (a form, XML) is a text, which only `$` finds.
      const root = readValues(this.#body, (values) => run.hold(values));
      this.#root = root === undefined ? this.#body : root;
      this.#isRead = true;
    }
    if (this.#root === undefined) return undefined;
    return compiled.read(this.#root, { spend: (visits) => run.visit(visits) });
  }

  /** A path without a match is the empty JSON string; the payload itself may be null. */
  #json(run: Run, path: string): string {
    const found = this.#read(run, path);
    const isNull = this.#root === null && path.trim() === "$";
    const text = isNull
      ? "null"
      : found === undefined
        ? '""'
        : jsonText(found, (pieces) => run.print(pieces));
    run.checkText(text.length);
    run.work(text.length);
    return text;
  }

  get #allParams(): Map<string, Map<string, Value>> {
    if (!this.#params) {
      const { path, querystring, header } = this.#asked();
      this.#params = new Map(
        Object.entries({ path, querystring, header }).map(([where, values]) => [
          where,
          new Map(Object.entries(values)),
        ]),
      );
    }
    return this.#params;
  }

  /** Looked for in the path first, then in the query string, then in the headers, there in any case. */
  #param(run: Run, name: string): Item {
    for (const values of this.#allParams.values()) {
      const value = values.get(name);
      if (value !== undefined) return value;
    }
    const headers = this.#allParams.get("header");
    run.workOn(headers?.size ?? 0);
    const lower = name.toLowerCase();
    for (const [header, value] of headers ?? []) {
      if (header.toLowerCase() === lower) return value;
    }
    return "";
  }
}
