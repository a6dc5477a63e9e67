import { createHash } from "node:crypto";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { importCredentialsKey, sealSecret } from "../../src/access/iam/secret.ts";
import type { BenchRequest, Case, Contestant } from "../case.ts";
import { plainEntries } from "./plain-proxy.ts";

const ISSUER = "https://issuer.bench.test";
const AUDIENCE = "bench";

/** More tokens than an authorizer remembers: sent in turn, each is new again when it comes back. */
const NEW_TOKENS = 1_500;

const API_KEY = "bench-key-0123456789abcdefghij";
const ACCESS_KEY = { id: "AKIABENCHBENCHBENCH2", secret: "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" };
const CREDENTIALS_KEY = Buffer.alloc(32, 7).toString("base64");

const rs256 = await signer("RS256");
const es256 = await signer("ES256");
const rsToken = await rs256.token("known");
const esToken = await es256.token("known");
const newTokens = await Promise.all(
  Array.from({ length: NEW_TOKENS }, (_, index) => rs256.token(`s${index}`)),
);

const sealed = {
  secret: await sealSecret(await importCredentialsKey(CREDENTIALS_KEY), ACCESS_KEY.id, ACCESS_KEY.secret),
  policy: {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: "*" }],
  },
};

const bearer = (token: string): BenchRequest => ({
  path: "/plain",
  headers: { authorization: `Bearer ${token}`, "x-api-key": API_KEY },
});

/** A JSON answer of an origin behind each kind of guard, and what a refusal costs. */
export const access: Case = {
  name: "access",
  contestants: [
    { name: "bare Worker", script: "bare", requests: [bearer(rsToken)] },
    guarded("gateway, open", {}, [bearer(rsToken)]),
    {
      ...guarded("JWT known (RS256) + API key", { authorizer: "rs256", apiKeyRequired: true }, [
        bearer(rsToken),
      ]),
      budget: 1.15,
    },
    guarded("JWT known (ES256)", { authorizer: "es256" }, [bearer(esToken)]),
    guarded("JWT new (RS256)", { authorizer: "rs256" }, newTokens.map(bearer)),
    guarded("JWT new (ES256)", { authorizer: "es256" }, await newEs256()),
    guarded("API key", { apiKeyRequired: true }, [bearer(rsToken)]),
    guarded("function authorizer, kept", { authorizer: "guard" }, [bearer(rsToken)]),
    guarded("SigV4", { authorizer: "AWS_IAM" }, [await signed()]),
    {
      ...guarded("refused: no such key", { apiKeyRequired: true }, [
        { path: "/plain", headers: { "x-api-key": "bench-key-that-nobody-has-0000" }, status: 403 },
      ]),
      budget: 0.5,
    },
    {
      ...guarded("refused: bad token", { authorizer: "rs256" }, [
        { path: "/plain", headers: { authorization: `Bearer ${rsToken.slice(0, -6)}AAAAAA` }, status: 401 },
      ]),
      budget: 0.5,
    },
  ],
};

function guarded(
  name: string,
  route: Readonly<Record<string, unknown>>,
  requests: readonly BenchRequest[],
): Contestant {
  return {
    name,
    script: "gateway",
    requests,
    vars: { ACCESS_LOG: "off", CREDENTIALS_KEY },
    entries: (origin) => ({
      ...entries(),
      "apis/default/routes/GET /plain": {
        ...plainEntries(origin)["apis/default/routes/GET /plain"],
        ...route,
      },
    }),
  };
}

function entries(): Record<string, unknown> {
  const jwt = (key: object, algorithm: string) => ({
    type: "jwt",
    jwtConfiguration: { issuer: ISSUER, audience: [AUDIENCE] },
    algorithms: [algorithm],
    jwks: { keys: [key] },
  });
  return {
    "apis/default/authorizers/rs256": jwt(rs256.key, "RS256"),
    "apis/default/authorizers/es256": jwt(es256.key, "ES256"),
    "apis/default/authorizers/guard": {
      type: "request",
      authorizerUri: "guard",
      enableSimpleResponses: true,
      identitySource: "$request.header.Authorization",
      authorizerResultTtlInSeconds: 3600,
    },
    "usage-plans/bench": { apiStages: [{ api: "default", stage: "$default" }] },
    [`api-keys/${createHash("sha256").update(API_KEY).digest("hex")}`]: {
      id: "k_bench",
      usagePlans: ["bench"],
    },
    [`credentials/${ACCESS_KEY.id}`]: sealed,
  };
}

async function signer(algorithm: "RS256" | "ES256") {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const key = { ...(await exportJWK(publicKey)), kid: algorithm, alg: algorithm, use: "sig" };
  const token = (subject: string): Promise<string> =>
    new SignJWT({ scope: "orders/read orders/write", client_id: "app" })
      .setProtectedHeader({ alg: algorithm, kid: algorithm })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(subject)
      .setIssuedAt()
      .setExpirationTime("1h")
      .sign(privateKey);
  return { key, token };
}

async function newEs256(): Promise<readonly BenchRequest[]> {
  const tokens = Array.from({ length: NEW_TOKENS }, (_, index) => es256.token(`s${index}`));
  return (await Promise.all(tokens)).map(bearer);
}

/** The header form, by AWS's own signer; good for five minutes, which a run stays within. */
async function signed(): Promise<BenchRequest> {
  const signer = new SignatureV4({
    service: "execute-api",
    region: "eu-west-1",
    sha256: Sha256,
    credentials: { accessKeyId: ACCESS_KEY.id, secretAccessKey: ACCESS_KEY.secret },
  });
  const { headers } = await signer.sign({
    method: "GET",
    protocol: "http:",
    hostname: "bench.test",
    path: "/plain",
    query: {},
    headers: { host: "bench.test" },
  });
  return { path: "/plain", headers };
}
