/**
 * Whether a list lets an origin in, decided in another way than the gateway does: the origin
 * has to survive the URL parser unchanged, and is then compared part by part.
 */
export function naivelyAllowed(entries: readonly string[], origin: string): boolean {
  if (entries.includes("*")) return true;
  if (!/^https?:/.test(origin) || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  if (url.origin !== origin || !/^[a-z0-9._[\]:-]+$/.test(url.host) || /^\.|\.\.|\.$/.test(url.hostname)) {
    return false;
  }
  return entries.some((entry) => {
    if (entry.endsWith("://*")) return entry === `${url.protocol}//*`;
    if (!entry.includes("*")) return entry === origin;
    const wanted = new URL(entry.replace("*.", ""));
    const [ours, theirs] = [wanted.hostname.split(".").reverse(), url.hostname.split(".").reverse()];
    return (
      wanted.protocol === url.protocol &&
      wanted.port === url.port &&
      theirs.length > ours.length &&
      ours.every((label, index) => label === theirs[index])
    );
  });
}
