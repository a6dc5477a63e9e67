import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chosenCoding } from "../../src/compression/content-coding.ts";

describe("Accept-Encoding", () => {
  test.each([
    [null, undefined],
    ["", undefined],
    ["gzip", "gzip"],
    ["GZip", "gzip"],
    ["x-gzip", "gzip"],
    ["deflate", "deflate"],
    ["deflate, gzip", "gzip"],
    ["gzip, deflate, br, zstd", "gzip"],
    ["deflate;q=1.0, gzip;q=0.5", "deflate"],
    ["deflate;q=0.5,gzip;q=1.0", "gzip"],
    ["gzip ; q=0.5 , deflate ; Q=0.4", "gzip"],
    ["*", "gzip"],
    ["gzip;q=0, *", "deflate"],
    ["gzip;q=0.5, *;q=0.1", "gzip"],
    ["gzip;q=1.0, identity;q=0.5, *;q=0", "gzip"],
    // API Gateway compresses for a client's first choice only.
    ["br", undefined],
    ["br;q=1.0, gzip;q=0.8", undefined],
    ["br, gzip;q=0.8, *;q=0.1", undefined],
    ["identity;q=1, gzip;q=0.5", undefined],
    ["gzip;q=0", undefined],
    ["gzip;q=0, deflate;q=0.000, *;q=0", undefined],
    ["*;q=0", undefined],
    // What is no weight says nothing.
    ["gzip;q=2", undefined],
    ["gzip;q=-1, deflate;q=0.1", "deflate"],
    ["gzip;q=0.1234", undefined],
    ["gzip;q=", undefined],
    [", ,;q=1,", undefined],
    ["gzip;level=9", "gzip"],
  ])("%j asks for %s", (header, coding) => {
    expect(chosenCoding(header)).toBe(coding);
  });

  test("a coding that the client refuses, or puts behind another, is never chosen", () => {
    const member = fc.record({
      name: fc.constantFrom("gzip", "deflate", "br", "identity", "*"),
      quality: fc.constantFrom(0, 0.001, 0.5, 0.9, 1),
    });
    const members = fc.uniqueArray(member, { selector: ({ name }) => name, maxLength: 5 });
    fc.assert(
      fc.property(members, (wanted) => {
        const chosen = chosenCoding(wanted.map(({ name, quality }) => `${name};q=${quality}`).join(", "));
        const of = (name: string) => wanted.find((other) => other.name === name)?.quality;
        const highest = Math.max(0, ...wanted.map(({ quality }) => quality));
        const qualities = ["gzip", "deflate"].map((name) => of(name) ?? of("*") ?? 0);
        if (chosen !== undefined) {
          expect(of(chosen) ?? of("*")).toBe(highest);
          expect(highest).toBeGreaterThan(0);
        } else expect(highest === 0 || qualities.every((quality) => quality < highest)).toBe(true);
      }),
    );
  });

  test("R-21 a header of 64 kB of anything is read in one go", () => {
    for (const piece of [",", ";", "gzip,", ";q=", "gzip;q=0.1234 ,", "\t "]) {
      expect(chosenCoding(`${piece.repeat(65_536 / piece.length)},deflate;q=0`)).toBe(
        piece === "gzip," ? "gzip" : undefined,
      );
    }
  });
});
