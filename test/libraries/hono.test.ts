import { Hono } from "hono";
import { handle } from "hono/aws-lambda";
import { describe, expect, test } from "vitest";
import { API_KINDS, libraryGateway } from "./api-kinds.ts";

const app = new Hono();
app.get("/users/:id", (c) =>
  c.json({ id: c.req.param("id"), q: c.req.queries("q"), host: new URL(c.req.url).host }),
);
app.post("/echo", async (c) =>
  c.text(await c.req.text(), 201, { "x-type": c.req.header("content-type") ?? "" }),
);
app.post("/bytes", async (c) => c.body(await c.req.arrayBuffer(), 200, { "content-type": "image/png" }));
app.get("/cookies", (c) => {
  c.header("set-cookie", "a=1; Path=/", { append: true });
  c.header("set-cookie", "b=2", { append: true });
  return c.text(c.req.header("cookie") ?? "");
});
app.get("/moved", (c) => c.redirect("/users/1"));
app.get("/throws", () => {
  throw new Error("canary");
});

describe.each(API_KINDS)("hono/aws-lambda, unmodified, behind %s", (kind) => {
  const subject = () => libraryGateway(kind, { handler: handle(app) });

  test("path, query and JSON", async () => {
    const response = await (await subject()).fetch("/users/7?q=1&q=2");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(await response.json()).toMatchObject({ id: "7", host: "api.test" });
  });

  test("a text body there and back", async () => {
    const init = { method: "POST", body: "héllo", headers: { "content-type": "text/plain" } };
    const response = await (await subject()).fetch("/echo", init);
    expect([response.status, await response.text()]).toEqual([201, "héllo"]);
    expect(response.headers.get("x-type")).toBe("text/plain");
  });

  test("bytes there and back", async () => {
    const bytes = new Uint8Array([0, 1, 254, 255]);
    const response = await (await subject()).fetch("/bytes", {
      method: "POST",
      body: bytes,
      headers: { "content-type": "image/png" },
    });
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([...bytes]);
  });

  test("R-05 cookies both ways", async () => {
    const response = await (await subject()).fetch("/cookies", { headers: { cookie: "x=1; y=2" } });
    expect(await response.text()).toBe("x=1; y=2");
    expect(response.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2"]);
  });

  test("a redirect, a missing path and an error of its own", async () => {
    const gateway = await subject();
    expect((await gateway.fetch("/moved")).headers.get("location")).toBe("/users/1");
    expect((await gateway.fetch("/none")).status).toBe(404);
    const failed = await gateway.fetch("/throws");
    expect([failed.status, await failed.text()]).toEqual([500, "Internal Server Error"]);
  });
});
