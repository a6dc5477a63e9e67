import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { bounded, until } from "../support/wait.ts";

/** What reached the origin. */
export interface Seen {
  readonly path: string;
  readonly method: string;
  readonly headers: IncomingMessage["headers"];
  /** Whole once `ended`. */
  body: string;
  ended: boolean;
  /** Whether the connection, or the exchange on it, is over. */
  closed: boolean;
}

/** @param turn how many requests this path had before */
type Answer = (request: IncomingMessage, response: ServerResponse, turn: number) => void;

/** An origin that does what a test says, path by path; 200 with `ok` where it says nothing. */
export class ScriptedOrigin {
  readonly seen: Seen[] = [];
  readonly #answers = new Map<string, Answer>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => this.#serve(request, response));
  }

  static async start(): Promise<ScriptedOrigin> {
    const origin = new ScriptedOrigin();
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

  requests(path: string): readonly Seen[] {
    return this.seen.filter((seen) => seen.path === path);
  }

  /** The n-th request of a path, once it is there. */
  request(path: string, turn = 0): Promise<Seen> {
    return until(`the origin sees request ${turn} of ${path}`, () => this.requests(path)[turn]);
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await bounded("the origin's end", closed);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { method = "", url: path = "", headers } = request;
    const turn = this.requests(path).length;
    const seen: Seen = { path, method, headers, body: "", ended: false, closed: false };
    this.seen.push(seen);
    request.on("data", (chunk: Buffer) => {
      seen.body += chunk.toString("latin1");
    });
    request.on("end", () => {
      seen.ended = true;
    });
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    response.on("close", () => {
      seen.closed = true;
    });
    const answer = this.#answers.get(path);
    if (answer) answer(request, response, turn);
    else request.on("end", () => response.end("ok"));
  }
}

/** Answers in turn, the last one again and again. */
export const inTurn =
  (...answers: readonly Answer[]): Answer =>
  (request, response, turn) =>
    answers[Math.min(turn, answers.length - 1)]?.(request, response, turn);

export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}, body = `status ${code}`): Answer =>
  (request, response) => {
    request.resume();
    request.on("end", () => response.writeHead(code, headers).end(body));
  };

export const reset: Answer = (request) => void request.socket.resetAndDestroy();

export const stall: Answer = (request) => void request.resume();
