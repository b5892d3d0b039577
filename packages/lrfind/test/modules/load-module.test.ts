import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LrfindError } from "../../src/core/index.js";
import { defaultOf, loadModule } from "../../src/modules/index.js";

const folder = mkdtempSync(join(tmpdir(), "modules-"));

test("a default export, also where a compiler made CommonJS of the module", async () => {
  const texts = {
    "a.mjs": "export default { axes: 1 };",
    "b.cjs": "module.exports = { __esModule: true, default: { axes: 1 } };",
    "c.cjs": "module.exports = { axes: 1 };",
    "d.mjs": "export default { default: { axes: 1 } };",
  };
  for (const [name, text] of Object.entries(texts)) {
    writeFileSync(join(folder, name), text);
    expect(defaultOf(await loadModule(name, folder)), name).toEqual({ axes: 1 });
  }
  writeFileSync(join(folder, "e.mjs"), "export const a = 1;");
  expect(defaultOf(await loadModule("e.mjs", folder))).toBeUndefined();
  for (const value of [null, 3, "x"]) expect(defaultOf({ default: value })).toBe(value);
});

test("what does not load is refused with its own error", async () => {
  writeFileSync(join(folder, "f.mjs"), "throw new RangeError('mine');");
  await expect(loadModule("f.mjs", folder)).rejects.toThrow(
    /f\.mjs: expected a module that loads, got RangeError: mine/,
  );
  await expect(loadModule("none.mjs", folder)).rejects.toThrow(LrfindError);
});
