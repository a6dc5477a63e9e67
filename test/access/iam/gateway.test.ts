import { AwsV4Signer } from "aws4fetch";
import { describe, expect, test } from "vitest";
import { callFunction, echoFunction, gateway, proxyTo, type TestGateway } from "../../support/gateway.ts";
import { ID, putCredential, SEALING_KEY, SECRET } from "./call.ts";

/** The whole way: route, `AWS_IAM`, policy, integration. */

const allowPets = {
  Statement: {
    Effect: "Allow",
    Action: "execute-api:Invoke",
    Resource: "arn:aws:execute-api:local:000000000000:default/$default/*/pets/*",
  },
};

async function guarded(protocol = "HTTP", credential: Record<string, unknown> = { policy: allowPets }) {
  const echo = echoFunction();
  await putCredential(credential);
  const subject = await gateway(
    {
      "apis/default": { protocol },
      "apis/default/stages/$default": {},
      "apis/default/routes/ANY /pets/{proxy+}": { integration: callFunction("echo"), authorizer: "AWS_IAM" },
      "apis/default/routes/ANY /proxied/{proxy+}": {
        integration: proxyTo("https://origin.test/{proxy}"),
        authorizer: "AWS_IAM",
      },
    },
    { functions: { echo: echo.module }, credentialsKey: SEALING_KEY },
  );
  return { subject, events: echo.events };
}

interface Signing {
  readonly method?: string;
  readonly body?: string;
  readonly signQuery?: boolean;
  readonly secret?: string;
}

async function send(subject: TestGateway, target: string, { secret = SECRET, ...init }: Signing = {}) {
  const { url, headers } = await new AwsV4Signer({
    url: `https://api.test${target}`,
    accessKeyId: ID,
    secretAccessKey: secret,
    service: "execute-api",
    region: "eu-central-1",
    ...init,
  }).sign();
  const { pathname, search } = new URL(url.toString());
  return subject.fetch(`${pathname}${search}`, { ...init, headers: new Headers(headers) });
}

describe("a route with AWS_IAM", () => {
  test("tells its function who signed, in both forms", async () => {
    const { subject, events } = await guarded();
    for (const signQuery of [false, true]) {
      expect((await send(subject, "/pets/7?b=1&a=2", { signQuery })).status).toBe(200);
      expect(events.at(-1)).toMatchObject({
        requestContext: {
          authorizer: {
            iam: {
              accessKey: ID,
              accountId: "000000000000",
              userArn: `arn:aws:iam::000000000000:user/${ID}`,
            },
          },
        },
      });
    }
  });

  test("hands its function the body that was signed", async () => {
    const { subject, events } = await guarded();
    const response = await send(subject, "/pets/7", { method: "POST", body: '{"name":"cat"}' });
    expect(response.status).toBe(200);
    expect(events.at(-1)).toMatchObject({ body: '{"name":"cat"}' });
  });

  test("forwards the body that was signed", async () => {
    const { subject } = await guarded("HTTP", {
      policy: { Statement: { Effect: "Allow", Action: "*", Resource: "*" } },
    });
    const response = await send(subject, "/proxied/x", { method: "PUT", body: "payload" });
    expect(response.status).toBe(200);
    expect(new TextDecoder().decode(subject.lastSent.body)).toBe("payload");
  });

  test("refuses the unsigned, the wrongly signed and the unauthorised", async () => {
    const { subject, events } = await guarded();
    const forbidden = async (response: Response) => {
      expect(response.status).toBe(403);
      expect(await response.text()).toBe('{"message":"Forbidden"}');
    };
    await forbidden(await subject.fetch("/pets/7"));
    await forbidden(await send(subject, "/pets/7", { secret: "wrong" }));
    await forbidden(await send(subject, "/proxied/x"));
    expect(events).toEqual([]);
    expect(subject.sent).toEqual([]);
  });

  test("says what AWS says on a REST API", async () => {
    const { subject } = await guarded("REST", { userName: "ann" });
    expect(await (await subject.fetch("/pets/7")).text()).toBe('{"message":"Missing Authentication Token"}');
    const silent = await send(subject, "/pets/7");
    expect(silent.headers.get("x-amzn-errortype")).toBe("AccessDeniedException");
    expect(await silent.text()).toContain(
      "User: arn:aws:iam::000000000000:user/ann is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:local:********0000:default/",
    );
  });

  test("R-01 lets no twin of its path past the signature", async () => {
    const { subject, events } = await guarded();
    for (const twin of [
      "//pets/7",
      "/./pets/7",
      "/x/../pets/7",
      "/%70ets/7",
      "/pets//7",
      "/pets/7/",
      "/pets/%37",
    ]) {
      expect((await subject.fetch(twin)).status, twin).not.toBe(200);
    }
    expect(events).toEqual([]);
  });
});
