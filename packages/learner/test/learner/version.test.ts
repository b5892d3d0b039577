import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { VERSION } from "../../src/learner/version.js";

test("is the package's", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(VERSION).toBe(version);
});
