import { expect, test } from "vitest";
import { isAmbiguous, numberForms, numberOf } from "../../../src/train/columns/number-form.js";

test.each([
  [
    ["1", "2.5", "-3e-4", ".5", "+7"],
    [1, 2.5, -3e-4, 0.5, 7],
  ],
  [
    ["1,5", "2,25", "3"],
    [1.5, 2.25, 3],
  ],
  [
    ["1,234", "12,345,678", "5"],
    [1234, 12345678, 5],
  ],
  [
    ["1,234.5", "2"],
    [1234.5, 2],
  ],
  [
    ["1.234,5", "12.345,75"],
    [1234.5, 12345.75],
  ],
  [
    ["1.234.567", "2.000.000"],
    [1234567, 2000000],
  ],
  [
    ["1 234,5", "12 345"],
    [1234.5, 12345],
  ],
  [
    ["1\u00a0234", "2"],
    [1234, 2],
  ],
  [
    ["1'234.5", "10'000"],
    [1234.5, 10000],
  ],
  [
    ["12%", "3.5 %"],
    [0.12, 0.035],
  ],
  [
    ["12,5%", "100%"],
    [0.125, 1],
  ],
])("%j", (texts, numbers) => {
  const forms = numberForms(texts);
  expect(isAmbiguous(forms, texts)).toBe(false);
  for (const [i, text] of texts.entries()) expect(numberOf(text, forms[0]!)).toBeCloseTo(numbers[i]!, 12);
});

test.each([
  [["007", "012"]],
  [["1", "two"]],
  [["0x10", "1"]],
  [["1,23,456"]],
  [["1.5", "2,5"]],
  [["12-5"]],
  [["Infinity"]],
  [["1e9999"]],
])("%j are no numbers of one form", (texts) => expect(numberForms(texts)).toEqual([]));

test("thousands and decimals that read the same are told", () => {
  expect(isAmbiguous(numberForms(["1,234", "5,678"]), ["1,234", "5,678"])).toBe(true);
  // One is enough: no number has two decimal commas, none has four digits behind a comma for thousands.
  expect(isAmbiguous(numberForms(["1,234", "5,67"]), ["1,234", "5,67"])).toBe(false);
  expect(isAmbiguous(numberForms(["1,234", "5,678,901"]), ["1,234", "5,678,901"])).toBe(false);
  // A point before three digits is a decimal point wherever decimals have a point.
  expect(numberOf("1.234", numberForms(["1.234", "5.6"])[0]!)).toBe(1.234);
});

test("a long text of digits takes time in proportion to its length", () => {
  const text = `${"1,234".repeat(50_000)}x`;
  expect(numberForms([text])).toEqual([]);
});
