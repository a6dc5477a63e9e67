import * as fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/cache/http/sha256.ts";

async function platform(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

test.each([0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 1000, 16_384])("%i bytes", async (length) => {
  const text = "session=abc; ".repeat(Math.ceil(length / 13)).slice(0, length);
  expect(sha256(text)).toBe(await platform(text));
});

test("is what the platform says, of any text", () =>
  fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary", maxLength: 200 }), async (text) => {
      expect(sha256(text)).toBe(await platform(text));
    }),
    { numRuns: 200 },
  ));
