const HEAD_END = "\r\n\r\n";
const LINE_END = "\r\n";

/**
 * Reads HTTP/1.1 responses off a connection, one at a time: as much of the protocol as the
 * engine's answers use (a length, chunks, or no body), and cheap, since the generator shares
 * the machine with what it measures.
 */
export class ResponseReader {
  #buffer: Buffer = Buffer.alloc(0);

  /** The status of the response that this chunk completes, if it completes one. */
  push(chunk: Buffer): number | undefined {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    const headEnd = this.#buffer.indexOf(HEAD_END);
    if (headEnd < 0) return undefined;
    const head = this.#buffer.toString("latin1", 0, headEnd).toLowerCase();
    const status = Number(head.slice(9, 12));
    const end = this.#bodyEnd(head, headEnd + HEAD_END.length);
    if (end === undefined || this.#buffer.length < end) return undefined;
    this.#buffer = this.#buffer.subarray(end);
    return status;
  }

  /** Where the body ends that starts at `start`, as far as is known yet. */
  #bodyEnd(head: string, start: number): number | undefined {
    const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
    if (length !== undefined) return start + Number(length);
    if (!head.includes("\r\ntransfer-encoding: chunked")) return start;
    let position = start;
    while (true) {
      const lineEnd = this.#buffer.indexOf(LINE_END, position);
      if (lineEnd < 0) return undefined;
      const size = Number.parseInt(this.#buffer.toString("latin1", position, lineEnd), 16);
      position = lineEnd + LINE_END.length + size + LINE_END.length;
      if (size === 0) return position;
    }
  }
}
