import fc from "fast-check";
import { expect, test } from "vitest";
import { identityKey } from "../../../src/access/function-authorizer/identity.ts";
import { record } from "../../conformance/vectors.ts";
import { ALLOW, guarded } from "./support.ts";

/** Texts that a joining character, a quote or a missing value could be mistaken for. */
const hostile = fc.oneof(
  fc.constantFrom("", ",", '"', '","', "null", "[", "]", "\\", "\0", "a", "b", "a,b", "undefined"),
  fc.string(),
);
const value = fc.oneof(fc.constant(undefined), hostile, fc.array(hostile, { minLength: 2, maxLength: 3 }));
const identity = fc.array(value, { maxLength: 4 });

test("R-31 two identities have the same key when they are the same, and never else", () => {
  fc.assert(
    fc.property(identity, identity, (a, b) => {
      // Typed notation of our own, so that the key is not compared with itself.
      const same = a.length === b.length && a.every((one, index) => isSame(one, b[index]));
      expect(identityKey(a) === identityKey(b)).toBe(same);
    }),
    { numRuns: 2_000 },
  );
});

test("R-31 a key that goes on with a method ARN is no other identity's", () => {
  fc.assert(
    fc.property(identity, identity, fc.string({ minLength: 1 }), (a, b, arn) => {
      expect(identityKey(a) + arn).not.toBe(identityKey(b));
    }),
  );
});

function isSame(a: string | readonly string[] | undefined, b: typeof a): boolean {
  if (typeof a === "object" && typeof b === "object") {
    return a.length === b.length && a.every((one, index) => one === b[index]);
  }
  return a === b;
}

test.each([
  ["$request.header.X-ID", "7"],
  ["method.request.header.x-id", "7"],
  ["$request.querystring.Name", "é"],
  ["method.request.querystring.Name", "é"],
  ["$context.identity.sourceIp", "203.0.113.7"],
  ["context.httpMethod", "GET"],
  ["$context.path", "/a"],
  ["$context.routeKey", "ANY /{proxy+}"],
  ["$context.stage", "$default"],
  ["$context.domainPrefix", "api"],
  ["$stageVariables.kind", "test"],
  ["stageVariables.kind", "test"],
  ["$request.header.host", "api.test"],
  ["$request.header.x-forwarded-proto", "https"],
  ["$request.header.x-forwarded-port", "443"],
])("%s is a source on both kinds of API", async (source, shown) => {
  for (const protocol of ["HTTP", "REST"] as const) {
    const { subject, asked } = await guarded(() => ALLOW, {
      protocol,
      authorizer: { identitySource: source, authorizerResultTtlInSeconds: 60 },
      entries: { "apis/default/stages/$default": { variables: { kind: "test" } } },
    });
    const response = await subject.fetch("/a?Name=%C3%A9", { headers: { "x-id": "7" } });
    expect(response.status).toBe(200);
    if (protocol === "HTTP") expect(record(asked[0])["identitySource"]).toEqual([shown]);
  }
});

test.each(["$request.body", "$request.path.id", "method.request.path.id", "header.x", "$context", ""])(
  "%s is a mistake of the configuration, not an open door",
  async (source) => {
    const { subject, asked } = await guarded(() => ALLOW, {
      authorizer: { identitySource: [source || " "] },
    });
    const response = await subject.fetch("/a");
    // A blank is no source at all.
    expect(response.status).toBe(source === "" ? 200 : 500);
    expect(asked).toHaveLength(source === "" ? 1 : 0);
  },
);
