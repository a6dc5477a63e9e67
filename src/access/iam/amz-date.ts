const BASIC = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/** A moment as signatures write it: `20150830T123600Z`. */
export interface AmzDate {
  readonly text: string;
  /** ms since the epoch. */
  readonly time: number;
}

/** @returns none for text that is no date in this form, or no date at all (month 13) */
export function parseAmzDate(text: string): AmzDate | undefined {
  const [, year, month, day, hour, minute, second] = BASIC.exec(text) ?? [];
  if (second === undefined) return undefined;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return amzDate(time).text === text ? { text, time } : undefined;
}

/** A `Date` header: RFC 9110 5.6.7, or the form of `X-Amz-Date`. */
export function parseDateHeader(text: string): AmzDate | undefined {
  if (!HTTP_DATE.test(text)) return parseAmzDate(text);
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : amzDate(time);
}

export function amzDate(time: number): AmzDate {
  if (Number.isNaN(time)) return { text: "", time };
  return { text: `${new Date(time).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`, time };
}
