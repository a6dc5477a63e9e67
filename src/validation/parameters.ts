import type { Call } from "../call.ts";
import { compileParameter } from "../config/check-models.ts";
import type { ModelEntry, TypedParameter } from "../config/validation-schema.ts";
import type { GatewayError } from "../gateway-responses/gateway-error.ts";
import { percentDecode } from "../lib/percent.ts";
import { headerReader } from "../request-header.ts";
import { type ListStyle, readValue, typeOf } from "./parameter-value.ts";
import { type ParameterFault, refuse } from "./refusal.ts";
import type { Validator } from "./schema/validator.ts";

type Place = "header" | "path" | "querystring";

/** One of a route's `requestParameters`, compiled. */
interface Parameter {
  readonly place: Place;
  readonly name: string;
  readonly required: boolean;
  /** As sent, once for each time that it is there. */
  readonly read: (call: Call, query: URLSearchParams) => readonly string[];
  /** What is wrong with these values; undefined for a parameter that has to be there and no more. */
  readonly faults: ((values: readonly string[]) => string | undefined) | undefined;
}

export type ParameterCheck = (call: Call) => void;

const KEY = /^method\.request\.(header|path|querystring)\.(.+)$/;

/**
 * Sees whether the parameters that a route requires are there and not blank, and are what
 * their schemas say. Nothing to check gives no check.
 *
 * @param parameters `method.request.{path|querystring|header}.NAME` to what is asked of it
 * @param models what the parameters' schemas may refer to
 */
export function checkParameters(
  parameters: Readonly<Record<string, boolean | TypedParameter>>,
  models: ReadonlyMap<string, ModelEntry>,
  problemDetails: boolean,
): ParameterCheck | undefined {
  const list = compileAll(parameters, models);
  if (list.length === 0) return undefined;
  const hasQuery = list.some(({ place }) => place === "querystring");
  return (call) => {
    const query = new URLSearchParams(hasQuery ? call.query : "");
    const missing: Parameter[] = [];
    const invalid: ParameterFault[] = [];
    for (const parameter of list) {
      const { name, place, faults } = parameter;
      const values = parameter.read(call, query);
      if (parameter.required && values.every((value) => isBlank(place, value))) missing.push(parameter);
      else if (faults && values.length > 0) {
        const detail = faults(values);
        if (detail !== undefined) invalid.push({ parameter: `${place}.${name}`, detail });
      }
    }
    if (missing.length > 0) throw refuseMissing(missing, problemDetails);
    if (invalid.length > 0) throw refuseInvalid(invalid, problemDetails);
  };
}

const isBlank = (place: Place, value: string): boolean =>
  (place === "path" ? percentDecode(value) : value).trim() === "";

/** In the order of API Gateway's message: by the whole key, so headers, path, query. */
function compileAll(
  parameters: Readonly<Record<string, boolean | TypedParameter>>,
  models: ReadonlyMap<string, ModelEntry>,
): readonly Parameter[] {
  const list: Parameter[] = [];
  for (const key of Object.keys(parameters).sort()) {
    const said = parameters[key];
    const [, place, name] = KEY.exec(key) ?? [];
    if (said === undefined || said === false || name === undefined || !isPlace(place)) continue;
    const typed = said === true ? undefined : said;
    list.push({
      place,
      name,
      required: typed === undefined || typed.required,
      read: reader(place, name),
      faults: typed && valueCheck(place, typed, models),
    });
  }
  return list;
}

const isPlace = (place: string | undefined): place is Place =>
  place === "header" || place === "path" || place === "querystring";

function reader(place: Place, name: string): Parameter["read"] {
  switch (place) {
    case "header": {
      const read = headerReader(name.toLowerCase());
      return (call) => {
        const value = read(call);
        return value === undefined ? [] : [value];
      };
    }
    case "path":
      return ({ route: { parameters } }) => (Object.hasOwn(parameters, name) ? [parameters[name] ?? ""] : []);
    case "querystring":
      return (_, query) => query.getAll(name);
  }
}

function valueCheck(
  place: Place,
  typed: TypedParameter,
  models: ReadonlyMap<string, ModelEntry>,
): Parameter["faults"] {
  const compiled = compileParameter(typed, models);
  // A route with such a parameter is refused when it is loaded.
  if (!compiled.ok) return () => "cannot be checked";
  const { validator } = compiled;
  const style: ListStyle = {
    separator: SEPARATORS[typed.style ?? "simple"],
    explode: place === "querystring" && (typed.explode ?? (typed.style ?? "form") === "form"),
    decode: place === "path" ? percentDecode : place === "header" ? (text) => text.trim() : (text) => text,
  };
  return (values) => faultOf(validator, typeOf(typed.schema, models), style, values);
}

const SEPARATORS = { form: ",", simple: ",", spaceDelimited: " ", pipeDelimited: "|" } as const;

function faultOf(
  validator: Validator,
  type: ReturnType<typeof typeOf>,
  style: ListStyle,
  values: readonly string[],
): string | undefined {
  // Backends differ in which of several they take.
  if (type.list === undefined && values.length > 1) return "is there more than once";
  const [fault] = validator.faults(readValue(type, style, values), 1);
  return fault && (fault.pointer === "" ? fault.detail : `${fault.pointer} ${fault.detail}`);
}

function refuseMissing(missing: readonly Parameter[], problemDetails: boolean): GatewayError {
  const names = missing.map(({ name }) => name).join(", ");
  const faults = missing.map(({ place, name }) => ({
    parameter: `${place}.${name}`,
    detail: "is missing or blank",
  }));
  return refuseParameters(`Missing required request parameters: [${names}]`, faults, problemDetails);
}

function refuseInvalid(faults: readonly ParameterFault[], problemDetails: boolean): GatewayError {
  const names = faults.map(({ parameter }) => parameter).join(", ");
  return refuseParameters(`Invalid request parameters: [${names}]`, faults, problemDetails);
}

function refuseParameters(
  message: string,
  faults: readonly ParameterFault[],
  problemDetails: boolean,
): GatewayError {
  return refuse(
    { type: "BAD_REQUEST_PARAMETERS", reason: "validation.parameters", message, faults },
    problemDetails,
  );
}
