/**
 * The access log: one JSON object a request, one line each, printed in batches behind the
 * requests. One `console.log` costs as much as half a proxied request; one for 64 lines
 * costs nothing that can be measured.
 */

export interface AccessLogEntry {
  /** ISO 8601. */
  readonly time: string;
  readonly requestId: string;
  readonly api: string | undefined;
  readonly stage: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly route: string | undefined;
  readonly status: number;
  /** Why the gateway itself answered; absent when the integration did. */
  readonly reason: string | undefined;
  readonly detail: string | undefined;
  /** Request to response headers, in ms. */
  readonly latency: number;
  readonly integrationLatency: number | undefined;
  readonly integrationStatus: number | undefined;
  /** How often origins were asked, and the last of them, where a route says what follows when one fails. */
  readonly attempts: number | undefined;
  readonly origin: string | undefined;
  readonly sourceIp: string;
  /** Who an authorizer says is calling: a subject, a principal, a signer's ARN. */
  readonly caller: string | undefined;
  readonly apiKeyId: string | undefined;
  /** What a limit went by (`local`, `open`, `closed`), where its counter did not answer. */
  readonly limiter: string | undefined;
  /** Whether a cache answered. */
  readonly cache: string | undefined;
  readonly userAgent: string;
}

const BATCH = 64;
/** How long a line waits for others, in ms. */
const IDLE_MS = 500;
/** Longest text of one field; what clients send must not fill the log. */
const FIELD = 1024;

export class AccessLog {
  readonly #print: (lines: string) => void;
  #lines: string[] = [];
  #flusher = 0;

  constructor(print: (lines: string) => void) {
    this.#print = print;
  }

  /** @param ctx keeps the request's context alive until an idle batch is printed */
  write(entry: AccessLogEntry, ctx: ExecutionContext, now: number): void {
    // JSON escapes control characters, so no value can forge a line.
    this.#lines.push(JSON.stringify(entry));
    if (this.#lines.length >= BATCH) this.flush();
    else if (now - this.#flusher > IDLE_MS * 2) {
      // A flusher whose request was cut off is replaced after twice its time.
      this.#flusher = now;
      ctx.waitUntil(this.#flushLater());
    }
  }

  flush(): void {
    if (this.#lines.length === 0) return;
    const lines = this.#lines.join("\n");
    this.#lines = [];
    this.#print(lines);
  }

  async #flushLater(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    this.#flusher = 0;
    this.flush();
  }
}

/** Cuts what a client sends to the length that one field of the log may have. */
export function logField(text: string): string {
  return text.length > FIELD ? `${text.slice(0, FIELD)}…` : text;
}
