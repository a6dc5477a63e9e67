import type { IncomingMessage, ServerResponse } from "node:http";
import serverlessExpress from "@codegenie/serverless-express";
import serverless from "serverless-http";
import { describe, expect, test } from "vitest";
import { API_KINDS, libraryGateway } from "./api-kinds.ts";
import "../../compat/assign-socket.ts";

/** What Express is to these libraries: a function of Node.js's request and response. */
function app(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Uint8Array[] = [];
  request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks).toString("utf8");
    response.statusCode = request.method === "POST" ? 201 : 200;
    response.setHeader("content-type", "application/json");
    response.setHeader("set-cookie", ["a=1; Path=/", "b=2"]);
    const { method, url, headers } = request;
    response.end(JSON.stringify({ method, url, probe: headers["x-probe"], cookie: headers.cookie, body }));
  });
}

const LIBRARIES = {
  "serverless-http": () => serverless(app),
  "@codegenie/serverless-express": () => serverlessExpress({ app }),
};

describe.each(Object.keys(LIBRARIES) as (keyof typeof LIBRARIES)[])("%s, unmodified", (library) => {
  test.each(API_KINDS)("behind %s", async (kind) => {
    const subject = await libraryGateway(kind, { handler: LIBRARIES[library]() });
    const get = await subject.fetch("/users/7?q=1", { headers: { "x-probe": "1", cookie: "x=1; y=2" } });
    expect(get.status).toBe(200);
    expect(get.headers.get("content-type")).toBe("application/json");
    expect(get.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2"]);
    expect(await get.json()).toMatchObject({ method: "GET", url: "/users/7?q=1", probe: "1", body: "" });

    const post = await subject.fetch("/users", {
      method: "POST",
      body: "héllo",
      headers: { "content-type": "text/plain" },
    });
    expect(post.status).toBe(201);
    expect(await post.json()).toMatchObject({ method: "POST", url: "/users", body: "héllo" });
  });
});
