import { describe, expect, test } from "vitest";
import { answerWith, api, gateway, proxyTo } from "../support/gateway.ts";
import { TWINS } from "./path-twins.ts";

describe.each(["HTTP", "REST"])("R-01 twins of a guarded path (%s)", (protocol) => {
  const guarded = { type: "mock", requestTemplates: { "application/json": '{"statusCode": 403}' } };
  const refusing = { ...guarded, responses: { "403": { statusCode: 403 } } };

  test.each(TWINS)("%s is not answered by anything else than the guarded route", async (twin) => {
    const subject = await gateway(
      api({ "GET /admin/users": refusing, "GET /x/{any}": answerWith("{}") }, { protocol }),
    );
    const response = await subject.fetch(twin);
    expect([400, 403, 404]).toContain(response.status);
  });

  test.each(TWINS)("R-02 %s: what an open greedy route forwards is what was matched", async (twin) => {
    const subject = await gateway(
      api(
        {
          "GET /admin/users": refusing,
          "ANY /{proxy+}": proxyTo("https://origin.test/{proxy}"),
        },
        { protocol },
      ),
    );
    const response = await subject.fetch(twin);
    if (response.status !== 200) return expect([400, 403]).toContain(response.status);
    const { url } = subject.lastSent;
    // Nothing that the next parser would still resolve into the guarded path.
    expect(new URL(url).href).toBe(url);
    // (On HTTP APIs `/a/` is another path than `/a`, and goes to the greedy route: their rule.)
    expect(new URL(url).pathname.replace(/\/+/g, "/")).not.toBe("/admin/users");
    expect(new URL(url).pathname).not.toMatch(/%(?:00|09|0a|2e|2f|5c|3b)|\\/i);
  });
});

describe("allowEncodedSlashes", () => {
  test.each([
    ["/files/a%2Fb", "https://origin.test/a%2Fb"],
    ["/files/a%5Cb", "https://origin.test/a%5Cb"],
    ["/files/a%3bb", "https://origin.test/a%3Bb"],
  ])("lets %s through, still encoded and in one segment", async (target, url) => {
    const subject = await gateway(
      api({ "GET /files/{name}": proxyTo("https://origin.test/{name}") }, { allowEncodedSlashes: true }),
    );
    expect((await subject.fetch(target)).status).toBe(200);
    expect(subject.lastSent.url).toBe(url);
  });

  test.each([
    "/files/a%00b",
    "/files/a\\b",
    "/files/..;/b",
    "/files/a%zz",
    // An origin that decodes them would climb out of what the route opened.
    "/files/..%2Fadmin/users",
    "/files/..%5Cadmin",
    "/files/x%2F..%2F..%2Fadmin",
    "/files/x%2F..",
    "/files/%2e%2e%2fadmin",
    "/files/x%2F..;/admin",
    "/files/x%2F..;a%2Fadmin",
    "/files/x%5C..;/admin",
    "/files/x%2F%2e%2e;/admin",
  ])("R-01 never lets %s through", async (target) => {
    const subject = await gateway(
      api({ "ANY /{proxy+}": proxyTo("https://origin.test/{proxy}") }, { allowEncodedSlashes: true }),
    );
    expect((await subject.fetch(target)).status).toBe(400);
    expect(subject.sent).toEqual([]);
  });
});
