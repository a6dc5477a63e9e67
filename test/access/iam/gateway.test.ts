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
  /** All of which are signed. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Headers that somebody adds to what was signed. */
  readonly added?: Readonly<Record<string, string>>;
}

async function send(
  subject: TestGateway,
  target: string,
  { secret = SECRET, added = {}, ...init }: Signing = {},
) {
  const { url, headers } = await new AwsV4Signer({
    allHeaders: true,
    url: `https://api.test${target}`,
    accessKeyId: ID,
    secretAccessKey: secret,
    service: "execute-api",
    region: "eu-central-1",
    ...init,
  }).sign();
  const { pathname, search } = new URL(url.toString());
  const sent = { ...Object.fromEntries(new Headers(headers)), ...init.headers, ...added };
  return subject.fetch(`${pathname}${search}`, { ...init, headers: sent });
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

  test.each([false, true])(
    "R-03 Connection takes no signed header off on its way (presigned: %s)",
    async (signQuery) => {
      const { subject } = await guarded("HTTP", {
        policy: { Statement: { Effect: "Allow", Action: "*", Resource: "*" } },
      });
      const signed = { signQuery, headers: { "x-tenant": "acme" } };
      expect((await send(subject, "/proxied/x", signed)).status).toBe(200);
      expect(subject.lastSent.headers.get("x-tenant")).toBe("acme");
      for (const connection of ["x-tenant", "close, X-Tenant"]) {
        expect((await send(subject, "/proxied/x", { ...signed, added: { connection } })).status).toBe(403);
      }
      expect(
        (await send(subject, "/proxied/x", { ...signed, added: { connection: "x-other" } })).status,
      ).toBe(200);
      expect(subject.sent).toHaveLength(2);
    },
  );

  test("R-31 a function that changes what it learns of the caller changes it for nobody else", async () => {
    const seen: unknown[] = [];
    await putCredential({ policy: { Statement: { Effect: "Allow", Action: "*", Resource: "*" } } });
    const fetch = (_: Request, __: unknown, ctx: ExecutionContext<{ authorizer: { userArn: string } }>) => {
      seen.push(ctx.props.authorizer.userArn);
      // Frozen or not, which a function may find out by an error.
      Reflect.set(ctx.props.authorizer, "userArn", "arn:aws:iam::000000000000:user/admin");
      return new Response("ok");
    };
    const subject = await gateway(
      { "apis/default/routes/ANY /{proxy+}": { integration: callFunction("fn"), authorizer: "AWS_IAM" } },
      { functions: { fn: { default: { fetch } } }, credentialsKey: SEALING_KEY },
    );
    for (let i = 0; i < 2; i++) expect((await send(subject, "/x")).status).toBe(200);
    expect(seen).toEqual(Array(2).fill(`arn:aws:iam::000000000000:user/${ID}`));
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

describe("Cache-Control: max-age=0 to a cached route", () => {
  const statement = (Action: string) => ({ Effect: "Allow", Action, Resource: "*" });
  const mayInvoke = statement("execute-api:Invoke");

  test.each([
    [
      "has it fetched anew, with the permission",
      [mayInvoke, statement("execute-api:InvalidateCache")],
      2,
      200,
    ],
    ["is refused without", [mayInvoke], 1, 403],
  ])("%s", async (_, Statement, calls, status) => {
    const echo = echoFunction();
    await putCredential({ policy: { Statement } });
    const cache = { mode: "ttl", ttl: 60, invalidation: "FAIL_WITH_403" };
    const subject = await gateway(
      {
        "apis/default/routes/GET /prices": {
          integration: callFunction("echo"),
          authorizer: "AWS_IAM",
          cache,
        },
      },
      { functions: { echo: echo.module }, credentialsKey: SEALING_KEY },
    );
    expect((await send(subject, "/prices")).status).toBe(200);
    expect((await send(subject, "/prices")).status).toBe(200);
    const headers = { "cache-control": "max-age=0" };
    expect((await send(subject, "/prices", { headers })).status).toBe(status);
    expect(echo.events).toHaveLength(calls);
  });
});
