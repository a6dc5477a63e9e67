import * as v from "valibot";
import { Failure } from "./engine/failure.ts";

/** A gateway's management endpoints. */
export interface Management {
  readonly url: string;
  readonly token: string;
  /** How to mend it when it does not answer, and when it does not take the token. */
  readonly hints: { readonly away: string; readonly token: string };
}

/** As much of `fetch` as is used. */
export type Fetch = (
  url: string,
  init: {
    readonly method: "GET" | "POST";
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly redirect: "manual";
  },
) => Promise<Response>;

const Refusal = v.object({ message: v.string() });

/** What a gateway answered. */
export interface Answer {
  readonly status: number;
  /** Parsed; undefined for what is no JSON. */
  readonly body: unknown;
}

/**
 * Asks a gateway, or with `post` has it do something.
 *
 * @throws Failure when it does not answer, does not take the token or has its management off
 */
export async function ask(
  { url, token, hints }: Management,
  path: string,
  { post }: { readonly post?: unknown },
  fetch: Fetch,
): Promise<Answer> {
  let answer: Answer;
  try {
    const response = await fetch(`${url}${path}`, {
      method: post === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${token}` },
      ...(post === undefined ? {} : { body: JSON.stringify(post) }),
      // It is not followed: the token is for this gateway only.
      redirect: "manual",
    });
    answer = { status: response.status, body: await response.json().catch(() => undefined) };
  } catch (error) {
    const why = error instanceof Error && error.cause instanceof Error ? error.cause.message : "";
    throw new Failure(`the gateway at ${url} does not answer${why && `: ${why}`}`, hints.away);
  }
  if (answer.status === 401) throw new Failure(`the gateway at ${url} does not take the token`, hints.token);
  if (answer.status === 404) {
    throw new Failure(
      `management is off at ${url}`,
      "it is on once the gateway has the secret MANAGEMENT_TOKEN, 32 characters or more: npx wrangler secret put MANAGEMENT_TOKEN",
    );
  }
  return answer;
}

/** What to say of an answer that is none. */
export function refused({ url }: Management, status: number, body: unknown): Failure {
  const refusal = v.safeParse(Refusal, body);
  return new Failure(
    refusal.success && status !== 200
      ? `the gateway answered ${status}: ${refusal.output.message}`
      : `what answers at ${url} (${status}) is no Portico gateway, or another version of it`,
  );
}
