import type { Guard } from "../call.ts";
import type { StageConfig } from "../config/api-config.ts";
import { validatorOf } from "../config/check-models.ts";
import type { RouteEntry } from "../config/schemas.ts";
import { checkBody } from "./body.ts";
import { checkParameters } from "./parameters.ts";
import { Models } from "./schema/validator.ts";

/** A configuration's models, compiled once for all of its routes; forgotten together with it. */
const compiled = new WeakMap<StageConfig["models"], Models>();

/**
 * Checks a request's parameters, then its body, as the route's validator says; no guard where
 * it has none or nothing is left to check (aws-semantics 8).
 */
export function validateRequest(entry: RouteEntry, stage: StageConfig): Guard | undefined {
  const validator = validatorOf(entry, stage.settings);
  if (!validator) return undefined;
  const { validateRequestParameters, validateRequestBody, problemDetails } = validator;
  const parameters = validateRequestParameters
    ? checkParameters(entry.requestParameters, stage.models, problemDetails)
    : undefined;
  const body = validateRequestBody
    ? checkBody(entry.requestModels, modelsOf(stage.models), { ...validator, strict: stage.settings.strict })
    : undefined;
  if (!parameters && !body) return undefined;
  return (next) => async (call) => {
    parameters?.(call);
    if (body) await body(call);
    return next(call);
  };
}

function modelsOf(entries: StageConfig["models"]): Models {
  const known = compiled.get(entries);
  if (known) return known;
  const models = new Models(entries);
  compiled.set(entries, models);
  return models;
}
