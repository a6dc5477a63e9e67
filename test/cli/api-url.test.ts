import { expect, test } from "vitest";
import { apiUrl, gatewayUrl } from "../../cli/api-url.ts";

test.each([
  ["default", "127.0.0.1", "http://localhost:8787"],
  ["default", "::1", "http://[::1]:8787"],
  ["default", "192.0.2.1", "http://192.0.2.1:8787"],
  ["imp", "127.0.0.1", "http://imp.localhost:8787"],
  ["imp", "0.0.0.0", "http://imp.localhost:8787"],
  ["imp", "::1", "http://imp.localhost:8787"],
  ["imp", "gateway.test", "http://imp.gateway.test:8787"],
  ["imp", "192.0.2.1", 'http://192.0.2.1:8787 (with a header Host that begins with "imp.")'],
  ["imp", "2001:db8::1", 'http://[2001:db8::1]:8787 (with a header Host that begins with "imp.")'],
])("the API %s of a gateway on %s answers under %s", (api, host, url) => {
  expect(apiUrl(api, host, 8787)).toBe(url);
});

test("what is no API's own is asked of the gateway", () => {
  expect(gatewayUrl("0.0.0.0", 80)).toBe("http://localhost:80");
});
