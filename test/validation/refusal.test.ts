import { expect, test } from "vitest";
import { refuse } from "../../src/validation/refusal.ts";

const refusal = (pointers: readonly string[], problemDetails: boolean) =>
  refuse(
    {
      type: "BAD_REQUEST_BODY",
      reason: "validation.body",
      message: "Invalid request body",
      faults: pointers.map((pointer) => ({ pointer, detail: "is missing" })),
    },
    problemDetails,
  );

test("gateway responses can print what is wrong", () => {
  const error = refusal(["", "/a/b"], false);
  expect(error.validationErrorString).toBe("[/ is missing, /a/b is missing]");
  expect(error.message).toBe("Invalid request body: / is missing, /a/b is missing");
  expect([error.clientMessage, error.problem]).toEqual(["Invalid request body", undefined]);
});

test("ten faults at most", () => {
  const pointers = Array.from({ length: 20 }, (_, index) => `/${index}`);
  expect(refusal(pointers, false).validationErrorString?.split(", ")).toHaveLength(10);
});

test.each([
  ["/a b/%", "#/a%20b/%25"],
  ["/a#b~1", "#/a%23b~1"],
  ["/ä", "#/%C3%A4"],
  ["/half \ud83d", "#/half%20%EF%BF%BD"],
])("a pointer is a fragment: %j", (pointer, fragment) => {
  expect(refusal([pointer], true).problem).toEqual({ errors: [{ pointer: fragment, detail: "is missing" }] });
});
