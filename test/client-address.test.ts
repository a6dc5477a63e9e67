import { expect, test } from "vitest";
import { clientAddress } from "../src/client-address.ts";
import { buildRequest } from "./support/gateway.ts";

const FORGED = ["1.1.1.1", "1.1.1.1, 2.2.2.2", "1.1.1.1, 2.2.2.2, 3.3.3.3, 4.4.4.4, 5.5.5.5"];

test.each([
  ["203.0.113.7:50123", "203.0.113.7"],
  ["203.0.113.7", "203.0.113.7"],
  ["[2001:db8::1]:50123", "2001:db8::1"],
  ["2001:db8::1", "2001:db8::1"],
  ["[::1]:1", "::1"],
  ["[::ffff:203.0.113.7]:50123", "203.0.113.7"],
])("R-07 of the connection %s is %s, whatever headers claim", (peer, address) => {
  for (const forged of FORGED) {
    const headers = {
      "x-forwarded-for": forged,
      "x-real-ip": forged,
      "cf-connecting-ip": forged,
      forwarded: forged,
    };
    expect(clientAddress(buildRequest("/", { peer, headers }))).toBe(address);
  }
});

test("R-07 on the edge it is what the platform wrote, never X-Forwarded-For", () => {
  for (const forged of FORGED) {
    const headers = { "x-forwarded-for": forged, "cf-connecting-ip": "203.0.113.7" };
    expect(clientAddress(buildRequest("/", { peer: null, headers }))).toBe("203.0.113.7");
    expect(clientAddress(buildRequest("/", { peer: null, headers: { "x-forwarded-for": forged } }))).toBe(
      "127.0.0.1",
    );
  }
});
