import { describe, expect, test } from "vitest";
import { answerWith, callFunction, type GatewayOptions, proxyTo, writeEntries } from "../support/gateway.ts";
import { type LimitedGateway, limited, reasonOf, routes, SlowOrigin, wait } from "./gateway-support.ts";

const many = (count: number, status: number): readonly number[] =>
  Array.from({ length: count }, () => status);

/** A gateway whose origin answers when it is let go. */
async function slow(
  concurrency: object,
  more: Readonly<Record<string, unknown>> = {},
): Promise<{ subject: LimitedGateway; origin: SlowOrigin }> {
  const origin = new SlowOrigin();
  const subject = await limited(
    { ...routes({ "GET /a": { concurrency }, "GET /b": { concurrency } }), ...more },
    { origin: origin.answer },
  );
  return { subject, origin };
}

/** Whether a route with one slot has it. */
async function isFree(subject: LimitedGateway, target = "/a"): Promise<boolean> {
  // What frees it is a moment behind the answer.
  await wait(20);
  const response = await subject.send(target);
  await response.body?.cancel();
  await wait(20);
  return response.status !== 429;
}

describe("requests in flight", () => {
  test("as many as may be, and the next when one of them has ended", async () => {
    const { subject, origin } = await slow({ limit: 3 });
    const held = [1, 2, 3].map(() => subject.send("/a"));
    await origin.has(3);
    for (let i = 0; i < 3; i++) {
      const refused = await subject.send("/a");
      expect([refused.status, await refused.text(), reasonOf(refused)]).toEqual([
        429,
        '{"message":"Too Many Requests"}',
        "throttle.concurrency",
      ]);
    }
    origin.release();
    expect(await (await held[0])?.text()).toBe("done");
    await wait(20);
    const next = subject.send("/a");
    await origin.has(3);
    expect((await subject.send("/a")).status).toBe(429);
    origin.releaseAll();
    const rest = await Promise.all([...held.slice(1), next]);
    expect(await Promise.all(rest.map((response) => response.text()))).toEqual(["done", "done", "done"]);
    expect(subject.gate.sent).toHaveLength(4);
  });

  test("of many at once", async () => {
    const { subject, origin } = await slow({ limit: 5 });
    const answers = Array.from({ length: 20 }, () => subject.send("/a"));
    await origin.has(5);
    await wait(50);
    expect(origin.inFlight).toBe(5);
    origin.releaseAll();
    const statuses = (await Promise.all(answers)).map(({ status }) => status).sort();
    expect(statuses).toEqual([...many(5, 200), ...many(15, 429)]);
  });

  test("of another route are others", async () => {
    const { subject, origin } = await slow({ limit: 1 });
    const held = [subject.send("/a"), subject.send("/b")];
    await origin.has(2);
    expect([(await subject.send("/a")).status, (await subject.send("/b")).status]).toEqual([429, 429]);
    origin.releaseAll();
    await Promise.all(held);
  });

  test.each<[string, string, object, object]>([
    ["an address", "ip", { peer: "203.0.113.1:1" }, { peer: "203.0.113.2:1" }],
    ["a /64", "ip", { peer: "[2001:db8::1]:1" }, { peer: "[2001:db8:0:1::1]:1" }],
    ["a header", "header.x-user", { headers: { "x-user": "ann" } }, { headers: { "x-user": "bob" } }],
    ["those without the header", "header.x-user", {}, { headers: { "x-user": "bob" } }],
    [
      "a long header",
      "header.x-user",
      { headers: { "x-user": "a".repeat(500) } },
      { headers: { "x-user": "b".repeat(500) } },
    ],
  ])("of %s are its own", async (_, per, one, another) => {
    const { subject, origin } = await slow({ limit: 1, per });
    const held = [subject.send("/a", one)];
    await origin.has(1);
    expect((await subject.send("/a", one)).status).toBe(429);
    held.push(subject.send("/a", another));
    await origin.has(2);
    expect((await subject.send("/a", another)).status).toBe(429);
    origin.releaseAll();
    await Promise.all(held);
  });

  test("by two limits, of which each has to have room", async () => {
    const { subject, origin } = await slow([{ limit: 3 }, { limit: 1, per: "ip" }]);
    const held = [1, 2].map((last) => subject.send("/a", { peer: `203.0.113.${last}:1` }));
    await origin.has(2);
    for (let i = 0; i < 5; i++)
      expect((await subject.send("/a", { peer: "203.0.113.1:1" })).status).toBe(429);
    // Those did not take what is left of the route's.
    held.push(subject.send("/a", { peer: "203.0.113.3:1" }));
    await origin.has(3);
    expect((await subject.send("/a", { peer: "203.0.113.4:1" })).status).toBe(429);
    origin.releaseAll();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  // The engine cannot pipe one IdentityTransformStream into another: no byte of the answer ever arrives.
  test("by two limits, and the answer arrives", async () => {
    const subject = await limited(
      routes({ "GET /a": { concurrency: [{ limit: 3 }, { limit: 1, per: "ip" }] } }),
      {
        origin: () => new Response("whole"),
      },
    );
    const response = await subject.send("/a");
    expect(await Promise.race([response.text(), wait(500)])).toBe("whole");
  });

  test("of before a change of the limit count under the new one", async () => {
    const { subject, origin } = await slow({ limit: 1 });
    const held = [subject.send("/a")];
    await origin.has(1);
    await writeEntries(routes({ "GET /a": { concurrency: { limit: 2 } } }));
    await subject.gate.store.refresh(subject.gate.kv);
    held.push(subject.send("/a"));
    await origin.has(2);
    expect((await subject.send("/a")).status).toBe(429);
    origin.releaseAll();
    await Promise.all(held);
  });
});

describe("a slot is held until the last byte of the answer is on its way", () => {
  /** An origin whose first answer has a body that goes on until it is ended. */
  async function streaming() {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    let first = true;
    const subject = await limited(routes({ "GET /a": { concurrency: { limit: 1 } } }), {
      origin: () => {
        if (!first) return new Response(null);
        first = false;
        return new Response(readable, { headers: { "content-type": "text/plain" } });
      },
    });
    const response = await subject.send("/a");
    expect([response.status, (await subject.send("/a")).status]).toEqual([200, 429]);
    return { subject, response, writer: writable.getWriter() };
  }

  test("and then free", async () => {
    const { subject, response, writer } = await streaming();
    const body = response.text();
    await writer.write(new TextEncoder().encode("some"));
    expect((await subject.send("/a")).status).toBe(429);
    await writer.write(new TextEncoder().encode("thing"));
    await writer.close();
    expect(await body).toBe("something");
    expect(await isFree(subject)).toBe(true);
  });

  test("or until the origin breaks off", async () => {
    const { subject, response, writer } = await streaming();
    const body = response.text().then(
      () => "whole",
      () => "broken",
    );
    await writer.write(new TextEncoder().encode("some"));
    await writer.abort(new Error("connection reset"));
    expect(await body).toBe("broken");
    expect(await isFree(subject)).toBe(true);
  });

  test("or until the client does not want more of it", async () => {
    const { subject, response, writer } = await streaming();
    writer.closed.catch(() => undefined);
    const reader = response.body?.getReader();
    const chunk = reader?.read();
    await writer.write(new TextEncoder().encode("some"));
    await chunk;
    await reader?.cancel();
    // It is seen at the next byte.
    writer.write(new TextEncoder().encode("thing")).catch(() => undefined);
    expect(await isFree(subject)).toBe(true);
  });
});

describe("a slot is free again", () => {
  const integrations: Readonly<Record<string, unknown>> = {
    origin: proxyTo("https://origin.test/"),
    mapped: { type: "http", uri: "https://origin.test/", responses: { default: { statusCode: 200 } } },
    late: proxyTo("https://origin.test/", { timeoutInMillis: 50 }),
    lambda: callFunction("lambda"),
    worker: callFunction("worker"),
    missing: callFunction("missing"),
    mock: answerWith("mock"),
  };

  async function over(name: string, method: string, options: GatewayOptions): Promise<LimitedGateway> {
    return limited(
      {
        [`apis/default/routes/${method} /a`]: { integration: integrations[name], concurrency: { limit: 1 } },
      },
      options,
    );
  }

  const respond = (status: number) => () => new Response(null, { status, headers: { "x-mine": "1" } });
  const fail = (): never => {
    throw new Error("it broke");
  };

  test.each<[string, string, string, number, GatewayOptions]>([
    [
      "a HEAD",
      "origin",
      "HEAD",
      200,
      { origin: () => new Response(null, { headers: { "content-length": "12" } }) },
    ],
    ["a 204", "origin", "GET", 204, { origin: respond(204) }],
    ["a 205", "origin", "GET", 205, { origin: respond(205) }],
    ["a 304", "origin", "GET", 304, { origin: respond(304) }],
    ["a redirect", "origin", "GET", 302, { origin: respond(302) }],
    ["an error of the origin's", "origin", "GET", 500, { origin: () => new Response("x", { status: 500 }) }],
    ["an origin that cannot be reached", "origin", "GET", 503, { origin: fail }],
    ["one that does so later", "origin", "GET", 503, { origin: () => Promise.reject(new Error("reset")) }],
    ["an origin that takes too long", "late", "GET", 503, { origin: () => new Promise(() => undefined) }],
    ["an answer that is mapped", "mapped", "GET", 200, { origin: () => new Response("x") }],
    ["a function's answer", "lambda", "GET", 200, { functions: { lambda: { handler: async () => "x" } } }],
    ["a function that throws", "lambda", "GET", 500, { functions: { lambda: { handler: fail } } }],
    [
      "one that answers nonsense",
      "lambda",
      "GET",
      500,
      { functions: { lambda: { handler: async () => ({ statusCode: "x" }) } } },
    ],
    [
      "a function of the Workers kind",
      "worker",
      "GET",
      200,
      { functions: { worker: { default: { fetch: () => new Response("x") } } } },
    ],
    ["one that throws", "worker", "GET", 500, { functions: { worker: { default: { fetch: fail } } } }],
    ["one that is not there", "missing", "GET", 500, {}],
    ["a mock", "mock", "GET", 200, {}],
  ])("after %s", async (_, name, method, status, options) => {
    const subject = await over(name, method, options);
    for (let i = 0; i < 3; i++) {
      const response = await subject.send("/a", { method });
      await response.arrayBuffer();
      expect(response.status).toBe(status);
      await wait(10);
    }
  });

  // A length that is no number throws behind the slot, which nobody frees then.
  test.each(["abc", "-1", "1.5", "99999999999999999999999"])(
    "after an answer with the content-length %s, which is passed over",
    async (length) => {
      const fetch = () => new Response("x", { headers: { "content-length": length } });
      const subject = await over("worker", "GET", { functions: { worker: { default: { fetch } } } });
      for (let i = 0; i < 2; i++) {
        const response = await subject.send("/a");
        expect([response.status, await response.text()]).toEqual([200, "x"]);
        await wait(10);
      }
    },
  );

  // The answer is cut off, where without the limit it arrives whole.
  test.each(["1", "5"])("after an answer with the content-length %s of two bytes", async (length) => {
    const fetch = () => new Response("xy", { headers: { "content-length": length } });
    const subject = await over("worker", "GET", { functions: { worker: { default: { fetch } } } });
    const response = await subject.send("/a");
    const text = await response.text().catch(() => "broken");
    expect([response.status, text]).toEqual([200, "xy"]);
  });
});

describe("an answer is what it is without the limit", () => {
  const BODY = "hello ".repeat(200);

  test.each<[string, Record<string, string>]>([
    ["with its length", { "content-length": String(BODY.length) }],
    ["without a length", {}],
    // The engine hands on what it has decoded, under the headers that the origin sent.
    ["encoded", { "content-encoding": "gzip", "content-length": "36" }],
    ["encoded, without a length", { "content-encoding": "br" }],
    ["with a range", { "content-range": "bytes 0-1199/5000", "content-length": "1200" }],
  ])("%s", async (_, sent) => {
    for (const protocol of ["HTTP", "REST"]) {
      const subject = await limited(
        {
          "apis/default": { protocol },
          ...routes({ "GET /a": { concurrency: { limit: 1 } }, "GET /free": {} }),
        },
        {
          origin: () =>
            new Response(BODY, { headers: { "content-type": "text/plain", "set-cookie": "a=1", ...sent } }),
        },
      );
      const answers = [await subject.send("/free"), await subject.send("/a")];
      const [free, held] = answers.map(({ headers }) => Object.fromEntries([...headers]));
      for (const name of ["apigw-requestid", "x-amzn-requestid", "x-amz-apigw-id", "date"]) {
        delete free?.[name];
        delete held?.[name];
      }
      expect(held).toEqual(free);
      expect(await Promise.all(answers.map((response) => response.text()))).toEqual([BODY, BODY]);
    }
  });

  // As above: a function's own IdentityTransformStream.
  test("streamed by a function", async () => {
    const fetch = (): Response => {
      const { readable, writable } = new IdentityTransformStream();
      const writer = writable.getWriter();
      writer.write(new TextEncoder().encode("streamed")).then(
        () => writer.close(),
        () => undefined,
      );
      return new Response(readable);
    };
    const subject = await limited(
      { "apis/default/routes/GET /a": { integration: callFunction("worker"), concurrency: { limit: 1 } } },
      { functions: { worker: { default: { fetch } } } },
    );
    const response = await subject.send("/a");
    expect(await Promise.race([response.text(), wait(500)])).toBe("streamed");
  });

  test("of a HEAD, with the length that a GET would have", async () => {
    const subject = await limited(routes({ "ANY /a": { concurrency: { limit: 1 } } }), {
      origin: () => new Response(null, { headers: { "content-length": "1200" } }),
    });
    const response = await subject.send("/a", { method: "HEAD" });
    expect([response.status, response.headers.get("content-length"), response.body]).toEqual([
      200,
      "1200",
      null,
    ]);
  });
});
