import { describe, expect, test } from "vitest";
import { api, type GatewayOptions, gateway, proxyTo, writeEntries } from "../../../support/gateway.ts";

/** An origin that answers with these statuses in turn, the last one again and again. */
function answering(...statuses: readonly number[]): NonNullable<GatewayOptions["origin"]> {
  let turn = 0;
  return () =>
    new Response("from the origin", { status: statuses[Math.min(turn++, statuses.length - 1)] ?? 200 });
}

const retry = { backoffInMillis: 0 };

describe("a client's body", () => {
  const big = "x".repeat(131_072);
  test.each([
    ["small, is sent again whole", "PUT", "small", 2],
    ["of 128 KiB, is sent again whole", "PUT", big, 2],
    ["of more, is sent once", "PUT", `${big}x`, 1],
    ["of a method that is not repeated, is sent once", "POST", "small", 1],
  ])("%s", async (_, method, body, attempts) => {
    const subject = await gateway(api({ "ANY /a": proxyTo("https://o.test/", { retry }) }), {
      origin: answering(503, 200),
    });
    const headers = { "content-length": String(body.length), "content-type": "text/plain" };
    const response = await subject.fetch("/a", { method, body, headers });
    expect([response.status, subject.sent.length]).toEqual([attempts === 2 ? 200 : 503, attempts]);
    for (const sent of subject.sent) {
      expect(new TextDecoder().decode(sent.body)).toBe(body);
      expect(sent.headers.get("content-type")).toBe("text/plain");
      expect(sent.headers.get("x-portico-hops")).toBe("1");
    }
  });

  test("of no declared length streams through, once", async () => {
    const subject = await gateway(api({ "PUT /a": proxyTo("https://o.test/", { retry }) }), {
      origin: answering(503, 200),
    });
    const body = new Response("streamed").body;
    expect((await subject.fetch("/a", { method: "PUT", body })).status).toBe(503);
    expect(subject.sent.map((sent) => new TextDecoder().decode(sent.body))).toEqual(["streamed"]);
  });
});

test.each([
  ["HTTP", 503, '{"message":"Service Unavailable"}'],
  ["REST", 504, '{"message": "Network error communicating with endpoint"}'],
])(
  "an open circuit of a %s API answers %i at once, and when to come again",
  async (protocol, status, body) => {
    const circuit = { failures: 1 };
    const subject = await gateway(
      api({ "GET /a": proxyTo("https://open.test/", { circuit }) }, { protocol }),
      {
        origin: () => Promise.reject(new Error("Network connection lost.")),
        showReasons: true,
      },
    );
    await subject.fetch("/a");
    const response = await subject.fetch("/a");
    expect([response.status, await response.text(), response.headers.get("retry-after")]).toEqual([
      status,
      body,
      "10",
    ]);
    expect(response.headers.get("x-portico-reason")).toMatch(
      /^integration\.circuit_open: open\.test of GET \/a /,
    );
    expect(subject.sent.length).toBe(1);
  },
);

test("a circuit outlives the configuration that it was found in", async () => {
  const entries = (path: string) =>
    api({ "GET /a": proxyTo(`https://o.test/${path}`, { circuit: { failures: 1 } }) });
  const subject = await gateway(entries("one"), { origin: answering(503), showReasons: true, refreshMs: 1 });
  await subject.fetch("/a");
  await writeEntries(entries("two"));
  await subject.store.refresh(subject.kv);
  expect((await subject.fetch("/a")).headers.get("x-portico-reason")).toMatch(/^integration\.circuit_open/);
});

describe("with a cache in front", () => {
  const cache = { mode: "ttl", ttl: 300 };
  const routeOf = (more: Readonly<Record<string, unknown>>) => ({
    "apis/default/routes/GET /a": { integration: proxyTo("https://o.test/", more), cache },
  });

  test("one fill may take several attempts, and is remembered", async () => {
    const subject = await gateway(routeOf({ retry }), { origin: answering(503, 503, 200) });
    for (let i = 0; i < 3; i++) expect((await subject.fetch("/a")).status).toBe(200);
    expect(subject.sent.length).toBe(3);
  });

  test("R-18 a fallback's answer is not remembered in the place of the origin's", async () => {
    const subject = await gateway(routeOf({ fallback: { statusCode: 200, body: "closed today" } }), {
      origin: answering(503, 200),
    });
    expect(await (await subject.fetch("/a")).text()).toBe("closed today");
    expect(await (await subject.fetch("/a")).text()).toBe("from the origin");
  });
});

test("an http integration maps a fallback's answer as it maps an origin's", async () => {
  const integration = {
    type: "http",
    uri: "https://o.test/",
    fallback: { statusCode: 200, body: "closed today" },
    responses: { default: { statusCode: 502 }, "200": { statusCode: 203 } },
  };
  const subject = await gateway(api({ "GET /a": integration }), { origin: answering(503) });
  const response = await subject.fetch("/a");
  expect([response.status, await response.text()]).toEqual([203, "closed today"]);
});
