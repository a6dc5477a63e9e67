import { describe, expect, test } from "vitest";
import { readSignedParts } from "../../../src/access/iam/signed-parts.ts";

const ID = "AKIAEXAMPLE234567XYZ";
const SIGNATURE = "0123456789abcdef".repeat(4);
const CREDENTIAL = `${ID}/20260401/eu-central-1/execute-api/aws4_request`;
const DATE = "20260401T120000Z";
const AUTHORIZATION = `AWS4-HMAC-SHA256 Credential=${CREDENTIAL}, SignedHeaders=host;x-amz-date, Signature=${SIGNATURE}`;

const headers = (more: Record<string, string | undefined> = {}): Headers => {
  const all = { host: "api.test", "x-amz-date": DATE, authorization: AUTHORIZATION, ...more };
  return new Headers(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
};

const read = (given: Headers, query = "") =>
  readSignedParts({ method: "GET", path: "/", query, headers: given });

const presigned = (more: Record<string, string | undefined> = {}, tail = ""): string => {
  const all = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": encodeURIComponent(CREDENTIAL),
    "X-Amz-Date": DATE,
    "X-Amz-Expires": "60",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Signature": SIGNATURE,
    ...more,
  };
  const pairs = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${value}`,
  );
  return pairs.join("&") + tail;
};
const onlyHost = new Headers({ host: "api.test" });

describe("a signature in the header", () => {
  test("is read in whatever order and spacing its parameters have", () => {
    const scope = { day: "20260401", region: "eu-central-1", service: "execute-api" };
    const expected = { ok: true, form: "header", accessKeyId: ID, scope, date: { text: DATE } };
    expect(read(headers())).toMatchObject(expected);
    const other = `AWS4-HMAC-SHA256   Signature=${SIGNATURE},SignedHeaders=host;x-amz-date,\tCredential=${CREDENTIAL}`;
    expect(read(headers({ authorization: other }))).toMatchObject(expected);
  });

  test.each([
    ["an HTTP date", "Wed, 01 Apr 2026 12:00:00 GMT"],
    ["the form of x-amz-date", DATE],
  ])("takes its date from a Date header with %s", (_, date) => {
    const authorization = AUTHORIZATION.replace(";x-amz-date", "");
    const parts = read(headers({ "x-amz-date": undefined, date, authorization }));
    expect(parts).toMatchObject({ ok: true, date: { text: DATE, time: Date.parse("2026-04-01T12:00:00Z") } });
  });

  test.each<[string, Record<string, string | undefined>]>([
    ["no header", { authorization: undefined }],
    ["another scheme", { authorization: "Bearer token" }],
    ["an empty header", { authorization: "" }],
  ])("is missing: %s", (_, changes) => {
    expect(read(headers(changes))).toMatchObject({ ok: false, reason: "auth.iam.missing" });
  });

  const replaced = (what: string | RegExp, by: string) => ({
    authorization: AUTHORIZATION.replace(what, by),
  });
  test.each<[string, Record<string, string | undefined>]>([
    ["SigV4A", replaced("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")],
    ["a chunk's algorithm", replaced("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256-PAYLOAD")],
    ["the algorithm in small letters", replaced("AWS4-HMAC-SHA256", "aws4-hmac-sha256")],
    ["the algorithm alone", { authorization: "AWS4-HMAC-SHA256" }],
    ["a second scheme before it", { authorization: `Bearer token, ${AUTHORIZATION}` }],
    ["a second scheme after it", { authorization: `${AUTHORIZATION}, Bearer token` }],
    ["two signatures", { authorization: `${AUTHORIZATION}, ${AUTHORIZATION}` }],
    ["a parameter twice", { authorization: `${AUTHORIZATION}, Signature=${SIGNATURE}` }],
    ["an unknown parameter", { authorization: `${AUTHORIZATION}, Token=1` }],
    ["a comma at the end", { authorization: `${AUTHORIZATION},` }],
    ["no Credential", replaced(/Credential=[^,]+, /, "")],
    ["no SignedHeaders", replaced(/SignedHeaders=[^,]+, /, "")],
    ["no Signature", replaced(/, Signature=.*/, "")],
    ["an empty access key id", replaced(ID, "")],
    ["an access key id with a path in it", replaced(ID, "../x")],
    ["a scope too long", replaced("aws4_request", "aws4_request/more")],
    ["a scope too short", replaced("/aws4_request", "")],
    ["another terminator", replaced("aws4_request", "aws5_request")],
    ["an empty region", replaced("eu-central-1", "")],
    ["a region with odd characters", replaced("eu-central-1", "eu central")],
    ["another day", replaced("20260401", "20260402")],
    ["no day", replaced("20260401", "")],
    ["a short signature", replaced(SIGNATURE, SIGNATURE.slice(1))],
    ["a signature in capitals", replaced(SIGNATURE, SIGNATURE.toUpperCase())],
    ["headers that are not sorted", replaced("host;x-amz-date", "x-amz-date;host")],
    ["a header twice", replaced("host;x-amz-date", "host;host;x-amz-date")],
    ["headers in capitals", replaced("host;x-amz-date", "Host;x-amz-date")],
    ["no host", replaced("host;x-amz-date", "x-amz-date")],
    ["an empty header name", replaced("host;x-amz-date", "host;;x-amz-date")],
    ["a header that is not there", replaced("host;x-amz-date", "host;x-amz-date;x-none")],
    ["an x-amz header that is not signed", { "x-amz-meta": "1" }],
    ["its own date unsigned", replaced("host;x-amz-date", "host")],
    ["no date", { ...replaced("host;x-amz-date", "host"), "x-amz-date": undefined }],
    ["a date that is none", { "x-amz-date": "20261301T120000Z" }],
    ["two dates", { "x-amz-date": `${DATE}, ${DATE}` }],
    ["a date with milliseconds", { "x-amz-date": "2026-04-01T12:00:00.000Z" }],
    [
      "more headers than anybody signs",
      replaced("host;", `${Array.from({ length: 120 }, (_, i) => `a${1000 + i};`).join("")}host;`),
    ],
  ])("is malformed: %s", (_, changes) => {
    expect(read(headers(changes))).toMatchObject({ ok: false, reason: "auth.iam.malformed" });
  });

  test.each(["X-Amz-Signature=1", "x-amz-credential=1", "a=1&X%2DAmz-Algorithm=", "X-AMZ-SIGNATURE"])(
    "R-01 and one in the query at once (%s) are refused",
    (query) => {
      expect(read(headers(), query)).toMatchObject({ ok: false, reason: "auth.iam.malformed" });
    },
  );

  test("leaves a session token unsigned, since it is compared with what is stored", () => {
    expect(read(headers({ "x-amz-security-token": "t" }))).toMatchObject({ ok: true, token: "t" });
  });
});

describe("a signature in the query", () => {
  test("is read, and stands no more among what is signed", () => {
    const parts = read(onlyHost, presigned({}, "&a=1"));
    expect(parts).toMatchObject({ ok: true, form: "query", accessKeyId: ID, expires: 60 });
    const names = parts.ok ? parts.parameters.map(({ name }) => name) : [];
    expect(names).toContain("a");
    expect(names).not.toContain("X-Amz-Signature");
  });

  test.each<[string, string]>([
    ["SigV4A", presigned({ "X-Amz-Algorithm": "AWS4-ECDSA-P256-SHA256" })],
    ["no algorithm", presigned({ "X-Amz-Algorithm": undefined })],
    ["no credential", presigned({ "X-Amz-Credential": undefined })],
    ["no date", presigned({ "X-Amz-Date": undefined })],
    ["no signed headers", presigned({ "X-Amz-SignedHeaders": undefined })],
    ["no signature", presigned({ "X-Amz-Signature": undefined })],
    ["no time", presigned({ "X-Amz-Expires": "0" })],
    ["a time before", presigned({ "X-Amz-Expires": "-1" })],
    ["a fraction of a second", presigned({ "X-Amz-Expires": "0.5" })],
    ["more than a week", presigned({ "X-Amz-Expires": "604801" })],
    ["a time that is no number", presigned({ "X-Amz-Expires": "1e3" })],
    ["an empty time", presigned({ "X-Amz-Expires": "" })],
    ["two signatures", presigned({}, `&X-Amz-Signature=${SIGNATURE}`)],
    ["two times", presigned({}, "&X-Amz-Expires=600000")],
    ["two times, in different case", presigned({}, "&x-amz-expires=600000")],
    ["two times, one of them encoded", presigned({}, "&X-Amz-Expire%73=600000")],
    ["two hashes of the payload", presigned({}, "&X-Amz-Content-Sha256=a&x-amz-content-sha256=b")],
    ["a name in small letters", presigned().replace("X-Amz-Signature", "x-amz-signature")],
    ["broken encodings", presigned({ "X-Amz-Credential": "%E0%A4%A" })],
  ])("is malformed: %s", (_, query) => {
    expect(read(onlyHost, query)).toMatchObject({ ok: false, reason: "auth.iam.malformed" });
  });

  test.each(["Bearer token", AUTHORIZATION, "Basic eA=="])(
    "beside an Authorization header (%s) is refused",
    (authorization) => {
      expect(read(new Headers({ host: "api.test", authorization }), presigned())).toMatchObject({
        reason: "auth.iam.malformed",
      });
    },
  );

  test("with a session token in the query and in a header is refused", () => {
    const both = new Headers({ host: "api.test", "x-amz-security-token": "t" });
    expect(read(both, presigned({ "X-Amz-Security-Token": "t" }))).toMatchObject({
      reason: "auth.iam.malformed",
    });
  });
});
