import { describe, expect, it } from "vitest";
import { claimsIdentity, inspectHeaders } from "../src/incoming-headers.ts";

const HOP_NAMES = [
  "connection",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

const IDENTITY_NAMES = [
  "forwarded",
  "x-real-ip",
  "true-client-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-forwarded-",
  "x-forwarded-for",
  "x-forwarded-anything",
  "cf-connecting-ip",
  "cf-ray",
  "x-amzn-trace-id",
  "x-portico-hops",
];

/** Names that look like the others and are an application's own. */
const OWN_NAMES = [
  "accept",
  "cfx",
  "connection2",
  "content-type",
  "cookie",
  "expect-ct",
  "forwarded-by",
  "forwardedx",
  "hosts",
  "my-x-forwarded-for",
  "te-x",
  "traceparent",
  "true-client",
  "upgrade-insecure-requests",
  "user-agent",
  "x-forwarded",
  "x-real-ip-2",
  "x-tenant",
];

describe("inspectHeaders", () => {
  it.each(HOP_NAMES)("R-03: stops %s", (name) => {
    expect(inspectHeaders(new Headers({ [name]: "close" })).stopped).toEqual([name]);
  });

  it.each(IDENTITY_NAMES)("R-07: stops %s", (name) => {
    expect(inspectHeaders(new Headers({ [name]: "1" })).stopped).toEqual([name]);
  });

  it.each(IDENTITY_NAMES)("R-05: stops %s with underscores for hyphens", (name) => {
    const spelled = name.replaceAll("-", "_");
    expect(inspectHeaders(new Headers({ [spelled]: "1" })).stopped).toEqual([spelled]);
  });

  it.each(OWN_NAMES)("lets %s through", (name) => {
    expect(inspectHeaders(new Headers({ [name]: "1" })).stopped).toEqual([]);
  });

  it("R-03: stops what Connection lists, but not what concerns the ends", () => {
    const headers = new Headers({ connection: "close, X-Tenant, authorization", "x-tenant": "t" });
    expect(inspectHeaders(headers).stopped).toEqual(["connection", "close", "x-tenant"]);
  });

  it("counts names and values", () => {
    expect(inspectHeaders(new Headers({ accept: "a/b", "x-tenant": "t-1" })).bytes).toBe(20);
  });
});

describe("claimsIdentity", () => {
  it("R-05: takes one underscore among hyphens for a hyphen", () => {
    expect(claimsIdentity("x-forwarded_for")).toBe(true);
    expect(claimsIdentity("true_client-ip")).toBe(true);
  });
});
