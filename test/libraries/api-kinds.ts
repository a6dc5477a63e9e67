import { api, callFunction, gateway, type TestGateway } from "../support/gateway.ts";

export const API_KINDS = ["REST", "HTTP 1.0", "HTTP 2.0"] as const;
export type ApiKind = (typeof API_KINDS)[number];

/** An API of the kind whose every path is this module's. */
export function libraryGateway(kind: ApiKind, module: unknown): Promise<TestGateway> {
  const [protocol, payloadFormatVersion] = kind.split(" ");
  const integration = callFunction("fn", payloadFormatVersion === undefined ? {} : { payloadFormatVersion });
  const settings = { protocol, ...(protocol === "REST" ? { binaryMediaTypes: ["image/*"] } : {}) };
  return gateway(api({ "ANY /{proxy+}": integration }, settings), { functions: { fn: module } });
}
