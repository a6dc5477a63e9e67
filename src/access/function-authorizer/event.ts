import type { Call } from "../../call.ts";
import { methodArn } from "../../functions/event-context.ts";
import { eventHeaders, type HeaderCase } from "../../functions/event-headers.ts";
import { requestV1 } from "../../functions/event-v1.ts";
import { requestV2 } from "../../functions/event-v2.ts";
import { requestContextV1 } from "../../functions/request-context-v1.ts";
import { traceOf } from "../../observability/ids.ts";
import { type Identity, identityText, isMissing } from "./identity.ts";

/** `TOKEN` on both kinds of API, `REST` of REST APIs, the others of HTTP APIs. */
export type EventFormat = "TOKEN" | "REST" | "1.0" | "2.0";

/**
 * The event that an authorizer's function is called with (aws-semantics 9.2, 9.3). It never
 * has the body, which so stays unread for the integration.
 */
export function authorizerEvent(format: EventFormat, call: Call, identity: Identity): unknown {
  switch (format) {
    case "TOKEN":
      return { type: "TOKEN", authorizationToken: identityText(identity[0]), methodArn: methodArn(call) };
    case "REST":
      return {
        type: "REQUEST",
        methodArn: methodArn(call),
        ...requestV1(call, headersFor(call, "rest")),
        requestContext: requestContextV1(call, "authorizer"),
      };
    case "1.0":
      return http10(call, identity);
    case "2.0": {
      const sources = shown(identity);
      return {
        version: "2.0",
        type: "REQUEST",
        routeArn: methodArn(call),
        ...(sources.length === 0 ? {} : { identitySource: sources }),
        ...requestV2(call, headersFor(call, "lower")),
      };
    }
  }
}

/** As format 1.0 of integrations, without the maps of lists. */
function http10(call: Call, identity: Identity): unknown {
  const { multiValueHeaders, multiValueQueryStringParameters, ...request } = requestV1(
    call,
    headersFor(call, "title"),
  );
  const sources = shown(identity);
  const token = sources.length === 0 ? null : sources.join(",");
  return {
    version: "1.0",
    type: "REQUEST",
    methodArn: methodArn(call),
    identitySource: token,
    authorizationToken: token,
    ...request,
    requestContext: requestContextV1(call, "authorizer"),
  };
}

function shown(identity: Identity): readonly string[] {
  return identity.filter((value) => !isMissing(value)).map(identityText);
}

function headersFor(call: Call, spelling: HeaderCase): ReturnType<typeof eventHeaders> {
  const trace = traceOf(call);
  return eventHeaders(call, spelling, trace, 0);
}
