import fc from "fast-check";
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

/** What a client may write before the trusted proxies append to it. */
const claims = fc.array(
  fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom("127.0.0.1", "unknown", "", "10.0.0.1:80", '"x"')),
  { maxLength: 5 },
);

test("R-07 behind trusted proxies it is counted from the right, whatever chain a client claims", () => {
  fc.assert(
    fc.property(claims, fc.integer({ min: 1, max: 4 }), fc.boolean(), (claimed, hops, edge) => {
      const proxies = Array.from({ length: hops }, (_, index) => `198.51.100.${index + 1}`);
      const peer = proxies.at(-1) ?? "";
      // Each proxy appends the address that it saw: the client's, then the proxy's before it.
      const appended = ["203.0.113.9", ...proxies.slice(0, -1)];
      const chain = [...claimed, ...appended].join(", ");
      const request = edge
        ? buildRequest("/", {
            peer: null,
            headers: { "cf-connecting-ip": peer, "x-forwarded-for": `${chain}, ${peer}` },
          })
        : buildRequest("/", { peer: `${peer}:4711`, headers: { "x-forwarded-for": chain } });
      expect(clientAddress(request, hops)).toBe("203.0.113.9");
    }),
  );
});

test.each([
  [undefined, 1],
  ["", 1],
  ["unknown", 1],
  ["203.0.113.9", 2],
  ["203.0.113.9, not-an-address", 1],
  ["01.2.3.4", 1],
])("R-07 a chain of %j is too short or broken for %i hops: the peer stands", (chain, hops) => {
  const headers = chain === undefined ? {} : { "x-forwarded-for": chain };
  expect(clientAddress(buildRequest("/", { peer: "198.51.100.1:1", headers }), hops)).toBe("198.51.100.1");
});

test.each([
  ["203.0.113.9:5000", "203.0.113.9"],
  ["[2001:DB8:0:0::9]:443", "2001:db8::9"],
  ["::ffff:203.0.113.9", "203.0.113.9"],
])("R-08 %s in a chain is %s", (entry, address) => {
  const request = buildRequest("/", { headers: { "x-forwarded-for": entry } });
  expect(clientAddress(request, 1)).toBe(address);
});
