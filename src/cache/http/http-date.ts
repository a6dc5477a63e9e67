const MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";
const DAYS = /^(?:mon|tue|wed|thu|fri|sat|sun)/;

/** Every quantifier is bounded: nothing to backtrack into. */
const IMF = /^[a-z]{3}, (\d\d) ([a-z]{3}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:gmt|utc)$/;
const RFC850 = /^[a-z]{6,9}, (\d\d)-([a-z]{3})-(\d\d) (\d\d):(\d\d):(\d\d) (?:gmt|utc)$/;
const ASCTIME = /^[a-z]{3} ([a-z]{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/;

/**
 * An HTTP-date in any of its three forms (RFC 9110 section 5.6.7), in whatever case; the zones
 * GMT and UTC only (RFC 9111 section 4.2).
 *
 * @param now ms since the epoch; a year of two digits is never more than 50 years after it
 * @returns ms since the epoch; undefined for anything else, such as `0`, a 30th of February or two dates
 */
export function parseHttpDate(text: string | undefined, now: number): number | undefined {
  if (text === undefined || text.length > 40) return undefined;
  const lower = text.toLowerCase();
  if (!DAYS.test(lower)) return undefined;
  let parts = IMF.exec(lower);
  if (parts) return time(parts[3], parts[2], parts[1], parts[4], parts[5], parts[6]);
  parts = ASCTIME.exec(lower);
  if (parts) return time(parts[6], parts[1], parts[2], parts[3], parts[4], parts[5]);
  parts = RFC850.exec(lower);
  if (!parts) return undefined;
  const century = Math.floor(new Date(now).getUTCFullYear() / 100) * 100;
  const inCentury = (start: number) =>
    time(start + Number(parts[3]), parts[2], parts[1], parts[4], parts[5], parts[6]);
  const limit = new Date(now).setUTCFullYear(new Date(now).getUTCFullYear() + 50);
  return [century + 100, century, century - 100]
    .map(inCentury)
    .find((candidate) => candidate !== undefined && candidate <= limit);
}

/** RFC 9110's preferred form, IMF-fixdate. */
export function formatHttpDate(ms: number): string {
  return new Date(ms).toUTCString();
}

function time(
  year: number | string | undefined,
  monthName = "",
  day = "",
  hour = "",
  minute = "",
  second = "",
): number | undefined {
  const month = MONTHS.indexOf(monthName) / 3;
  // The 60th second is a leap second; Date.UTC would roll over whatever else does not exist.
  if (
    !Number.isInteger(month) ||
    month < 0 ||
    Number(hour) > 23 ||
    Number(minute) > 59 ||
    Number(second) > 60
  )
    return undefined;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), month, Number(day));
  if (date.getUTCDate() !== Number(day)) return undefined;
  return date.setUTCHours(Number(hour), Number(minute), Number(second));
}
