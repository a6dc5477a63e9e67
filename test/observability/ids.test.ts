import { describe, expect, test } from "vitest";
import { shortRequestId, traceHeader } from "../../src/observability/ids.ts";

const NOW = Date.UTC(2026, 10, 21);
const ROOT = "1-3152b799-8954dae64eda91bc9a23a7e8";

test("request ids are of 16 characters and never twice the same", () => {
  const ids = Array.from({ length: 10_000 }, shortRequestId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) if (!/^[A-Za-z0-9_-]{15}=$/.test(id)) expect(id).toBe("");
});

describe("X-Amzn-Trace-Id", () => {
  test("is new without one, with the time in it", () => {
    const seconds = Math.floor(NOW / 1000).toString(16);
    expect(traceHeader(null, NOW)).toMatch(new RegExp(`^Root=1-${seconds}-[0-9a-f]{24}$`));
    expect(traceHeader(null, NOW)).not.toBe(traceHeader(null, NOW));
  });

  test.each([
    [`Root=${ROOT};Parent=7fa8c0f79203be72;Sampled=1`, `Root=${ROOT};Parent=7fa8c0f79203be72;Sampled=1`],
    [`Root=${ROOT};Parent=7fa8c0f79203be72;Sampled=0`, `Root=${ROOT};Parent=7fa8c0f79203be72;Sampled=0`],
    [`Root=${ROOT};Parent=7fa8c0f79203be72`, `Root=${ROOT};Parent=7fa8c0f79203be72;Sampled=1`],
    [`Sampled=1; Root=${ROOT}; Parent=7fa8c0f79203be72`, `Root=${ROOT};Parent=7fa8c0f79203be72;Sampled=1`],
  ])("%s goes on as %s", (incoming, expected) => {
    expect(traceHeader(incoming, NOW)).toBe(expected);
  });

  test("with a lone Root gets a Parent, and is not sampled", () => {
    expect(traceHeader(`Root=${ROOT}`, NOW)).toMatch(
      new RegExp(`^Root=${ROOT};Parent=[0-9a-f]{16};Sampled=0$`),
    );
  });

  test.each([
    "",
    "x",
    "Root=1-x",
    `Root=${ROOT}\r\nX: y`,
    `Root=${ROOT}0`,
    `xRoot=${ROOT}`,
    "Parent=7fa8c0f79203be72",
  ])("%j is replaced", (incoming) => {
    expect(traceHeader(incoming, NOW)).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    expect(traceHeader(incoming, NOW)).not.toContain(ROOT);
  });
});
