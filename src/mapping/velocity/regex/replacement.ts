import type { Run } from "../run.ts";

/**
 * What java.util.regex puts in a match's place, as texts and the numbers of groups: `$1` is
 * the first group, `${name}` the named one, and a backslash takes the meaning from what follows.
 */
export function replacementOf(
  run: Run,
  replacement: string,
  groups: number,
  names: ReadonlyMap<string, number>,
): readonly (string | number)[] {
  const parts: (string | number)[] = [];
  for (const [token, escaped, name, digits] of replacement.matchAll(
    /\\([\s\S]?)|\$\{([A-Za-z][A-Za-z0-9]*)\}|\$(\d+)|\$|[^\\$]+/g,
  )) {
    if (escaped !== undefined) {
      if (escaped === "") throw run.error("method", "the replacement ends with a backslash");
      parts.push(escaped);
    } else if (name !== undefined) {
      const group = names.get(name);
      if (group === undefined) throw run.error("method", `the regular expression has no group ${name}`);
      parts.push(group);
    } else if (digits !== undefined) {
      parts.push(...numbered(run, digits, groups));
    } else if (token === "$") {
      throw run.error("method", "the replacement has a $ that names no group");
    } else parts.push(token);
  }
  return parts;
}

/** As many digits as there are groups for: `$12` is `$1` and a 2 where there are fewer than twelve. */
function numbered(run: Run, digits: string, groups: number): readonly (string | number)[] {
  let group = Number(digits[0]);
  if (group > groups) throw run.error("method", `the regular expression has no group ${group}`);
  let length = 1;
  for (; length < digits.length; length++) {
    const longer = group * 10 + Number(digits[length]);
    if (longer > groups) break;
    group = longer;
  }
  return length < digits.length ? [group, digits.slice(length)] : [group];
}
