import { afterAll, beforeAll, expect, test } from "vitest";
import { ask } from "./support/client.ts";
import { answerWith, api, type Gateway, proxyTo, startGateway } from "./support/gateway.ts";
import { Origin } from "./support/origin.ts";
import { until } from "./support/wait.ts";

const HELLO = "export const handler = async () => ({ statusCode: 200, body: 'hello' });";
const route = (key: string) => `apis/default/routes/${key}`;
const entry = (integration: unknown) => JSON.stringify({ integration });

let origin: Origin;
let gateway: Gateway;

beforeAll(async () => {
  origin = await Origin.start();
  gateway = await startGateway({
    routes: { "hello.ts": HELLO },
    entries: api("default", {
      "GET /stable/mock": answerWith("mock"),
      "GET /stable/function": { type: "aws_proxy", uri: "hello" },
      "GET /stable/{proxy+}": proxyTo(`${origin.url}/echo/{proxy}`),
    }),
  });
});

afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
});

/** What the warnings of the script say about a key. */
const warnings = (key: string) =>
  gateway.complaints.filter((line) => line.includes('"config.invalid"') && line.includes(key));

const status = async (path: string) => (await ask(gateway.port, path)).status;
const answers = (path: string, code: number) =>
  until(`${path} answers ${code}`, async () => (await status(path)) === code);

/** Clients that go on asking for routes that no change concerns, and what went wrong for them. */
function clients(count: number) {
  const paths = ["/stable/mock", "/stable/function", "/stable/origin"];
  const failed: string[] = [];
  let asked = 0;
  let going = true;
  const all = Array.from({ length: count }, async (_, index) => {
    while (going) {
      const path = paths[(index + asked) % paths.length] ?? "";
      const {
        status: code,
        text,
        complete,
      } = await ask(gateway.port, path).catch((error: unknown) => ({
        status: 0,
        text: String(error),
        complete: false,
      }));
      asked += 1;
      if (code !== 200 || !complete) failed.push(`${path}: ${code} ${text}`);
    }
  });
  return {
    failed,
    get asked() {
      return asked;
    },
    async stop() {
      going = false;
      await Promise.all(all);
    },
  };
}

test("R-29 a hundred changes fail no request of the routes that they do not concern", async () => {
  const load = clients(20);
  for (let i = 0; i < 27; i++) {
    const key = route(`GET /changing/${i}`);
    await gateway.put(key, entry(answerWith(`first ${i}`)));
    if (i % 5 === 0) await answers(`/changing/${i}`, 200);
    await gateway.put(key, entry(answerWith(`second ${i}`)));
    if (i % 5 === 1)
      await until(
        "it has changed",
        async () => (await ask(gateway.port, `/changing/${i}`)).text === `second ${i}`,
      );
    await gateway.put(key, "{ this is no JSON");
    if (i % 5 === 2) await answers(`/changing/${i}`, 500);
    if (i < 20) await gateway.remove(key);
    if (i % 5 === 3 && i < 20) await answers(`/changing/${i}`, 404);
  }
  // Those left corrupt answer for themselves, those removed are gone, and the load goes on.
  for (let i = 0; i < 27; i++) await answers(`/changing/${i}`, i < 20 ? 404 : 500);
  const so_far = load.asked;
  await until("clients are still served", () => load.asked > so_far + 100);
  await load.stop();
  expect(load.failed).toEqual([]);
  expect(load.asked).toBeGreaterThan(500);
  for (let i = 20; i < 27; i++) await gateway.remove(route(`GET /changing/${i}`));
});

test("a new entry's route answers without a restart, a removed one's no longer", async () => {
  expect(await status("/new")).toBe(404);
  await gateway.put(route("GET /new"), entry(answerWith("new")));
  expect(await (await gateway.answers("/new", 200)).text()).toBe("new");
  await gateway.remove(route("GET /new"));
  await gateway.answers("/new", 404);
});

test.each([
  ["no JSON", "{", "is not JSON"],
  ["an unknown key", '{"integration":{"type":"mock"},"autorizer":"x"}', "autorizer"],
  ["no http origin", entry(proxyTo("file:///etc/passwd")), "not an http or https URL"],
  ["a caller's choice of the host", entry(proxyTo("http://{proxy}/")), "choose the host"],
  ["an empty value", "", "not JSON"],
  ["null", "null", "GET /corrupt"],
  ["a list", "[]", "GET /corrupt"],
])(
  "R-29 an entry with %s answers 500 on its own route only, and the log names it once",
  async (_, value, what) => {
    const key = route("GET /corrupt");
    const before = warnings(key).length;
    await gateway.put(key, value);
    const { headers } = await gateway.answers("/corrupt", 500);
    expect(headers.get("x-portico-reason")).toMatch(/^config\.invalid: .*GET \/corrupt/);
    expect(await status("/stable/mock")).toBe(200);
    // Further refreshes find the same entry and say nothing new.
    await gateway.put(route("GET /after"), entry(answerWith("after")));
    await gateway.answers("/after", 200);
    const lines = warnings(key).slice(before);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(what);
    await gateway.put(key, entry(answerWith("mended")));
    await gateway.answers("/corrupt", 200);
    await Promise.all([gateway.remove(key), gateway.remove(route("GET /after"))]);
    await gateway.answers("/corrupt", 404);
    await gateway.answers("/after", 404);
  },
);

test("a route for a function that is not bundled fails alone", async () => {
  await gateway.put(route("GET /missing"), entry({ type: "aws_proxy", uri: "missing" }));
  const { headers } = await gateway.answers("/missing", 500);
  expect(headers.get("x-portico-reason")).toMatch(/^function\.not_found: /);
  expect(await status("/stable/function")).toBe(200);
  await gateway.remove(route("GET /missing"));
});

test("R-29 a bad entry of the API itself leaves what was served", async () => {
  await gateway.put("apis/default", '{"protocol":"GRPC"}');
  await until("the log names it", () => warnings("apis/default").length > 0);
  expect(await status("/stable/mock")).toBe(200);
  await gateway.remove("apis/default");
});

test("an API's new settings hold for all of its routes at once", async () => {
  await gateway.put("apis/default", '{"protocol":"REST"}');
  const missing = await gateway.answers("/nothing", 403);
  expect(await missing.text()).toBe('{"message":"Missing Authentication Token"}');
  await gateway.remove("apis/default");
  await gateway.answers("/nothing", 404);
});
