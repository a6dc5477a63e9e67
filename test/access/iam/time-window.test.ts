import { describe, expect, test } from "vitest";
import { amzDate, parseAmzDate, parseDateHeader } from "../../../src/access/iam/amz-date.ts";
import type { SignedParts } from "../../../src/access/iam/signed-parts.ts";
import { checkTime } from "../../../src/access/iam/time-window.ts";

const SIGNED = Date.parse("2026-04-01T12:00:00Z");
const SKEW = 300_000;

function signed(expires?: number): SignedParts {
  return {
    ok: true,
    form: expires === undefined ? "header" : "query",
    accessKeyId: "AKIA",
    scope: { text: "", day: "", region: "", service: "" },
    date: amzDate(SIGNED),
    expires,
    token: undefined,
    payloadHash: undefined,
    headers: { ok: true, text: "host", names: ["host"] },
    signature: new Uint8Array(),
    parameters: [],
  };
}

describe("the time in which a signature counts", () => {
  test.each([
    [undefined, -SKEW - 1, "not yet current"],
    [undefined, -SKEW, undefined],
    [undefined, 0, undefined],
    [undefined, SKEW, undefined],
    [undefined, SKEW + 1, "expired"],
    [60, -SKEW - 1, "not yet current"],
    [60, -SKEW, undefined],
    [60, 60_000, undefined],
    // No skew after the end that the signer chose.
    [60, 60_001, "expired"],
    [604_800, 604_800_000, undefined],
    [604_800, 604_800_001, "expired"],
  ])("expires %s, %s ms after signing: %s", (expires, after, verdict) => {
    const refusal = checkTime(signed(expires), SIGNED + after, SKEW);
    if (verdict === undefined) expect(refusal).toBeUndefined();
    else expect(refusal?.message).toContain(verdict);
  });

  test("no skew at all, and one of seconds, are said as they are", () => {
    expect(checkTime(signed(), SIGNED + 1, 0)?.message).toContain("- 0 min.)");
    expect(checkTime(signed(), SIGNED + 90_001, 90_000)?.message).toContain("- 90 sec.)");
  });
});

describe("dates", () => {
  test.each([
    "",
    "20260401",
    "20260401T120000",
    "20260401T250000Z",
    "20260230T000000Z",
    "20260401T120060Z",
    " 20260401T120000Z",
  ])("%j is none", (text) => {
    expect(parseAmzDate(text)).toBeUndefined();
    expect(parseDateHeader(text)).toBeUndefined();
  });

  test("an HTTP date becomes the form that is signed", () => {
    expect(parseDateHeader("Wed, 01 Apr 2026 12:00:00 GMT")).toEqual({
      text: "20260401T120000Z",
      time: SIGNED,
    });
    expect(parseDateHeader("Wed, 01 Foo 2026 12:00:00 GMT")).toBeUndefined();
  });
});
