import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { bounded, until } from "../support/wait.ts";

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** How many requests for this path there have been, with this one. */
  readonly number: number;
}

export type Answer = (exchange: Exchange) => void | Promise<void>;

/** An origin whose answers each test writes by itself, so that it can hold them back and break them off. */
export class Origin {
  readonly #server: Server;
  readonly #answers = new Map<string, Answer>();
  readonly #requests = new Map<string, IncomingMessage[]>();

  private constructor() {
    this.#server = createServer((request, response) => {
      const path = pathOf(request);
      const requests = [...this.requests(path), request];
      this.#requests.set(path, requests);
      response.on("error", () => undefined);
      const answer = this.#answers.get(path) ?? notFound;
      Promise.resolve(answer({ request, response, number: requests.length })).catch(() => response.destroy());
    });
    this.#server.keepAliveTimeout = 60_000;
  }

  static async start(): Promise<Origin> {
    const origin = new Origin();
    await new Promise<void>((resolve) => origin.#server.listen(0, "127.0.0.1", resolve));
    return origin;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  }

  on(path: string, answer: Answer): void {
    this.#answers.set(path, answer);
  }

  requests(path: string): readonly IncomingMessage[] {
    return this.#requests.get(path) ?? [];
  }

  /** Waits until so many requests for a path have come. */
  async asked(path: string, count = 1): Promise<void> {
    await until(`the origin was asked ${count} times for ${path}`, () => this.requests(path).length >= count);
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await bounded("the origin's end", closed);
  }
}

const pathOf = ({ url = "/" }: IncomingMessage): string => new URL(url, "http://origin").pathname;

const notFound: Answer = ({ response }) => {
  response.writeHead(404, { "cache-control": "no-store" }).end("no such path");
};

/** Something that a test lets happen. */
export class Gate {
  readonly #opened = Promise.withResolvers<void>();

  /** Resolves once it is open. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  open(): void {
    this.#opened.resolve();
  }
}
