import { PAYLOAD_LIMIT, readBody } from "../body.ts";
import type { Call } from "../call.ts";
import { EMPTY_MODEL } from "../config/check-models.ts";
import type { GatewayError } from "../gateway-responses/gateway-error.ts";
import { BODY_LIMITS, jsonFault } from "../lib/json/json-fault.ts";
import { isUtf8, parseContentType } from "./content-type.ts";
import { MAX_FAULTS, refuse } from "./refusal.ts";
import type { Fault } from "./schema/run.ts";
import type { Models, Validator } from "./schema/validator.ts";

export interface BodyOptions {
  readonly strictContentType: boolean;
  readonly problemDetails: boolean;
  /** API Gateway's guide to the letter: a content type without a model, and without `$default`, is not looked at. */
  readonly strict: boolean;
}

export type BodyCheck = (call: Call) => Promise<void>;

/** A route's models by content type; null for the model that anything fits. */
type ByType = ReadonlyMap<string, Validator | null>;

const JSON_TYPE = "application/json";
const DEFAULT = "$default";

// A byte order mark is not taken off: not every reader behind the gateway would.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Sees whether a body fits the model for its content type: the one of exactly that type, else
 * `$default`, else that of `application/json`, so that no caller gets around a model by another
 * type (aws-semantics 8, R-20). Without a type, JSON comes first. The bytes that were looked at
 * are those that go on.
 *
 * @param requestModels content type to the name of a model
 */
export function checkBody(
  requestModels: Readonly<Record<string, string>>,
  models: Models,
  options: BodyOptions,
): BodyCheck | undefined {
  const byType = compile(requestModels, models);
  if (byType.size === 0 && !options.strictContentType) return undefined;
  return async (call) => {
    const stated = call.request.headers.get("content-type") ?? undefined;
    const contentType = parseContentType(stated);
    // A type that others may read as one has no model that could be meant.
    if (stated !== undefined && contentType.type === "") throw refuseType("this is no content type", options);
    const own = byType.get(contentType.type);
    if (own === undefined && options.strictContentType && !isEmpty(call, stated)) {
      throw refuseType("no model is for this content type", options);
    }
    const validator = own === undefined ? otherwise(byType, stated === undefined, options) : own;
    if (!validator) return;
    if (!isUtf8(contentType)) throw refuseType("JSON is UTF-8", options);
    const bytes = await readBody(call, call.stage.settings.limits.bodyBytes ?? PAYLOAD_LIMIT);
    // A request without a body has none afterwards either.
    if (call.request.body !== null) call.bufferedBody = bytes;
    validate(validator, bytes, options);
  };
}

function otherwise(
  byType: ByType,
  isUnstated: boolean,
  { strict }: BodyOptions,
): Validator | null | undefined {
  const json = byType.get(JSON_TYPE);
  const any = byType.get(DEFAULT);
  if (isUnstated) return json === undefined ? any : json;
  return any === undefined && !strict ? json : any;
}

function compile(requestModels: Readonly<Record<string, string>>, models: Models): ByType {
  const byType = new Map<string, Validator | null>();
  for (const [stated, name] of Object.entries(requestModels)) {
    const type = stated.toLowerCase();
    const model = models.get(name);
    // A route that names a bad model is refused when it is loaded.
    if (model.ok) byType.set(type, model.validator);
    else if (name === EMPTY_MODEL) byType.set(type, null);
  }
  return byType;
}

/** A request that sends nothing need not say what. */
const isEmpty = (call: Call, stated: string | undefined): boolean =>
  stated === undefined && call.request.body === null;

/** @throws GatewayError BAD_REQUEST_BODY */
function validate(validator: Validator, bytes: Uint8Array, options: BodyOptions): void {
  const faults = validator.faults(parsed(bytes, options), MAX_FAULTS);
  if (faults.length > 0) throw refuseBody("validation.body", faults, options);
}

/** An empty body is looked at as `{}`: recorded of API Gateway. */
function parsed(bytes: Uint8Array, options: BodyOptions): unknown {
  if (bytes.byteLength === 0) return {};
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw refuseJson("the body is not UTF-8", options);
  }
  const fault = jsonFault(text, BODY_LIMITS);
  if (fault) throw refuseJson(`${fault.detail} (at character ${fault.offset})`, options);
  return JSON.parse(text);
}

const refuseJson = (detail: string, options: BodyOptions): GatewayError =>
  refuseBody("validation.json", [{ pointer: "", detail }], options);

function refuseBody(
  reason: "validation.body" | "validation.json",
  faults: readonly Fault[],
  { problemDetails }: BodyOptions,
): GatewayError {
  const message = "Invalid request body";
  return refuse({ type: "BAD_REQUEST_BODY", reason, message, faults }, problemDetails);
}

function refuseType(detail: string, { problemDetails }: BodyOptions): GatewayError {
  return refuse(
    {
      type: "UNSUPPORTED_MEDIA_TYPE",
      reason: "validation.content_type",
      message: "Unsupported Media Type",
      faults: [{ parameter: "header.content-type", detail }],
    },
    problemDetails,
  );
}
