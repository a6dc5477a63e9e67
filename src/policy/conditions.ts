import { formatAddress, type IpAddress, parseAddress } from "../lib/ip-address.ts";

/** What a policy can ask about a request. Nothing is read before a statement asks for it. */
export interface ConditionContext {
  /** The value of a condition key, written in lower case; none where the request has none. */
  value(key: string): string | undefined;
  /** The value of `aws:SourceIp`, as a number. */
  address(): IpAddress | undefined;
}

/** A caller whose signature the gateway verified. */
export interface PolicyPrincipal {
  readonly arn: string;
  readonly accountId: string;
  readonly userId: string;
  readonly orgId?: string | null | undefined;
}

export interface RequestFacts {
  /** As the engine saw it, never as a header claims. */
  readonly address: string;
  readonly headers: Headers;
  /** ms since the epoch. */
  readonly now: number;
  readonly scheme: "http" | "https";
  /** Signed requests only (aws-semantics 10). */
  readonly principal: PolicyPrincipal | undefined;
}

/** The condition keys of a request of the gateway's. */
export function requestConditions(facts: RequestFacts): ConditionContext {
  return new RequestConditions(facts);
}

/** A class, since an object of functions would be built anew for every request. */
class RequestConditions implements ConditionContext {
  readonly #facts: RequestFacts;
  #address: IpAddress | null | undefined;

  constructor(facts: RequestFacts) {
    this.#facts = facts;
  }

  address(): IpAddress | undefined {
    if (this.#address === undefined) this.#address = parseAddress(this.#facts.address) ?? null;
    return this.#address ?? undefined;
  }

  value(key: string): string | undefined {
    const { headers, now, scheme, principal } = this.#facts;
    switch (key) {
      case "aws:sourceip": {
        const address = this.address();
        return address && formatAddress(address);
      }
      case "aws:referer":
        return headers.get("referer") ?? undefined;
      case "aws:useragent":
        return headers.get("user-agent") ?? undefined;
      case "aws:currenttime":
        return `${new Date(now).toISOString().slice(0, 19)}Z`;
      case "aws:epochtime":
        return String(Math.floor(now / 1000));
      case "aws:securetransport":
        return String(scheme === "https");
      case "aws:principalarn":
        return principal?.arn;
      case "aws:principalaccount":
        return principal?.accountId;
      case "aws:principalorgid":
        return principal?.orgId ?? undefined;
      case "aws:principaltype":
        return principal && principalType(principal.arn);
      case "aws:userid":
        return principal?.userId;
      case "aws:username":
        return principal && userName(principal.arn);
      default:
        return undefined;
    }
  }
}

const TYPES: Readonly<Record<string, string>> = {
  root: "Account",
  user: "User",
  "assumed-role": "AssumedRole",
  "federated-user": "FederatedUser",
};

/** What kind of caller an ARN names: its sixth part is `user/path/name`, `root` and so on. */
const principalType = (arn: string): string | undefined => TYPES[resourceOf(arn).split("/", 1)[0] ?? ""];

/** Users alone have a name: what stands behind their path. */
function userName(arn: string): string | undefined {
  const resource = resourceOf(arn);
  return resource.startsWith("user/") ? resource.slice(resource.lastIndexOf("/") + 1) : undefined;
}

const resourceOf = (arn: string): string => arn.split(":").slice(5).join(":");
