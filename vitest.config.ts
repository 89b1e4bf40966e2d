import { defineConfig } from "vitest/config";

export default defineConfig({
  // Tests run on the sources of every package, never on a stale build.
  resolve: { conditions: ["@baton/source"] },
  ssr: { resolve: { conditions: ["@baton/source"] } },
  test: {
    include: ["scripts/**/*.test.mjs", "packages/*/src/**/*.test.ts", "tests/**/*.test.ts", "examples/**/*.test.ts"],
    // What merely has to happen is given the time that a machine four times slower needs: a time-out tells of something that hangs.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 2,
  },
});
