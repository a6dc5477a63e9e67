import * as v from "valibot";
import { burstLimit, Fail, rateLimit } from "./throttle-schema.ts";

/** What the entries of API keys and usage plans may say; names as API Gateway has them. */

/** Stands before the SHA-256 of a key's text, in lower-case hexadecimal. */
export const API_KEY_PREFIX = "api-keys/";
/** Stands before a usage plan's name. */
export const USAGE_PLAN_PREFIX = "usage-plans/";

/** These texts reach logs and terminals. */
const line = (max: number) =>
  v.pipe(
    v.string(),
    v.maxLength(max, `longer than ${max} characters`),
    v.regex(/^\P{Cc}*$/u, "there is a control character in it"),
  );

/** API Gateway's limit for names. */
const shown = line(1024);

export const PlanName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9._-]{1,128}$/, "a usage plan's name is 1 to 128 of A-Z a-z 0-9 . _ -"),
);

const INSTANT = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** A day that the calendar does not have (30 February) would silently become another one. */
function isInstant(text: string): boolean {
  const [, day] = INSTANT.exec(text) ?? [];
  if (day === undefined || Number.isNaN(Date.parse(text))) return false;
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}

/** Always in the form of `toISOString` once it is parsed. */
const instant = v.pipe(
  v.string(),
  v.check(isInstant, "not an instant: write a date, a time and a zone, as 2027-01-31T00:00:00Z"),
  v.transform((text) => new Date(text).toISOString()),
);

/** `api-keys/{sha256 of the key}`: the key's text stands nowhere. */
export const ApiKeyEntry = v.strictObject({
  /** Says which key is meant in logs and on the command line, where its text must not be. */
  id: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/, "a key's id is 1 to 64 of A-Z a-z 0-9 _ -")),
  name: v.optional(shown),
  /** Who got the key. */
  owner: v.optional(shown),
  description: v.optional(shown),
  enabled: v.optional(v.boolean(), true),
  /** The plans that let the key into stages; where several contain a stage, the first counts. */
  usagePlans: v.optional(v.array(PlanName), []),
  labels: v.optional(v.record(v.pipe(line(128), v.nonEmpty("a label needs a name")), line(256))),
  createdAt: v.optional(instant),
  /** From then on the key is refused. */
  expiresAt: v.optional(instant),
});

/** `/pets/GET`; the root's is `//GET` (aws-semantics 11). */
const methodPath = v.pipe(
  v.string(),
  v.regex(
    /^\/.*\/(?:ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT)$/,
    "not a resource's path and method: write /pets/GET, or //GET for the root",
  ),
);

const ApiStage = v.strictObject({
  api: v.pipe(v.string(), v.nonEmpty("write the name of an API")),
  stage: v.pipe(v.string(), v.nonEmpty("write the name of a stage; the default one is $default")),
  /** Limits of single methods, for each key, in place of the plan's; what one does not say is the plan's. */
  throttle: v.optional(
    v.record(
      methodPath,
      v.strictObject({ rateLimit: v.optional(rateLimit), burstLimit: v.optional(burstLimit) }),
    ),
  ),
});

const Quota = v.pipe(
  v.strictObject({
    /** Requests in a period. */
    limit: v.pipe(
      v.number(),
      v.safeInteger("a quota is a whole number of requests"),
      v.minValue(1, "a quota is at least 1 request"),
    ),
    /** Requests that are taken off the limit in a key's first period. */
    offset: v.optional(
      v.pipe(
        v.number(),
        v.safeInteger("an offset is a whole number of requests"),
        v.minValue(0, "an offset is 0 requests or more"),
      ),
    ),
    period: v.picklist(["DAY", "WEEK", "MONTH"]),
  }),
  v.forward(
    v.partialCheck(
      [["limit"], ["offset"]],
      ({ limit, offset = 0 }) => offset === 0 || offset < limit,
      "the offset leaves nothing of the first period: it has to be less than the limit",
    ),
    ["offset"],
  ),
);

const Plan = v.strictObject({
  name: v.optional(shown),
  description: v.optional(shown),
  /** Empty for a plan that lets nobody in. */
  apiStages: v.array(ApiStage),
  /**
   * Of each key, over all stages of the plan together: `rateLimit` requests a second, `burstLimit`
   * of them at once. With 0 for one of them nothing gets in.
   */
  throttle: v.optional(v.strictObject({ rateLimit, burstLimit })),
  /** Of each key, over all stages of the plan together. */
  quota: v.optional(Quota),
  /** What holds while the counter cannot be asked. */
  fail: v.optional(Fail, "local"),
  /** Asks the counter at every request. */
  exact: v.optional(v.boolean(), false),
});

type Plan = v.InferOutput<typeof Plan>;
type Limits = NonNullable<Plan["throttle"]>;

/** A stage that a plan lets its keys into. */
export interface CoveredStage {
  readonly api: string;
  readonly stage: string;
  /** Limits of single methods (`/pets/GET`) in place of the plan's, each with both its members. */
  readonly throttle?: Readonly<Record<string, Limits>>;
}

/** Gives each method's limits the member that they leave to the plan. */
const completed = v.rawTransform<Plan, Omit<Plan, "apiStages"> & { apiStages: CoveredStage[] }>(
  ({ dataset: { value: plan }, addIssue, NEVER }) => {
    const { apiStages } = plan;
    const stages: CoveredStage[] = [];
    let complete = true;
    for (const [index, covered] of apiStages.entries()) {
      const { api, stage, throttle: methods = {} } = covered;
      const throttle: Record<string, Limits> = {};
      for (const [path, method] of Object.entries(methods)) {
        const { rateLimit: rate, burstLimit: burst } = { ...plan.throttle, ...method };
        if (rate !== undefined && burst !== undefined) {
          throttle[path] = { rateLimit: rate, burstLimit: burst };
          continue;
        }
        complete = false;
        addIssue({
          message: `the ${rate === undefined ? "rateLimit" : "burstLimit"} is neither here nor in the plan's own throttle`,
          path: [
            { type: "object", origin: "value", input: plan, key: "apiStages", value: apiStages },
            { type: "array", origin: "value", input: apiStages, key: index, value: covered },
            { type: "object", origin: "value", input: { ...covered }, key: "throttle", value: methods },
            { type: "object", origin: "value", input: methods, key: path, value: method },
          ],
        });
      }
      stages.push({ api, stage, ...(covered.throttle && { throttle }) });
    }
    return complete ? { ...plan, apiStages: stages } : NEVER;
  },
);

/** `usage-plans/{plan}`: which stages its keys get into, and how often each of them may call. */
export const UsagePlanEntry = v.pipe(Plan, completed);

export type ApiKeyEntry = v.InferOutput<typeof ApiKeyEntry>;
export type UsagePlanEntry = v.InferOutput<typeof UsagePlanEntry>;
