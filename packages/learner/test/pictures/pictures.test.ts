import { OptionError } from "lrfind/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ConfusionMatrix, Learner, Recorder } from "../../src/learner/index.js";
import { type Picture, plotConfusionMatrix, plotLoss, plotSched } from "../../src/pictures/index.js";
import { cornerLearner } from "../learner/toy.js";

/** A recorder of made-up steps. */
function recorderOf(losses: readonly number[], epochs: number, validLoss?: number): Recorder {
  return {
    losses,
    weights: losses.map(() => 1),
    smoothedLosses: losses.map((loss) => loss + 0.1),
    lrs: losses.map((_, i) => [0.01 * (i + 1), 0.1 * (i + 1)]),
    moms: losses.map((_, i) => 0.95 - 0.1 * Math.sin(i)),
    epochs: Array.from({ length: epochs }, (_, epoch) => ({
      epoch,
      trainLoss: 1,
      metrics: {},
      durationMs: 1,
      ...(validLoss === undefined ? {} : { validLoss }),
    })),
  } as unknown as Recorder;
}

/** Numbers of a path: where its points lie. */
const pointsOf = (svg: string, name: string) =>
  Array.from(
    svg.matchAll(new RegExp(`<path class="${name}" d="([^"]*)"`, "g")),
    ([, d]) => d!.split(/(?=[ML])/).filter((part) => part !== "").length,
  );

async function check(picture: Picture): Promise<void> {
  const svg = picture.toSvg();
  expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
  for (const columns of [20, 40, 200]) {
    for (const line of picture.toTerminal({ columns }).split("\n"))
      expect([...line].length).toBeLessThanOrEqual(columns);
  }
  expect(String.fromCharCode(...(await picture.toPng({ scale: 0.5 })).subarray(1, 4))).toBe("PNG");
  const bundle = (picture as unknown as Record<symbol, () => Record<string, string>>)[
    Symbol.for("Jupyter.display")
  ]!();
  expect(bundle).toEqual({ "image/svg+xml": svg, "text/plain": picture.toTerminal({ columns: 80 }) });
}

describe("of a fit", () => {
  let learner: Learner;
  beforeAll(async () => {
    learner = cornerLearner();
    await learner.fitOneCycle(2, { lrMax: 0.01 });
  });
  afterAll(() => learner[Symbol.asyncDispose]());

  test("losses: a point for each step, one for each epoch", async () => {
    const picture = plotLoss(learner.recorder);
    await check(picture);
    const steps = learner.recorder.losses.length;
    expect(pointsOf(picture.toSvg(), "line")).toEqual([steps, 2]);
    expect(pointsOf(picture.toSvg(), "raw")).toEqual([steps]);
    expect(picture.toSvg()).toContain(`${steps} steps, 2 epochs, validation loss`);
  });

  test("the schedule: one rate for all groups, and the momentum", async () => {
    const { lr, mom } = plotSched(learner.recorder);
    await check(lr);
    await check(mom);
    expect(pointsOf(lr.toSvg(), "line")).toEqual([learner.recorder.lrs.length]);
    expect(lr.toSvg()).toContain(">learning rate<");
  });

  test("the confusion matrix: a cell for each pair, all items counted", async () => {
    const matrix = await learner.confusionMatrix();
    const picture = plotConfusionMatrix(matrix);
    await check(picture);
    expect(picture.toSvg().match(/class="cell"/g)?.length).toBe(9);
    const right = matrix.counts.reduce((sum, row, i) => sum + row[i]!, 0);
    expect(picture.toSvg()).toContain(`${right} of ${matrix.counts.flat().reduce((a, b) => a + b)} right`);
  });
});

test("groups of different rates have a line each", () => {
  const { lr } = plotSched(recorderOf([3, 2, 1], 1));
  expect(pointsOf(lr.toSvg(), "line")).toEqual([3, 3]);
  expect(lr.toTerminal({ columns: 60 })).toMatch(/g group 0 {3}r group 1/);
});

test.each([
  ["no step", recorderOf([], 0)],
  ["one step", recorderOf([1], 1)],
  ["no validation", recorderOf([3, 2, 1], 3)],
  ["losses that are not finite", recorderOf([3, Number.NaN, Number.POSITIVE_INFINITY, 1], 1, Number.NaN)],
  ["equal losses", recorderOf([1, 1, 1], 1, 1)],
  [
    "a hundred thousand steps",
    recorderOf(
      Array.from({ length: 1e5 }, (_, i) => 1 / (i + 1)),
      10,
      0.5,
    ),
  ],
])("%s can be drawn", async (_, recorder) => {
  await check(plotLoss(recorder));
  await check(plotSched(recorder).lr);
  expect(plotLoss(recorder).toSvg().length).toBeLessThan(200_000);
});

const matrixOf = (labels: readonly string[]): ConfusionMatrix => ({
  labels,
  counts: labels.map((_, i) => labels.map((_, j) => (i === j ? 50 : (7 * i + 3 * j) % 11))),
});

test.each([
  ["one class", matrixOf(["a"])],
  ["forty classes", matrixOf(Array.from({ length: 40 }, (_, i) => `class number ${i}`))],
  [
    "long names, and wide characters",
    matrixOf(["x".repeat(200), "日本語の長い名前".repeat(4), "<b>&amp;", "\u001b[31mred"]),
  ],
  [
    "nothing at all",
    {
      labels: ["a", "b"],
      counts: [
        [0, 0],
        [0, 0],
      ],
    },
  ],
])("a matrix of %s can be drawn", async (_, matrix) => {
  await check(plotConfusionMatrix(matrix));
  for (const harmful of ["<b>", "\u001b"]) expect(plotConfusionMatrix(matrix).toSvg()).not.toContain(harmful);
});

test("where the matrix does not fit, the terminal lists what is confused most often", () => {
  const text = plotConfusionMatrix({
    labels: Array.from({ length: 30 }, (_, i) => `c${i}`),
    counts: Array.from({ length: 30 }, (_, i) =>
      Array.from({ length: 30 }, (_, j) => (i === 3 && j === 4 ? 9 : 0)),
    ),
  }).toTerminal({ columns: 60 });
  expect(text).toBe("30 classes; what is confused most often:\n     9  c3 taken for c4");
});

test("what is none is refused", async () => {
  for (const call of [
    () => plotLoss({} as never),
    () => plotSched(null as never),
    () => plotConfusionMatrix({ labels: ["a"], counts: [] } as never),
  ]) {
    expect(call).toThrow(OptionError);
  }
  const picture = plotLoss(recorderOf([1, 2], 1));
  expect(() => picture.toTerminal({ columns: 5 })).toThrow(/plotLoss toTerminal: expected columns/);
  await expect(picture.toPng({ scale: 0 })).rejects.toThrow(/plotLoss toPng: expected scale/);
});
