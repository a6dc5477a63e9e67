import { describe, expect, test } from "vitest";
import type { Problem } from "../../src/config/problem.ts";
import { managementToken } from "../../src/management/guard.ts";
import { managementApp } from "../../src/management/management.ts";
import { inspection, TOKEN } from "./inspection.ts";

const QUERY = "?plan=gold&key=k_1&from=2026-11-20&to=2026-11-21";
const HEALTH = "GET /_portico/health";

/** Every endpoint that the app has, as `METHOD path`: what stands for all of them is the guard. */
const endpoints = managementApp(inspection())
  .routes.filter(({ method, path }) => `${method} ${path}` !== "ALL /*")
  .map(({ method, path }) => ({ name: `${method} ${path}`, method, path: path.replace(/:\w+/g, "x") }));
const guarded = endpoints.filter(({ name }) => name !== HEALTH);

const WRONG = {
  nothing: undefined,
  "another token": `Bearer ${TOKEN.slice(0, -1)}x`,
  "the beginning of it": `Bearer ${TOKEN.slice(0, -1)}`,
  "it and more": `Bearer ${TOKEN}x`,
  "it in another case": `Bearer ${TOKEN.toLowerCase()}`,
  "it twice": `Bearer ${TOKEN}, Bearer ${TOKEN}`,
  "it without a scheme": TOKEN,
  "another scheme": `Basic ${TOKEN}`,
  "the scheme alone": "Bearer ",
  "what a forgotten token would be": "Bearer undefined",
};

const asking = (token: string | undefined, path: string, authorization?: string, method = "GET") =>
  managementApp(inspection({ token })).request(`https://api.test${path}`, {
    method,
    headers: authorization === undefined ? {} : { authorization },
  });

test("R-14 the app has health, then one guard, then everything else", () => {
  const { routes } = managementApp(inspection());
  const [first, second, ...others] = routes.map(({ method, path }) => `${method} ${path}`);
  expect([first, second]).toEqual([HEALTH, "ALL /*"]);
  expect(others).toEqual(guarded.map(({ name }) => name));
  expect(others).toContain("GET /_portico/usage");
});

describe.each(guarded)("R-14 $name", ({ method, path }) => {
  test.each(Object.entries(WRONG))("is closed to %s", async (_, authorization) => {
    const response = await asking(TOKEN, path + QUERY, authorization, method);
    expect([response.status, await response.text()]).toEqual([401, '{"message":"Unauthorized"}']);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("is not there without a token, whatever is shown", async () => {
    for (const authorization of [...Object.values(WRONG), `Bearer ${TOKEN}`]) {
      const response = await asking(undefined, path + QUERY, authorization, method);
      expect([response.status, await response.text()]).toEqual([404, '{"message":"Not Found"}']);
      expect(response.headers.get("www-authenticate")).toBeNull();
    }
  });

  test("is open to the token, in any spelling of the scheme", async () => {
    for (const scheme of ["Bearer", "bearer", "BEARER "]) {
      const { status } = await asking(TOKEN, path + QUERY, `${scheme} ${TOKEN}`, method);
      expect([401, 404]).not.toContain(status);
    }
  });
});

test("R-14 health is open with and without a token", async () => {
  for (const token of [TOKEN, undefined]) {
    expect((await asking(token, "/_portico/health")).status).toBe(200);
  }
});

test.each([
  "/_portico",
  "/_portico/",
  "/_portico/none",
  "/_portico/usage/",
  "/_portico//usage",
  "//_portico/usage",
  "/_portico/%75sage",
  "/_portico/usage;x",
  "/_portico/usage%2f",
  "/_portico/health/",
  "/_portico/health/usage",
  "/_portico/health%2f..%2fusage",
  "/_portico/health;/usage",
  "/_PORTICO/usage",
  "/",
])("R-01 R-14 %s is closed as well", async (path) => {
  for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    expect((await asking(TOKEN, path + QUERY, undefined, method)).status, method).toBe(401);
    expect((await asking(undefined, path + QUERY, undefined, method)).status, method).toBe(404);
  }
});

describe("the token of the configuration", () => {
  const taken = (text: string | undefined) => {
    const problems: Problem[] = [];
    return { token: managementToken(text, (problem) => problems.push(problem)), problems };
  };

  test("counts from 32 visible characters on", () => {
    for (const text of [TOKEN, "x".repeat(32), `${"!~".repeat(15)}+/=`]) {
      expect(taken(text)).toEqual({ token: text, problems: [] });
    }
    expect(taken(undefined)).toEqual({ token: undefined, problems: [] });
  });

  const OFF = "the management endpoints stay off";
  test.each([
    ["of 31 characters", TOKEN.slice(0, 31), "is shorter than 32 characters"],
    ["that is empty", "", "is shorter than 32 characters"],
    ["with a line's end", `${TOKEN}\n`, "has blanks or other characters that no header can carry"],
    ["with letters beyond ASCII", "ä".repeat(40), "has blanks or other characters that no header can carry"],
  ])("R-12 R-14 one %s is as none, which is reported without it", (_, text, found) => {
    expect(taken(text)).toEqual({
      token: undefined,
      problems: [
        {
          code: "value.invalid",
          path: "MANAGEMENT_TOKEN",
          message: `MANAGEMENT_TOKEN ${found}: ${OFF}`,
          hint: 'make one with "openssl rand -base64 32"',
        },
      ],
    });
  });
});
