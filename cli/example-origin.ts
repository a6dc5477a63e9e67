import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** Where the sample API's `/api/{proxy+}` goes. */
export const EXAMPLE_ORIGIN = { host: "127.0.0.1", port: 8788 } as const;

/**
 * A small origin for the sample API, so that forwarding can be tried without a network: it
 * sends back what reached it, streaming a body as it comes.
 *
 * @returns none when something else listens there already: then that is the origin
 */
export function startExampleOrigin(): Promise<Server | undefined> {
  const server = createServer(answer);
  return new Promise((resolve) => {
    server.once("error", () => resolve(undefined));
    server.listen(EXAMPLE_ORIGIN.port, EXAMPLE_ORIGIN.host, () => resolve(server));
  });
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("x-example-origin", "portico");
  const type = request.headers["content-type"];
  if (type !== undefined) {
    response.setHeader("content-type", type);
    request.pipe(response);
    return;
  }
  request.resume();
  response.setHeader("content-type", "application/json");
  response.end(
    `${JSON.stringify({ method: request.method, path: request.url, headers: request.headers }, null, 2)}\n`,
  );
}
