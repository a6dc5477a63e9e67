import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generateKey, generateKeyId, recognise } from "../../../src/access/api-key/key-format.ts";
import { keyHash } from "../../../src/access/api-key/key-hash.ts";

const random = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));
const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** As the documentation of the format tells scanners to do. */
const SCANNER = /\bportico_[0-9A-Za-z]{38}\b/g;

describe("R-28 generated keys", () => {
  test("are recognised, by us and by a scanner, and never twice the same", () => {
    const keys = Array.from({ length: 2000 }, () => generateKey(random));
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) if (recognise(key) !== "valid") expect(key).toBe("");
    const found = `const KEY="${keys.join('";\nconst KEY = "')}"`.match(SCANNER);
    expect(found).toEqual(keys);
  });

  test("the checksum is the CRC-32 of zlib in base62", () => {
    expect(generateKey((count) => new Uint8Array(count))).toBe(
      `portico_${"0".repeat(32)}${base62(ZEROS_CRC)}`,
    );
    expect(generateKey(counting())).toBe(`portico_${BASE62.slice(0, 32)}${base62(COUNTING_CRC)}`);
  });

  test("every character is as likely as any other: bytes from 248 on are thrown away", () => {
    const source = [255, 248, 249, 250, 251, 252, 253, 254, 247, 61, 62, 0];
    const key = generateKey((count) => Uint8Array.from({ length: count }, () => source.shift() ?? 1));
    expect(key.slice(8, 12)).toBe("zz00");
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 256; byte++) {
      const [character = ""] = generateKeyId(once(byte)).slice(2);
      if (byte < 248) counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    expect(counts.size).toBe(62);
    expect(new Set(counts.values())).toEqual(new Set([4]));
  });

  test("ids are short and may stand in a URL", () => {
    const ids = Array.from({ length: 1000 }, () => generateKeyId(random));
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) if (!/^k_[0-9A-Za-z]{10}$/.test(id)) expect(id).toBe("");
  });
});

describe("R-28 what is no key is refused without a look-up", () => {
  test("one wrong character, whichever it is", () => {
    const key = generateKey(random);
    for (let place = 8; place < key.length; place++) {
      for (const character of BASE62) {
        if (character === key[place]) continue;
        const wrong = key.slice(0, place) + character + key.slice(place + 1);
        if (recognise(wrong) !== "broken") expect(wrong).toBe("broken");
      }
    }
  });

  test("two characters exchanged, one lost, one too many", () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 44 }), (place) => {
        const key = generateKey(random);
        const [a = "", b = ""] = [key[place], key[place + 1]];
        if (a !== b) {
          expect(recognise(key.slice(0, place) + b + a + key.slice(place + 2))).toBe("broken");
        }
        expect(recognise(key.slice(0, place) + key.slice(place + 1))).toBe("broken");
        expect(recognise(key.slice(0, place) + a + key.slice(place))).toBe("broken");
      }),
    );
  });

  test("random text behind the prefix", () => {
    const character = fc.constantFrom(...BASE62);
    fc.assert(
      fc.property(fc.array(character, { minLength: 38, maxLength: 38 }), (characters) => {
        expect(recognise(`portico_${characters.join("")}`)).toBe("broken");
      }),
    );
  });

  test.each([
    ["", "broken"],
    ["portico_", "broken"],
    ["x".repeat(19), "broken"],
    ["x".repeat(20), "foreign"],
    ["x".repeat(128), "foreign"],
    ["x".repeat(129), "broken"],
    ["x".repeat(100_000), "broken"],
    ["LBSQTfPV6S3NEeRNwaylM6sYGkzxKxVE70uWM0pk", "foreign"],
    ["d1e2c3-a4b5.c6d7_e8f9-0000", "foreign"],
    ["PORTICO_00000000000000000000000000000000000000", "foreign"],
    ["two keys are not one key", "broken"],
    ["xxxxxxxxxxxxxxxxxxxx, yyyyyyyyyyyyyyyyyyyy", "broken"],
    ["xxxxxxxxxxxxxxxxxxxx\n", "broken"],
    ["xxxxxxxxxx\u0000xxxxxxxxxxx", "broken"],
    ["xxxxxxxxxx\u007fxxxxxxxxxxx", "broken"],
    ["xxxxxxxxxxéxxxxxxxxxxx", "broken"],
    [`portico_${"-".repeat(38)}`, "broken"],
  ])("%j is %s", (text, expected) => {
    expect(recognise(text)).toBe(expected);
  });
});

test("R-28 a key's entry is named by its SHA-256", async () => {
  // FIPS 180-4's example.
  expect(await keyHash("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

/** `zlib.crc32` of 32 zeros, and of the first 32 digits of base62, by Python. */
const ZEROS_CRC = 0xa0f292d0;
const COUNTING_CRC = 0x5c339a43;

/** Six digits, most significant first, by division of a big integer. */
function base62(value: number): string {
  let text = "";
  for (let rest = BigInt(value); rest > 0n; rest /= 62n) text = (BASE62[Number(rest % 62n)] ?? "") + text;
  return text.padStart(6, "0");
}

function counting(): (count: number) => Uint8Array {
  let next = 0;
  return (count) => Uint8Array.from({ length: count }, () => next++);
}

/** This byte first, ones after it. */
function once(byte: number): (count: number) => Uint8Array {
  let first = true;
  return (count) =>
    Uint8Array.from({ length: count }, () => {
      const value = first ? byte : 1;
      first = false;
      return value;
    });
}
