import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { withFigures } from "../scripts/figures.js";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("the figures in README are those that the benchmarks left: npm run figures writes them", () => {
  expect(readme.match(/<!-- figures:\w+ -->/g)).toEqual([
    "<!-- figures:steps -->",
    "<!-- figures:process -->",
    "<!-- figures:cost -->",
  ]);
  expect(withFigures(readme)).toBe(readme);
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
