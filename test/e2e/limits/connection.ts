import { connect, type Socket } from "node:net";
import { ResponseReader } from "../../../bench/load/response-reader.ts";

/** A request and its answer, as the client saw them; times in ms of `performance.now()`. */
export interface Exchange {
  readonly isolate: number;
  readonly sentAt: number;
  readonly answeredAt: number;
  /** 0 when the connection broke. */
  readonly status: number;
}

type Done = (status: number) => void;

/** A connection that nobody used for so long is not used again, in ms. */
const IDLE_MS = 2_000;

/** A connection that is kept alive; one request at a time. */
class Connection {
  readonly #socket: Socket;
  readonly #reader = new ResponseReader();
  #done: Done | undefined;
  #usedAt = performance.now();

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (chunk) => {
      const status = this.#reader.push(chunk);
      if (status !== undefined) this.#settle(status);
    });
    this.#socket.on("error", () => undefined); // `close` follows
    this.#socket.on("close", () => this.#settle(0));
  }

  /** Whether it may be used: the engine closes those that nobody uses for some seconds. */
  get isFresh(): boolean {
    return !this.#socket.destroyed && performance.now() - this.#usedAt < IDLE_MS;
  }

  send(bytes: Buffer, done: Done): void {
    this.#done = done;
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }

  #settle(status: number): void {
    const done = this.#done;
    this.#done = undefined;
    this.#usedAt = performance.now();
    done?.(status);
  }
}

/** More connections to one isolate are not opened: requests are then sent when one is free. */
const MOST = 300;

/** The way to one isolate: as many connections as there are requests at the same time. */
export class Pool {
  readonly #isolate: number;
  readonly #port: number;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  readonly #waiting: { readonly bytes: Buffer; readonly done: (exchange: Exchange) => void }[] = [];

  constructor(isolate: number, port: number) {
    this.#isolate = isolate;
    this.#port = port;
  }

  get(path: string): Promise<Exchange> {
    const bytes = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    return new Promise((done) => {
      this.#waiting.push({ bytes, done });
      this.#send();
    });
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  #send(): void {
    const connection = this.#waiting.length > 0 ? (this.#fresh() ?? this.#open()) : undefined;
    const next = connection && this.#waiting.shift();
    if (!connection || !next) return;
    const sentAt = performance.now();
    connection.send(next.bytes, (status) => {
      const answeredAt = performance.now();
      this.#idle.push(connection);
      next.done({ isolate: this.#isolate, sentAt, answeredAt, status });
      this.#send();
    });
  }

  /** The one used last, so that those that are not needed grow old. */
  #fresh(): Connection | undefined {
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (connection.isFresh) return connection;
      this.#all.delete(connection);
      connection.close();
    }
    return undefined;
  }

  #open(): Connection | undefined {
    if (this.#all.size >= MOST) return undefined;
    const connection = new Connection(this.#port);
    this.#all.add(connection);
    return connection;
  }
}
