import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { withFigures } from "../scripts/figures.js";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test.each([
  ["README.md", ["steps", "process", "cost"]],
  ["docs/sweep.md", ["halving", "workers"]],
  ["docs/clusters.md", ["queue"]],
])("the figures in %s are those that the benchmarks left: npm run figures writes them", (document, names) => {
  const text = readFileSync(new URL(`../${document}`, import.meta.url), "utf8");
  expect(Array.from(text.matchAll(/<!-- figures:(\w+) -->/g), ([, name]) => name)).toEqual(names);
  expect(withFigures(text)).toBe(text);
});

test("figures that nothing measures are refused, and a wrong one would be noticed", () => {
  expect(() => withFigures("<!-- figures:guess -->\n\n<!-- /figures -->")).toThrow('got "guess"');
  const wrong = readme.replace(
    /\| MLP [^|]*\| [\d.]+ /,
    (row) => `${row.slice(0, row.lastIndexOf("|"))}| 0.01 `,
  );
  expect(wrong).not.toBe(readme);
  expect(withFigures(wrong)).toBe(readme);
});
