import { afterAll, beforeAll, expect, test } from "vitest";
import { answerWith, type Gateway, startGateway } from "./support/gateway.ts";

/** Slow enough for its answers to be worth sharing; counts how often it is asked. */
const GUARD = `let asked = 0;
export const handler = async () => {
  asked += 1;
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { isAuthorized: true, context: { asked } };
};`;

const ECHO = `export const handler = async ({ requestContext }: any) => ({
  statusCode: 200, body: String(requestContext.authorizer.lambda.asked),
});`;

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({
    routes: { "guard.ts": GUARD, "echo.ts": ECHO },
    entries: {
      "apis/default/authorizers/guard": {
        type: "request",
        authorizerUri: "guard",
        enableSimpleResponses: true,
        identitySource: "$request.header.x-token",
        authorizerResultTtlInSeconds: 3600,
      },
      "apis/default/routes/GET /a": {
        integration: { type: "aws_proxy", uri: "echo" },
        authorizer: "guard",
      },
    },
  });
  await gateway.answers("/a", 401);
});

afterAll(() => gateway.stop());

const ask = async (token: string): Promise<string> =>
  (await fetch(`${gateway.url}/a`, { headers: { "x-token": token } })).text();

test("a kept result outlives what the isolate has in memory, for its caller alone", async () => {
  expect(await ask("ada")).toBe("1");
  // Only of callers who come back is anything shared.
  for (let i = 0; i < 3; i++) expect(await ask("ada")).toBe("1");
  // A new configuration drops the memory; the location's cache is what is left.
  await gateway.put("apis/default/routes/GET /new", { integration: answerWith("new") });
  await gateway.answers("/new", 200);
  expect(await ask("ada")).toBe("1");
  expect(await ask("bob")).toBe("2");
  expect(await ask("ada")).toBe("1");
});
