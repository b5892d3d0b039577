import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { isNode, LrfindError, nodeModule, writeAtomically } from "../../src/core/index.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("nodeModule", () => {
  test("gives Node's modules", () => {
    expect(isNode()).toBe(true);
    expect(nodeModule<typeof import("node:path")>("path").join).toBe(join);
  });

  test.each([undefined, {}, { versions: {} }])(
    "says that files are for Node, where process is %j",
    async (fake) => {
      vi.stubGlobal("process", fake);
      expect(isNode()).toBe(false);
      const message =
        'files: expected Node, for its module "fs/promises", got a browser; try bytes in the place of a path';
      expect(() => nodeModule("fs/promises")).toThrow(message);
      await expect(writeAtomically("x", [])).rejects.toThrow(LrfindError);
      await expect(writeAtomically("x", [])).rejects.toThrow(message);
    },
  );
});
