const HEAD_END = "\r\n\r\n";
const LINE_END = "\r\n";

/**
 * Reads HTTP/1.1 responses off a connection, one at a time: as much of the protocol as the
 * engine's answers use (a length, chunks, or no body), and cheap, since the generator shares
 * the machine with what it measures: bodies are skipped as they come, not collected.
 */
export class ResponseReader {
  /** What has come and is not read yet. */
  #buffer: Buffer = Buffer.alloc(0);
  #head = "";
  #isInBody = false;
  #isChunked = false;
  /** Of the body, or of the chunk and the line end behind it, in bytes. */
  #left = 0;

  /** Status line and headers of the last response, in lower case. */
  get head(): string {
    return this.#head;
  }

  /** The status of the response that this chunk completes, if it completes one. */
  push(chunk: Buffer): number | undefined {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    this.#isInBody ||= this.#readHead();
    if (!this.#isInBody || !this.#skipBody()) return undefined;
    this.#isInBody = false;
    return Number(this.#head.slice(9, 12));
  }

  #readHead(): boolean {
    const end = this.#buffer.indexOf(HEAD_END);
    if (end < 0) return false;
    this.#head = this.#buffer.toString("latin1", 0, end).toLowerCase();
    this.#buffer = this.#buffer.subarray(end + HEAD_END.length);
    const length = /\r\ncontent-length: *(\d+)/.exec(this.#head)?.[1];
    this.#left = Number(length ?? 0);
    this.#isChunked = length === undefined && this.#head.includes("\r\ntransfer-encoding: chunked");
    return true;
  }

  /** Whether it has come to the body's end. */
  #skipBody(): boolean {
    while (true) {
      const skipped = Math.min(this.#left, this.#buffer.length);
      this.#buffer = this.#buffer.subarray(skipped);
      this.#left -= skipped;
      if (this.#left > 0) return false;
      if (!this.#isChunked) return true;
      const lineEnd = this.#buffer.indexOf(LINE_END);
      if (lineEnd < 0) return false;
      const size = Number.parseInt(this.#buffer.toString("latin1", 0, lineEnd), 16);
      this.#buffer = this.#buffer.subarray(lineEnd + LINE_END.length);
      this.#left = size + LINE_END.length;
      // What follows the last chunk is one more line end.
      this.#isChunked = size > 0;
    }
  }
}
