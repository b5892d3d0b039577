import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { asciiOf } from "../../../src/command/ascii.js";
import { OptionError } from "../../../src/core/index.js";
import { widthOf } from "../../../src/draw/index.js";
import { type NamedResult, toTerminal } from "../../../src/plot/index.js";
import { pictureCases } from "../recorded.js";

const cases = await pictureCases();
const named = (...names: string[]): NamedResult[] => names.map((name) => ({ name, result: cases[name]! }));
const PICTURES = {
  two: named("completed", "diverged"),
  eight: named("completed", "diverged", "blown-up", "runs", "flat", "crowded", "negative", "one-point"),
  empty: named("empty", "all-nan"),
};

describe.each(Object.entries(PICTURES))("%s results", (name, results) => {
  test.each([40, 60, 200])("at %i columns", async (columns) => {
    const text = toTerminal(results, { columns, color: false });
    await expect(`${text}\n`).toMatchFileSnapshot(`references/${columns}/overlay-${name}.txt`);
  });

  test("without Unicode", async () => {
    const text = asciiOf(toTerminal(results, { columns: 60, color: false }));
    await expect(`${text}\n`).toMatchFileSnapshot(`references/ascii/overlay-${name}.txt`);
    expect(text).not.toMatch(/[^\n -~]|\?/);
  });

  test.each([
    [20, 12],
    [40, 12],
    [80, 24],
    [200, 60],
  ])("fits %i x %i, and colour changes nothing but colour", (columns, rows) => {
    const text = toTerminal(results, { columns, rows, color: false });
    const lines = text.split("\n");
    expect(lines.length).toBeLessThanOrEqual(rows);
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
    expect(stripVTControlCharacters(toTerminal(results, { columns, rows, color: true }))).toBe(text);
  });
});

test("each curve is drawn by the digit that the legend gives it", () => {
  const text = toTerminal(PICTURES.eight, { columns: 200, rows: 60, color: false });
  const legend = text.split("\n").slice(-8).join(" ");
  for (const [i, { name }] of PICTURES.eight.entries()) expect(legend).toContain(`${i + 1} ${name}`);
  // One point alone is a digit too, unless another's lies on it.
  const plot = text
    .split("\n")
    .filter((line) => /[┤│]/.test(line))
    .join("\n");
  for (const digit of "1234567") expect(plot).toContain(digit);
});

test("none, and more than eight, are refused", () => {
  expect(() => toTerminal([])).toThrow(OptionError);
  expect(() => toTerminal(Array.from({ length: 9 }, () => PICTURES.two[0]!))).toThrow(/1 to 8 results/);
});
