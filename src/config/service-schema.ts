import * as v from "valibot";

/** Integrations that call a service of the edge platform through a binding, without code between. */

export const SERVICE_TYPES = [
  "queue",
  "kv",
  "r2",
  "d1",
  "workflow",
  "service",
  "durable_object",
  "analytics_engine",
] as const;

export type ServiceType = (typeof SERVICE_TYPES)[number];

/** JSON whose texts are expressions: `$request.body.name`, `users/${request.path.id}`. */
export type Template =
  | string
  | number
  | boolean
  | null
  | readonly Template[]
  | { readonly [name: string]: Template };

export const Template: v.GenericSchema<unknown, Template> = v.lazy(() =>
  v.union([v.string(), v.number(), v.boolean(), v.null(), v.array(Template), v.record(v.string(), Template)]),
);

export const ServiceIntegration = v.strictObject({
  type: v.picklist(SERVICE_TYPES),
  /** The binding's name in wrangler.toml. */
  binding: v.pipe(v.string(), v.nonEmpty()),
  /** The binding's method (`get`, `send`, `writeDataPoint`); where a type has one only, that one. */
  operation: v.optional(v.pipe(v.string(), v.nonEmpty())),
  /** The method's arguments by the names that the platform's documentation gives them. */
  parameters: v.optional(v.record(v.string(), Template), {}),
  timeoutInMillis: v.optional(v.pipe(v.number(), v.integer(), v.minValue(50), v.maxValue(900_000))),
});

export type ServiceIntegration = v.InferOutput<typeof ServiceIntegration>;

const TYPES: ReadonlySet<string> = new Set(SERVICE_TYPES);

export function isServiceIntegration(integration: {
  readonly type: string;
}): integration is ServiceIntegration {
  return TYPES.has(integration.type);
}
