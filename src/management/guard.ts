import type { MiddlewareHandler } from "hono";
import type { Problem } from "../config/problem.ts";

/** A shorter token could be guessed. */
const SHORTEST = 32;
const VISIBLE = /^[\x21-\x7e]+$/;

/**
 * The token that opens the gateway's own endpoints, when it can be one. There is no default,
 * and a weak one is as none. What it is like is reported without repeating it.
 */
export function managementToken(
  text: string | undefined,
  report: (problem: Problem) => void,
): string | undefined {
  if (text === undefined) return undefined;
  const found =
    text.length < SHORTEST
      ? `is shorter than ${SHORTEST} characters`
      : VISIBLE.test(text)
        ? undefined
        : "has blanks or other characters that no header can carry";
  if (found === undefined) return text;
  report({
    code: "value.invalid",
    path: "MANAGEMENT_TOKEN",
    message: `MANAGEMENT_TOKEN ${found}: the management endpoints stay off`,
    hint: 'make one with "openssl rand -base64 32"',
  });
  return undefined;
}

/** Lets in who shows the token; without a token nobody, as if nothing were there. */
export function tokenGuard(token: string | undefined): MiddlewareHandler {
  return async (c, next) => {
    c.header("cache-control", "no-store");
    if (token === undefined) return c.json({ message: "Not Found" }, 404);
    const [, shown] = /^Bearer +([\x21-\x7e]+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
    if (shown !== undefined && (await isSame(shown, token))) return next();
    c.header("www-authenticate", "Bearer");
    return c.json({ message: "Unauthorized" }, 401);
  };
}

/** Takes as long whatever differs: compared are digests, which are of one length. */
async function isSame(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([digest(one), digest(other)]);
  return crypto.subtle.timingSafeEqual(a, b);
}

function digest(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}
