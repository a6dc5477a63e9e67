import { type Members, member, record } from "./members.ts";

/** More than that many references in a row lead in a circle. */
const MOST_STEPS = 20;

/**
 * The names in a reference to a place of its own document, `#/components/schemas/Pet`
 * (RFC 6901 section 6); none for any other reference.
 */
export function pointerTokens(reference: string): readonly string[] | undefined {
  if (!reference.startsWith("#/")) return undefined;
  return reference
    .slice(2)
    .split("/")
    .map((token) => unescaped(token));
}

function unescaped(token: string): string {
  let text = token;
  try {
    text = decodeURIComponent(token);
  } catch {
    // A lone percent sign stands for itself.
  }
  return text.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** One name of a reference, as it is written in it. */
export function pointerToken(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1").replaceAll("%", "%25");
}

/** What stands at a place of the document. */
export function at(root: unknown, tokens: readonly string[]): unknown {
  return tokens.reduce<unknown>((value, token) => member(value, token), root);
}

/** An object of a document, or the one that its `$ref` names in the end. */
export function resolve(root: unknown, value: unknown): Members | undefined {
  let current = record(value);
  for (let step = 0; step < MOST_STEPS; step++) {
    const reference = current?.["$ref"];
    if (typeof reference !== "string") return current;
    const tokens = pointerTokens(reference);
    current = tokens && record(at(root, tokens));
  }
  return undefined;
}
