/**
 * Makes the engine's socket fit to face clients.
 *
 * miniflare builds the engine's configuration for developers: every socket takes a header
 * (`MF-CF-Blob`) that sets `request.cf`, and a CONNECT host that opens the engine's own RPC.
 * On a socket that clients reach, the first lets them write their own address and the second
 * lets them deliver events past the gateway. Without the header the engine says
 * itself who is calling (`cf.clientIp`). miniflare has no option for either, so both are
 * taken out of the configuration on its way to the engine.
 *
 * The configuration is a Cap'n Proto message; layouts are those of workerd.capnp:
 * Config.sockets is pointer 1, Socket.name and .http are pointers 0 and 2,
 * HttpOptions.cfBlobHeader and .capnpConnectHost are pointers 1 and 4.
 */
const CONFIG_SOCKETS = 1;
const SOCKET_NAME = 0;
const SOCKET_HTTP = 2;
const HTTP_CF_BLOB_HEADER = 1;
const HTTP_CAPNP_CONNECT_HOST = 4;

/** A struct in the message: where its pointers begin, and how many there are. */
interface Struct {
  readonly segment: number;
  readonly pointers: number;
  readonly count: number;
}

interface Place {
  readonly segment: number;
  /** In words from the segment's start. */
  readonly word: number;
}

/**
 * @param message what miniflare writes to the engine; changed in place
 * @param isPublic which sockets clients reach, by name
 * @returns how many sockets were hardened
 * @throws Error when the message is not laid out as expected: better no engine than an open one
 */
export function hardenSockets(message: Uint8Array, isPublic: (name: string) => boolean): number {
  const reader = new MessageReader(message);
  let hardened = 0;
  const root = reader.struct({ segment: 0, word: 0 });
  for (const socket of reader.structList(reader.pointer(root, CONFIG_SOCKETS))) {
    const name = reader.text(reader.pointer(socket, SOCKET_NAME));
    if (!isPublic(name)) continue;
    const http = reader.struct(reader.pointer(socket, SOCKET_HTTP));
    reader.clear(reader.pointer(http, HTTP_CF_BLOB_HEADER));
    reader.clear(reader.pointer(http, HTTP_CAPNP_CONNECT_HOST));
    hardened += 1;
  }
  return hardened;
}

/** As much of Cap'n Proto's encoding (capnproto.org/encoding.html) as the above needs. */
class MessageReader {
  readonly #view: DataView;
  /** Byte offset of each segment. */
  readonly #segments: readonly number[];

  constructor(message: Uint8Array) {
    this.#view = new DataView(message.buffer, message.byteOffset, message.byteLength);
    const count = this.#view.getUint32(0, true) + 1;
    let offset = 8 * Math.ceil((4 + 4 * count) / 8);
    const segments: number[] = [];
    for (let i = 0; i < count; i++) {
      segments.push(offset);
      offset += 8 * this.#view.getUint32(4 + 4 * i, true);
    }
    this.#segments = segments;
  }

  pointer(struct: Struct, index: number): Place {
    if (index >= struct.count) throw new Error("the engine's configuration has an unknown layout");
    return { segment: struct.segment, word: struct.pointers + index };
  }

  struct(place: Place): Struct {
    const { low, high, target } = this.#follow(place);
    if ((low & 3) !== 0) throw new Error("expected a struct in the engine's configuration");
    return { segment: target.segment, pointers: target.word + (high & 0xffff), count: high >>> 16 };
  }

  structList(place: Place): readonly Struct[] {
    const { low, high, target } = this.#follow(place);
    if ((low & 3) !== 1 || (high & 7) !== 7) throw new Error("expected a list in the engine's configuration");
    const tag = this.#offset(target);
    const length = this.#view.getInt32(tag, true) >> 2;
    const sizes = this.#view.getUint32(tag + 4, true);
    const data = sizes & 0xffff;
    const count = sizes >>> 16;
    return Array.from({ length }, (_, index) => ({
      segment: target.segment,
      pointers: target.word + 1 + index * (data + count) + data,
      count,
    }));
  }

  text(place: Place): string {
    const { low, high, target } = this.#follow(place);
    if ((low & 3) !== 1) throw new Error("expected text in the engine's configuration");
    const start = this.#view.byteOffset + this.#offset(target);
    return new TextDecoder().decode(new Uint8Array(this.#view.buffer, start, (high >>> 3) - 1));
  }

  clear(place: Place): void {
    this.#view.setBigUint64(this.#offset(place), 0n, true);
  }

  #offset({ segment, word }: Place): number {
    return (this.#segments[segment] ?? 0) + 8 * word;
  }

  /** Where a pointer leads; goes through far pointers into other segments. */
  #follow(place: Place): { low: number; high: number; target: Place } {
    const at = this.#offset(place);
    const low = this.#view.getInt32(at, true);
    const high = this.#view.getUint32(at + 4, true);
    if ((low & 3) !== 2) {
      return { low, high, target: { segment: place.segment, word: place.word + 1 + (low >> 2) } };
    }
    const pad: Place = { segment: high, word: low >>> 3 };
    if ((low & 4) === 0) return this.#follow(pad);
    // A double-far pointer: the pad holds where the content is, the word behind it what it is.
    const far = this.#view.getUint32(this.#offset(pad), true);
    const segment = this.#view.getUint32(this.#offset(pad) + 4, true);
    const tag = this.#offset({ segment: pad.segment, word: pad.word + 1 });
    return {
      low: this.#view.getInt32(tag, true),
      high: this.#view.getUint32(tag + 4, true),
      target: { segment, word: far >>> 3 },
    };
  }
}
