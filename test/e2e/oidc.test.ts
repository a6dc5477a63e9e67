import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gateway, startGateway } from "./support/gateway.ts";
import { REPOSITORY } from "./support/root.ts";
import { bounded, until } from "./support/wait.ts";

/** A real issuer; its keys change with `rotate` and with every start. */
class Issuer {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(port = 0): Promise<Issuer> {
    const file = fileURLToPath(new URL("./support/oidc-process.ts", import.meta.url));
    // What it prints are warnings about http and about keys made for a test.
    const child = fork(file, [String(port)], { stdio: ["ignore", "ignore", "ignore", "ipc"], execArgv: [] });
    const [message] = await bounded("the issuer's start", once(child, "message"));
    return new Issuer(child, message.listening);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async token(alg: string, scope = "orders/read"): Promise<string> {
    const response = await fetch(`${this.url}/token`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa("client:client-secret")}` },
      body: new URLSearchParams({
        grant_type: "client_credentials",
        resource: `urn:orders:${alg}`,
        ...(scope === "" ? {} : { scope }),
      }),
    });
    const answer = await response.text();
    const { access_token }: { access_token?: string } = JSON.parse(answer);
    if (access_token === undefined) throw new Error(answer);
    return access_token;
  }

  async rotate(): Promise<void> {
    this.#child.send("rotate");
    await bounded("the rotation", once(this.#child, "message"));
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await bounded("the issuer's end", ended);
  }
}

const ECHO = `export const handler = async ({ requestContext }) => ({
  statusCode: 200,
  body: JSON.stringify(requestContext.authorizer),
});`;

let issuer: Issuer;
let gateway: Gateway;

beforeAll(async () => {
  issuer = await Issuer.start();
  const wrangler = readFileSync(join(REPOSITORY, "wrangler.toml"), "utf8");
  const authorizer = (alg: string, issuerUrl = issuer.url) => ({
    type: "jwt",
    jwtConfiguration: { issuer: issuerUrl, audience: [`urn:orders:${alg}`] },
    algorithms: [alg],
  });
  const route = (name: string, ...authorizationScopes: string[]) => ({
    integration: { type: "aws_proxy", uri: "echo", payloadFormatVersion: "2.0" },
    authorizer: name,
    authorizationScopes,
  });
  gateway = await startGateway({
    routes: {
      "echo.ts": ECHO,
      // Nobody waits five minutes for a rotation here.
      "../wrangler.toml": wrangler.replace("[vars]", '[vars]\nJWKS_REFRESH_SECONDS = "1"'),
    },
    entries: {
      "apis/default/authorizers/rsa": authorizer("RS256"),
      "apis/default/authorizers/elliptic": authorizer("ES256"),
      // Nobody listens there.
      "apis/default/authorizers/unreachable": authorizer("RS256", "http://127.0.0.1:9"),
      "apis/default/routes/GET /rsa": route("rsa"),
      "apis/default/routes/GET /elliptic": route("elliptic"),
      "apis/default/routes/GET /scoped": route("rsa", "orders/read", "orders/admin"),
      "apis/default/routes/GET /unreachable": route("unreachable"),
    },
  });
  await gateway.answers("/rsa", 401);
});

afterAll(async () => {
  await gateway?.stop();
  await issuer?.kill();
});

const get = (path: string, token?: string): Promise<Response> =>
  fetch(gateway.url + path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });

const status = async (path: string, token?: string): Promise<number> => {
  const response = await get(path, token);
  await response.arrayBuffer();
  return response.status;
};

const becomes = (path: string, token: string, expected: number) =>
  until(`${path} answers ${expected}`, async () => (await status(path, token)) === expected);

test("tokens of a real issuer pass, found by discovery, and their claims reach the function", async () => {
  const token = await issuer.token("RS256", "orders/read orders/write");
  const response = await get("/scoped", token);
  expect(response.status).toBe(200);
  const { jwt } = JSON.parse(await response.text());
  expect(jwt.claims).toMatchObject({ iss: issuer.url, aud: "urn:orders:RS256", client_id: "client" });
  expect(jwt.claims.exp).toMatch(/^\d+$/);
  expect(jwt.scopes).toEqual(["orders/read", "orders/write"]);
  expect(await status("/elliptic", await issuer.token("ES256"))).toBe(200);
});

test("everything else is refused, and told why as API Gateway tells it", async () => {
  const missing = await get("/rsa");
  expect([missing.status, missing.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
  expect(await missing.text()).toBe('{"message":"Unauthorized"}');
  const token = await issuer.token("RS256");
  const [head, payload, signature = ""] = token.split(".");
  const forged = `${head}.${payload}.${signature.slice(1, -1)}AAA`;
  const refusals = [
    [await get("/rsa", forged), "the token has an invalid signature"],
    [await get("/elliptic", token), "the token has an invalid signing algorithm"],
    [await get("/rsa", await issuer.token("ES256")), "the token has an invalid signing algorithm"],
    [await get("/rsa", "x"), "the token is malformed"],
  ] as const;
  for (const [response, description] of refusals) {
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe(
      `Bearer scope="" error="invalid_token" error_description="${description}"`,
    );
  }
  const narrow = await get("/scoped", await issuer.token("RS256", "orders/write"));
  expect([narrow.status, await narrow.text()]).toEqual([403, '{"message":"Forbidden"}']);
  expect(narrow.headers.get("www-authenticate")).toBe(
    'Bearer scope="orders/read orders/admin" error="insufficient_scope"',
  );
});

test("R-13 without any keys of the issuer the answer is 503, and the log says why", async () => {
  const response = await get("/unreachable", await forIssuer("http://127.0.0.1:9"));
  expect([response.status, await response.text()]).toEqual([503, '{"message":"Service Unavailable"}']);
  const [line] = await gateway.logged("/unreachable");
  expect(line).toMatchObject({ status: 503, reason: "auth.jwt.keys_unavailable" });
});

test("R-11 a rotation ends old tokens and lets new ones in", async () => {
  const old = await issuer.token("RS256");
  expect(await status("/rsa", old)).toBe(200);
  await issuer.rotate();
  const fresh = await issuer.token("RS256");
  await becomes("/rsa", old, 401);
  await becomes("/rsa", fresh, 200);
  expect(await status("/rsa", old)).toBe(401);
});

test("R-11 an outage of the issuer changes nothing for its tokens; after it, new keys count", async () => {
  const old = await issuer.token("RS256");
  const unseen = await issuer.token("RS256");
  await becomes("/rsa", old, 200);
  const { port } = issuer;
  await issuer.kill();
  let attempts = 0;
  const broken = createServer((socket) => {
    attempts += 1;
    socket.on("error", () => undefined);
    socket.destroy();
  });
  broken.listen(port, "127.0.0.1");
  await once(broken, "listening");
  await until("three attempts have failed", async () => {
    expect(await status("/rsa", old)).toBe(200);
    return attempts >= 3;
  });
  expect(await status("/rsa", unseen)).toBe(200);
  broken.close();
  await once(broken, "close");

  issuer = await Issuer.start(port);
  await becomes("/rsa", await issuer.token("RS256"), 200);
  await becomes("/rsa", old, 401);
});

/** A token that is sound but for its signature, which nobody can check. */
async function forIssuer(iss: string): Promise<string> {
  const [head, payload = "", signature] = (await issuer.token("RS256")).split(".");
  const claims: Record<string, unknown> = JSON.parse(Buffer.from(payload, "base64url").toString());
  return `${head}.${Buffer.from(JSON.stringify({ ...claims, iss })).toString("base64url")}.${signature}`;
}
