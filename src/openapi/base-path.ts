import type { OpenApiDocument } from "./document.ts";
import type { Findings } from "./findings.ts";
import { list, member, record } from "./members.ts";

/**
 * What becomes of a document's base path, as API Gateway's `basepath` has it (aws-semantics
 * 19.2): nothing, all of it stands before the paths, or all but its first part.
 */
export const BASE_PATH_MODES = ["ignore", "prepend", "split"] as const;

export type BasePathMode = (typeof BASE_PATH_MODES)[number];

/**
 * What stands before the paths of a document, with a slash in front; "" for nothing. One that
 * is ignored is named: a stage, or a domain's API mapping, says then what stands there.
 */
export function basePath(document: OpenApiDocument, mode: BasePathMode, { warnings }: Findings): string {
  const { text, place } = said(document);
  const parts = text.split("/").filter(Boolean);
  if (mode !== "ignore") {
    const kept = mode === "split" ? parts.slice(1) : parts;
    return kept.map((part) => `/${part}`).join("");
  }
  if (parts.length > 0) {
    warnings.push({
      code: "base_path.ignored",
      path: place,
      message: `paths are served as they stand, without /${parts.join("/")} before them`,
      hint: "push --basepath prepend puts it there; so does a stage of that name, or a domain's mapping with it",
    });
  }
  return "";
}

interface Said {
  readonly text: string;
  readonly place: string;
}

/** The first variable `basePath` of the servers, used in a URL or not; without one the path of the first URL. */
function said({ root, version }: OpenApiDocument): Said {
  if (version === "2.0") return { text: textOf(root["basePath"]), place: "basePath" };
  const servers = list(root["servers"]);
  for (const [index, server] of servers.entries()) {
    const base = defaultOf(server, "basePath");
    if (base !== undefined) return { text: textOf(base), place: `servers.${index}` };
  }
  const url = textOf(member(servers[0], "url")).replace(/\{([^{}]*)\}/g, (_, name: string) =>
    textOf(defaultOf(servers[0], name)),
  );
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*|^\/\/[^/?#]*/i, "").replace(/[?#].*$/s, "");
  return { text: path, place: "servers.0" };
}

/** The default of a server's variable. */
const defaultOf = (server: unknown, name: string): unknown =>
  member(member(record(server)?.["variables"], name), "default");

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
