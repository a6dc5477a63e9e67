/**
 * An OpenID Connect issuer in a process of its own (oidc-provider): access tokens as JWTs by
 * the client credentials grant. The port is the first argument, 0 for any; the message
 * `rotate` gives it new keys at once, without the old ones.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { exportJWK, generateKeyPair } from "jose";
// @ts-expect-error The package comes without types.
import Provider from "oidc-provider";

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

let handle: Handle = (_, response) => void response.writeHead(503).end();
let generation = 0;

const server = createServer((request, response) => handle(request, response));
await new Promise<void>((resolve) => server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", resolve));
const address = server.address();
const port = typeof address === "object" && address ? address.port : 0;
const url = `http://127.0.0.1:${port}`;

async function privateJwk(alg: string): Promise<object> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: `${alg}-${process.pid}-${generation}`, alg, use: "sig" };
}

async function build(): Promise<Handle> {
  generation += 1;
  const provider = new Provider(url, {
    clients: [
      {
        client_id: "client",
        client_secret: "client-secret",
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
      },
    ],
    jwks: { keys: [await privateJwk("RS256"), await privateJwk("ES256")] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // A resource is an algorithm's name: `urn:orders:ES256`.
        getResourceServerInfo: (_: unknown, resource: string) => ({
          scope: "orders/read orders/write",
          audience: resource,
          accessTokenFormat: "jwt",
          accessTokenTTL: 3600,
          jwt: { sign: { alg: resource.split(":").at(-1) } },
        }),
      },
    },
  });
  return provider.callback();
}

process.on("message", async () => {
  handle = await build();
  process.send?.({ rotated: generation });
});
// Whoever started this has gone, or has had enough.
process.once("disconnect", () => process.exit(0));

handle = await build();
process.send?.({ listening: port });
