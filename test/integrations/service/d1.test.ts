import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import { KINDS, reasonOf, services } from "./support.ts";

const d1 = (operation: string, prepare: string, bind: readonly unknown[] = []) => ({
  type: "d1",
  binding: "DB",
  operation,
  parameters: { prepare, bind },
});

beforeEach(async () => {
  await env.DB.exec("CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT UNIQUE, data TEXT)");
  await env.DB.exec("DELETE FROM users");
  await env.DB.exec("INSERT INTO users (id, name) VALUES (1, 'Ada'), (2, 'Bob')");
});

describe.each(KINDS)("a database on a %s API", (_, settings) => {
  test("first answers a row, or 404", async () => {
    const first = d1("first", "SELECT id, name FROM users WHERE id = ?1", ["$request.path.id"]);
    const subject = await services({ "GET /users/{id}": first }, settings);
    const response = await subject.fetch("/users/1");
    expect([response.status, await response.json()]).toEqual([200, { id: 1, name: "Ada" }]);
    const none = await subject.fetch("/users/3");
    expect([none.status, await none.json(), reasonOf(none)]).toEqual([
      404,
      { message: "Not Found" },
      "service.not_found",
    ]);
  });

  test("all answers every row, run what it changed", async () => {
    const routes = {
      "GET /users": d1("all", "SELECT id FROM users ORDER BY id LIMIT ?1", ["$request.querystring.limit"]),
      "POST /users": d1("run", "INSERT INTO users (name) VALUES (?1)", ["$request.body.name"]),
    };
    const subject = await services(routes, settings);
    const posted = await subject.fetch("/users", { method: "POST", body: '{"name":"Cyd"}' });
    expect([posted.status, await posted.json()]).toEqual([200, { changes: 1, last_row_id: 3 }]);
    const listed = await subject.fetch("/users?limit=2");
    expect([listed.status, await listed.json()]).toEqual([200, { results: [{ id: 1 }, { id: 2 }] }]);
  });

  test("a row that is there already is a conflict", async () => {
    const insert = d1("run", "INSERT INTO users (name) VALUES (?1)", ["$request.body.name"]);
    const subject = await services({ "POST /users": insert }, settings);
    const response = await subject.fetch("/users", { method: "POST", body: '{"name":"Ada"}' });
    expect([response.status, await response.json(), reasonOf(response)]).toEqual([
      409,
      { message: "Conflict" },
      "service.conflict",
    ]);
  });
});

test("a value of the client's that a column or a place does not take is 400", async () => {
  const subject = await services({
    "POST /": d1("run", "INSERT INTO users (id) VALUES (?1)", ["$request.body.id"]),
    "GET /": d1("all", "SELECT id FROM users LIMIT ?1", ["$request.querystring.limit"]),
    "GET /own": d1("all", "SELECT id FROM users LIMIT ?1", ["abc"]),
  });
  const inserted = await subject.fetch("/", { method: "POST", body: '{"id":"notint"}' });
  expect([inserted.status, await inserted.json(), reasonOf(inserted)]).toEqual([
    400,
    { message: "Invalid request parameters: [body.id]" },
    "service.parameter",
  ]);
  const limited = await subject.fetch("/?limit=abc");
  expect([limited.status, await limited.json()]).toEqual([
    400,
    { message: "Invalid request parameters: [limit]" },
  ]);
  const own = await subject.fetch("/own");
  expect([own.status, reasonOf(own)]).toEqual([500, "service.configuration"]);
});

test("R-22 what a request says is bound, never part of the statement", async () => {
  const first = d1("first", "SELECT name FROM users WHERE name = ?1", ["$request.querystring.name"]);
  const subject = await services({ "GET /users": first });
  for (const name of ["' OR 1=1 --", "x'; DROP TABLE users; --", "?1", "Ada\0"]) {
    expect((await subject.fetch(`/users?name=${encodeURIComponent(name)}`)).status).toBe(404);
  }
  expect(await (await subject.fetch("/users?name=Ada")).json()).toEqual({ name: "Ada" });
});

test("values keep what they are in the body; what is absent is NULL", async () => {
  const select = d1("first", "SELECT ?1 AS a, ?2 AS b, ?3 AS c, ?4 AS d, ?5 AS e, ?6 AS f, typeof(?7) AS g", [
    "$request.body.text",
    "$request.body.number",
    "$request.body.real",
    "$request.body.yes",
    "$request.body.list",
    "$request.body.none",
    "$request.body.big",
  ]);
  const subject = await services({ "POST /": select });
  const body = '{"text":"5","number":5,"real":2.0,"yes":true,"list":[1,{"a":"b"}],"big":9007199254740993}';
  const response = await subject.fetch("/", { method: "POST", body });
  expect(await response.json()).toEqual({ a: "5", b: 5, c: 2, d: 1, e: '[1,{"a":"b"}]', f: null, g: "text" });
});

test("run gives what RETURNING gives", async () => {
  const run = d1("run", "DELETE FROM users WHERE id = ?1 RETURNING name", ["$request.path.id"]);
  const subject = await services({ "DELETE /{id}": run });
  expect(await (await subject.fetch("/2", { method: "DELETE" })).json()).toMatchObject({
    changes: 1,
    results: [{ name: "Bob" }],
  });
});

test("R-12 a statement that fails says nothing of it to the client", async () => {
  const subject = await services({ "GET /": d1("all", "SELECT * FROM canary_table") }, undefined, {
    showReasons: false,
  });
  const response = await subject.fetch("/");
  const text = await response.text();
  expect([response.status, text]).toEqual([503, '{"message":"Service Unavailable"}']);
  expect(JSON.stringify([...response.headers])).not.toContain("canary");
});
