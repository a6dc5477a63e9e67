/**
 * One token that a statement's shape depends on: text in quotes, a comment, a semicolon, a
 * parameter. Quotes and comments are SQLite's (sqlite.org/lang_expr.html, lang_comment.html).
 */
const TOKEN =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\?\d*|[:@$][A-Za-z_]\w*|['"`[;]/g;

export interface Statement {
  /** How many values it has to be given. */
  readonly parameters: number;
}

/**
 * Reads as much of an SQL text as tells whether it is a single statement, and how many
 * parameters it has: `?1`, `?2`, or `?` once for each.
 */
export function oneStatement(sql: string): Statement | { readonly fault: string } {
  let ended = false;
  let unnumbered = 0;
  let highest = 0;
  let position = 0;
  let text = false;
  for (const found of sql.matchAll(TOKEN)) {
    const [token] = found;
    const before = sql.slice(position, found.index).trim() !== "";
    position = found.index + token.length;
    const comment = token.startsWith("--") || token.startsWith("/*");
    if (ended && (before || (!comment && token !== ";"))) return TWO;
    text ||= before || (!comment && token !== ";");
    if (token === ";") ended = true;
    else if (/^['"`[]$/.test(token)) return { fault: `a quote (${token}) is not closed` };
    else if (/^[:@$]/.test(token)) {
      return { fault: `"${token}" is a named parameter: write ?1, ?2, in the order of bind` };
    } else if (/^\?0+$/.test(token)) return { fault: `${token}: the first is ?1` };
    else if (token === "?") unnumbered++;
    else if (token.startsWith("?")) highest = Math.max(highest, Number(token.slice(1)));
  }
  const rest = sql.slice(position).trim() !== "";
  if (ended && rest) return TWO;
  if (!text && !rest) return { fault: "there is no statement" };
  if (unnumbered > 0 && highest > 0) return { fault: "? and ?1 do not go together: number them all" };
  return { parameters: highest + unnumbered };
}

const TWO = { fault: "there is more than one statement" };
