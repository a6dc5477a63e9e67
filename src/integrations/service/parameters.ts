import type { Call } from "../../call.ts";
import { badAddress, isInteger } from "../../config/check-parameters.ts";
import type { ParameterRule, ParameterRules } from "../../config/parameter-rule.ts";
import type { Template } from "../../config/service-schema.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import type { Sources } from "../../mapping/parameters/expression.ts";
import { rootOf } from "../../mapping/parameters/json-body.ts";
import { requestSource } from "../../mapping/parameters/request-source.ts";
import type { Value } from "../../mapping/values.ts";
import { type CompiledTemplate, compileTemplate, exactJson, fill, plain, textsOf } from "./plain.ts";
import { RequestBody } from "./request-body.ts";
import { type CompiledText, emptyReference, isStages, type Reference, unsetVariable } from "./text.ts";

interface Parameter {
  readonly rule: ParameterRule;
  readonly template: CompiledTemplate;
  readonly written: Template;
}

/** An operation's parameters, compiled once for a route of a stage. */
export interface CompiledParameters {
  readonly all: ReadonlyMap<string, Parameter>;
  readonly needsBody: boolean;
  /** Whether a value comes from inside of a body of JSON. */
  readonly readsJson: boolean;
  /** A text whose stage variable there is not: half of it would mean something else. */
  readonly unset: { readonly name: string; readonly reference: Reference } | undefined;
}

export function compileParameters(
  rules: ParameterRules,
  parameters: Readonly<Record<string, Template>>,
  variables: Readonly<Record<string, string>>,
): CompiledParameters {
  const all = new Map<string, Parameter>();
  let needsBody = false;
  let readsJson = false;
  let unset: CompiledParameters["unset"];
  for (const [name, written] of Object.entries(parameters)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule) continue;
    const template =
      rule.is === "fixed" && !rule.variables && typeof written === "string"
        ? ({ is: "fixed", value: written } as const)
        : compileTemplate(written, variables);
    const texts = textsOf(template);
    // What may be any value takes the body as it came.
    if (rule.is !== "value" || !isBody(written)) {
      needsBody ||= texts.some(({ expression }) => expression.needs.has("request.body"));
    }
    readsJson ||= texts.some(({ references }) => references.some(isInBody));
    if (template.is === "text" && rule.is !== "value") {
      const reference = unsetVariable(template.text, variables);
      if (reference) unset ??= { name, reference };
    }
    all.set(name, { rule, template, written });
  }
  return { all, needsBody, readsJson, unset };
}

function isInBody({ name }: Reference): boolean {
  return name.startsWith("request.body.");
}

function isBody(written: Template): boolean {
  return written === "$request.body";
}

/** The values of one request. */
export class Arguments {
  readonly body: RequestBody;
  readonly #call: Call;
  readonly #parameters: CompiledParameters["all"];
  readonly #sources: Sources;

  private constructor(call: Call, parameters: CompiledParameters["all"], body: RequestBody, text: string) {
    this.#call = call;
    this.#parameters = parameters;
    this.#sources = { request: requestSource(call, text) };
    this.body = body;
  }

  /**
   * @throws GatewayError API_CONFIGURATION_ERROR where the stage has not what an entry asks of it;
   * BAD_REQUEST_BODY for a body that is no JSON where a parameter is inside of it
   */
  static async of(call: Call, { all, needsBody, readsJson, unset }: CompiledParameters): Promise<Arguments> {
    const body = new RequestBody(call);
    if (unset) throw new Arguments(call, all, body, "").missing(unset.name, unset.reference);
    const args = new Arguments(call, all, body, needsBody ? await body.text() : "");
    if (readsJson && rootOf(args.#sources.request) === undefined) {
      throw body.refused("a parameter is a member of it, and it is no JSON");
    }
    return args;
  }

  /** Whether the configuration says anything of a parameter. */
  has(name: string): boolean {
    return this.#parameters.has(name);
  }

  /** Whether a parameter is the request's body: by `$request.body`, or because it says nothing. */
  isBody(name: string): boolean {
    const parameter = this.#parameters.get(name);
    return parameter === undefined || isBody(parameter.written);
  }

  /**
   * A parameter's text; none where it says nothing or finds nothing.
   *
   * @throws GatewayError BAD_REQUEST_PARAMETERS for an address that cannot be one
   */
  text(name: string): string | undefined {
    const parameter = this.#parameters.get(name);
    if (!parameter) return undefined;
    const { rule, template } = parameter;
    if (template.is === "fixed") return String(template.value);
    if (template.is !== "text") return undefined;
    if (rule.is !== "address") return template.text.expression.text(this.#sources);
    return this.#address(name, template.text, rule);
  }

  /**
   * What a parameter's text begins with that no request decides: up to its first reference to
   * anything but the stage's variables.
   */
  fixedStart(name: string): string {
    const template = this.#parameters.get(name)?.template;
    if (template?.is !== "text") return "";
    const { parts } = template.text;
    const end = parts.findIndex((part) => typeof part !== "string" && !isStages(part));
    return parts
      .slice(0, end < 0 ? parts.length : end)
      .map((part) => (typeof part === "string" ? part : (part.expression.text(this.#sources) ?? "")))
      .join("");
  }

  /** @throws GatewayError BAD_REQUEST_PARAMETERS where one of a parameter's texts finds nothing, or "" */
  allFound(name: string): void {
    const template = this.#parameters.get(name)?.template;
    for (const text of template ? textsOf(template) : []) {
      if (text.references.length > 0 && (text.expression.text(this.#sources) ?? "") === "") {
        throw this.missing(name, emptyReference(text, this.#sources));
      }
    }
  }

  /** @throws GatewayError BAD_REQUEST_PARAMETERS where it finds nothing */
  required(name: string): string {
    const text = this.text(name);
    if (text !== undefined && text !== "") return text;
    throw this.missing(name);
  }

  /** @throws GatewayError BAD_REQUEST_PARAMETERS for what is no such integer */
  integer(name: string): number | undefined {
    const text = this.text(name);
    const rule = this.#parameters.get(name)?.rule;
    if (text === undefined || text === "" || rule?.is !== "integer") return undefined;
    if (isInteger(text, rule.min, rule.max)) return Number(text);
    throw this.invalid(name, `it is no integer from ${rule.min} to ${rule.max}`);
  }

  /** JSON with its expressions filled in; none where it says or finds nothing. */
  value(name: string): unknown {
    const value = this.#filled(name);
    return value === undefined ? undefined : plain(value);
  }

  /** A parameter as text: what is no text is JSON, its numbers as they were written. */
  asText(name: string): string | undefined {
    const value = this.#filled(name);
    return value === undefined || typeof value === "string" ? value : exactJson(value);
  }

  /** The items of a list, each as the request has it: none for what finds nothing. */
  items(name: string): readonly (Value | undefined)[] {
    const template = this.#parameters.get(name)?.template;
    if (template?.is !== "list") return [];
    return template.items.map((item) => {
      if (item.is === "text") return item.text.expression.value(this.#sources);
      return item.is === "fixed" ? item.value : exactJson(fill(item, this.#sources) ?? null);
    });
  }

  /**
   * A path whose path variables stay as they were sent, and everything else is one segment of it.
   *
   * @throws GatewayError BAD_REQUEST_PARAMETERS
   */
  path(name: string): string | undefined {
    const template = this.#parameters.get(name)?.template;
    if (template?.is !== "text") return undefined;
    return template.text.parts
      .map((part) => (typeof part === "string" ? part : this.#segment(name, part)))
      .join("");
  }

  /**
   * 400 for a parameter whose value will not do; the client is told by its own names. 500 where
   * all of it is the operator's.
   */
  invalid(name: string, why: string): GatewayError {
    const references = this.#references(name);
    if (this.has(name) && references.every(isStages)) return this.#misconfigured(name, `will not do: ${why}`);
    const names = references.flatMap(clientName);
    return new GatewayError(
      "BAD_REQUEST_PARAMETERS",
      "service.parameter",
      `the parameter ${name} of ${this.#call.route.key} will not do: ${why}`,
      names.length === 0 ? {} : { message: `Invalid request parameters: [${names.join(", ")}]` },
    );
  }

  /** 400 for a parameter that has to have a value; 500 where the operator has to give it. */
  missing(name: string, reference = this.#firstEmpty(name)): GatewayError {
    const why = reference ? `: $${reference.name} finds nothing` : "";
    if (!reference || isStages(reference)) return this.#misconfigured(name, `has no value${why}`);
    const names = clientName(reference);
    return new GatewayError(
      "BAD_REQUEST_PARAMETERS",
      "service.parameter",
      `the parameter ${name} of ${this.#call.route.key} has no value${why}`,
      names.length === 0 ? {} : { message: `Missing required request parameters: [${names.join(", ")}]` },
    );
  }

  #address(
    name: string,
    text: CompiledText,
    rule: Extract<ParameterRule, { is: "address" }>,
  ): string | undefined {
    const empty = emptyReference(text, this.#sources);
    // Half of an address may be the address of something else.
    // What the gateway knows of the caller may stand alone, and not be left out.
    const isOurs = empty?.name.startsWith("context.") === true;
    if (empty && (rule.required || isOurs || text.parts.length > 1)) throw this.missing(name, empty);
    if (empty) return undefined;
    const address = text.expression.text(this.#sources) ?? "";
    const why = badAddress(address, rule);
    if (why !== undefined) throw this.invalid(name, why);
    return address;
  }

  #segment(name: string, { name: reference, expression }: Reference): string {
    const variable = /^request\.path\.(.+)$/.exec(reference)?.[1];
    const sent = this.#call.route.parameters;
    if (reference === "request.path") return this.#call.path;
    if (variable !== undefined && Object.hasOwn(sent, variable)) return sent[variable] ?? "";
    const text = expression.text(this.#sources) ?? "";
    if (text === "") throw this.missing(name, { name: reference, expression });
    // An origin may decode what is encoded here.
    if (/[/\\;\x00-\x1f\x7f]/.test(text) || !text.isWellFormed()) {
      throw this.invalid(name, "it has characters that a path segment cannot have");
    }
    return encodeURIComponent(text);
  }

  #filled(name: string): Value | undefined {
    const parameter = this.#parameters.get(name);
    return parameter && fill(parameter.template, this.#sources);
  }

  #misconfigured(name: string, what: string): GatewayError {
    return new GatewayError(
      "API_CONFIGURATION_ERROR",
      "service.configuration",
      `the parameter ${name} of ${this.#call.route.key} ${what}`,
    );
  }

  #firstEmpty(name: string): Reference | undefined {
    const template = this.#parameters.get(name)?.template;
    const empty = template && textsOf(template).map((text) => emptyReference(text, this.#sources));
    return empty?.find((reference) => reference !== undefined) ?? this.#references(name)[0];
  }

  #references(name: string): readonly Reference[] {
    const template = this.#parameters.get(name)?.template;
    return template ? textsOf(template).flatMap(({ references }) => references) : [];
  }
}

/** What the client calls that which a reference reads; nothing for what is not the client's. */
function clientName({ name }: Reference): readonly string[] {
  const sent = /^request\.(?:path|querystring|header)\.(.+)$/.exec(name)?.[1];
  if (sent !== undefined) return [sent];
  return name.startsWith("request.body") ? [name.slice("request.".length)] : [];
}
