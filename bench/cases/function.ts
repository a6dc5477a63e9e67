import type { Case } from "../case.ts";

const requests = [{ path: "/hello?name=bench" }];

/** A Lambda handler (`functions/hello.ts`) against Workers that give its answer themselves. */
export const lambdaFunction: Case = {
  name: "function",
  contestants: [
    { name: "static Worker", script: "static", requests },
    {
      name: "gateway",
      script: "gateway",
      entries: () => ({
        "apis/default/routes/GET /hello": {
          integration: { type: "aws_proxy", uri: "hello", payloadFormatVersion: "2.0" },
        },
      }),
      vars: { ACCESS_LOG: "off" },
      requests,
    },
    { name: "Hono handler", script: "hono", requests },
  ],
};
