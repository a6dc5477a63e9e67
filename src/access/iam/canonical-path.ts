import { canonicalPath } from "../../routing/path.ts";
import { encodePath } from "./encode.ts";

/**
 * The canonical paths that a signer may have meant, the likeliest first: one for nearly every
 * request. AWS's own signers and aws4fetch resolve dot segments and take runs of slashes as
 * one before they sign; others sign what they send.
 *
 * A normalised path counts only if the router finds the same resource behind it. Signers take
 * `/a//../b` for `/b`, the router for `/a/b` (RFC 3986 5.2.4 pops the empty segment), and a
 * presigned `/b` must not open `/a/b`.
 *
 * @param path as it was sent
 */
export function canonicalPaths(path: string): readonly string[] {
  const asSent = encodePath(path);
  if (!path.includes("//") && !path.includes("/.")) return [asSent];
  const normalised = normalise(path);
  return normalised !== path && isSameResource(path, normalised)
    ? [encodePath(normalised), asSent]
    : [asSent];
}

/** As botocore, the AWS SDKs for JavaScript and awslabs' test suite do it. */
function normalise(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment === "..") segments.pop();
    else segments.push(segment);
  }
  return segments.length > 0 && path.endsWith("/") ? `/${segments.join("/")}/` : `/${segments.join("/")}`;
}

function isSameResource(path: string, normalised: string): boolean {
  const routed = canonicalPath(path);
  const signed = canonicalPath(normalised);
  return routed.ok && signed.ok && routed.path.replace(/\/{2,}/g, "/") === signed.path;
}
