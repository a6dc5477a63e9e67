import { describe, expect, test } from "vitest";
import { type LimitedGateway, limited, only, reasonOf, routes, settle, wait } from "./gateway-support.ts";

describe("a fixed cost", () => {
  test.each([
    ["a route", {}],
    ["an address", { per: "ip" }],
    ["a header", { per: "header.x-user" }],
    ["a limit that asks each time", { exact: true }],
  ])("of 5 tokens a request, of %s", async (_, more) => {
    const subject = await limited(routes({ "GET /a": { throttle: only(12, { cost: 5, ...more }) } }));
    const answers: Response[] = [];
    for (let i = 0; i < 4; i++) answers.push(await subject.send("/a"));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 429]);
    expect(answers.map(({ headers }) => /r=(\d+)/.exec(headers.get("ratelimit") ?? "")?.[1])).toEqual([
      "7",
      "2",
      "2",
      "2",
    ]);
  });

  test("is of each limit's own", async () => {
    const throttle = [only(4, { cost: 2 }), only(100, { cost: 30, per: "ip" })];
    const subject = await limited(routes({ "GET /a": { throttle } }));
    expect(await subject.statuses(3, "/a")).toEqual([200, 200, 429]);
    const refused = await subject.send("/a", { peer: "203.0.113.8:1" });
    expect(reasonOf(refused)).toBe("throttle.route");
  });

  test("of the whole burst lets one in", async () => {
    const subject = await limited(routes({ "GET /a": { throttle: only(7, { cost: 7 }) } }));
    expect(await subject.statuses(3, "/a")).toEqual([200, 429, 429]);
  });
});

/** A route whose answers cost what the request asks for. */
async function priced(throttle: object): Promise<LimitedGateway> {
  return limited(
    {
      "apis/default/routes/GET /a": {
        integration: {
          type: "http_proxy",
          uri: "https://origin.test/",
        },
        throttle,
      },
    },
    {
      origin: (request) => {
        const cost = new URL(request.url).searchParams.get("cost");
        return Response.json({}, { headers: cost === null ? {} : { "x-cost": cost } });
      },
    },
  );
}

const HEADER = { header: "X-Cost", default: 2 };

describe("a cost that the answer names", () => {
  test("is passed on to the client", async () => {
    const subject = await priced(only(20, { cost: HEADER }));
    expect((await subject.send("/a?cost=3")).headers.get("x-cost")).toBe("3");
  });

  test("is the default where the answer names none", async () => {
    const subject = await priced(only(6, { cost: HEADER }));
    expect(await subject.statuses(4, "/a")).toEqual([200, 200, 200, 429]);
  });

  /** Of 20 tokens: how many requests of 2 get in behind a first one with each of these costs. */
  async function behind(costs: readonly string[]): Promise<Readonly<Record<string, number>>> {
    const subject = await priced(only(20, { cost: HEADER, exact: true, per: "querystring.case" }));
    const found: Record<string, number> = {};
    for (const [index, cost] of costs.entries()) {
      const target = `/a?case=${index}`;
      expect((await subject.send(`${target}&cost=${encodeURIComponent(cost)}`)).status).toBe(200);
      await settle();
      found[cost] = await subject.admitted(12, target);
    }
    return found;
  }

  test("is taken from what is there, or given back", async () => {
    const others = {
      "1": 9,
      "0": 10,
      "00": 10,
      "2": 9,
      "4": 8,
      "10": 5,
      "18": 1,
      "19": 0,
      "20": 0,
      " 12 ": 4,
    };
    expect(await behind(Object.keys(others))).toEqual(others);
  });

  test("is the default where nobody can say what was meant", async () => {
    const nonsense = [
      "-5",
      "abc",
      "",
      "1e1",
      "0x10",
      "5.5",
      "5,6",
      "5 6",
      "Infinity",
      "NaN",
      "+5",
      "9".repeat(20),
    ];
    expect(await behind(nonsense)).toEqual(Object.fromEntries(nonsense.map((cost) => [cost, 9])));
  });

  test("that is more than there is, is paid by later requests", async () => {
    // 100 tokens a second: 60 too many are there again after 0.6 s.
    const subject = await priced({ rate: 100, burst: 20, cost: { header: "x-cost" }, exact: true });
    expect((await subject.send("/a?cost=80")).status).toBe(200);
    await settle();
    const startedAt = Date.now();
    let refusals = 0;
    while ((await subject.send("/a?cost=1")).status === 429 && refusals < 400) {
      refusals++;
      await wait(10);
    }
    expect(refusals).toBeGreaterThan(5);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(500);
    expect(refusals).toBeLessThan(400);
  });

  test("is a million at most", async () => {
    const subject = await priced({
      rate: 1_000_000,
      burst: 1_000_000,
      cost: { header: "x-cost" },
      exact: true,
    });
    expect((await subject.send("/a?cost=999999999")).status).toBe(200);
    await settle();
    // All that there is, and not the thousand seconds' worth that it says.
    expect((await subject.send("/a?cost=1")).headers.get("ratelimit")).toMatch(/^"route";r=\d+;t=1$/);
    await wait(1100);
    expect((await subject.send("/a?cost=1")).status).toBe(200);
  });

  test("is of every limit that goes by it, the address's too", async () => {
    const subject = await priced([
      only(20, { cost: HEADER, per: "ip", exact: true }),
      only(30, { cost: { header: "x-cost" }, exact: true }),
      only(40, { exact: true }),
    ]);
    expect((await subject.send("/a?cost=10")).status).toBe(200);
    await settle();
    const response = await subject.send("/a");
    const left = (response.headers.get("ratelimit") ?? "").match(/r=\d+/g);
    expect(left).toEqual(["r=19", "r=38", "r=8"]);
  });

  test("more costs more, and less costs less, with slices too", async () => {
    // What an answer costs is known behind its request: one or two may slip in before.
    const dear = await priced(only(60, { cost: HEADER }));
    const few = await dear.admittedInTime(15, "/a?cost=4");
    const cheap = await priced(only(20, { cost: { header: "x-cost", default: 5 } }));
    const many = await cheap.admittedInTime(16, "/a?cost=1");

    expect(few).toBeGreaterThanOrEqual(15);
    expect(few).toBeLessThanOrEqual(17);
    expect(many).toBe(16);
  });

  test("of a request that is refused is none", async () => {
    const subject = await limited(
      {
        ...routes({ "GET /a": { throttle: only(1) }, "GET /b": {} }),
        "apis/default": { throttle: only(10, { cost: { header: "x-cost" }, exact: true }) },
      },
      { origin: () => Response.json({}, { headers: { "x-cost": "3" } }) },
    );
    expect(await subject.statuses(4, "/a")).toEqual([200, 429, 429, 429]);
    await settle();
    expect((await subject.send("/b")).headers.get("ratelimit")).toContain("r=6");
  });

  test("of a failure is the default", async () => {
    const subject = await limited(
      { ...routes({ "GET /a": { throttle: only(5, { cost: HEADER, exact: true }) } }) },
      { origin: () => Promise.reject(new Error("connection refused")) },
    );
    const statuses = await subject.statuses(3, "/a");
    expect(statuses).toEqual([503, 503, 429]);
  });
});
