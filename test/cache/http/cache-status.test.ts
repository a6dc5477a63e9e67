import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CacheStatus, formatCacheStatus } from "../../../src/cache/http/cache-status.ts";
import { parseDictionary } from "../../../src/cache/http/structured.ts";

describe("Cache-Status, RFC 9211 section 2", () => {
  test.each<[CacheStatus, string]>([
    [{ hit: true }, "Portico; hit"],
    [{ hit: true, ttl: 376_900 }, "Portico; hit; ttl=376"],
    [{ hit: true, ttl: -1 }, "Portico; hit; ttl=-1"],
    [{ hit: true, detail: "memory" }, "Portico; hit; detail=memory"],
    [{ fwd: "uri-miss" }, "Portico; fwd=uri-miss"],
    [{ fwd: "vary-miss", stored: true, ttl: 60_000 }, "Portico; fwd=vary-miss; stored; ttl=60"],
    [{ fwd: "miss", stored: false, collapsed: true }, "Portico; fwd=miss; collapsed"],
    [{ fwd: "stale", fwdStatus: 304, stored: true }, "Portico; fwd=stale; fwd-status=304; stored"],
    [{ fwd: "request", detail: "no cache" }, 'Portico; fwd=request; detail="no cache"'],
    [{ fwd: "bypass", detail: 'a"b\\c\r\né' }, 'Portico; fwd=bypass; detail="a\\"b\\\\c???"'],
    [{ fwd: "method", detail: "1x" }, 'Portico; fwd=method; detail="1x"'],
    [{ fwd: "partial", detail: "" }, 'Portico; fwd=partial; detail=""'],
  ])("%j", (status, text) => {
    expect(formatCacheStatus("Portico", status)).toBe(text);
  });

  test("a cache's name may be any text", () => {
    expect(formatCacheStatus("my cache", { hit: true })).toBe('"my cache"; hit');
  });

  test("whatever the detail, it is a structured field and nothing else", () => {
    fc.assert(
      fc.property(fc.string(), (detail) => {
        const member = formatCacheStatus("Portico", { fwd: "miss", detail });
        expect(parseDictionary(`cache=${member}`)?.size).toBe(1);
        expect(parseDictionary(`detail=${member.slice(member.indexOf("detail=") + 7)}`)?.size).toBe(1);
      }),
    );
  });
});
