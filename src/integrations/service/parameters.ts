import type { Call } from "../../call.ts";
import { badAddress, isInteger } from "../../config/check-parameters.ts";
import type { ParameterRule, ParameterRules } from "../../config/parameter-rule.ts";
import type { Template } from "../../config/service-schema.ts";
import { GatewayError } from "../../gateway-responses/gateway-error.ts";
import type { Sources } from "../../mapping/parameters/expression.ts";
import { requestSource } from "../../mapping/parameters/request-source.ts";
import type { Value } from "../../mapping/values.ts";
import { type CompiledTemplate, compileTemplate, fill, textsOf } from "./plain.ts";
import { RequestBody } from "./request-body.ts";
import { type CompiledText, emptyReference, type Reference } from "./text.ts";

interface Parameter {
  readonly rule: ParameterRule;
  readonly template: CompiledTemplate;
  readonly written: Template;
}

/** An operation's parameters, compiled once for a route of a stage. */
export interface CompiledParameters {
  readonly all: ReadonlyMap<string, Parameter>;
  readonly needsBody: boolean;
}

export function compileParameters(
  rules: ParameterRules,
  parameters: Readonly<Record<string, Template>>,
  variables: Readonly<Record<string, string>>,
): CompiledParameters {
  const all = new Map<string, Parameter>();
  let needsBody = false;
  for (const [name, written] of Object.entries(parameters)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule) continue;
    const template =
      rule.is === "fixed" && typeof written === "string"
        ? ({ is: "fixed", value: written } as const)
        : compileTemplate(written, variables);
    // What may be any value takes the body as it came.
    if (rule.is !== "value" || !isBody(written)) {
      needsBody ||= textsOf(template).some(({ expression }) => expression.needs.has("request.body"));
    }
    all.set(name, { rule, template, written });
  }
  return { all, needsBody };
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

  static async of(call: Call, { all, needsBody }: CompiledParameters): Promise<Arguments> {
    const body = new RequestBody(call);
    return new Arguments(call, all, body, needsBody ? await body.text() : "");
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
    const parameter = this.#parameters.get(name);
    return parameter && fill(parameter.template, this.#sources);
  }

  /** The items of a list, each as the request has it: none for what finds nothing. */
  items(name: string): readonly (Value | undefined)[] {
    const template = this.#parameters.get(name)?.template;
    if (template?.is !== "list") return [];
    return template.items.map((item) => {
      if (item.is === "text") return item.text.expression.value(this.#sources);
      return item.is === "fixed" ? item.value : JSON.stringify(fill(item, this.#sources));
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

  /** 400 for a parameter whose value will not do; the client is told by its own names. */
  invalid(name: string, why: string): GatewayError {
    const names = this.#references(name).flatMap(clientName);
    return new GatewayError(
      "BAD_REQUEST_PARAMETERS",
      "service.parameter",
      `the parameter ${name} of ${this.#call.route.key} will not do: ${why}`,
      names.length === 0 ? {} : { message: `Invalid request parameters: [${names.join(", ")}]` },
    );
  }

  /** 400 for a parameter that has to have a value. */
  missing(name: string, reference = this.#references(name)[0]): GatewayError {
    const names = reference ? clientName(reference) : [];
    const why = reference ? `: $${reference.name} finds nothing` : "";
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
