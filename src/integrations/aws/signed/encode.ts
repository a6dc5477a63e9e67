/**
 * Percent-encodes all but the unreserved characters of RFC 3986, as signatures want it: what is
 * sent is then what is signed, whoever reads a `+` or a `'` in which way.
 *
 * @param text without lone surrogates
 */
export function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A query, without `?`. */
export function encodeQuery(pairs: Iterable<readonly [string, string]>): string {
  return [...pairs]
    .filter(([name]) => name !== "")
    .map(([name, value]) => `${encodeStrictly(name)}=${encodeStrictly(value)}`)
    .join("&");
}
