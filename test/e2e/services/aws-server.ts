import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { expect } from "vitest";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What came over the wire, as it came. */
export interface Received {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingMessage["headers"];
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export type Answer = (response: ServerResponse, request: Received) => void;

/** A server of AWS's: it keeps what it got, and answers as the test says. */
export class AwsServer {
  readonly received: Received[] = [];
  answer: Answer = (response) => void response.end("{}");
  readonly #credentials: Credentials;
  readonly #server = createServer((request, response) => this.#take(request, response));
  #port = 0;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  start(): Promise<void> {
    return new Promise((resolve) =>
      this.#server.listen(0, "127.0.0.1", () => {
        const address = this.#server.address();
        this.#port = typeof address === "object" && address ? address.port : 0;
        resolve();
      }),
    );
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("error", () => undefined);
    request.on("end", () => {
      const { method = "", url = "", headers, rawHeaders } = request;
      const received = { method, target: url, headers, rawHeaders, body: Buffer.concat(chunks) };
      this.received.push(received);
      this.answer(response, received);
    });
  }

  /** Signs what came over the wire once more, with AWS's own code, and expects the same signature. */
  async expectSigned(wire: Received | undefined, service: string, region = "eu-west-1"): Promise<Received> {
    if (!wire) throw new Error("nothing came");
    const { authorization = "" } = wire.headers;
    const names = (/SignedHeaders=([^,]+)/.exec(authorization)?.[1] ?? "").split(";");
    const headers = Object.fromEntries(names.map((name) => [name, String(wire.headers[name])]));
    const url = new URL(wire.target, "http://x");
    const signer = new SignatureV4({
      service,
      region,
      sha256: Sha256,
      applyChecksum: false,
      uriEscapePath: service !== "s3",
      credentials: this.#credentials,
    });
    const date = String(wire.headers["x-amz-date"]);
    const again = await signer.sign(
      {
        method: wire.method,
        protocol: "http:",
        hostname: "127.0.0.1",
        path: wire.target.split("?")[0] ?? "",
        query: Object.fromEntries(url.searchParams),
        headers,
        body: wire.body,
      },
      {
        signingDate: new Date(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z")),
        signableHeaders: new Set(names),
      },
    );
    expect(authorization).toBe(again.headers["authorization"]);
    return wire;
  }
}
