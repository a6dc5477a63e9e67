import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { bounded, until } from "./wait.ts";

/** What the origin's process tells of itself. */
export type OriginEvent =
  | { readonly what: "listening"; readonly http: number; readonly raw: number; readonly refused: number }
  | {
      readonly what: "request";
      readonly id: number;
      readonly method: string;
      readonly path: string;
      readonly headers: readonly string[];
    }
  | { readonly what: "chunk"; readonly id: number; readonly path: string; readonly bytes: number }
  | {
      readonly what: "trailers";
      readonly id: number;
      readonly path: string;
      readonly trailers: readonly string[];
    }
  | { readonly what: "closed"; readonly id: number; readonly path: string; readonly finished: boolean }
  | { readonly what: "garbage"; readonly text: string };

export type Request = Extract<OriginEvent, { what: "request" }>;

/**
 * A real origin: its own process and sockets. `http` is a sound server whose paths say how it
 * answers (origin-http.ts), `raw` one that breaks the protocol (origin-raw.ts), `refused` a
 * port on which nobody listens.
 */
export class Origin {
  readonly events: OriginEvent[] = [];
  readonly #child: ChildProcess;
  #ports = { http: 0, raw: 0, refused: 0 };

  private constructor() {
    const file = fileURLToPath(new URL("./origin-process.ts", import.meta.url));
    this.#child = fork(file, { stdio: ["ignore", "inherit", "inherit", "ipc"], execArgv: [] });
    this.#child.on("message", (event: OriginEvent) => {
      if (event.what === "listening") this.#ports = event;
      else this.events.push(event);
    });
  }

  static async start(): Promise<Origin> {
    const origin = new Origin();
    await until("the origin listens", () => origin.#ports.http > 0);
    return origin;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#ports.http}`;
  }

  get rawUrl(): string {
    return `http://127.0.0.1:${this.#ports.raw}`;
  }

  get refusedUrl(): string {
    return `http://127.0.0.1:${this.#ports.refused}`;
  }

  /** Lets answers waiting at this path go on. */
  release(path: string): void {
    this.#child.send({ release: path });
  }

  requests(path: string): readonly Request[] {
    return this.events.filter((event) => event.what === "request").filter((event) => event.path === path);
  }

  /** The first event of a kind about a path, now or later. */
  saw<W extends "request" | "chunk" | "trailers" | "closed">(
    what: W,
    path: string,
  ): Promise<Extract<OriginEvent, { what: W }>> {
    return until(`the origin reports ${what} of ${path}`, () =>
      this.events.find(
        (event): event is Extract<OriginEvent, { what: W }> =>
          event.what === what && "path" in event && event.path === path,
      ),
    );
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise<void>((resolve) => this.#child.once("exit", () => resolve()));
    this.#child.disconnect();
    await bounded("the origin's end", ended);
  }
}

/** A header of a request by name, every value of it. */
export function valuesOf(raw: readonly string[], name: string): readonly string[] {
  const values: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    if (raw[i]?.toLowerCase() === name) values.push(raw[i + 1] ?? "");
  }
  return values;
}
