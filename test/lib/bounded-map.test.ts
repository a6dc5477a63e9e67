import fc from "fast-check";
import { expect, test } from "vitest";
import { BoundedMap } from "../../src/lib/bounded-map.ts";

test("the least recently used goes first", () => {
  const map = new BoundedMap<string, number>(3);
  for (const key of ["a", "b", "c"]) map.set(key, 1);
  map.get("a");
  map.set("d", 1);
  expect(["a", "b", "c", "d"].filter((key) => map.get(key) === 1)).toEqual(["a", "c", "d"]);
});

test("a value that is replaced is the newest", () => {
  const map = new BoundedMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 1);
  map.set("a", 2);
  map.set("c", 1);
  expect([map.get("a"), map.get("b"), map.get("c"), map.size]).toEqual([2, undefined, 1, 2]);
});

test("what is deleted is gone", () => {
  const map = new BoundedMap<string, number>(2);
  map.set("a", 1);
  map.delete("a");
  map.delete("b");
  expect([map.get("a"), map.size]).toEqual([undefined, 0]);
});

test("R-26 it never holds more than its capacity, and never forgets what was just used", () => {
  const step = fc.record({ kind: fc.constantFrom("get", "set", "delete"), key: fc.nat(20) });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.array(step, { maxLength: 200 }), (capacity, steps) => {
      const map = new BoundedMap<number, number>(capacity);
      const last = new Map<number, number>();
      // Keys in the order of their last use, for those that have to be there.
      let recent: number[] = [];
      for (const [value, { kind, key }] of steps.entries()) {
        if (kind === "delete") {
          map.delete(key);
          recent = recent.filter((other) => other !== key);
        } else {
          if (kind === "set") {
            map.set(key, value);
            last.set(key, value);
          } else if (map.get(key) !== undefined) expect(map.get(key)).toBe(last.get(key));
          if (map.get(key) !== undefined) {
            recent = [...recent.filter((other) => other !== key), key].slice(-capacity);
          }
        }
        expect(map.size).toBeLessThanOrEqual(capacity);
        for (const used of recent) expect(map.get(used)).toBe(last.get(used));
      }
    }),
  );
});
