/** Adds a header's name to `Vary`; names that are there stay, and so does `*` (RFC 9110 section 12.5.5). */
export function addVary(headers: Headers, name: string): void {
  const present = headers.get("vary");
  if (present === null || present === "") {
    headers.set("vary", name);
    return;
  }
  const wanted = name.toLowerCase();
  for (const part of present.split(",")) {
    const item = part.trim().toLowerCase();
    if (item === "*" || item === wanted) return;
  }
  headers.set("vary", `${present}, ${name}`);
}
