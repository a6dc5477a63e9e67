import { expect, test } from "vitest";
import { AccessLog } from "../../src/observability/access-log.ts";
import { answerWith, gateway } from "../support/gateway.ts";

test("the access log names the caller and the key's id, never the key or a token", async () => {
  const lines: string[] = [];
  const key = "a-key-that-opens-this-stage-0001";
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key)));
  const hash = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const log = new AccessLog((text) => lines.push(text));
  const subject = await gateway(
    {
      "apis/default/authorizers/guard": { type: "token", authorizerUri: "guard" },
      "apis/default/routes/GET /a": {
        integration: answerWith("a"),
        authorizer: "guard",
        apiKeyRequired: true,
      },
      [`api-keys/${hash}`]: { id: "k_1", usagePlans: ["basic"] },
      "usage-plans/basic": { apiStages: [{ api: "default", stage: "$default" }] },
    },
    {
      log,
      functions: {
        guard: {
          handler: async () => ({
            principalId: "ada",
            policyDocument: {
              Version: "2012-10-17",
              Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: "*" }],
            },
          }),
        },
      },
    },
  );
  const headers = { authorization: "secret-token-1", "x-api-key": key };
  expect((await subject.fetch("/a", { headers })).status).toBe(200);
  expect((await subject.fetch("/a", { headers: { authorization: "secret-token-1" } })).status).toBe(403);
  log.flush();
  const [passed, refused] = lines
    .join("\n")
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  expect(passed).toMatchObject({ status: 200, caller: "ada", apiKeyId: "k_1" });
  expect(refused).toMatchObject({ status: 403, caller: "ada", reason: "api_key.missing" });
  expect(lines.join()).not.toMatch(/secret-token-1|a-key-that-opens/);
});
