import { parseAddress } from "../../lib/ip-address.ts";

/** Whether a text has a format; each takes linear time. */
type Format = (text: string) => boolean;

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[zZ]|([+-])(\d\d):(\d\d))$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDate(text: string): boolean {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined) return false;
  const y = Number(year);
  const leap = y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0);
  const days = Number(month) === 2 && leap ? 29 : (DAYS[Number(month) - 1] ?? 0);
  return Number(day) >= 1 && Number(day) <= days;
}

function isTime(text: string): boolean {
  const found = TIME.exec(text);
  if (!found) return false;
  const [, hour, minute, second, sign, offsetHour = 0, offsetMinute = 0] = found;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return false;
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return false;
  if (Number(second) < 60) return true;
  // A leap second is the last of a day, by universal time (RFC 3339, 5.6).
  const offset = Number(offsetHour) * 60 + Number(offsetMinute);
  const local = Number(hour) * 60 + Number(minute);
  return (local + (sign === "+" ? -offset : offset) + 1_440) % 1_440 === 1_439;
}

function isDateTime(text: string): boolean {
  return /^[tT]$/.test(text.charAt(10)) && isDate(text.slice(0, 10)) && isTime(text.slice(11));
}

const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;

function isHostname(text: string): boolean {
  return text.length <= 253 && text.split(".").every((label) => label.length <= 63 && LABEL.test(label));
}

const isIpv4 = (text: string): boolean => /^[\d.]{7,15}$/.test(text) && parseAddress(text) !== undefined;
const isIpv6 = (text: string): boolean =>
  /^[\da-fA-F:.]{2,45}$/.test(text) && text.includes(":") && parseAddress(text) !== undefined;

const QUOTED = /^"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"$/;
const ATOMS = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

function isEmail(text: string): boolean {
  const at = text.lastIndexOf("@");
  const local = text.slice(0, Math.max(at, 0));
  const domain = text.slice(at + 1);
  if (local.length === 0 || local.length > 64 || domain.length > 255) return false;
  if (!ATOMS.test(local) && !QUOTED.test(local)) return false;
  if (!domain.startsWith("[")) return isHostname(domain);
  const address = domain.endsWith("]") ? domain.slice(1, -1) : "";
  return /^ipv6:/i.test(address) ? isIpv6(address.slice(5)) : isIpv4(address);
}

const URI_CHARACTERS = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/** RFC 3986 as far as characters go, and where the reserved ones may stand. */
function isUriReference(text: string): boolean {
  if (!URI_CHARACTERS.test(text)) return false;
  const [front = "", fragment = ""] = split(text, "#");
  if (/[#[\]]/.test(fragment)) return false;
  const rest = front.replace(SCHEME, "");
  const [hierarchy = "", query = ""] = split(rest, "?");
  if (/[[\]]/.test(query)) return false;
  if (!hierarchy.startsWith("//")) {
    // Without a scheme a colon in the first segment would be one's end.
    const first = hierarchy.split("/", 1)[0] ?? "";
    return !/[[\]]/.test(hierarchy) && (rest.length < front.length || !first.includes(":"));
  }
  const [authority = "", path = ""] = split(hierarchy.slice(2), "/");
  return isAuthority(authority) && !/[[\]]/.test(path);
}

function isAuthority(authority: string): boolean {
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  const port = /:\d*$/.exec(host)?.[0] ?? "";
  const name = host.slice(0, host.length - port.length);
  if (/[[\]@]/.test(authority.slice(0, authority.length - host.length).replace(/@$/, ""))) return false;
  if (!name.startsWith("[")) return !/[[\]:]/.test(name);
  const inside = name.endsWith("]") ? name.slice(1, -1) : "";
  return isIpv6(inside) || /^[vV][0-9A-Fa-f]+\.[^[\]%@/?#]+$/.test(inside);
}

/** Both sides of the first `sign`. */
function split(text: string, sign: string): readonly [string, string] {
  const at = text.indexOf(sign);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

const isUri = (text: string): boolean => SCHEME.test(text) && isUriReference(text);

const DURATION_DATE = /^(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D)$/;
const DURATION_TIME = /^(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S)$/;

function isDuration(text: string): boolean {
  if (!text.startsWith("P")) return false;
  if (/^P\d+W$/.test(text)) return true;
  const [date, time] = split(text.slice(1), "T");
  if (text.includes("T")) return (date === "" || DURATION_DATE.test(date)) && DURATION_TIME.test(time);
  return DURATION_DATE.test(date);
}

const isJsonPointer = (text: string): boolean => /^(?:\/(?:[^~/]|~[01])*)*$/.test(text);

/** Longer texts have none of the formats. */
const MAX_LENGTH = 65_536;

/** Whether a text has a format; undefined for a format that says something to people only. */
export function formatCheck(name: string): Format | undefined {
  const format = FORMATS.get(name);
  return format && ((text) => text.length <= MAX_LENGTH && format(text));
}

/** The formats that are asserted, in every dialect. */
const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ["date", isDate],
  ["time", isTime],
  ["date-time", isDateTime],
  ["duration", isDuration],
  ["email", isEmail],
  ["hostname", isHostname],
  ["ipv4", isIpv4],
  ["ipv6", isIpv6],
  ["uri", isUri],
  ["uri-reference", isUriReference],
  ["uuid", (text) => /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)],
  ["json-pointer", isJsonPointer],
  ["relative-json-pointer", (text) => /^(?:0|[1-9]\d*)(?:#|(?:\/(?:[^~/]|~[01])*)*)$/.test(text)],
]);
