import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RawClient } from "./support/client.ts";
import { answerWith, api, type Gateway, startGateway } from "./support/gateway.ts";
import { until } from "./support/wait.ts";

let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({ entries: api("default", { "GET /admin/secret": answerWith("secret") }) });
});

afterAll(async () => {
  await gateway?.stop();
});

/** The status for a target that no client library has touched. */
async function status(target: string, host = "localhost"): Promise<number> {
  const client = await RawClient.connect(gateway.port);
  client.send(Buffer.from(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`));
  await until(`${target} is answered`, () => client.closed);
  return client.statuses[0] ?? 0;
}

describe("R-01 no other spelling of a guarded path is served", () => {
  test.each([
    ..."/admin%2fsecret /admin%2Fsecret /admin%5csecret /admin\\secret /..\\admin/secret /admin/..%2fadmin/secret".split(
      " ",
    ),
    ..."/admin/..;/admin/secret /admin;x/secret /admin/secret;x /;/admin/secret /admin/secret%3bx".split(" "),
    ..."/%2561dmin/secret /admin/%252e%252e/admin/secret /admin%252fsecret /admin/secre%2574".split(" "),
    ..."/admin/secret/ /admin/secret// /admin/secret/. /admin/secret/.. /admin/secret/x/./".split(" "),
    ..."/admin/secret%00 /admin/secret%09 /admin/secret%20 /admin/secret%0a /admin/secret%0d%0a /admin/secret%7f".split(
      " ",
    ),
    ..."/admin/secret%23 /admin/secret%3f /admin/secret%3fx=1 /admin%3f/secret /admin/secret% /admin/secret%g0".split(
      " ",
    ),
    ..."/ADMIN/secret /Admin/Secret /admin/SECRET /admin/secret. /admin/secret%2e /admin/secret.json".split(
      " ",
    ),
    ..."/admin/secret%c0%af /admin%c0%afsecret /adm%c4%b1n/secret /admin/\u017fecret /%ff /admin|secret".split(
      " ",
    ),
    ..."/$default/admin/secret /prod/admin/secret /default/admin/secret * /".split(" "),
  ])("%s", async (target) => {
    const code = await status(target);
    expect(code).toBeGreaterThanOrEqual(400);
    expect(code).toBeLessThan(500);
  });

  test.each([
    "localhost/admin/secret?",
    "localhost/admin/secret#",
    "localhost#",
    "x/../admin/secret?",
    "a\\b",
    "a,b",
  ])("with the Host header %s", async (host) => {
    expect(await status("/other", host)).toBe(400);
    expect(await status("/admin/secret", host)).toBe(400);
  });
});

describe("R-01 what names the same path by RFC 3986 is the same route, guards and all", () => {
  test.each([
    ..."/admin/secret //admin/secret ///admin/secret /admin//secret /./admin/secret /admin/./secret".split(
      " ",
    ),
    ..."/x/../admin/secret /admin/x/../secret /%2e%2e/admin/secret /admin/.%2e/admin/secret /.//admin/secret".split(
      " ",
    ),
    ..."/%61dmin/secret /admin/secre%74 /admin/secret? /admin/secret?a=/../ http://localhost/admin/secret".split(
      " ",
    ),
  ])("%s", async (target) => {
    expect(await status(target)).toBe(200);
  });

  test("as the log shows", async () => {
    const lines = await gateway.logged("/%61dmin/secret");
    expect(lines.map(({ route }) => route)).toContain("GET /admin/secret");
  });
});
