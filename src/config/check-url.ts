import { fillStageVariables, httpAuthority } from "./integration-uri.ts";
import type { Problem } from "./problem.ts";

/**
 * Whether an origin's URL is one, and no caller can choose its host (R-16).
 *
 * @param path where the URL stands
 */
export function checkUrl(uri: string, path: string): readonly Problem[] {
  // A variable stands for text that is not known yet; the stage checks it when it is.
  const filled = uri.replace(/(:\d*)?(?:\$\{stageVariables\.[A-Za-z0-9_]+\})+/g, (_, port?: string) =>
    port === undefined ? "variable" : `${port}1`,
  );
  const startsWithVariable = uri.startsWith("${stageVariables.");
  const authority = httpAuthority(startsWithVariable ? `https://${filled}` : filled);
  if (authority === undefined) {
    return [
      {
        code: "uri.scheme",
        path,
        message: `"${uri}" is not an http or https URL`,
        hint: "an origin is written as https://host/path",
      },
    ];
  }
  if (/[{}]/.test(authority)) {
    return [
      {
        code: "uri.host",
        path,
        message: `"${authority}" would let the caller choose the host`,
        hint: "path parameters may stand in the path and the query only",
      },
    ];
  }
  if (!startsWithVariable && !URL.canParse(fillStageVariables(filled, {}))) {
    return [{ code: "uri.malformed", path, message: `"${uri}" is not a URL` }];
  }
  return [];
}
