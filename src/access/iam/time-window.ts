import { amzDate } from "./amz-date.ts";
import { outOfTime, type Refusal } from "./refusal.ts";
import type { SignedParts } from "./signed-parts.ts";

/**
 * Whether a signature counts at this moment. Within its time a signed request can be sent
 * again by whoever has it, as with AWS: what must happen once needs a token of its own.
 *
 * A presigned request without `X-Amz-Expires` has the time of one signed in its header.
 *
 * @param now ms since the epoch
 * @param skew how far the signer's clock may be off, in ms
 */
export function checkTime(parts: SignedParts, now: number, skew: number): Refusal | undefined {
  const { date, expires } = parts;
  const allowed = skew % 60_000 === 0 ? `${skew / 60_000} min.` : `${skew / 1000} sec.`;
  if (date.time > now + skew) {
    const latest = amzDate(now + skew).text;
    return outOfTime(
      `Signature not yet current: ${date.text} is still later than ${latest} (${amzDate(now).text} + ${allowed})`,
    );
  }
  if (expires === undefined) {
    if (date.time >= now - skew) return undefined;
    const earliest = amzDate(now - skew).text;
    return outOfTime(
      `Signature expired: ${date.text} is now earlier than ${earliest} (${amzDate(now).text} - ${allowed})`,
    );
  }
  const end = date.time + expires * 1000;
  if (now <= end) return undefined;
  return outOfTime(`Signature expired: ${amzDate(end).text} is now earlier than ${amzDate(now).text}`);
}
