import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { EntryCache, type EntryCacheOptions } from "../../src/config/entry-cache.ts";
import type { Parsed, Problem } from "../../src/config/problem.ts";
import { FaultyKV } from "../support/faulty-kv.ts";

const REFRESH = 30_000;

/** A cache of texts over the real store; `bad` is a text that does not parse. */
class Subject {
  now = 1_000_000;
  parsed = 0;
  readonly kv = new FaultyKV();
  readonly problems: Problem[] = [];
  readonly cache: EntryCache<string>;

  constructor(options: Partial<EntryCacheOptions<string>> = {}) {
    this.cache = new EntryCache<string>({
      kv: this.kv.namespace,
      prefix: "things/",
      parse: (key, text) => this.#parse(key, text),
      refreshMs: REFRESH,
      capacity: 8,
      report: (problem) => this.problems.push(problem),
      now: () => this.now,
      ...options,
    });
  }

  #parse(key: string, text: string): Parsed<string> {
    this.parsed += 1;
    return text === "bad"
      ? { ok: false, problems: [{ code: "x", path: key, message: "bad" }] }
      : { ok: true, value: text };
  }

  /** As a guard asks: from memory, else from the store. `read:` says that it had to wait. */
  async ask(name: string): Promise<string> {
    const ctx = createExecutionContext();
    const known = this.cache.known(name, ctx);
    const answer = known === undefined ? `read:${shown(await this.cache.read(name))}` : shown(known);
    await waitOnExecutionContext(ctx);
    return answer;
  }
}

const shown = (entry: Parsed<string> | null): string =>
  entry === null ? "none" : entry.ok ? entry.value : "broken";

const put = (name: string, text: string) => env.CONFIG.put(`things/${name}`, text);

describe("how old an entry gets", () => {
  test("it is read once, then known without asking the store", async () => {
    await put("a", "1");
    const subject = new Subject();
    expect(await subject.ask("a")).toBe("read:1");
    subject.now += REFRESH / 2 - 1;
    for (let i = 0; i < 100; i++) expect(await subject.ask("a")).toBe("1");
    expect(subject.kv.gets).toBe(1);
  });

  test("in its second half it is read again behind one request", async () => {
    await put("a", "1");
    const subject = new Subject();
    await subject.ask("a");
    await put("a", "2");
    subject.now += REFRESH / 2;
    expect(await subject.ask("a")).toBe("1");
    expect(await subject.ask("a")).toBe("2");
    expect(subject.kv.gets).toBe(2);
  });

  test("after its time it is read in front of the request", async () => {
    await put("a", "1");
    const subject = new Subject();
    await subject.ask("a");
    await env.CONFIG.delete("things/a");
    subject.now += REFRESH;
    expect(await subject.ask("a")).toBe("read:none");
  });

  test("the time counts from when the read began, not from its answer", async () => {
    await put("a", "1");
    const subject = new Subject();
    subject.kv.fault = "hangs";
    const slow = subject.ask("a");
    subject.now += REFRESH - 1;
    subject.kv.release();
    expect(await slow).toBe("read:1");
    subject.kv.fault = "none";
    await put("a", "2");
    subject.now += 1;
    expect(await subject.ask("a")).toBe("read:2");
  });

  test("while a refresh is under way nobody starts another, until it seems to be lost", async () => {
    await put("a", "1");
    const subject = new Subject();
    await subject.ask("a");
    subject.kv.fault = "hangs";
    subject.now += REFRESH / 2;
    const ctx = createExecutionContext();
    for (let i = 0; i < 10; i++) expect(subject.cache.known("a", ctx)).toBeTruthy();
    expect(subject.kv.gets).toBe(2);
    subject.now += REFRESH / 4;
    expect(subject.cache.known("a", ctx)).toBeTruthy();
    expect(subject.kv.gets).toBe(3);
    subject.kv.release();
    await waitOnExecutionContext(ctx);
  });

  test("a slow read does not bring back what a later one replaced", async () => {
    const subject = new Subject();
    let answerSlow: (text: string) => void = () => undefined;
    const answers = [
      new Promise<string>((resolve) => {
        answerSlow = resolve;
      }),
      Promise.resolve("disabled"),
    ];
    const get = (): Promise<string | undefined> => answers.shift() ?? Promise.resolve(undefined);
    const kv = new Proxy(env.CONFIG, { get: () => get });
    const cache = new EntryCache<string>({
      kv,
      prefix: "things/",
      parse: (_, text) => ({ ok: true, value: text }),
      refreshMs: REFRESH,
      capacity: 8,
      report: () => undefined,
      now: () => subject.now,
    });
    const slow = cache.read("a");
    subject.now += 10;
    expect(shown(await cache.read("a"))).toBe("disabled");
    answerSlow("enabled");
    expect(shown(await slow)).toBe("disabled");
    expect(shown(cache.known("a", createExecutionContext()) ?? null)).toBe("disabled");
  });

  test("a clock that was put back makes nothing young", async () => {
    await put("a", "1");
    const subject = new Subject();
    await subject.ask("a");
    await put("a", "2");
    subject.now -= 1;
    expect(await subject.ask("a")).toBe("read:2");
    expect(await subject.ask("a")).toBe("2");
  });

  test("what is missing is known to be missing, and found once it is there", async () => {
    const subject = new Subject();
    expect(await subject.ask("a")).toBe("read:none");
    expect(await subject.ask("a")).toBe("none");
    await put("a", "1");
    subject.now += REFRESH;
    expect(await subject.ask("a")).toBe("read:1");
    expect(await subject.ask("a")).toBe("1");
    await env.CONFIG.delete("things/a");
    subject.now += REFRESH;
    expect(await subject.ask("a")).toBe("read:none");
    expect(await subject.ask("a")).toBe("none");
  });
});

describe("a bad entry", () => {
  test("is reported once, and again when it has changed", async () => {
    await put("a", "bad");
    const subject = new Subject();
    for (let i = 0; i < 5; i++) {
      expect(await subject.ask("a")).toBe("read:broken");
      subject.now += REFRESH;
    }
    expect(subject.problems).toHaveLength(1);
    await put("a", "good");
    expect(await subject.ask("a")).toBe("read:good");
    await put("a", "bad");
    subject.now += REFRESH;
    expect(await subject.ask("a")).toBe("read:broken");
    expect(subject.problems).toHaveLength(2);
  });

  test("the same text is not parsed again, and stays the same object", async () => {
    await put("a", "1");
    const subject = new Subject();
    const first = await subject.cache.read("a");
    subject.now += REFRESH;
    expect(await subject.cache.read("a")).toBe(first);
    expect(subject.parsed).toBe(1);
  });
});

describe("R-13 while the store fails", () => {
  test("what was never read is not guessed", async () => {
    const subject = new Subject();
    subject.kv.fault = "throws";
    await expect(subject.ask("a")).rejects.toThrow("KV GET failed");
    expect(subject.problems).toHaveLength(1);
  });

  test("a read that hangs fails in its time", async () => {
    const subject = new Subject({ patienceMs: 5 });
    subject.kv.fault = "hangs";
    await expect(subject.ask("a")).rejects.toThrow("no answer within 5 ms");
    subject.kv.release();
  });

  test.each([
    ["throws", "1"],
    ["hangs", "1"],
    ["throws", "none"],
  ] as const)("it %s: what was read last holds for holdMs and no longer (%s)", async (fault, last) => {
    if (last !== "none") await put("a", last);
    const subject = new Subject({ patienceMs: 5, holdMs: REFRESH * 10 });
    await subject.ask("a");
    const readAt = subject.now;
    subject.kv.fault = fault;
    for (let age = 0; age < REFRESH * 10; age += REFRESH / 4) {
      subject.now = readAt + age;
      expect(await subject.ask("a")).toBe(last);
    }
    subject.now = readAt + REFRESH * 10;
    await expect(subject.ask("a")).rejects.toThrow();
    subject.kv.fault = "none";
    expect(await subject.ask("a")).toBe(`read:${last}`);
    subject.kv.release();
  });

  test("an entry that nobody asked for in its time holds too", async () => {
    await put("a", "1");
    const subject = new Subject();
    await subject.ask("a");
    subject.kv.fault = "throws";
    subject.now += 3_599_999;
    expect(await subject.ask("a")).toBe("read:1");
    subject.now += 1;
    await expect(subject.ask("a")).rejects.toThrow();
  });

  test("it is asked and reported a few times, not at every request", async () => {
    for (const name of ["a", "b", "c"]) await put(name, "1");
    const subject = new Subject();
    for (const name of ["a", "b", "c"]) await subject.ask(name);
    subject.kv.fault = "throws";
    subject.now += REFRESH / 2;
    for (let i = 0; i < 50; i++) for (const name of ["a", "b", "c"]) await subject.ask(name);
    expect(subject.kv.gets).toBe(6);
    expect(subject.problems.map(({ code, path }) => `${code} ${path}`)).toEqual([
      "config.unavailable things/a",
    ]);
  });

  test("what was disabled meanwhile stops as soon as it answers again", async () => {
    await put("a", "enabled");
    const subject = new Subject();
    await subject.ask("a");
    subject.kv.fault = "throws";
    subject.now += REFRESH;
    expect(await subject.ask("a")).toBe("read:enabled");
    await put("a", "disabled");
    subject.kv.fault = "none";
    subject.now += REFRESH / 2;
    expect(await subject.ask("a")).toBe("enabled");
    expect(await subject.ask("a")).toBe("disabled");
  });
});

describe("R-26 memory", () => {
  test("names without an entry push out each other, never an entry", async () => {
    const names = Array.from({ length: 8 }, (_, i) => `k${i}`);
    for (const name of names) await put(name, name);
    const subject = new Subject();
    for (const name of names) await subject.ask(name);
    for (let i = 0; i < 500; i++) expect(await subject.ask(`made-up-${i}`)).toBe("read:none");
    for (const name of names) expect(await subject.ask(name)).toBe(name);
    // A quarter of the capacity is kept of the others.
    expect(await subject.ask("made-up-499")).toBe("none");
    expect(await subject.ask("made-up-498")).toBe("none");
    expect(await subject.ask("made-up-497")).toBe("read:none");
  });

  test("an entry in use stays, however many others come and go", async () => {
    const subject = new Subject();
    await put("hot", "hot");
    await subject.ask("hot");
    for (let i = 0; i < 40; i++) {
      await put(`k${i}`, "x");
      await subject.ask(`k${i}`);
      expect(await subject.ask("hot")).toBe("hot");
    }
    expect(await subject.ask("k0")).toBe("read:x");
  });

  test.each([
    ["long", "x".repeat(506)],
    ["of long characters", "é".repeat(253)],
  ])("a name that no key can have is missing: %s", async (_, name) => {
    const subject = new Subject();
    expect(await subject.ask(name)).toBe("read:none");
    expect(subject.kv.gets).toBe(0);
  });

  test("the longest name that a key can have is read", async () => {
    const name = "x".repeat(505);
    await put(name, "1");
    expect(await new Subject().ask(name)).toBe("read:1");
  });
});
