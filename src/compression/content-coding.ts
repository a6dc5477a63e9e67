/** The content codings that API Gateway knows besides `identity` (aws-semantics 4). */
export type ContentCoding = "gzip" | "deflate";

/** In the order in which they are preferred. */
const CODINGS: readonly ContentCoding[] = ["gzip", "deflate"];

/** RFC 9110 section 12.4.2. */
const QVALUE = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/** A coding by its name in a header; RFC 9110 section 8.4.1.3 has gzip under two. */
export function codingNamed(name: string): string {
  const lower = name.trim().toLowerCase();
  return lower === "x-gzip" ? "gzip" : lower;
}

/**
 * The coding of a response for a client with this `Accept-Encoding`: gzip or deflate where the
 * client prefers nothing else. A client whose first choice is another one gets the response as
 * it is, as from API Gateway.
 *
 * @returns none for `identity`
 */
export function chosenCoding(acceptEncoding: string | null): ContentCoding | undefined {
  if (acceptEncoding === null) return undefined;
  const wanted = new Map<string, number>();
  for (const member of acceptEncoding.split(",")) {
    const [name = "", ...parameters] = member.split(";");
    const coding = codingNamed(name);
    const quality = qualityOf(parameters);
    if (coding !== "" && quality !== undefined) wanted.set(coding, quality);
  }
  const highest = Math.max(0, ...wanted.values());
  if (highest === 0) return undefined;
  const others = wanted.get("*");
  return CODINGS.find((coding) => (wanted.get(coding) ?? others) === highest);
}

/** @returns undefined for a weight that is none: the member then says nothing */
function qualityOf(parameters: readonly string[]): number | undefined {
  for (const parameter of parameters) {
    const [name = "", value = ""] = parameter.split("=");
    if (name.trim().toLowerCase() !== "q") continue;
    return QVALUE.test(value.trim()) ? Number(value) : undefined;
  }
  return 1;
}
