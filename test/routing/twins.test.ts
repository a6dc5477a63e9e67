import { describe, expect, test } from "vitest";
import { answerWith, api, gateway, proxyTo } from "../support/gateway.ts";

/** Other spellings of /admin/users that have got past a guard somewhere (security.md, R-01). */
const TWINS = [
  "//admin/users",
  "/admin//users",
  "/admin/users/",
  "/./admin/users",
  "/admin/./users",
  "/x/../admin/users",
  "/x/..;/admin/users",
  "/admin/..;/admin/users",
  "/admin/.;/users",
  "/%2e/admin/users",
  "/x/%2e%2e/admin/users",
  "/x/%2E%2E/admin/users",
  "/x/.%2e/admin/users",
  "/admin%2fusers",
  "/admin%2Fusers",
  "/x/..%2fadmin/users",
  "/x%2f..%2fadmin/users",
  "/admin%5cusers",
  "/admin\\users",
  "/x/..\\admin/users",
  "/admin;x/users",
  "/admin;x=y/users",
  "/admin/users;x",
  "/admin/users;.css",
  "/admin/users%3bx",
  "/admin/users%09",
  "/admin/users\t",
  "/admin/users%00",
  "/admin/users%0a",
  "/admin/users%20",
  "/ADMIN/users",
  "/Admin/Users",
  "/%61dmin/users",
  "/%41dmin/users",
  "/%2561dmin/users",
  "/x/%252e%252e/admin/users",
  "/admin%252fusers",
  "/admin/users%23",
  "/admin/users%23x",
  "/admin/users#",
  "/admin/users%3f",
  "/admin/users%3Fx",
  "/admin/users?x",
  "/admin/users.",
  "/admin/users%ff",
  "/admin/users%",
  "/admin/users%c0%af",
  "/admin/%75sers",
] as const;

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

  test.each(["/files/a%00b", "/files/a\\b", "/files/..;/b", "/files/a%zz"])(
    "never lets %s through",
    async (target) => {
      const subject = await gateway(
        api({ "ANY /{proxy+}": proxyTo("https://origin.test/{proxy}") }, { allowEncodedSlashes: true }),
      );
      expect((await subject.fetch(target)).status).toBe(400);
      expect(subject.sent).toEqual([]);
    },
  );
});
