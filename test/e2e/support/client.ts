import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { connect, type Socket } from "node:net";
import { bounded } from "./wait.ts";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly trailers: readonly string[];
  readonly body: Buffer;
  readonly text: string;
  /** Whether the answer ended as its framing says; else the connection broke. */
  readonly complete: boolean;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | readonly string[];
  readonly body?: string | Buffer;
}

/** Opens a request and leaves its body to the caller. Nothing is decoded, followed or pooled. */
export function open(port: number, path: string, ask: Ask = {}): ClientRequest {
  const { method = "GET", headers = {} } = ask;
  return request({
    host: "127.0.0.1",
    port,
    path,
    method,
    agent: false,
    headers: headers as Record<string, string> | readonly string[],
  });
}

/** The response's headers, before its body. */
export function headOf(sent: ClientRequest): Promise<IncomingMessage> {
  return bounded(
    "the wait for a response",
    new Promise((resolve, reject) => {
      sent.once("response", resolve);
      sent.once("error", reject);
    }),
  );
}

/** Breaks the connection off, as a client does that crashes or has unread data (TCP reset). */
export function reset(sent: ClientRequest): void {
  sent.on("error", () => undefined);
  sent.socket?.resetAndDestroy();
}

/** A response read to its end, sound or not. */
export function bodyOf(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  return bounded(
    "a response's body",
    new Promise((resolve) => {
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", () => undefined);
      response.on("close", () => {
        const body = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          rawHeaders: response.rawHeaders,
          trailers: response.rawTrailers,
          body,
          text: body.toString("latin1"),
          complete: response.complete,
        });
      });
      response.resume();
    }),
  );
}

export async function ask(port: number, path: string, options: Ask = {}): Promise<Answer> {
  const sent = open(port, path, options);
  const head = headOf(sent);
  sent.end(options.body);
  return bodyOf(await head);
}

/** The next piece of a response's body. */
export function nextChunk(response: IncomingMessage): Promise<string> {
  return bounded(
    "the wait for a piece of the body",
    new Promise((resolve, reject) => {
      response.once("data", (chunk: Buffer) => {
        response.pause();
        resolve(chunk.toString("latin1"));
      });
      response.once("end", () => reject(new Error("the body has ended")));
      response.resume();
    }),
  );
}

/** A socket with no HTTP client on it: sends what it is told, keeps what it gets. */
export class RawClient {
  #received = "";
  #closed = false;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => (this.#received += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => (this.#closed = true));
  }

  static connect(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => resolve(new RawClient(socket)));
      socket.once("error", reject);
    });
  }

  get received(): string {
    return this.#received;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Status codes of the responses so far, interim ones too. */
  get statuses(): readonly number[] {
    return [...this.#received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
  }

  send(text: string | Buffer): void {
    this.#socket.write(typeof text === "string" ? Buffer.from(text, "latin1") : text);
  }

  end(): void {
    this.#socket.end();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }
}
