import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  importCredentialsKey,
  sealSecret,
  secretOpener,
  unsealSecret,
} from "../../../src/access/iam/secret.ts";
import { flip } from "./wire.ts";

const KEY = btoa("0123456789abcdef0123456789abcdef");
const OTHER = btoa("fedcba9876543210fedcba9876543210");

describe("R-12 R-28 sealed secrets", () => {
  test("whatever is sealed opens again, under its own access key id alone", async () => {
    const key = await importCredentialsKey(KEY);
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "grapheme" }),
        fc.stringMatching(/^[A-Z0-9]{4,20}$/),
        async (secret, id) => {
          const sealed = await sealSecret(key, id, secret);
          expect(sealed).toMatch(/^v1\.[\w-]{16}\.[\w-]{22,}$/);
          expect(await unsealSecret(key, id, sealed)).toBe(secret);
          await expect(unsealSecret(key, `${id}A`, sealed)).rejects.toThrow(id);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("the same secret is never sealed the same way twice", async () => {
    const key = await importCredentialsKey(KEY);
    expect(await sealSecret(key, "AKIA", "secret")).not.toBe(await sealSecret(key, "AKIA", "secret"));
  });

  test("not one character of it can be changed", async () => {
    const key = await importCredentialsKey(KEY);
    const sealed = await sealSecret(key, "AKIA", "secret");
    for (let at = 0; at < sealed.length - 1; at++) {
      await expect(unsealSecret(key, "AKIA", flip(sealed, at)), `at ${at}`).rejects.toThrow();
    }
  });

  test.each([
    "",
    "v1",
    "v1..",
    "v2.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "secret",
    "v1.AAAAAAAAAAAAAAAA.A",
  ])("%j is no sealed secret", async (sealed) => {
    await expect(unsealSecret(await importCredentialsKey(KEY), "AKIA", sealed)).rejects.toThrow("not sealed");
  });

  test.each([undefined, "", "abc", "%%%", btoa("short"), btoa("x".repeat(33))])(
    "the key %j opens nothing, and is not shown",
    async (text) => {
      const error: unknown = await secretOpener(text)("AKIA", "v1").catch((thrown: unknown) => thrown);
      expect(String(error)).toContain("CREDENTIALS_KEY");
      if (text !== undefined && text !== "") expect(String(error)).not.toContain(text);
    },
  );

  test("another key opens nothing, and says so", async () => {
    const sealed = await sealSecret(await importCredentialsKey(OTHER), "AKIA", "secret");
    await expect(secretOpener(KEY)("AKIA", sealed)).rejects.toThrow("another CREDENTIALS_KEY");
  });
});
