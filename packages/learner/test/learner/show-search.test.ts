import { edge, valley } from "lrfind";
import { toSvg } from "lrfind/plot";
import { afterEach, expect, test, vi } from "vitest";
import { LearnerError } from "../../src/learner/index.js";
import { cornerLearner } from "./toy.js";

afterEach(() => vi.restoreAllMocks());

test("show prints the plot, the table and what speaks against it, and finds the same", async () => {
  await using learner = cornerLearner();
  const printed = vi.spyOn(console, "log").mockReturnValue();
  const quiet = await learner.lrFind({ numIt: 30, seed: 1, suggestFuncs: [edge, valley] });
  expect(printed).not.toHaveBeenCalled();
  const steps: number[] = [];
  const shown = await learner.lrFind({
    numIt: 30,
    seed: 1,
    suggestFuncs: [edge, valley],
    show: true,
    onPoint: ({ step }) => void steps.push(step),
  });
  expect({ ...shown, durationMs: 0 }).toEqual({ ...quiet, durationMs: 0 });
  expect(steps.length).toBe(shown.curve.lr.length);
  const text = String(printed.mock.calls[0]);
  expect(text).toContain("smoothed loss");
  expect(text).toContain("│ edge");
  for (const { message } of shown.diagnostics) expect(text).toContain(`! ${message}`);
});

test("show is a boolean, and no option of the search", async () => {
  await using learner = cornerLearner();
  const error = await learner.lrFind({ show: 1 } as never).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LearnerError);
  expect((error as Error).message).toMatch(/^lrFind: expected show to be true or false, got 1/);
});

test("a result shows itself as its picture in a notebook, and is plain data all the same", async () => {
  await using learner = cornerLearner();
  const result = await learner.lrFind({ numIt: 20 });
  const display = (result as unknown as Record<symbol, () => Promise<unknown>>)[
    Symbol.for("Jupyter.display")
  ]!;
  expect(await display()).toEqual({
    "image/svg+xml": await toSvg(result),
    "text/plain": expect.stringContaining("smoothed loss"),
  });
  expect(structuredClone(result)).toEqual(result);
});
