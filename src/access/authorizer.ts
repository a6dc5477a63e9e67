import type { Call } from "../call.ts";

/**
 * What an authorizer's own policy says of a call that it knows. A caller that it refuses
 * never gets here: that is thrown, as a `GatewayError`.
 *
 * - `Allow`: a policy of the authorizer's allows it;
 * - `None`: no policy of the authorizer's speaks of it, so a resource policy has to;
 * - `Authenticated`: the caller is who it says, and the kind has no policies (JWT, Cognito).
 */
export type Grant = "Allow" | "None" | "Authenticated";

export interface Authorized {
  readonly grant: Grant;
  /** IAM only: the caller's account is not the API's, so both policies have to allow. */
  readonly crossAccount?: boolean;
}

/**
 * Decides about calls of the routes that name it. It fills `call.caller`, answers at once
 * when it can, and throws `GatewayError` to refuse.
 */
export interface Authorizer {
  authorize(call: Call, scopes: readonly string[]): Authorized | Promise<Authorized>;
}
