import { describe, expect, test } from "vitest";
import { record } from "../conformance/vectors.ts";
import { api, callFunction, echoFunction, gateway } from "../support/gateway.ts";

const VALID = {
  certPresented: "1",
  certVerified: "SUCCESS",
  certRevoked: "0",
  certSubjectDN: "CN=client.example.com,O=Example",
  certIssuerDN: "CN=Example CA",
  certSerial: "00936EACBE07F201DF",
  certNotBefore: "Dec 22 19:39:00 2018 GMT",
  certNotAfter: "Dec 21 19:39:00 2028 GMT",
};

const CERT = {
  clientCertPem: "",
  subjectDN: "CN=client.example.com,O=Example",
  issuerDN: "CN=Example CA",
  serialNumber: "00:93:6e:ac:be:07:f2:01:df",
  validity: { notBefore: "Dec 22 19:39:00 2018 GMT", notAfter: "Dec 21 19:39:00 2028 GMT" },
};

async function subject(mutualTls: string, protocol = "HTTP") {
  const echo = echoFunction();
  const entries = {
    ...api({ "GET /": callFunction("echo", { payloadFormatVersion: "2.0" }) }, { protocol }),
    "domains/api.test": {
      mutualTls,
      mappings: [{ api: "default" }, { api: "default", basePath: "$default" }],
    },
  };
  return { echo, gateway: await gateway(entries, { functions: { echo: echo.module }, showReasons: true }) };
}

describe("a domain with mutual TLS", () => {
  test("hands the verified certificate's facts to functions, in both formats", async () => {
    const http = await subject("required");
    expect((await http.gateway.fetch("/", { cf: { tlsClientAuth: VALID } })).status).toBe(200);
    const context = record(http.echo.events[0]?.["requestContext"]);
    expect(context["authentication"]).toEqual({ clientCert: CERT });
    const rest = await subject("required", "REST");
    const mapped = { ...rest, target: "/" };
    expect((await mapped.gateway.fetch(mapped.target, { cf: { tlsClientAuth: VALID } })).status).toBe(200);
    expect(record(record(rest.echo.events[0]?.["requestContext"])["identity"])["clientCert"]).toEqual(CERT);
  });

  test.each([
    ["nothing", undefined, "client_cert.missing"],
    ["no certificate", { ...VALID, certPresented: "0", certVerified: "NONE" }, "client_cert.missing"],
    ["one of another authority", { ...VALID, certVerified: "FAILED:self signed" }, "client_cert.invalid"],
    ["an expired one", { ...VALID, certVerified: "FAILED:certificate has expired" }, "client_cert.invalid"],
    ["a revoked one", { ...VALID, certRevoked: "1" }, "client_cert.invalid"],
    ["a text", "SUCCESS", "client_cert.missing"],
  ])("that is required refuses %s", async (_, tlsClientAuth, reason) => {
    const { gateway: required } = await subject("required");
    const response = await required.fetch("/", { cf: { tlsClientAuth } });
    expect([response.status, await response.text()]).toEqual([403, '{"message":"Forbidden"}']);
    expect(response.headers.get("x-portico-reason")).toContain(reason);
    const { gateway: optional, echo } = await subject("optional");
    expect((await optional.fetch("/", { cf: { tlsClientAuth } })).status).toBe(200);
    expect(record(echo.events[0]?.["requestContext"])["authentication"]).toBeUndefined();
  });

  test("R-06 takes nothing of it from headers", async () => {
    const { gateway: required } = await subject("required");
    const headers = { "cf-client-cert": "x", "x-amzn-mtls-clientcert": "x", "x-client-cert": "x" };
    expect((await required.fetch("/", { headers })).status).toBe(403);
  });

  test("whose API answers elsewhere too is reported, and not once that is closed", async () => {
    const { gateway: open } = await subject("required");
    await open.fetch("/", { cf: { tlsClientAuth: VALID } });
    expect(open.problems.map(({ code }) => code)).toEqual(["mutual_tls.bypass"]);
    const optional = await subject("optional");
    await optional.gateway.fetch("/");
    expect(optional.gateway.problems).toEqual([]);
  });

  test("can be the only way to an API", async () => {
    const entries = {
      ...api({ "GET /": callFunction("echo") }, { disableExecuteApiEndpoint: true }),
      "domains/secure.test": { mutualTls: "required", mappings: [{ api: "default" }] },
    };
    const subject = await gateway(entries, { functions: { echo: echoFunction().module } });
    expect((await subject.fetch("/")).status).toBe(404);
    expect((await subject.fetch("/", { host: "secure.test" })).status).toBe(403);
    const cf = { tlsClientAuth: VALID };
    expect((await subject.fetch("/", { host: "secure.test", cf })).status).toBe(200);
    expect((await subject.fetch("/", { cf })).status).toBe(404);
    expect(subject.problems).toEqual([]);
  });
});
