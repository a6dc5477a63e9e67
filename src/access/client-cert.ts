import type { ClientCert } from "../caller.ts";
import { GatewayError } from "../gateway-responses/gateway-error.ts";

/**
 * The client's certificate as the platform verified it (`request.cf.tlsClientAuth`; nothing
 * of it comes from a header). The platform does not hand over the certificate itself, so
 * `clientCertPem` is empty.
 *
 * @param mode of the domain's entry: `required` refuses whoever shows none that is valid
 * @throws GatewayError 403, as API Gateway answers a failed handshake
 */
export function verifiedCertificate(request: Request, mode: "required" | "optional"): ClientCert | undefined {
  const facts = member(request.cf, "tlsClientAuth");
  const presented = member(facts, "certPresented") === "1";
  const verified = member(facts, "certVerified") === "SUCCESS" && member(facts, "certRevoked") !== "1";
  if (presented && verified) return certificate(facts);
  if (mode === "optional") return undefined;
  throw presented
    ? refused("client_cert.invalid", "the client's certificate is not valid for this domain")
    : refused("client_cert.missing", "this domain asks for a client certificate, and there is none");
}

function certificate(facts: unknown): ClientCert {
  return {
    clientCertPem: "",
    subjectDN: text(facts, "certSubjectDN"),
    issuerDN: text(facts, "certIssuerDN"),
    serialNumber: text(facts, "certSerial")
      .toLowerCase()
      .replace(/..(?=.)/g, "$&:"),
    validity: { notBefore: text(facts, "certNotBefore"), notAfter: text(facts, "certNotAfter") },
  };
}

function text(facts: unknown, name: string): string {
  const value = member(facts, name);
  return typeof value === "string" ? value : "";
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function refused(reason: "client_cert.missing" | "client_cert.invalid", detail: string): GatewayError {
  return new GatewayError("DEFAULT_4XX", reason, detail, { status: 403, message: "Forbidden" });
}
