import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Running, start } from "../../../cli/start.ts";
import { copyRepository, tempFolder } from "./root.ts";
import { bounded, until } from "./wait.ts";

/** One line of the access log, as far as tests look at it. */
export interface LogLine {
  readonly path: string;
  readonly status: number;
  readonly route?: string;
  readonly reason?: string;
  readonly detail?: string;
  readonly sourceIp?: string;
}

export interface GatewayOptions {
  /** Function modules (and a definition) under `routes/`. */
  readonly routes?: Readonly<Record<string, string>>;
  /** KV entries by key; there before the first request. Text is written as it is. */
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly host?: string;
  /** Lines of `.dev.vars`: variables and secrets of the Worker. */
  readonly devVars?: string;
}

/** The gateway as `npm start` runs it: the launcher's own `start()`, on a copy with other routes. */
export class Gateway {
  /** What the launcher and the script print on stdout, by line. */
  readonly printed: string[];
  /** What goes to stderr: warnings and errors of the script. */
  readonly complaints: string[];
  readonly #running: Running;
  readonly #cleanUp: () => void;

  constructor(running: Running, printed: string[], complaints: string[], cleanUp: () => void) {
    this.#running = running;
    this.printed = printed;
    this.complaints = complaints;
    this.#cleanUp = cleanUp;
  }

  get port(): number {
    return this.#running.engine.port;
  }

  /** By address: a client that tries `::1` first would make `localhost` slower, not truer. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get enginePid(): number {
    return this.#running.engine.pid;
  }

  async put(key: string, value: unknown): Promise<void> {
    await this.#running.engine.config.put(key, typeof value === "string" ? value : JSON.stringify(value));
  }

  async remove(key: string): Promise<void> {
    await this.#running.engine.config.delete(key);
  }

  /** Asks until the answer's status is this one; a new entry needs a refresh or two. */
  async answers(path: string, status: number, init: RequestInit = {}): Promise<Response> {
    return until(`${path} answers ${status}`, async () => {
      const response = await fetch(this.url + path, { redirect: "manual", ...init });
      if (response.status === status) return response;
      await response.arrayBuffer();
      return undefined;
    });
  }

  /** The access log's lines for a path, once there are this many. */
  async logged(path: string, count = 1): Promise<readonly LogLine[]> {
    return until(`the log has ${count} line(s) for ${path}`, async () => {
      await (await fetch(`${this.url}/_portico/health`)).arrayBuffer();
      const lines = this.log.filter((line) => line.path === path);
      return lines.length >= count && lines;
    });
  }

  get log(): readonly LogLine[] {
    return this.printed
      .flatMap((text) => text.split("\n"))
      .filter((text) => text.startsWith("{") && text.includes('"requestId"'))
      .map((text): LogLine => JSON.parse(text));
  }

  async stop(): Promise<void> {
    await bounded("the gateway's stop", this.#running.stop());
    this.#cleanUp();
  }
}

export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const root = copyRepository(options.routes ?? {});
  if (options.devVars !== undefined) writeFileSync(join(root.path, ".dev.vars"), options.devVars);
  const data = tempFolder();
  const printed: string[] = [];
  const complaints: string[] = [];
  // The launcher hands the script's warnings to console.error.
  const { error } = console;
  console.error = (...parts: unknown[]) => void complaints.push(parts.map(String).join(" "));
  const cleanUp = (): void => {
    console.error = error;
    root.remove();
    data.remove();
  };
  try {
    const running = await start(
      { root: root.path, host: options.host ?? "127.0.0.1", port: 0, data: join(data.path, "data") },
      (line) => printed.push(line),
    );
    const gateway = new Gateway(running, printed, complaints, cleanUp);
    await Promise.all(Object.entries(options.entries ?? {}).map(([key, value]) => gateway.put(key, value)));
    return gateway;
  } catch (thrown) {
    cleanUp();
    throw thrown;
  }
}

/** Entries of one API: its settings, and its routes' integrations by route key. */
export function api(
  name: string,
  routes: Readonly<Record<string, unknown>>,
  settings?: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const entries: Record<string, unknown> = settings ? { [`apis/${name}`]: settings } : {};
  for (const [key, integration] of Object.entries(routes)) {
    entries[`apis/${name}/routes/${key}`] = { integration };
  }
  return entries;
}

export const proxyTo = (uri: string, more: Readonly<Record<string, unknown>> = {}) => ({
  type: "http_proxy",
  uri,
  ...more,
});

/** A mock that answers 200 with this text. */
export const answerWith = (body: string) => ({
  type: "mock",
  requestTemplates: { "application/json": '{"statusCode": 200}', $default: '{"statusCode": 200}' },
  responses: { default: { statusCode: 200, responseTemplates: { "application/json": body } } },
});
