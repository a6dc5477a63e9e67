import { reset } from "cloudflare:test";
import { afterEach } from "vitest";

// Every test starts with an empty config store.
afterEach(async () => {
  await reset();
});
