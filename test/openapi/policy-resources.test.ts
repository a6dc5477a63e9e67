import { expect, test } from "vitest";
import { importOpenApi } from "../../src/openapi/import.ts";
import { lintAccess } from "../../src/openapi/lint-access.ts";

const ANOTHER = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5";

function found(statement: object, root: object = {}) {
  const policy = {
    Version: "2012-10-17",
    Statement: { Principal: "*", Action: "execute-api:Invoke", ...statement },
  };
  const { problems, warnings } = importOpenApi({
    openapi: "3.0.1",
    paths: {},
    "x-amazon-apigateway-policy": policy,
    ...root,
  });
  return [problems, warnings].map((list) => list.map(({ code, path }) => `${code} ${path}`));
}

const RESOURCE = "policy.resource x-amazon-apigateway-policy.Statement.Resource";
const NOT_RESOURCE = "policy.resource x-amazon-apigateway-policy.Statement.NotResource";

const RESOURCE_OF = {
  Resource: RESOURCE.replace("policy.resource ", ""),
  NotResource: NOT_RESOURCE.replace("policy.resource ", ""),
};

test.each<[object, string]>([
  [{ Effect: "Deny", Resource: `${ANOTHER}/*` }, RESOURCE],
  [{ Effect: "Deny", Resource: ["execute-api:/*", `${ANOTHER}/prod/GET/admin`] }, RESOURCE],
  [{ Effect: "Allow", NotResource: `${ANOTHER}/prod/GET/admin` }, NOT_RESOURCE],
])("R-13 a statement about another API keeps nobody out of this one: %j", (statement, problem) => {
  expect(found(statement)).toEqual([[problem], []]);
});

test.each<[object, string]>([
  [{ Effect: "Allow", Resource: `${ANOTHER}/*` }, RESOURCE],
  [{ Effect: "Deny", NotResource: `${ANOTHER}/*` }, NOT_RESOURCE],
])("and one that lets nobody in is named: %j", (statement, warning) => {
  expect(found(statement)).toEqual([[], [warning]]);
});

test.each([
  { Effect: "Deny", Resource: "execute-api:/prod/*" },
  { Effect: "Deny", Resource: "arn:aws:execute-api:*:123456789012:*/prod/*" },
  { Effect: "Deny", Resource: "arn:aws:execute-api:local:000000000000:default/*" },
])("a resource of this API, or of any, is fine: %j", (statement) => {
  expect(found(statement)).toEqual([[], []]);
});

const SAID = `this statement is about another API, ${ANOTHER}; this one is arn:aws:execute-api:local:000000000000:default`;

test.each<[object, string]>([
  [
    { Effect: "Allow", Resource: `${ANOTHER}/*` },
    `${SAID}, so it lets nobody in: where no other statement does, every request ends in 403 (policy.silent)`,
  ],
  [
    { Effect: "Deny", NotResource: `${ANOTHER}/*` },
    `${SAID}, so it keeps everybody out: every request ends in 403 (policy.denied)`,
  ],
  [{ Effect: "Allow", Resource: [`${ANOTHER}/*`, "execute-api:/pets"] }, SAID],
])("what comes of it is said, and what to do: %j", (statement, message) => {
  const policy = { Statement: { Principal: "*", Action: "execute-api:Invoke", ...statement } };
  const imported = importOpenApi({ openapi: "3.0.1", paths: {}, "x-amazon-apigateway-policy": policy });
  expect([...imported.warnings, ...lintAccess(imported)]).toEqual([
    {
      code: "policy.resource",
      path: RESOURCE_OF[Object.hasOwn(statement, "Resource") ? "Resource" : "NotResource"],
      message,
      hint: `x-portico-arn: ${ANOTHER} makes this API that one`,
    },
  ]);
});

test("a policy that allows everybody this API, besides another one, is as no policy", () => {
  const resources = [[`${ANOTHER}/*`, "execute-api:/*"], "*"];
  for (const Resource of resources) {
    const policy = { Statement: { Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource } };
    const imported = importOpenApi({ openapi: "3.0.1", paths: {}, "x-amazon-apigateway-policy": policy });
    expect(lintAccess(imported)).toMatchObject([{ code: "policy.wildcard" }]);
  }
});

test("an API that says that it is that one is", () => {
  const statement = {
    Effect: "Deny",
    Resource: `${ANOTHER}/*`,
    Condition: { IpAddress: { "aws:SourceIp": "198.51.100.1" } },
  };
  expect(found(statement, { "x-portico-arn": ANOTHER })).toEqual([[], []]);
});

test("a route's policy is read, too, and each of several statements", () => {
  const allow = { Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*" };
  const policy = { Statement: [allow, { ...allow, Effect: "Deny", Resource: `${ANOTHER}/*` }] };
  const get = { "x-portico-policy": policy, "x-amazon-apigateway-integration": { type: "mock" } };
  expect(importOpenApi({ openapi: "3.0.1", paths: { "/a": { get } } }).problems).toEqual([
    {
      code: "policy.resource",
      path: "paths./a.get.x-portico-policy.Statement.1.Resource",
      message: `this statement is about another API, ${ANOTHER}; this one is arn:aws:execute-api:local:000000000000:default`,
      hint: `x-portico-arn: ${ANOTHER} makes this API that one`,
    },
  ]);
});
