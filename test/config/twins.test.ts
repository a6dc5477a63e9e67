import { describe, expect, test } from "vitest";
import { answerWith, gateway } from "../support/gateway.ts";

const open = { integration: answerWith("open") };
const signed = { integration: answerWith("signed"), authorizer: "AWS_IAM" };
const keyed = { integration: answerWith("keyed"), apiKeyRequired: true };
const bad = { integration: answerWith("bad"), authorizer: "AWS_IAN" };
const statement = {
  Effect: "Allow",
  Principal: "*",
  Action: "execute-api:Invoke",
  Resource: "execute-api:/*",
  Condition: { IpAddress: { "aws:SourceIp": "198.51.100.1" } },
};
const addressed = {
  integration: answerWith("addressed"),
  policy: { Version: "2012-10-17", Statement: statement },
};

/** A gateway over these routes, as live entries or as a stage's deployment. */
function serving(from: string, routes: Readonly<Record<string, unknown>>) {
  const live = Object.entries(routes).map(([key, entry]) => [`apis/default/routes/${key}`, entry]);
  return gateway(
    from === "live"
      ? Object.fromEntries(live)
      : {
          "apis/default/stages/$default": { deployment: "1" },
          "apis/default/deployments/1": { id: "1", createdAt: "2026-11-21T00:00:00Z", routes },
        },
  );
}

describe.each(["live", "deployed"])("R-13 two routes that match the same requests (%s)", (from) => {
  test.each([
    ["a guarded and an open one", signed, open, 500],
    ["two with different guards", signed, keyed, 500],
    ["two with different policies", addressed, open, 500],
    ["a bad and an open one", bad, open, 500],
    ["a broken and an open one", { integration: 1 }, open, 500],
    ["a bad and a guarded one", bad, signed, 403],
    ["two bad ones", bad, bad, 500],
    ["two with equal guards", signed, signed, 403],
    ["two open ones", open, open, 200],
    ["an open one and one that says so", open, { ...open, authorizer: "NONE" }, 200],
  ])("%s, in either order", async (_, one, other, status) => {
    for (const [first, second] of [
      [one, other],
      [other, one],
    ]) {
      const subject = await serving(from, { "GET /u/{id}": first, "GET /u/{name}": second });
      expect((await subject.fetch("/u/1")).status).toBe(status);
      if (status === 500) expect(subject.problems).not.toEqual([]);
    }
  });

  test.each([
    ["GET /admin", "GET /admi%6E", "/admin"],
    ["GET /%7Az", "GET /zz", "/zz"],
    ["GET /café", "GET /caf%c3%a9", "/caf%C3%A9"],
    ["ANY /a/{proxy+}", "ANY /a/{rest+}", "/a/b/c"],
    ["GET /{a}/x/{b}", "GET /{b}/x/{a}", "/1/x/2"],
  ])("%s and %s", async (one, other, path) => {
    const subject = await serving(from, { [one]: signed, [other]: open });
    expect((await subject.fetch(path)).status).toBe(500);
    const named = subject.problems.filter(({ code }) => code === "route.duplicate");
    expect(named.map(({ message }) => message).join()).toContain(other);
  });

  test("are not those of another method, shape or text", async () => {
    const subject = await serving(from, {
      "GET /u/{id}": signed,
      "POST /u/{name}": open,
      "ANY /u/{other}": open,
      "GET /u/{id}/x": open,
      "GET /u/{rest+}": open,
      "GET /u/me": open,
      "GET /U/{id}": open,
    });
    expect((await subject.fetch("/u/1")).status).toBe(403);
    for (const path of ["/u/1/x", "/u/1/2/3", "/u/me", "/U/1"]) {
      expect((await subject.fetch(path)).status, path).toBe(200);
    }
    expect((await subject.fetch("/u/1", { method: "POST" })).status).toBe(200);
    expect(subject.problems).toEqual([]);
  });

  test("cost no other route", async () => {
    const subject = await serving(from, { "GET /u/{id}": signed, "GET /u/{name}": open, "GET /a": open });
    expect((await subject.fetch("/a")).status).toBe(200);
  });
});
