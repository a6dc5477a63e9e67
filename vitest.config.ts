import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "./wrangler.toml" } })],
        test: { name: "engine", include: ["test/**/*.test.ts"], exclude: ["test/e2e/**", "test/node/**"] },
      },
    ],
  },
});
