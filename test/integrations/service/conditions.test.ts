import fc from "fast-check";
import { expect, test } from "vitest";
import { byteRange, contentRange, isSatisfiable } from "../../../src/integrations/service/conditions.ts";

test("a range names the bytes that a slice of the object has", () => {
  const number = fc.nat({ max: 30 });
  const written = fc.oneof(
    fc.tuple(number, number).map(([a, b]) => `bytes=${a}-${b}`),
    number.map((a) => `bytes=${a}-`),
    number.map((a) => `bytes=-${a}`),
  );
  fc.assert(
    fc.property(written, number, (header, size) => {
      const bytes = Array.from({ length: size }, (_, index) => index);
      const range = byteRange(header);
      const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header) ?? [];
      if (first !== "" && last !== "" && Number(last) < Number(first)) {
        expect(range).toBeUndefined();
        return;
      }
      if (!range) throw new Error(header);
      const slice =
        first === ""
          ? bytes.slice(last === "0" ? size : -Number(last))
          : bytes.slice(Number(first), last === "" ? size : Number(last) + 1);
      expect(isSatisfiable(range, size)).toBe(slice.length > 0);
      if (slice.length === 0) return;
      expect(contentRange(range, size)).toEqual({
        text: `bytes ${slice[0]}-${slice.at(-1)}/${size}`,
        length: slice.length,
      });
    }),
  );
});
