import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { Command } from "./process.ts";
import { tempFolder } from "./root.ts";
import { until } from "./wait.ts";

/** Where Debian has it; `CHROMIUM` names another one. */
const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--disable-breakpad",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** One `fetch` of a page's. */
export interface Probe {
  readonly url: string;
  readonly init?: RequestInit;
  /** Where the page does it: itself, or in a sandboxed frame, whose origin is `null`. */
  readonly from?: "page" | "sandbox";
}

/** What the page's script could see of it. */
export interface Seen {
  /** `TypeError` is all that a page learns when the browser refuses. */
  readonly error?: string;
  readonly status?: number;
  readonly type?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Probes = Readonly<Record<string, Probe>>;
type Results<P extends Probes> = { readonly [K in keyof P]: Seen };

/** A site whose pages call the gateway: a server, whose port makes it an origin of its own. */
export class Site {
  readonly #server: Server;
  #page = "";
  #posted: string | undefined;

  private constructor() {
    this.#server = createServer((request, response) => {
      if (request.method !== "POST") {
        response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(this.#page);
        return;
      }
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        this.#posted = Buffer.concat(chunks).toString("utf8");
        response.end();
      });
    });
  }

  static async start(): Promise<Site> {
    const site = new Site();
    await new Promise<void>((resolve) => site.#server.listen(0, "127.0.0.1", resolve));
    return site;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" ? (address?.port ?? 0) : 0;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /**
   * Opens a page of this site in a new browser with an empty profile. Its script makes the
   * fetches one after the other and tells what it saw.
   *
   * @param host another name of this machine, as `a.localhost`
   */
  async visit<P extends Probes>(probes: P, host = "127.0.0.1"): Promise<Results<P>> {
    if (!existsSync(CHROMIUM)) {
      throw new Error(
        `no browser at ${CHROMIUM}: install one (apt-get install chromium) or name it in CHROMIUM`,
      );
    }
    this.#page = page(probes);
    this.#posted = undefined;
    const profile = tempFolder();
    const url = `http://${host}:${this.port}/`;
    const browser = new Command(CHROMIUM, [...FLAGS, `--user-data-dir=${profile.path}`, url], profile.path);
    try {
      const posted = await until("the page tells what it saw", () => this.#posted, 60_000);
      return JSON.parse(posted);
    } catch (error) {
      throw new Error(`the browser says: ${browser.errors}`, { cause: error });
    } finally {
      await browser.abandon();
      profile.remove();
    }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** What runs in the browser; `look` is written out with it and may use nothing from here. */
async function look(probe: Probe): Promise<Seen> {
  try {
    const { url, init } = probe;
    const response = await fetch(url, init);
    const headers = Object.fromEntries(response.headers);
    return { status: response.status, type: response.type, headers, body: await response.text() };
  } catch (error) {
    return { error: error instanceof Error ? error.name : String(error) };
  }
}

function page(probes: Probes): string {
  const json = JSON.stringify(probes).replaceAll("<", "\\u003c");
  return `<!doctype html><title>A page</title><body><script type="module">
const look = ${look.toString()};
const FRAME = "<script>onmessage = async ({ data, ports }) => ports[0].postMessage(await (" + look + ")(data))</" + "script>";
const frame = document.createElement("iframe");
frame.sandbox = "allow-scripts";
frame.srcdoc = FRAME;
const loaded = new Promise((resolve) => { frame.onload = resolve; });
document.body.append(frame);
async function sandboxed(probe) {
  await loaded;
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((resolve) => { port1.onmessage = ({ data }) => resolve(data); });
  frame.contentWindow.postMessage(probe, "*", [port2]);
  return answer;
}
const seen = {};
for (const [name, probe] of Object.entries(${json})) {
  seen[name] = await (probe.from === "sandbox" ? sandboxed(probe) : look(probe));
}
await fetch("/", { method: "POST", body: JSON.stringify(seen) });
</script>`;
}
