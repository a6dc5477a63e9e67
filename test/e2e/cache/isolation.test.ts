import { createHash } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proxyTo } from "../support/gateway.ts";
import { wordsOf } from "./answers.ts";
import { Cluster } from "./cluster.ts";
import { Origin } from "./origin.ts";

/** Two callers of a route that knows who calls: what one gets is not served to the other. */

const MODES = { http: { mode: "http" }, ttl: { mode: "ttl", ttl: 600 } };
const ISSUER = "https://issuer.test";

/** Says of each caller who it is. */
const GUARD = `export const handler = async ({ headers }: any) => ({
  isAuthorized: true, context: { user: headers["x-token"] },
});`;

type Credentials = Readonly<Record<string, string>>;

interface Caller {
  readonly name: string;
  readonly credentials: Credentials;
}

/** How callers show who they are. */
interface Kind {
  readonly route: Readonly<Record<string, unknown>>;
  readonly ada: Caller;
  readonly bob: Caller;
}

const WAYS = ["jwt", "function", "key"] as const;

let kinds: Readonly<Record<(typeof WAYS)[number], Kind>>;
let renewed: Credentials;
let origin: Origin;
let cluster: Cluster;

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const token = async (sub: string, jti: string): Promise<Credentials> => {
    const claims = new SignJWT({ sub, jti }).setProtectedHeader({ alg: "ES256", kid: "one" });
    const jwt = await claims.setIssuer(ISSUER).setAudience("api").setExpirationTime("1h").sign(privateKey);
    return { authorization: `Bearer ${jwt}` };
  };
  renewed = await token("ada", "another");
  const keys = { ada: "ada-has-this-key-0123456789", bob: "bob-has-this-key-0123456789" };
  const caller = (name: string, credentials: Credentials): Caller => ({ name, credentials });
  kinds = {
    jwt: {
      route: { authorizer: "jwt" },
      ada: caller("ada", await token("ada", "one")),
      bob: caller("bob", await token("bob", "one")),
    },
    function: {
      route: { authorizer: "guard" },
      ada: caller("ada", { "x-token": "ada" }),
      bob: caller("bob", { "x-token": "bob" }),
    },
    key: {
      route: { apiKeyRequired: true },
      ada: caller("ada", { "x-api-key": keys.ada }),
      bob: caller("bob", { "x-api-key": keys.bob }),
    },
  };
  origin = await Origin.start();
  cluster = await Cluster.start({
    size: 3,
    routes: { "guard.ts": GUARD },
    entries: {
      ...routes(),
      "apis/default/authorizers/jwt": {
        type: "jwt",
        jwtConfiguration: { issuer: ISSUER, audience: ["api"] },
        algorithms: ["ES256"],
        jwks: { keys: [{ ...(await exportJWK(publicKey)), alg: "ES256", kid: "one" }] },
      },
      "apis/default/authorizers/guard": {
        type: "request",
        authorizerUri: "guard",
        enableSimpleResponses: true,
        identitySource: "$request.header.x-token",
      },
      ...Object.fromEntries(
        Object.entries(keys).map(([name, key]) => [
          `api-keys/${createHash("sha256").update(key).digest("hex")}`,
          { id: name, usagePlans: ["plan"] },
        ]),
      ),
      "usage-plans/plan": { apiStages: [{ api: "default", stage: "$default" }] },
    },
  });
});

afterAll(async () => {
  await cluster?.stop();
  await origin?.stop();
});

/** `/{mode}/{way}/...` is each caller's own, `/shared/{mode}/{way}/...` everybody's. */
function routes(): Record<string, unknown> {
  const entries: Record<string, unknown> = {};
  for (const [name, cache] of Object.entries(MODES)) {
    for (const way of WAYS) {
      const path = `${name}/${way}/{proxy+}`;
      const route = { integration: proxyTo(`${origin.url}/${name}/${way}/{proxy}`), ...kinds[way].route };
      entries[`apis/default/routes/GET /${path}`] = { ...route, cache };
      entries[`apis/default/routes/GET /shared/${path}`] = {
        ...route,
        integration: proxyTo(`${origin.url}/shared/${name}/${way}/{proxy}`),
        cache: { ...cache, shared: true },
      };
    }
  }
  return entries;
}

/** Answers each request with another text, which any shared cache may keep. */
function answering(path: string): void {
  origin.on(path, ({ response, number }) => {
    response.writeHead(200, { "cache-control": "public, max-age=600", "content-type": "text/css" });
    response.end(`answer ${number}`);
  });
}

const CASES = Object.keys(MODES).flatMap((mode) =>
  WAYS.flatMap((way) => ["/account", "/account/x.css"].map((page) => ({ mode, way, page }))),
);

describe.each(CASES)("in $mode mode, with callers known by $way, $page", ({ mode, way, page }) => {
  const get = async (gateway: number, path: string, credentials: Credentials) => {
    const answer = await cluster.get(gateway, path, credentials);
    return [answer.status, answer.text, wordsOf(answer)];
  };
  const MISS = "portico; fwd=uri-miss; stored";
  const HIT = "portico; hit";

  test("of one is not served to another, from memory or from the shard", async () => {
    const path = `/${mode}/${way}${page}`;
    answering(path);
    const { ada, bob } = kinds[way];
    expect(await get(0, path, ada.credentials)).toEqual([200, "answer 1", MISS]);
    expect(await get(0, path, ada.credentials)).toEqual([200, "answer 1", HIT]);
    expect(await get(0, path, bob.credentials)).toEqual([200, "answer 2", MISS]);
    expect(await get(1, path, bob.credentials)).toEqual([200, "answer 2", HIT]);
    expect(await get(1, path, ada.credentials)).toEqual([200, "answer 1", HIT]);
    expect(await get(2, path, ada.credentials)).toEqual([200, "answer 1", HIT]);
    expect(origin.requests(path)).toHaveLength(2);
    const [refused] = await get(0, path, {});
    expect(refused).toBe(way === "key" ? 403 : 401);
    if (way === "jwt") expect(await get(2, path, renewed)).toEqual([200, "answer 1", HIT]);
  });

  test("is served to all where the route says so, but to nobody without credentials", async () => {
    const path = `/shared/${mode}/${way}${page}`;
    answering(path);
    const { ada, bob } = kinds[way];
    expect(await get(0, path, ada.credentials)).toEqual([200, "answer 1", MISS]);
    expect(await get(0, path, bob.credentials)).toEqual([200, "answer 1", HIT]);
    expect(await get(1, path, bob.credentials)).toEqual([200, "answer 1", HIT]);
    expect(origin.requests(path)).toHaveLength(1);
    const [refused] = await get(1, path, {});
    expect(refused).toBe(way === "key" ? 403 : 401);
  });
});
