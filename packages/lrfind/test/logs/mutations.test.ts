import fc from "fast-check";
import { expect, test } from "vitest";
import { LrfindError } from "../../src/core/index.js";
import { readLogs } from "../../src/logs/index.js";
import { csvOf, recordedTest } from "./recorded-test.js";

const { lr, loss } = recordedTest({ steps: 40 });
const steps = lr.map((_, i) => i);

const SAMPLES = [
  csvOf({ step: steps, lr, loss }),
  csvOf({ epoch: steps, learning_rate: lr, loss }, ";"),
  JSON.stringify({ lr, loss }),
  JSON.stringify({ log_history: steps.map((step) => ({ step, learning_rate: lr[step], loss: loss[step] })) }),
  steps.map((step) => JSON.stringify({ step, lr: lr[step], loss: loss[step] })).join("\n"),
  steps.map((step) => `s:${step} trl:${loss[step]} lr:${lr[step]}`).join("\n"),
  lr.map((rate, i) => `166436400${1000 + i} ${rate} ${i}`).join("\n"),
];

/** Something that nobody meant to write, at some place. */
const damage = fc.oneof(
  fc.constantFrom(
    "\0",
    "\n",
    '"',
    ",",
    "}",
    "[[[[",
    "NaN",
    "1e999",
    "-",
    "\u001b[31m",
    "1".repeat(400),
    "é".repeat(50),
    "null",
    "{",
    ":",
  ),
  fc.string({ maxLength: 20 }),
);

test("a damaged log is read, or refused by an error of ours in one line", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...SAMPLES),
      fc.array(fc.tuple(fc.nat(10_000), fc.nat(30), damage), { minLength: 1, maxLength: 4 }),
      (sample, changes) => {
        let text = sample;
        for (const [at, removed, added] of changes) {
          const from = at % (text.length + 1);
          text = text.slice(0, from) + added + text.slice(from + removed);
        }
        for (const contents of [text, new Uint8Array(Buffer.from(text))]) {
          try {
            for (const { curve } of readLogs([{ name: "log", contents }])) {
              expect(curve.lr.every((rate, i) => rate > (curve.lr[i - 1] ?? 0))).toBe(true);
            }
          } catch (error) {
            expect(error).toBeInstanceOf(LrfindError);
            // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal would obey them.
            expect((error as Error).message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
          }
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test.each([
  ["deeply nested lists", "[".repeat(200_000)],
  ["deeply nested objects", '{"a":'.repeat(200_000)],
  ["deep rows", `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`],
  ["one long line", "loss ".repeat(400_000)],
  ["one long row", `lr,loss\n${"1,".repeat(500_000)}`],
  ["a row of megabytes", `lr,loss\n${"1,".repeat(5_000_000)}`],
  ["one long number", `lr,loss\n${"1".repeat(500_000)},2\n1,2\n`],
  ["a quote without an end", `lr,loss\n"${"1,2\n".repeat(100_000)}`],
  ["as many columns as rows", Array.from({ length: 6000 }, (_, i) => `{"step":${i},"k${i}":1}`).join("\n")],
])("%s", (_, contents) => {
  expect(() => readLogs([{ name: "log", contents }])).toThrow(LrfindError);
});
