import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle } from "../../../cli/engine/bundle.ts";
import { workerOptions } from "../../../cli/engine/worker-options.ts";
import { copyRepository, type TempFolder, tempFolder } from "../support/root.ts";
import { until } from "../support/wait.ts";

/** A workflow of a Worker beside the gateway, and a dataset: what the runner of the other tests cannot bind. */
const SHOP = `import { WorkflowEntrypoint } from "cloudflare:workers";
export class Order extends WorkflowEntrypoint {
  async run(event, step) {
    if (event.payload?.fail) throw new Error("canary-5e1f");
    return step.do("ship", async () => ({ shipped: event.payload ?? null, by: event.instanceId }));
  }
}
export default { fetch: () => new Response(null, { status: 404 }) };`;

const workflow = (operation: string, parameters: object) => ({
  integration: { type: "workflow", binding: "ORDERS", operation, parameters },
});
const object = (operation: string) => ({
  integration: { type: "r2", binding: "FILES", operation, parameters: { key: "$request.path.key" } },
});
const point = (parameters: object) => ({
  integration: { type: "analytics_engine", binding: "VISITS", parameters },
});

const ENTRIES: Readonly<Record<string, unknown>> = {
  "apis/default/routes/POST /orders": workflow("create", {}),
  "apis/default/routes/PUT /orders/{id}": workflow("create", {
    id: "${request.path.id}",
    params: { sku: "$request.body.sku" },
  }),
  "apis/default/routes/GET /orders/{id}": workflow("status", { id: "$request.path.id" }),
  "apis/default/routes/ANY /files/{key+}": object("get"),
  "apis/default/routes/PUT /files/{key+}": object("put"),
  "apis/default/routes/POST /visits/{page}": point({
    indexes: ["$request.path.page"],
    blobs: ["${context.identity.sourceIp}", "$request.header.x-none"],
    doubles: [1, "$request.body.seconds"],
  }),
};

let miniflare: Miniflare;
let url: URL;
const folders: TempFolder[] = [];

beforeAll(async () => {
  const root = copyRepository({});
  const data = tempFolder();
  folders.push(root, data);
  const { modules } = await bundle(root.path, join(data.path, "gateway"));
  const configured = workerOptions(root.path);
  const compatibilityDate = configured.compatibilityDate ?? "";
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      resourcePersistencePath: join(data.path, "state"),
      logRequests: false,
      handleStructuredLogs: () => undefined,
      workers: [
        {
          ...configured,
          name: "gateway",
          modules: modules.map((module) => ({ ...module })),
          workflows: { ORDERS: { name: "orders", className: "Order", scriptName: "shop" } },
          analyticsEngineDatasets: { VISITS: { dataset: "visits" } },
          r2Buckets: ["FILES"],
          unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
        },
        { name: "shop", modules: true, script: SHOP, compatibilityDate },
      ],
    }),
  );
  const config = await miniflare.getKVNamespace("CONFIG", "gateway");
  for (const [key, value] of Object.entries(ENTRIES)) await config.put(key, JSON.stringify(value));
  url = await miniflare.unsafeGetDirectURL("gateway");
});

afterAll(async () => {
  await miniflare?.dispose();
  for (const folder of folders) folder.remove();
});

async function ask(path: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> {
  const response = await fetch(new URL(path, url), init);
  return { status: response.status, body: await response.json() };
}

/** What an instance says once it has ended. */
function ended(id: string): Promise<unknown> {
  return until(`the instance ${id} has ended`, async () => {
    const { body } = await ask(`/orders/${id}`);
    const status = JSON.stringify(body);
    return /"(?:complete|errored)"/.test(status) ? body : undefined;
  });
}

describe("a workflow", () => {
  test("is started with the request's body, and tells how far it is", async () => {
    const { status, body } = await ask("/orders", { method: "POST", body: '{"sku":"a-1"}' });
    expect(status).toBe(202);
    const { id } = body as { id: string };
    expect(await ended(id)).toEqual({ id, status: "complete", output: { shipped: { sku: "a-1" }, by: id } });
  });

  test("is started without a body as well", async () => {
    const { body } = await ask("/orders", { method: "POST" });
    const { id } = body as { id: string };
    expect(await ended(id)).toEqual({ id, status: "complete", output: { shipped: {}, by: id } });
  });

  test("has the id that a request gives it, once", async () => {
    const put = () => ask("/orders/mine", { method: "PUT", body: '{"sku":"b","other":1}' });
    expect(await put()).toEqual({ status: 202, body: { id: "mine" } });
    expect(await ended("mine")).toMatchObject({ output: { shipped: { sku: "b" } } });
    expect(await put()).toEqual({ status: 409, body: { message: "Conflict" } });
  });

  test("that there is not is 404; an id that cannot be one is 400", async () => {
    expect(await ask("/orders/none")).toEqual({ status: 404, body: { message: "Not Found" } });
    const message = "Invalid request parameters: [id]";
    expect(await ask("/orders/a.b")).toEqual({ status: 400, body: { message } });
    expect(await ask(`/orders/${"a".repeat(101)}`)).toEqual({ status: 400, body: { message } });
  });

  test("R-12 that failed does not say why", async () => {
    const { body } = await ask("/orders", { method: "POST", body: '{"fail":true}' });
    const { id } = body as { id: string };
    expect(await ended(id)).toEqual({ id, status: "errored" });
  });
});

describe("a dataset", () => {
  test("is written to", async () => {
    const init = { method: "POST", body: '{"seconds":"2.5"}' };
    expect(await ask("/visits/home", init)).toEqual({ status: 202, body: { accepted: 1 } });
  });

  test.each(['{"seconds":"x"}', '{"seconds":""}', "{}", '{"seconds":[1]}'])(
    "takes no %s for a number",
    async (body) => {
      const answer = await ask("/visits/home", { method: "POST", body });
      expect(answer).toEqual({
        status: 400,
        body: { message: "Invalid request parameters: [body.seconds]" },
      });
    },
  );

  test("has an index of 96 bytes at most", async () => {
    const { status } = await ask(`/visits/${"a".repeat(97)}`, { method: "POST", body: '{"seconds":1}' });
    expect(status).toBe(400);
  });
});

describe("a bucket", () => {
  /** More than a body that is read may have. */
  const SIZE = 12 * 1024 * 1024;
  const large = Buffer.alloc(SIZE, "0123456789abcdef");

  test("takes a body of any size as it comes, and gives any part of it", async () => {
    const put = await ask("/files/a/large", { method: "PUT", body: large });
    expect(put).toMatchObject({ status: 200, body: { key: "a/large", size: SIZE } });
    const whole = await fetch(new URL("/files/a/large", url));
    expect(whole.headers.get("content-length")).toBe(String(SIZE));
    expect(Buffer.from(await whole.arrayBuffer()).equals(large)).toBe(true);
    const part = await fetch(new URL("/files/a/large", url), { headers: { range: "bytes=-17" } });
    expect([part.status, part.headers.get("content-length"), await part.text()]).toEqual([
      206,
      "17",
      "f0123456789abcdef",
    ]);
  });

  test("says how long an object is without sending it", async () => {
    await ask("/files/b", { method: "PUT", body: "hello" });
    const head = await fetch(new URL("/files/b", url), { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "5"]);
  });
});
