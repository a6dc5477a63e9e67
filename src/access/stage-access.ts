import type { StageConfig } from "../config/api-config.ts";
import { type AuthorizerEntry, IAM_DEFAULTS } from "../config/authorizer-schema.ts";
import { AWS_IAM } from "../config/check-access.ts";
import type { Authorizer } from "./authorizer.ts";
import { functionAuthorizer } from "./function-authorizer/function-authorizer.ts";
import { iamAuthorizer } from "./iam/authorizer.ts";
import { jwtAuthorizer } from "./jwt/authorizer.ts";
import { cognitoAuthorizer } from "./jwt/cognito.ts";
import type { AccessServices } from "./services.ts";

/** How an authorizer and a resource policy decide together (aws-semantics 10). */
export type AuthorizerKind = "lambda" | "iam" | "identity";

export interface NamedAuthorizer {
  readonly kind: AuthorizerKind;
  readonly authorizer: Authorizer;
}

/**
 * A stage's authorizers, each built when its first route needs it and shared by all of them:
 * with it they share what it remembers of callers.
 */
export class StageAccess {
  readonly stage: StageConfig;
  readonly services: AccessServices;
  readonly #built = new Map<string, NamedAuthorizer>();

  constructor(stage: StageConfig, services: AccessServices) {
    this.stage = stage;
    this.services = services;
  }

  /** @throws Error for a name that the configuration's check should have refused */
  authorizer(name: string): NamedAuthorizer {
    const known = this.#built.get(name);
    if (known) return known;
    const entry = name === AWS_IAM ? IAM_DEFAULTS : this.stage.authorizers.get(name);
    if (!entry) throw new Error(`there is no authorizer "${name}"`);
    const built = build(entry, name, this.stage, this.services);
    this.#built.set(name, built);
    return built;
  }
}

function build(
  entry: AuthorizerEntry,
  name: string,
  stage: StageConfig,
  services: AccessServices,
): NamedAuthorizer {
  switch (entry.type) {
    case "jwt":
      return { kind: "identity", authorizer: jwtAuthorizer(entry, services) };
    case "cognito_user_pools":
      return { kind: "identity", authorizer: cognitoAuthorizer(entry, services) };
    case "token":
    case "request":
      return {
        kind: "lambda",
        authorizer: functionAuthorizer(entry, name, stage, { shared: services.sharedResults }),
      };
    case "iam":
      return { kind: "iam", authorizer: iamAuthorizer(entry, services) };
  }
}
