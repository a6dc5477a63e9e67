import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, bodyOf, headOf, nextChunk } from "../support/client.ts";
import { proxyTo } from "../support/gateway.ts";
import { until } from "../support/wait.ts";
import { bytes, wordsOf } from "./answers.ts";
import { Cluster } from "./cluster.ts";
import { Origin } from "./origin.ts";

/** Bodies as clients get them from the cache: large ones, parts, none, compressed ones. */

const FRESH = { "cache-control": "max-age=600" };
const SIZE = 5_000_000;
const LARGE = bytes(SIZE);
const MODIFIED = "Sat, 01 Nov 2025 12:00:00 GMT";

let origin: Origin;
let cluster: Cluster;

beforeAll(async () => {
  origin = await Origin.start();
  cluster = await Cluster.start({
    size: 2,
    entries: {
      "apis/default/routes/ANY /{proxy+}": {
        integration: proxyTo(`${origin.url}/{proxy}`),
        cache: { mode: "http" },
      },
      "apis/default/routes/GET /limited/{proxy+}": {
        integration: proxyTo(`${origin.url}/limited/{proxy}`),
        cache: { mode: "http", maxBytes: SIZE - 1 },
      },
    },
  });
});

afterAll(async () => {
  await cluster?.stop();
  await origin?.stop();
});

/** Fills the store at one gateway, until the other gets it from the shard. */
async function store(path: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  await cluster.get(0, path, headers);
  await until(`${path} is stored`, async () => {
    const { status, headers: got } = await cluster.get(1, path, headers, "HEAD");
    return status === 200 && wordsOf({ headers: got }) === "portico; hit";
  });
}

describe("5 MB in the shard", () => {
  const path = "/five-megabytes";

  beforeAll(async () => {
    const headers = { ...FRESH, etag: '"five"', "last-modified": MODIFIED, "content-length": SIZE };
    origin.on(path, ({ response }) => void response.writeHead(200, headers).end(LARGE));
    await store(path);
    await until("a part of it is served", async () => (await get({ range: "bytes=0-0" })).status === 206);
  });

  const get = (headers: Readonly<Record<string, string>>, method = "GET"): Promise<Answer> =>
    cluster.get(1, path, headers, method);

  test("is served whole", async () => {
    const answer = await get({});
    expect([answer.status, answer.complete, answer.body.equals(LARGE)]).toEqual([200, true, true]);
  });

  test.each([
    ["bytes=0-0", 0, 1],
    ["bytes=0-99999", 0, 100_000],
    ["bytes=262140-262149", 262_140, 262_150],
    ["bytes=262144-524287", 262_144, 524_288],
    ["bytes=1000000-3999999", 1_000_000, 4_000_000],
    ["bytes=4999990-", 4_999_990, SIZE],
    ["bytes=4999990-9999999", 4_999_990, SIZE],
    ["bytes=-10", SIZE - 10, SIZE],
    ["bytes=-9999999", 0, SIZE],
  ])("Range: %s", async (range, start, end) => {
    const answer = await get({ range });
    expect([answer.status, answer.headers["content-range"], answer.complete, wordsOf(answer)]).toEqual([
      206,
      `bytes ${start}-${end - 1}/${SIZE}`,
      true,
      "portico; hit",
    ]);
    expect(answer.body.equals(LARGE.subarray(start, end))).toBe(true);
  });

  test.each(["bytes=5000000-", "bytes=9999999-", "bytes=-0"])(
    "Range: %s cannot be satisfied",
    async (range) => {
      const { status, headers, text } = await get({ range });
      expect([status, headers["content-range"], text]).toEqual([416, `bytes */${SIZE}`, ""]);
    },
  );

  test.each([
    ["of several parts", { range: "bytes=0-1,5-6" }],
    ["of another unit", { range: "lines=0-1" }],
    ["that makes no sense", { range: "bytes=9-3" }],
    ["of another entity tag", { range: "bytes=0-1", "if-range": '"four"' }],
    ["of a weak entity tag", { range: "bytes=0-1", "if-range": 'W/"five"' }],
    ["of another date", { range: "bytes=0-1", "if-range": "Sat, 01 Nov 2025 12:00:01 GMT" }],
  ])("a Range %s gets all of it", async (_, headers) => {
    const answer = await get(headers);
    expect([answer.status, answer.complete, answer.body.equals(LARGE)]).toEqual([200, true, true]);
  });

  test.each(['"five"', MODIFIED])("If-Range: %s gets the part", async (condition) => {
    const answer = await get({ range: "bytes=262140-262149", "if-range": condition });
    expect([answer.status, answer.body.equals(LARGE.subarray(262_140, 262_150))]).toEqual([206, true]);
  });

  test("HEAD gets its headers", async () => {
    const { status, headers, text } = await get({}, "HEAD");
    expect([status, headers["content-length"], headers["etag"], text]).toEqual([
      200,
      `${SIZE}`,
      '"five"',
      "",
    ]);
  });

  test.each([
    { "if-none-match": '"five"' },
    { "if-none-match": 'W/"five"' },
    { "if-modified-since": MODIFIED },
  ])("%o gets a 304", async (condition) => {
    const { status, headers, text } = await get(condition);
    expect([status, headers["etag"], headers["content-length"], text]).toEqual([
      304,
      '"five"',
      undefined,
      "",
    ]);
  });

  test("and the origin was asked once", () => {
    expect(origin.requests(path)).toHaveLength(1);
  });
});

describe("an origin that compresses for whoever takes it", () => {
  const SMALL_TEXT = Buffer.from("a text that is worth compressing, ".repeat(20));
  const LARGE_TEXT = Buffer.from(bytes(400_000).toString("base64"));
  const UNKNOWN = Buffer.from("not what it says");
  const ENCODINGS = { gzip: gzipSync, br: brotliCompressSync };

  beforeAll(() => {
    for (const [name, text] of Object.entries({ small: SMALL_TEXT, large: LARGE_TEXT })) {
      for (const framing of ["length", "chunks"]) {
        for (const [encoding, compress] of Object.entries(ENCODINGS)) {
          origin.on(`/${encoding}-${name}-${framing}`, ({ request, response }) => {
            const takes = String(request.headers["accept-encoding"] ?? "").includes(encoding);
            const body = takes ? compress(text) : text;
            response.writeHead(200, {
              ...FRESH,
              vary: "accept-encoding",
              ...(takes ? { "content-encoding": encoding } : {}),
              ...(framing === "length" ? { "content-length": body.length } : {}),
            });
            response.end(body);
          });
        }
      }
    }
  });

  const decoded = ({ headers, body }: Answer): Buffer => {
    switch (headers["content-encoding"]) {
      case "gzip":
        return gunzipSync(body);
      case "br":
        return brotliDecompressSync(body);
      case undefined:
        return body;
      default:
        throw new Error(`nobody asked for ${headers["content-encoding"]}`);
    }
  };

  const CASES = Object.keys(ENCODINGS).flatMap((encoding) =>
    ["small", "large"].flatMap((size) =>
      ["length", "chunks"].map((framing) => ({ encoding, size, framing })),
    ),
  );

  test.each(CASES)("$encoding, a $size text with $framing: it decodes, or is not encoded", async (of) => {
    const { encoding, size, framing } = of;
    const path = `/${encoding}-${size}-${framing}`;
    const text = size === "small" ? SMALL_TEXT : LARGE_TEXT;
    const seen: string[] = [];
    const get = async (gateway: number, accepted: string | undefined): Promise<void> => {
      const headers = accepted === undefined ? {} : { "accept-encoding": accepted };
      const answer = await cluster.get(gateway, path, headers);
      const encoded = answer.headers["content-encoding"];
      if (encoded !== undefined) expect(accepted).toContain(encoded);
      const right = answer.status === 200 && answer.complete && decoded(answer).equals(text);
      seen.push(`${accepted ?? "none"} ${right ? "right" : "WRONG"}`);
    };
    const wanted = [encoding, undefined, "identity"];
    // From the origin, from memory where it is small, and from the shard.
    for (const accepted of wanted) await get(0, accepted);
    for (const accepted of wanted) await get(0, accepted);
    for (const accepted of wanted)
      await store(path, accepted === undefined ? {} : { "accept-encoding": accepted });
    for (const accepted of wanted) await get(1, accepted);
    expect(seen.filter((line) => line.endsWith("WRONG"))).toEqual([]);
    expect(seen).toHaveLength(9);
  });

  // A Range is of the encoded bytes, which nobody has before the engine has made them.
  test.each([
    ["gzip", "bytes=0-9"],
    ["gzip", "bytes=300000-300009"],
    ["br", "bytes=9999999-"],
  ])("a large text in %s is served whole to who asks for %s", async (encoding, range) => {
    const path = `/${encoding}-large-chunks`;
    await store(path, { "accept-encoding": encoding });
    const answer = await cluster.get(1, path, { "accept-encoding": encoding, range });
    expect([answer.status, answer.complete, decoded(answer).equals(LARGE_TEXT)]).toEqual([200, true, true]);
  });

  test("an encoding that the engine does not know stays as it is", async () => {
    const path = "/unknown";
    const headers = { ...FRESH, "content-encoding": "x-own" };
    origin.on(path, ({ response }) => void response.writeHead(200, headers).end(UNKNOWN));
    const ways = [0, 0, 1];
    for (const gateway of ways) {
      const answer = await cluster.get(gateway, path);
      expect([answer.headers["content-encoding"], answer.text]).toEqual(["x-own", UNKNOWN.toString()]);
    }
    expect(origin.requests(path)).toHaveLength(1);
  });
});

test("a response that is replaced while a client still reads it breaks off", async () => {
  const path = "/replaced";
  const old = bytes(9_000_000);
  const replacement = Buffer.alloc(old.length);
  origin.on(path, ({ response, number }) => {
    response.writeHead(200, FRESH).end(number === 1 ? old : replacement);
  });
  await store(path);
  const response = await headOf(cluster.send(1, path));
  const first = await nextChunk(response);
  // Nobody reads on until another one has taken its place.
  await cluster.get(0, path, {}, "POST");
  await store(path);
  const { body, complete } = await bodyOf(response);
  expect(complete).toBe(false);
  const got = Buffer.concat([Buffer.from(first, "latin1"), body]);
  expect(got.equals(old.subarray(0, got.length))).toBe(true);
  expect((await cluster.get(1, path)).body.equals(replacement)).toBe(true);
});

test.each([
  ["with a length", { ...FRESH, "content-length": SIZE }],
  ["in chunks", FRESH],
])("a body that is larger than may be stored, %s, is served whole each time", async (name, headers) => {
  const path = `/limited/${name.replaceAll(" ", "-")}`;
  origin.on(path, ({ response }) => void response.writeHead(200, headers).end(LARGE));
  const answers = await Promise.all([0, 1, 0, 1].map((gateway) => cluster.get(gateway, path)));
  answers.push(await cluster.get(1, path));
  expect(answers.map(({ complete, body }) => complete && body.equals(LARGE))).toEqual(Array(5).fill(true));
  expect(origin.requests(path)).toHaveLength(5);
});

// What a body of unknown length came to is forgotten: each next one is waited for by all who ask meanwhile.
test("a body in chunks that was too large is not waited for again", async () => {
  const path = "/limited/again";
  origin.on(path, ({ response }) => void response.writeHead(200, FRESH).end(LARGE));
  await cluster.get(0, path);
  expect(wordsOf(await cluster.get(0, path))).toBe("portico; fwd=miss");
});
