import { isToken } from "../lib/token.ts";
import { checkUrl } from "./check-url.ts";
import type { GatewayIntegration } from "./integration-schema.ts";
import type { Problem } from "./problem.ts";
import type { Fallback } from "./resilience-schema.ts";

type At = (member: string) => string;

const MEMBERS = ["origins", "retry", "circuit", "fallback"] as const;

/**
 * Whether what an integration says of failing origins, and of streaming, fits together.
 *
 * @param isCached whether the route's entry has responses remembered
 */
export function checkResilience(
  key: string,
  integration: GatewayIntegration,
  isCached = false,
): readonly Problem[] {
  const at: At = (member) => `${key}#integration.${member}`;
  return [
    ...checkType(integration, at),
    ...checkOrigins(integration, at),
    ...checkTimes(integration, at),
    ...(integration.fallback ? checkFallback(integration.fallback, at) : []),
    ...checkStream(integration, isCached, at),
  ];
}

function checkType(integration: GatewayIntegration, at: At): readonly Problem[] {
  const { type } = integration;
  if (type === "http" || type === "http_proxy") return [];
  return MEMBERS.filter((member) => integration[member] !== undefined).map((member) => ({
    code: `${member}.type`,
    path: at(member),
    message: `${member} is for origins that are called by HTTP, not for an integration of type ${type}`,
  }));
}

function checkOrigins({ uri, origins }: GatewayIntegration, at: At): readonly Problem[] {
  if (!origins) return [];
  const problems = origins.flatMap((origin, index) => checkUrl(origin.uri, at(`origins.${index}.uri`)));
  if (uri !== undefined) {
    problems.push({
      code: "origins.uri",
      path: at("uri"),
      message: "an integration has a uri or origins, not both",
      hint: "write the uri as one of the origins",
    });
  }
  if (origins.every(({ weight }) => weight === 0)) {
    problems.push({
      code: "origins.weight",
      path: at("origins"),
      message: "no origin has a weight: nothing would be sent to any while all are well",
      hint: "0 is for one that stands by until the others fail",
    });
  }
  return problems;
}

function checkTimes({ timeoutInMillis, retry }: GatewayIntegration, at: At): readonly Problem[] {
  const perTry = retry?.perTryTimeoutInMillis;
  if (perTry === undefined || timeoutInMillis === undefined || perTry <= timeoutInMillis) return [];
  return [
    {
      code: "retry.timeout",
      path: at("retry.perTryTimeoutInMillis"),
      message: `one attempt may not take longer than all of them together, ${timeoutInMillis} ms`,
    },
  ];
}

/** What belongs to the connection, or is written by whoever sends the answer. */
const FRAMING: ReadonlySet<string> = new Set([
  ...["connection", "keep-alive", "transfer-encoding", "upgrade", "trailer"],
  ...["content-length", "content-encoding", "date"],
]);
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

function checkFallback({ uri, timeoutInMillis, statusCode, headers, body }: Fallback, at: At): Problem[] {
  const path = at("fallback");
  if ((uri === undefined) === (statusCode === undefined)) {
    return [
      {
        code: "fallback.kind",
        path,
        message: "a fallback is another origin (uri) or an answer (statusCode), one of the two",
      },
    ];
  }
  const problems = uri === undefined ? [] : [...checkUrl(uri, at("fallback.uri"))];
  if (uri === undefined ? timeoutInMillis !== undefined : headers !== undefined || body !== undefined) {
    const message = uri === undefined ? "an answer takes no time" : "another origin answers for itself";
    problems.push({ code: "fallback.kind", path, message: `${message}: leave the other's members out` });
  }
  if (body !== undefined && statusCode !== undefined && WITHOUT_BODY.has(statusCode)) {
    const message = `a response with the status ${statusCode} has no body`;
    problems.push({ code: "fallback.body", path: at("fallback.body"), message });
  }
  for (const [name, value] of Object.entries(headers ?? {})) {
    const wrong = FRAMING.has(name.toLowerCase())
      ? `the header ${name} is not a fallback's to set`
      : isHeader(name, value)
        ? undefined
        : `"${name}" is no header, or its value has characters that no header can have`;
    if (wrong !== undefined) {
      problems.push({ code: "fallback.header", path: at(`fallback.headers.${name}`), message: wrong });
    }
  }
  return problems;
}

/** RFC 9110 sections 5.1 and 5.5. */
function isHeader(name: string, value: string): boolean {
  return isToken(name) && /^[\t\x20-\x7e]*$/.test(value);
}

function checkStream(
  { type, responseTransferMode }: GatewayIntegration,
  isCached: boolean,
  at: At,
): readonly Problem[] {
  if (responseTransferMode !== "STREAM") return [];
  const path = at("responseTransferMode");
  if (type !== "http_proxy" && type !== "aws_proxy") {
    const message = `responses of type ${type} are not streamed: they are made of the whole response`;
    return [{ code: "stream.type", path, message, hint: "STREAM is for http_proxy and aws_proxy" }];
  }
  if (!isCached) return [];
  return [
    {
      code: "stream.cache",
      path,
      message: "a streamed response is not remembered",
      hint: "leave out the route's cache, or responseTransferMode",
    },
  ];
}
