/**
 * An address as 128 bits: four words, the most significant first, as 32-bit integers with a
 * sign, which is what JavaScript's bit operators give. An IPv4 address is its mapped form
 * `::ffff:a.b.c.d`, so that all spellings of one address are equal.
 */
export interface IpAddress {
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
}

/** A block of addresses of one family. */
export interface Cidr {
  /** The block's first address. */
  readonly network: IpAddress;
  /** Ones for the bits that an address has to share with it. */
  readonly mask: IpAddress;
  readonly ipv4: boolean;
}

/** The word that stands before a mapped IPv4 address (RFC 4291 section 2.5.5.2). */
const MAPPED = 0xffff;

const DOT = 0x2e;
const COLON = 0x3a;
const ZERO = 0x30;

export const isIpv4 = (address: IpAddress): boolean =>
  address.w0 === 0 && address.w1 === 0 && address.w2 === MAPPED;

/**
 * Reads an address: four decimal octets, or any form of RFC 4291 section 2.2.
 *
 * None for what some parsers take and others read differently: leading zeros (octal to some:
 * CVE-2021-29923), hexadecimal, short forms (`127.1`), zone ids, ports, brackets, white space.
 */
export function parseAddress(text: string): IpAddress | undefined {
  if (text.includes(":")) return parseIpv6(text);
  const word = parseIpv4(text, 0);
  return word === undefined ? undefined : { w0: 0, w1: 0, w2: MAPPED, w3: word };
}

/** The dotted octets from `start` to the end of the text, as one word. */
function parseIpv4(text: string, start: number): number | undefined {
  let word = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (digits === 0) return undefined;
      word = (word << 8) | octet;
      octet = digits = 0;
      dots++;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9 || (digits > 0 && octet === 0)) return undefined;
    octet = octet * 10 + digit;
    digits++;
    if (octet > 255) return undefined;
  }
  return dots === 3 && digits > 0 ? (word << 8) | octet : undefined;
}

function parseIpv6(text: string): IpAddress | undefined {
  const groups: number[] = [];
  /** How many groups stand before `::`. */
  let gap = -1;
  let i = 0;
  if (text.startsWith("::")) {
    gap = 0;
    i = 2;
  }
  while (i < text.length) {
    if (groups.length === 8) return undefined;
    const start = i;
    let group = 0;
    for (let digit = hexDigit(text, i); digit >= 0; digit = hexDigit(text, i)) {
      group = group * 16 + digit;
      if (++i - start > 4) return undefined;
    }
    if (text.charCodeAt(i) === DOT) {
      const word = parseIpv4(text, start);
      if (word === undefined) return undefined;
      groups.push(word >>> 16, word & 0xffff);
      break;
    }
    if (i === start) return undefined;
    groups.push(group);
    if (i === text.length) break;
    if (text.charCodeAt(i++) !== COLON || i === text.length) return undefined;
    if (text.charCodeAt(i) === COLON) {
      if (gap >= 0) return undefined;
      gap = groups.length;
      i++;
    }
  }
  const missing = 8 - groups.length;
  if (gap < 0 ? missing !== 0 : missing < 1) return undefined;
  if (gap >= 0) groups.splice(gap, 0, ...ZEROS.slice(0, missing));
  return { w0: word(groups, 0), w1: word(groups, 2), w2: word(groups, 4), w3: word(groups, 6) };
}

const ZEROS = [0, 0, 0, 0, 0, 0, 0, 0];

const word = (groups: readonly number[], at: number): number =>
  ((groups[at] ?? 0) << 16) | (groups[at + 1] ?? 0);

function hexDigit(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= ZERO && code <= 0x39) return code - ZERO;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/**
 * Reads a block: `10.0.0.0/8`, `2001:db8::/32`, `::ffff:10.0.0.0/104` (which is `10.0.0.0/8`),
 * or one address, which is a block of itself (a bare IPv6 address taken for a /32 was
 * CVE-2026-33376). Bits behind the prefix are not looked at.
 */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf("/");
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (!address) return undefined;
  const dotted = !text.includes(":");
  let bits = 128;
  if (slash >= 0) {
    const prefix = text.slice(slash + 1);
    if (!/^(?:0|[1-9]\d{0,2})$/.test(prefix)) return undefined;
    bits = Number(prefix) + (dotted ? 96 : 0);
    if (bits > 128) return undefined;
  }
  const mask = {
    w0: maskWord(bits),
    w1: maskWord(bits - 32),
    w2: maskWord(bits - 64),
    w3: maskWord(bits - 96),
  };
  return { network: and(address, mask), mask, ipv4: isIpv4(address) && bits >= 96 };
}

/** A word whose first `bits` bits are ones; none below 0, all above 32. */
const maskWord = (bits: number): number => (bits <= 0 ? 0 : bits >= 32 ? -1 : -1 << (32 - bits));

const and = (a: IpAddress, b: IpAddress): IpAddress => ({
  w0: a.w0 & b.w0,
  w1: a.w1 & b.w1,
  w2: a.w2 & b.w2,
  w3: a.w3 & b.w3,
});

/**
 * Whether the address is of the block. An IPv4 address is in no IPv6 block, however short its
 * prefix: who writes `::/0` means IPv6.
 */
export function cidrContains(cidr: Cidr, address: IpAddress): boolean {
  const { network, mask } = cidr;
  return (
    (address.w3 & mask.w3) === network.w3 &&
    (address.w2 & mask.w2) === network.w2 &&
    (address.w1 & mask.w1) === network.w1 &&
    (address.w0 & mask.w0) === network.w0 &&
    isIpv4(address) === cidr.ipv4
  );
}

/** The one spelling of an address: IPv4 dotted, mapped or not, IPv6 as RFC 5952 section 4 writes it. */
export function formatAddress(address: IpAddress): string {
  const { w0, w1, w2, w3 } = address;
  if (isIpv4(address)) return `${w3 >>> 24}.${(w3 >>> 16) & 255}.${(w3 >>> 8) & 255}.${w3 & 255}`;
  const groups = [w0, w1, w2, w3].flatMap((value) => [value >>> 16, value & 0xffff]);
  let start = 0;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (groups[end] === 0) end++;
    // The first of the longest runs; a single zero is written out.
    if (end - i > length) [start, length] = [i, end - i];
  }
  const hex = groups.map((group) => group.toString(16));
  if (length === 1) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

/**
 * What a caller is counted by: an IPv6 address's /64, since whoever has one address of it has
 * them all; an IPv4 address itself.
 */
export function prefix64(address: IpAddress): IpAddress {
  return isIpv4(address) ? address : { w0: address.w0, w1: address.w1, w2: 0, w3: 0 };
}
