import { defineConfig } from "vitest/config";

export default defineConfig({
  // Packages by their sources, as in tsconfig.json: tests need no build.
  resolve: { tsconfigPaths: true },
  test: {
    include: ["test/**/*.test.ts", "packages/*/test/**/*.test.ts"],
    setupFiles: ["test/support/fast-check.ts"],
    maxWorkers: "100%",
    testTimeout: 60_000,
  },
});
