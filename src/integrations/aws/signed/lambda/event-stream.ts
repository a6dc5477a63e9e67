import { crc32 } from "./crc32.ts";

/** One message of `application/vnd.amazon.eventstream`. */
export interface EventMessage {
  /** Those that are text: `:message-type`, `:event-type`, `:exception-type`. */
  readonly headers: ReadonlyMap<string, string>;
  readonly payload: Uint8Array;
}

/** Total length, headers' length, and the checksum of these two. */
const PRELUDE = 12;
const CHECKSUM = 4;
/** The format's own limit for a message, in bytes. */
const MESSAGE_LIMIT = 24 * 1024 * 1024;

/** A stream that is no event stream, or was damaged on its way. */
class EventStreamError extends Error {}

/**
 * Takes a stream of messages apart, in whatever pieces it comes (AWS's event stream encoding:
 * big-endian lengths, headers, payload, and CRC-32 of each message).
 */
export class EventStreamDecoder {
  #pending = new Uint8Array();

  /** @throws EventStreamError */
  push(bytes: Uint8Array): readonly EventMessage[] {
    this.#pending = joined(this.#pending, bytes);
    const messages: EventMessage[] = [];
    for (;;) {
      const length = this.#nextLength();
      if (length === undefined || this.#pending.byteLength < length) return messages;
      messages.push(decode(this.#pending.subarray(0, length)));
      this.#pending = this.#pending.slice(length);
    }
  }

  /** @throws EventStreamError where the stream broke off inside a message */
  end(): void {
    if (this.#pending.byteLength > 0) throw new EventStreamError("it ends inside a message");
  }

  #nextLength(): number | undefined {
    if (this.#pending.byteLength < PRELUDE) return undefined;
    const view = viewOf(this.#pending);
    const length = view.getUint32(0);
    if (view.getUint32(8) !== crc32(this.#pending.subarray(0, 8))) {
      throw new EventStreamError("the checksum of a message's lengths is wrong");
    }
    if (length < PRELUDE + CHECKSUM || length > MESSAGE_LIMIT) {
      throw new EventStreamError(`a message has ${length} bytes`);
    }
    return length;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(first.byteLength + second.byteLength);
  whole.set(first);
  whole.set(second, first.byteLength);
  return whole;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function decode(message: Uint8Array): EventMessage {
  const view = viewOf(message);
  const end = message.byteLength - CHECKSUM;
  if (view.getUint32(end) !== crc32(message.subarray(0, end))) {
    throw new EventStreamError("the checksum of a message is wrong");
  }
  const headersEnd = PRELUDE + view.getUint32(4);
  if (headersEnd > end) throw new EventStreamError("a message's headers are longer than it is");
  return {
    headers: readHeaders(message.subarray(PRELUDE, headersEnd)),
    payload: message.slice(headersEnd, end),
  };
}

/** How many bytes a header's value has, by its type: two booleans, byte, short, integer, long, ... */
const FIXED: Readonly<Record<number, number>> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 };
const BYTES = 6;
const TEXT = 7;

function readHeaders(bytes: Uint8Array): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  const view = viewOf(bytes);
  let at = 0;
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.byteLength) throw new EventStreamError("a header is longer than all of them");
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.byteLength) {
    const [nameLength = 0] = take(1);
    const name = new TextDecoder().decode(take(nameLength));
    const [type = 0] = take(1);
    const fixed = FIXED[type];
    if (fixed !== undefined) take(fixed);
    else if (type === TEXT || type === BYTES) {
      const lengthAt = at;
      take(2);
      const value = take(view.getUint16(lengthAt));
      if (type === TEXT) headers.set(name, new TextDecoder().decode(value));
    } else throw new EventStreamError(`a header has the type ${type}`);
  }
  return headers;
}
