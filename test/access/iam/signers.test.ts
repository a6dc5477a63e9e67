import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { AwsV4Signer } from "aws4fetch";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { amzDate } from "../../../src/access/iam/amz-date.ts";
import { canonicalPath } from "../../../src/routing/path.ts";
import { tamperings, verify, type Wire } from "./wire.ts";

/** Requests as the usual clients sign them. */

const NOW = Date.parse("2026-04-01T12:00:00Z");
const accessKeyId = "AKIAEXAMPLE234567XYZ";
const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const credentials = { accessKeyId, secretAccessKey: secret };
const service = "execute-api";
const region = "eu-central-1";
const signing = { accessKeyId, secret, now: NOW };
const HOST = "api.example:8787";

const smithy = new SignatureV4({ credentials, service, region, sha256: Sha256, applyChecksum: false });
const smithyWithChecksum = new SignatureV4({ credentials, service, region, sha256: Sha256 });

interface Parts {
  readonly method?: string;
  /** As it is sent. */
  readonly path?: string;
  /** Decoded. */
  readonly query?: Readonly<Record<string, string | string[]>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function smithyRequest({ method = "GET", path = "/", query = {}, headers = {}, body = "" }: Parts) {
  return {
    method,
    protocol: "https:",
    hostname: "api.example",
    port: 8787,
    path,
    query: { ...query },
    headers: { host: HOST, ...headers },
    ...(body === "" ? {} : { body }),
  };
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** What @smithy's HTTP handlers put on the wire. */
function toWire({ method, path, query = {}, headers }: Sent, body = ""): Wire {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value ?? ""].flat().map((one) => `${encode(name)}=${encode(one)}`),
  );
  return { method, path, query: pairs.join("&"), headers: Object.entries(headers), body };
}

async function smithySign(parts: Parts, signer = smithy): Promise<Wire> {
  return toWire(await signer.sign(smithyRequest(parts), { signingDate: new Date(NOW) }), parts.body);
}

async function smithyPresign(parts: Parts, expiresIn = 3600): Promise<Wire> {
  const options = { signingDate: new Date(NOW), expiresIn };
  return toWire(await smithy.presign(smithyRequest(parts), options), parts.body);
}

async function aws4fetch(
  url: string,
  init: RequestInit & { body?: string; signQuery?: boolean } = {},
): Promise<Wire> {
  const { method = "GET", headers = {}, body = "", signQuery = false } = init;
  const datetime = amzDate(NOW).text;
  const signed = await new AwsV4Signer({
    ...credentials,
    service,
    region,
    url,
    method,
    headers,
    datetime,
    signQuery,
    ...(body === "" ? {} : { body }),
  }).sign();
  const sent = signed.url instanceof URL ? signed.url : new URL(String(signed.url));
  return {
    method,
    path: sent.pathname,
    query: sent.search.slice(1),
    headers: [["host", sent.host], ...signed.headers],
    body,
  };
}

describe("callers that sign as the AWS SDKs and aws4fetch do", () => {
  const urls = [
    "https://api.example/",
    "https://api.example:8443/prod/pets/7?b=2&a=1&a=0&c",
    "https://api.example/caf%C3%A9/a%20b/x;y=1,2/'(*)!",
    "https://api.example//double//slashes/",
    "https://api.example/a/./b/../c",
    "https://api.example/%2e%2e/%2F/x",
    "https://api.example/p?q=a+b&r=a%2Bb&s=%E2%82%AC&t=%7e~&u=*'()!",
    "https://api.example/p?param-3=3&param=2&param%20=1&Z=1&a=1",
    "https://api.example/p?&&a=1&&",
  ];

  test.each(urls)("aws4fetch in a header: %s", async (url) => {
    expect(await verify(await aws4fetch(url), signing)).toBe("verified");
  });

  test.each(urls)("aws4fetch in the query: %s", async (url) => {
    expect(await verify(await aws4fetch(url, { signQuery: true }), signing)).toBe("verified");
  });

  test("aws4fetch with a body and headers of its own", async () => {
    const headers = { "content-type": "application/json", "x-amz-target": "a.b", "x-more": "a,  b" };
    const wire = await aws4fetch("https://api.example/x", { method: "POST", headers, body: '{"a":1}' });
    expect(await verify(wire, signing)).toBe("verified");
    expect(await verify({ ...wire, body: '{"a":2}' }, signing)).toBe("wrong signature");
  });

  test("@smithy/signature-v4 in a header, with and without the payload's hash", async () => {
    const parts = {
      method: "POST",
      path: "/prod//a%20b/../c",
      query: { b: ["2", "1", "10"], "a-b": "1", a: "2" },
      headers: { "content-type": "text/plain", "X-Amz-Meta": "  a   b " },
      body: "payload",
    };
    for (const signer of [smithy, smithyWithChecksum]) {
      const wire = await smithySign(parts, signer);
      expect(await verify(wire, signing)).toBe("verified");
      expect(await verify({ ...wire, body: "Payload" }, signing)).toMatch(/wrong (signature|payload)/);
    }
  });

  test("@smithy/signature-v4 in the query, x-amz headers moved there", async () => {
    const headers = { "x-amz-meta": "a b", "x-other": "c" };
    const wire = await smithyPresign({ path: "/prod/x", query: { a: "b c" }, headers });
    expect(wire.query).toContain("x-amz-meta=a%20b");
    expect(await verify(wire, signing)).toBe("verified");
  });

  test("a hash of the payload that was moved into the query counts", async () => {
    const hash = "239f59ed55e737c77147cf55ad0c1b030b6d7ee748a7426952f9b852d5a935e5";
    const wire = await smithyPresign({
      method: "PUT",
      headers: { "x-amz-content-sha256": hash },
      body: "payload",
    });
    expect(wire.query).toContain(hash);
    expect(await verify(wire, signing)).toBe("verified");
    expect(await verify({ ...wire, body: "another" }, signing)).toBe("wrong payload");
  });

  test("repeated headers, which signers join by a comma and the engine by a comma and a blank", async () => {
    const wire = await smithySign({ headers: { "x-list": "b,a,c" } });
    const lines = wire.headers.filter(([name]) => name !== "x-list");
    const repeated: Wire = {
      ...wire,
      headers: [...lines, ["x-list", "b"], ["x-list", "a"], ["x-list", "c"]],
    };
    expect(await verify(repeated, signing)).toBe("verified");
    expect(await verify({ ...wire, headers: [...lines, ["x-list", "a, b, c"]] }, signing)).toBe(
      "wrong signature",
    );
  });

  test("a comma and a blank that were sent so, next to a date", async () => {
    const wire = await smithySign({ headers: { "x-list": "a, b", date: "Wed, 01 Apr 2026 12:00:00 GMT" } });
    expect(await verify(wire, signing)).toBe("verified");
  });

  test("R-01 a presigned path opens no other path that its dots and slashes could be read as", async () => {
    const wire = await smithyPresign({ path: "/b" });
    for (const path of ["/a//../b", "/a/x//../../b", "/./a//..//../b/x/..", "/%2e/b", "//a//../b"]) {
      expect(await verify({ ...wire, path }, signing), path).toBe("wrong signature");
    }
    for (const path of ["//b", "/./b", "/a/../b"])
      expect(await verify({ ...wire, path }, signing), path).toBe("verified");
  });
});

const anyText = fc.string({ unit: "binary", maxLength: 12 }).filter((text) => text.isWellFormed());
const segment = anyText.map(encode).filter((text) => text !== "." && text !== "..");
const headerValue = fc
  .string({ unit: fc.constantFrom(...'ab ,;="\\/%\t'), maxLength: 16 })
  .map((text) => text.trim());
const parts = fc.record({
  method: fc.constantFrom("GET", "POST", "DELETE", "PATCH"),
  path: fc
    .array(segment, { maxLength: 4 })
    .map((segments) => `/${segments.join("/")}`)
    // Others are refused before anybody looks at their signature.
    .filter((path) => canonicalPath(path).ok),
  query: fc.dictionary(
    anyText.filter((name) => name !== "" && name !== "__proto__" && !name.toLowerCase().startsWith("x-amz-")),
    fc.oneof(anyText, fc.array(anyText, { minLength: 1, maxLength: 3 })),
    { maxKeys: 5 },
  ),
  headers: fc.dictionary(fc.stringMatching(/^x-(?:amz-)?[a-z]{1,6}$/), headerValue, { maxKeys: 3 }),
  body: fc.string({ maxLength: 20 }),
});

describe("properties", () => {
  test("whatever @smithy/signature-v4 signs in a header verifies, and with one character changed does not", async () => {
    await fc.assert(
      fc.asyncProperty(parts, async (request) => {
        const wire = await smithySign(request);
        expect(await verify(wire, signing)).toBe("verified");
        for (const [what, changed] of tamperings(wire)) {
          expect(await verify(changed, signing), what).not.toBe("verified");
        }
      }),
      { numRuns: 60 },
    );
  });

  test("whatever it presigns verifies, and with one character changed does not", async () => {
    await fc.assert(
      fc.asyncProperty(parts, async (request) => {
        const wire = await smithyPresign(request);
        expect(await verify(wire, signing)).toBe("verified");
        for (const [what, changed] of tamperings(wire)) {
          expect(await verify(changed, signing), what).not.toBe("verified");
        }
      }),
      { numRuns: 60 },
    );
  });
});
