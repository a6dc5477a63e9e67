import type { Token } from "../syntax/token.ts";

/** What the first token of a reference says: its name and how it prints. */
export interface Root {
  readonly name: string;
  /** A text that only looked like a reference prints as it is. */
  readonly isText: boolean;
  /** `\$name` prints `$name`. */
  readonly escaped: boolean;
  /** Backslashes before it, one for each pair. */
  readonly backslashes: string;
  /** `$` and `#` before it. */
  readonly before: string;
  readonly quiet: boolean;
}

/**
 * Takes the token of a reference apart, `\\#$!name`, and leaves in it what Velocity prints when
 * it prints the reference itself.
 *
 * @param next the token after it, which is the name in `${name}`
 */
export function readRoot(token: Token, next: Token): Root {
  const plain = { escaped: false, backslashes: "", before: "", quiet: false };
  const slashBang = token.image.indexOf("\\!");
  if (slashBang !== -1) return { ...plain, name: withoutSlash(token.image), isText: false };
  const slashes = /^\\*/.exec(token.image)?.[0].length ?? 0;
  token.image = token.image.slice(slashes);
  const dollar = Math.max(token.image.lastIndexOf("$"), 0);
  const before = token.image.slice(0, dollar);
  token.image = token.image.slice(dollar);
  const { image } = token;
  const quiet = image.startsWith("$!");
  const found = {
    escaped: slashes % 2 === 1,
    backslashes: "\\".repeat(slashes / 2),
    before,
    quiet,
    isText: false,
  };
  if (image === "${" || image === "$!{") return { ...found, name: next.image };
  if (quiet) return { ...found, name: image.slice(2) };
  if (image.startsWith("$")) return { ...found, name: image.slice(1) };
  return { ...found, name: image, isText: true };
}

/** `$\!name`: no reference, and one backslash less. */
function withoutSlash(image: string): string {
  return image.replace(/(\$.*?)\\(\\*)/s, "$1$2");
}
