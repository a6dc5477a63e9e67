/** What a `content-type` says, as far as the choice of a model goes (RFC 9110, 8.3.1). */
export interface ContentType {
  /** Lower-case, without parameters; empty where it is missing or none. */
  readonly type: string;
  /** Lower-case, each one that is stated. */
  readonly charsets: readonly string[];
}

const TYPE = /^[ \t]*([!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+)[ \t]*$/;
const NONE: ContentType = { type: "", charsets: [] };

/** @param header undefined where there is none */
export function parseContentType(header: string | undefined): ContentType {
  if (header === undefined) return NONE;
  const [type = "", ...parameters] = header.split(";");
  const charsets: string[] = [];
  for (const parameter of parameters) {
    const [name = "", value = ""] = parameter.split("=", 2);
    if (name.trim().toLowerCase() === "charset")
      charsets.push(value.trim().replaceAll('"', "").toLowerCase());
  }
  return { type: TYPE.exec(type)?.[1]?.toLowerCase() ?? "", charsets };
}

/** JSON is UTF-8 (RFC 8259, 8.1): a body that claims another encoding is read differently behind the gateway. */
export function isUtf8({ charsets }: ContentType): boolean {
  return charsets.every((charset) => charset === "utf-8" || charset === "utf8");
}
