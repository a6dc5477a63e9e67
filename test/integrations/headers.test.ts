import { describe, expect, test } from "vitest";
import { record } from "../conformance/vectors.ts";
import { api, callFunction, echoFunction, gateway, proxyTo } from "../support/gateway.ts";

/** Every header that says who is calling, and how it could be written past a filter. */
const IDENTITY = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-forwarded-user",
  "x-real-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "true-client-ip",
  "cf-connecting-ip",
  "cf-connecting-ipv6",
  "cf-ipcountry",
  "cf-ray",
  "x-amzn-apigateway-api-id",
  "x-amzn-requestid",
  "x-portico-reason",
  "x-portico-user",
] as const;

const ALIASES = IDENTITY.flatMap((name) => {
  const underscored = name.replaceAll("-", "_");
  const mixed = [name.replace("-", "_"), name.replace(/-(?=[^-]*$)/, "_")];
  return [...new Set([name, name.toUpperCase(), underscored, ...mixed])];
});

const LIE = "10.66.66.66";
const KINDS = ["http_proxy", "http", "aws_proxy", "fetch module"] as const;

/** What a backend of each kind gets to see of a request's headers. */
async function seen(kind: (typeof KINDS)[number], protocol: string, headers: HeadersInit): Promise<Headers> {
  const echo = echoFunction();
  let got = new Headers();
  const fetchModule = {
    default: {
      fetch(request: Request): Response {
        got = request.headers;
        return new Response();
      },
    },
  };
  const integrations = {
    http_proxy: proxyTo("https://o.test/"),
    http: { ...proxyTo("https://o.test/"), type: "http", responses: { default: { statusCode: 200 } } },
    aws_proxy: callFunction("echo"),
    "fetch module": callFunction("fetch"),
  };
  const subject = await gateway(api({ "ANY /a": integrations[kind] }, { protocol }), {
    functions: { echo: echo.module, fetch: fetchModule },
  });
  const response = await subject.fetch("/a", { headers });
  expect(response.status).toBe(200);
  if (kind === "fetch module") return got;
  if (kind !== "aws_proxy") return subject.lastSent.headers;
  const event = record(echo.events.at(-1));
  for (const values of Object.values(record(event["multiValueHeaders"]))) {
    expect(JSON.stringify(values)).not.toContain(LIE);
  }
  return new Headers(Object.entries(record(event["headers"])).map(([name, value]) => [name, String(value)]));
}

describe.each(["HTTP", "REST"])("R-06 identity headers that a client sends (%s)", (protocol) => {
  test.each(KINDS)("reach no backend: %s", async (kind) => {
    const headers = await seen(
      kind,
      protocol,
      ALIASES.map((name): [string, string] => [name, LIE]),
    );
    const survivors = [...headers].filter(([, value]) => value.includes(LIE));
    expect(survivors).toEqual([]);
  });

  test.each(["aws_proxy", "fetch module"] as const)(
    "R-07 the address is the connection's: %s",
    async (kind) => {
      const headers = await seen(kind, protocol, { "x-forwarded-for": `${LIE}, 1.2.3.4`, "x-real-ip": LIE });
      expect(headers.get("x-forwarded-for")).toBe("203.0.113.7");
      expect(headers.get("x-forwarded-proto")).toBe("https");
    },
  );
});

test("R-06 an HTTP API's origin is told by the gateway who called", async () => {
  const headers = await seen("http_proxy", "HTTP", { forwarded: `for=${LIE}`, host: "api.test" });
  expect(headers.get("forwarded")).toBe("for=203.0.113.7;host=api.test;proto=https");
  expect(headers.get("x-forwarded-for")).toBe("203.0.113.7");
  expect(headers.get("x-forwarded-host")).toBe("api.test");
});

/** Each header that the gateway adds, by kind of backend. */
const ADDED: readonly (readonly [(typeof KINDS)[number], string, readonly string[]])[] = [
  [
    "http_proxy",
    "HTTP",
    [
      "forwarded",
      "x-forwarded-for",
      "x-forwarded-host",
      "x-forwarded-proto",
      "x-amzn-trace-id",
      "x-portico-hops",
    ],
  ],
  ["http_proxy", "REST", ["x-amzn-apigateway-api-id", "x-amzn-trace-id", "x-portico-hops"]],
  ["http", "REST", ["accept", "user-agent", "x-amzn-apigateway-api-id", "x-amzn-trace-id", "x-portico-hops"]],
  ["aws_proxy", "HTTP", ["x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-amzn-trace-id"]],
  ["aws_proxy", "REST", ["x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-amzn-trace-id"]],
  ["fetch module", "HTTP", ["x-forwarded-for", "x-forwarded-proto", "x-amzn-trace-id"]],
];

describe("R-03 a Connection header", () => {
  test.each(ADDED.flatMap(([kind, protocol, names]) => names.map((name) => [name, kind, protocol] as const)))(
    "that lists %s cannot take it from %s of %s APIs",
    async (name, kind, protocol) => {
      // What is no count of hops is taken for a loop.
      const lie = name === "x-portico-hops" ? "0" : LIE;
      for (const connection of [
        name,
        `close, ${name}`,
        `${name.toUpperCase()},x`,
        `keep-alive ,\t${name} `,
      ]) {
        const headers = await seen(kind, protocol, { connection, [name]: lie });
        expect(headers.get(name), connection).not.toBeNull();
        expect(headers.get(name), connection).not.toBe(lie);
      }
    },
  );

  test.each(KINDS.filter((kind) => kind !== "http"))("takes what it lists from %s", async (kind) => {
    for (const connection of ["x-mine", "close, X-Mine", "te, x-mine"]) {
      const headers = await seen(kind, "HTTP", { connection, "x-mine": "1", "x-other": "2" });
      expect(headers.has("x-mine"), connection).toBe(false);
      expect(headers.get("x-other"), connection).toBe("2");
      expect(headers.has("connection")).toBe(false);
    }
  });

  test.each(KINDS.filter((kind) => kind !== "http"))(
    "cannot take what every hop needs from %s",
    async (kind) => {
      const kept = { authorization: "Bearer x", cookie: "a=b", "content-type": "text/x" };
      const headers = await seen(kind, "HTTP", { ...kept, connection: Object.keys(kept).join(", ") });
      expect(headers.get("authorization")).toBe("Bearer x");
      expect(headers.get("content-type")).toBe("text/x");
    },
  );

  test.each(["", ",", "a b", "x-mine:", "\u00e9", "x".repeat(5000)])(
    "of garbage (%j) harms nothing",
    async (connection) => {
      const bytes = [...connection].map((c) => String.fromCharCode(c.charCodeAt(0) & 0xff)).join("");
      const headers = await seen("http_proxy", "HTTP", { connection: bytes, "x-other": "2" });
      expect(headers.get("x-other")).toBe("2");
    },
  );
});

describe("R-03 R-04 hop-by-hop headers", () => {
  const HOP = {
    connection: "upgrade",
    "keep-alive": "timeout=5",
    "proxy-authorization": "Basic x",
    "proxy-connection": "keep-alive",
    te: "trailers",
    trailer: "x-t",
    upgrade: "h2c",
  };
  test.each(["HTTP", "REST"])("of a request stop here (%s)", async (protocol) => {
    for (const kind of ["http_proxy", "fetch module"] as const) {
      const headers = await seen(kind, protocol, HOP);
      for (const name of Object.keys(HOP)) expect(headers.get(name), name).toBeNull();
    }
  });

  test.each(["HTTP", "REST"])("of a response stop here (%s)", async (protocol) => {
    const subject = await gateway(api({ "GET /a": proxyTo("https://o.test/") }, { protocol }), {
      origin: () =>
        new Response("x", { headers: { ...HOP, connection: "x-listed", "x-listed": "1", "x-kept": "2" } }),
    });
    const { headers } = await subject.fetch("/a");
    for (const name of [...Object.keys(HOP), "x-listed"]) expect(headers.get(name), name).toBeNull();
    expect(headers.get("x-kept")).toBe("2");
    expect(headers.get("x-amzn-remapped-connection")).toBe(protocol === "REST" ? "x-listed" : null);
  });

  test("an origin cannot take the gateway's own ids from a response", async () => {
    for (const [protocol, names] of [
      ["HTTP", ["apigw-requestid"]],
      ["REST", ["x-amzn-requestid", "x-amz-apigw-id"]],
    ] as const) {
      const subject = await gateway(api({ "GET /a": proxyTo("https://o.test/") }, { protocol }), {
        origin: () =>
          new Response("x", {
            headers: { connection: names.join(","), ...Object.fromEntries(names.map((name) => [name, LIE])) },
          }),
      });
      const { headers } = await subject.fetch("/a");
      for (const name of names) expect(headers.get(name) ?? LIE).not.toBe(LIE);
    }
  });
});

describe("R-05 headers that differ in a mark", () => {
  test("a-b and a_b are two headers, and both reach the backend", async () => {
    const headers = await seen("http_proxy", "HTTP", { "x-a-b": "1", "x-a_b": "2", x_a_b: "3" });
    expect([headers.get("x-a-b"), headers.get("x-a_b"), headers.get("x_a_b")]).toEqual(["1", "2", "3"]);
  });
});

test("Authorization with a SigV4 signature stays with a REST API", async () => {
  const authorization = "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu/execute-api/aws4_request, Signature=x";
  expect((await seen("http_proxy", "REST", { authorization })).get("authorization")).toBeNull();
  expect((await seen("http_proxy", "REST", { authorization: "Bearer x" })).get("authorization")).toBe(
    "Bearer x",
  );
});
