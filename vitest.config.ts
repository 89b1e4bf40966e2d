import { defineConfig } from "vitest/config";

export default defineConfig({
  // Tests run on the sources of every package, never on a stale build.
  resolve: { conditions: ["@baton/source"] },
  ssr: { resolve: { conditions: ["@baton/source"] } },
  test: {
    include: ["scripts/**/*.test.mjs", "packages/*/src/**/*.test.ts", "tests/**/*.test.ts", "examples/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
  },
});
