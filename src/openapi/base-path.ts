import type { OpenApiDocument } from "./document.ts";
import type { Findings } from "./findings.ts";
import { list, record } from "./members.ts";

/**
 * Names a base path that is left out. API Gateway does so too by default (`basepath=ignore`,
 * aws-semantics 19.2): a stage, or a domain's API mapping, says what stands before the paths.
 */
export function warnOfBasePath(document: OpenApiDocument, { warnings }: Findings): void {
  const swagger = document.version === "2.0";
  const base = swagger ? text(document.root["basePath"]) : serverPath(document);
  const path = `/${base.split("/").filter(Boolean).join("/")}`;
  if (path === "/") return;
  warnings.push({
    code: "base_path.ignored",
    path: swagger ? "basePath" : "servers.0",
    message: `paths are served as they stand, without ${path} before them`,
    hint: "a stage of that name, or a domain's mapping with that base path, puts it there",
  });
}

/** Of the first server, as API Gateway reads it: the variable basePath, else the path of the URL. */
function serverPath({ root }: OpenApiDocument): string {
  const server = record(list(root["servers"])[0]);
  const variables = record(server?.["variables"]) ?? {};
  const base = record(variables["basePath"])?.["default"];
  if (base !== undefined) return text(base);
  const url = text(server?.["url"]).replace(/\{([^{}]*)\}/g, (_, name: string) =>
    text(record(variables[name])?.["default"]),
  );
  return url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*|^\/\/[^/?#]*/i, "").replace(/[?#].*$/s, "");
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
