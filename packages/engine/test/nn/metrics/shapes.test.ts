import { describe, expect, test } from "vitest";
import {
  accuracy,
  accuracyMulti,
  errorRate,
  f1Score,
  f1ScoreMulti,
  type LabelOptions,
  type Metric,
  mae,
  perplexity,
  predictedClasses,
  r2Score,
  rmse,
  rocAuc,
  TargetError,
  topKAccuracy,
} from "../../../src/nn/index.js";
import type { DType, Tensor } from "../../../src/onnx/index.js";
import { tensor } from "../../../src/onnx/index.js";

const f32 = (shape: readonly number[], data: readonly number[]) => tensor("float32", shape, data);
const i32 = (shape: readonly number[], data: readonly number[]) => tensor("int32", shape, data);

function measure(metric: Metric, prediction: Tensor, target: Tensor, labels?: LabelOptions): number {
  const tally = metric.start(labels);
  tally.add(prediction, [target], 0, { sum: 0, weight: 1 });
  return tally.value();
}

/** Logits [N, C, L] that are largest at the labels [N, L], and below them only at the second choice. */
function logitsFor(labels: readonly (readonly number[])[], classes: number): Tensor {
  const length = labels[0]!.length;
  const data: number[] = [];
  for (const row of labels) {
    for (let c = 0; c < classes; c++) for (let l = 0; l < length; l++) data.push(row[l] === c ? 2 : -c);
  }
  return f32([labels.length, classes, length], data);
}

/** [N, C, L] as [N, L, C]. */
function classesLast({ shape, data }: Tensor): Tensor {
  const [n, classes, length] = shape as [number, number, number];
  const moved: number[] = [];
  for (let i = 0; i < n; i++)
    for (let l = 0; l < length; l++)
      for (let c = 0; c < classes; c++) moved.push(Number(data[(i * classes + c) * length + l]));
  return f32([n, length, classes], moved);
}

const LABELS = [
  [0, 2, 1, 2],
  [1, 1, 2, 0],
];
const perPosition = logitsFor(LABELS, 3);
const wanted = i32([2, 4], LABELS.flat());

describe("metrics of classes, per position", () => {
  test("a perfect model is perfect, whichever dimension has the classes", () => {
    for (const prediction of [perPosition, classesLast(perPosition)]) {
      expect(measure(accuracy, prediction, wanted)).toBe(1);
      expect(measure(errorRate, prediction, wanted)).toBe(0);
      expect(measure(topKAccuracy(1), prediction, wanted)).toBe(1);
      expect(measure(f1Score({ average: "macro" }), prediction, wanted)).toBe(1);
    }
  });

  test("counts each position", () => {
    // Two of eight labels are others: one of them is the second choice.
    const other = i32([2, 4], [1, 2, 1, 2, 1, 1, 2, 2]);
    expect(measure(accuracy, perPosition, other)).toBe(6 / 8);
    expect(measure(errorRate, perPosition, other)).toBe(2 / 8);
    expect(measure(topKAccuracy(2), perPosition, other)).toBe(7 / 8);
    // Of class 2: predicted at three positions, right at all, actual at four.
    expect(measure(f1Score({ positive: 2 }), perPosition, other)).toBe(6 / 7);
  });

  test("leaves out what the loss ignores, and takes its axis where both would fit", () => {
    const some = i32([2, 4], [0, -100, 0, 2, -100, 1, 0, 0]);
    const labels = { ignoreIndex: -100 };
    expect(measure(accuracy, perPosition, some, labels)).toBe(4 / 6);
    expect(measure(topKAccuracy(3), perPosition, some, labels)).toBe(1);
    expect(measure(errorRate, perPosition, i32([2, 4], new Array(8).fill(-100)), labels)).toBeNaN();
    const square = f32([1, 2, 2], [9, 0, 5, 6]);
    expect(measure(accuracy, square, i32([1, 2], [0, 1]), { axis: 1 })).toBe(1);
    expect(measure(accuracy, square, i32([1, 2], [0, 0]), { axis: -1 })).toBe(1 / 2);
    expect(measure(accuracy, square, i32([1, 2], [0, 1]), { axis: -1 })).toBe(1);
  });

  test("AUROC per position is that of all positions", () => {
    const scores = f32([2, 2, 2], [0, 0, 1, 4, 0, 0, 2, 3]);
    // Scores 1, 4, 2, 3 of classes 0, 1, 0, 0: the one positive is above all.
    expect(measure(rocAuc, scores, i32([2, 2], [0, 1, 0, 0]))).toBe(1);
    expect(measure(rocAuc, f32([2, 1, 2], [1, 2, 2, 3]), i32([2, 2], [0, 1, 0, 1]))).toBe(0.875);
  });
});

describe("metrics of classes take", () => {
  test.each<[DType]>([["int32"], ["int64"], ["uint8"], ["float32"], ["float64"]])(
    "labels of %s, as [N] or [N, 1]",
    (dtype) => {
      const prediction = f32([3, 2], [1, 0, 0, 1, 1, 0]);
      for (const shape of [[3], [3, 1]]) {
        expect(measure(accuracy, prediction, tensor(dtype, shape, [0, 1, 1]))).toBe(2 / 3);
        expect(measure(rocAuc, prediction, tensor(dtype, shape, [0, 1, 1]))).toBe(0.75);
      }
    },
  );

  test("one logit per item, as [N] or [N, 1]", () => {
    for (const shape of [[4], [4, 1]]) {
      const prediction = f32(shape, [-1, 2, 0, 3]);
      expect(measure(accuracy, prediction, i32([4], [0, 1, 0, 0]))).toBe(3 / 4);
      expect(measure(topKAccuracy(1), prediction, i32([4], [0, 1, 0, 0]))).toBe(3 / 4);
      expect(measure(topKAccuracy(2), prediction, i32([4], [0, 1, 0, 0]))).toBe(1);
      expect(measure(f1Score(), prediction, i32([4], [0, 1, 0, 0]))).toBe(2 / 3);
      expect(measure(rocAuc, prediction, i32([4], [0, 1, 0, 0]))).toBe(2 / 3);
    }
  });

  test("the one output of a loss over a single class for that class", () => {
    const prediction = f32([4, 1], [-1, 2, 0, -3]);
    const labels = { axis: 1 } as const;
    expect(measure(accuracy, prediction, i32([4], [0, 0, 0, 0]), labels)).toBe(1);
    expect(measure(rocAuc, prediction, i32([4], [0, 0, 0, 0]), labels)).toBeNaN();
  });
});

const classMetrics: Metric[] = [
  accuracy,
  errorRate,
  topKAccuracy(2),
  f1Score(),
  f1Score({ average: "macro" }),
  rocAuc,
];

describe("metrics of classes refuse", () => {
  const prediction = f32([3, 2], [1, 0, 0, 1, 1, 0]);
  test.each<[string, Tensor, Tensor, string]>([
    ["one-hot targets", prediction, f32([3, 2], [1, 0, 0, 1, 1, 0]), "try class indices in place of one-hot"],
    ["multi-hot targets", prediction, i32([3, 2], [1, 1, 0, 1, 1, 0]), "or accuracyMulti()"],
    ["fractions", prediction, f32([3], [0, 0.5, 1]), "class indices in [0, 2), got 0.5 at item 1"],
    ["NaN", prediction, f32([3], [0, Number.NaN, 1]), "got NaN at item 1"],
    ["a class that is not there", prediction, i32([3], [0, 1, 2]), "in [0, 2), got 2 at item 2"],
    ["a negative class", prediction, i32([3], [0, -1, 1]), "got -1 at item 1"],
    ["fewer targets", prediction, i32([2], [0, 1]), "expected class indices [3] for a prediction [3, 2]"],
    ["more targets", prediction, i32([6], [0, 1, 0, 1, 0, 1]), "got int32[6]"],
    [
      "targets of another shape",
      f32([2, 2, 3], new Array(12).fill(0)),
      i32([3, 2], [0, 1, 0, 1, 0, 1]),
      "got int32[3, 2]",
    ],
    [
      "targets per label of logits per item",
      f32([3], [0, 0, 0]),
      i32([3, 2], [0, 1, 0, 1, 0, 1]),
      "got int32[3, 2]",
    ],
    ["a place per position", f32([1, 2, 2], [0, 1, 1, 0]), i32([1, 2], [0, 7]), "item 0, position [1]"],
  ])("%s", (_, logits, target, message) => {
    for (const metric of classMetrics) {
      expect(() => measure(metric, logits, target), metric.name).toThrow(TargetError);
      expect(() => measure(metric, logits, target), metric.name).toThrow(message);
      expect(() => measure(metric, logits, target), metric.name).toThrow(`${metric.name}: expected`);
    }
  });

  test("no target, more than two classes for AUROC, and a positive class that is not there", () => {
    expect(() => accuracy.start().add(prediction, [], 0, { sum: 0, weight: 1 })).toThrow(
      "a target, got none",
    );
    expect(() => measure(rocAuc, f32([1, 3], [0, 1, 2]), i32([1], [0]))).toThrow(
      "rocAuc: expected one or two outputs per item, got 3",
    );
    expect(() => measure(f1Score({ positive: 2 }), prediction, i32([3], [0, 1, 1]))).toThrow(
      "f1Score of 2: expected positive to be one of 2 classes, got 2",
    );
  });
});

describe("a NaN prediction", () => {
  test("is no class: the value is NaN, in whatever place it stands and whatever comes after", () => {
    for (const broken of [
      [Number.NaN, 0],
      [0, Number.NaN],
      [Number.NaN, Number.NaN],
    ]) {
      for (const metric of [...classMetrics, rmse, mae, r2Score]) {
        const isNumber = [rmse, mae, r2Score].includes(metric);
        const tally = metric.start();
        const add = (data: readonly number[]) =>
          tally.add(f32([2, 2], data), [isNumber ? f32([2, 2], [0, 1, 1, 0]) : i32([2], [0, 1])], 0, {
            sum: 0,
            weight: 2,
          });
        add([1, 0, 0, 1]);
        expect(tally.value(), metric.name).not.toBeNaN();
        add([...broken, 0, 1]);
        add([1, 0, 0, 1]);
        expect(tally.value(), metric.name).toBeNaN();
      }
    }
    for (const metric of [accuracy, errorRate, f1Score(), rocAuc, topKAccuracy(1)]) {
      expect(measure(metric, f32([2], [Number.NaN, 1]), i32([2], [0, 1])), metric.name).toBeNaN();
    }
    for (const metric of [accuracyMulti(), f1ScoreMulti(), f1ScoreMulti({ average: "micro" })]) {
      expect(measure(metric, f32([1, 2], [Number.NaN, 1]), i32([1, 2], [0, 1])), metric.name).toBeNaN();
    }
  });

  test("does not matter where the loss ignores it", () => {
    const prediction = f32([2, 2], [Number.NaN, 0, 0, 1]);
    expect(measure(accuracy, prediction, i32([2], [-1, 1]), { ignoreIndex: -1 })).toBe(1);
  });

  test("has the class -1", () => {
    expect([...predictedClasses(f32([3, 2], [0, 1, Number.NaN, 0, 1, Number.NaN]))]).toEqual([1, -1, -1]);
    expect([...predictedClasses(f32([3], [Number.NaN, 2, -2]))]).toEqual([-1, 1, 0]);
    expect([...predictedClasses(perPosition)]).toEqual(LABELS.flat());
    expect([...predictedClasses(classesLast(perPosition), { axis: -1 })]).toEqual(LABELS.flat());
  });
});

describe("metrics of several labels per item", () => {
  // scikit-learn's own example of label indicators has these counts: label 0 is hit once of 1 and 2, label 1 …
  const logits = f32([4, 3], [2, -1, -1, 3, 1, -2, -1, 0.5, -3, -2, -1, -1]);
  const target = i32([4, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1]);

  test("accuracy counts decisions", () => {
    // Predicted 100, 110, 010, 000; actual 100, 010, 001, 001: wrong are 1 + 2 + 1.
    expect(measure(accuracyMulti(), logits, target)).toBe(8 / 12);
    // At 0.7 a logit must be above 0.847: 0.5 is none.
    expect(measure(accuracyMulti({ threshold: 0.7 }), logits, target)).toBe(9 / 12);
    expect(measure(accuracyMulti(), f32([2], [1, -1]), f32([2, 1], [1, 0]))).toBe(1);
  });

  test("F1 is that of each label's decisions, or of all", () => {
    // By label TP, FP, FN: 1, 1, 0; 1, 1, 0; 0, 0, 2.
    expect(measure(f1ScoreMulti(), logits, target)).toBeCloseTo((2 / 3 + 2 / 3 + 0) / 3, 12);
    expect(measure(f1ScoreMulti({ average: "micro" }), logits, target)).toBeCloseTo(4 / 8, 12);
    // A label that is neither there nor predicted has 0, as in scikit-learn.
    expect(measure(f1ScoreMulti(), f32([1, 2], [1, -1]), i32([1, 2], [1, 0]))).toBe(0.5);
  });

  test("take positions, whose labels are the second dimension", () => {
    const prediction = f32([1, 2, 3], [1, 1, -1, -1, 1, -1]);
    const labels = i32([1, 2, 3], [1, 0, 0, 0, 1, 0]);
    expect(measure(accuracyMulti(), prediction, labels)).toBe(5 / 6);
    expect(measure(f1ScoreMulti(), prediction, labels)).toBeCloseTo((2 / 3 + 1) / 2, 12);
  });

  test("refuse class indices, fractions and other shapes", () => {
    for (const metric of [accuracyMulti(), f1ScoreMulti()]) {
      expect(() => measure(metric, logits, i32([4], [0, 1, 2, 0]))).toThrow("prediction's shape [4, 3], got");
      expect(() => measure(metric, f32([1, 2], [0, 0]), f32([1, 2], [0, 0.5]))).toThrow(
        "expected targets of 0 or 1, got 0.5 at item 0, position [1]",
      );
      expect(() => measure(metric, f32([2, 3], [0, 0, 0, 0, 0, 0]), i32([3, 2], [0, 0, 0, 0, 0, 0]))).toThrow(
        TargetError,
      );
    }
    expect(() => accuracyMulti({ threshold: 1 })).toThrow("threshold to be a finite number in (0, 1), got 1");
  });
});

describe("metrics of numbers", () => {
  test("R2 of several targets is the mean over them, each against its own mean", () => {
    // The first column is predicted by its mean: 0. The second is met: 1. Pooled it would be 0.999998.
    const target = f32([3, 2], [1, 1000, 2, 2000, 3, 3000]);
    const prediction = f32([3, 2], [2, 1000, 2, 2000, 2, 3000]);
    expect(measure(r2Score, prediction, target)).toBe(0.5);
    // Both by their means, 1000 apart.
    expect(measure(r2Score, f32([2, 2], [1, 1001, 1, 1001]), f32([2, 2], [0, 1000, 2, 1002]))).toBe(0);
    // One column that does not vary: 1 where it is met, else 0.
    expect(measure(r2Score, f32([2, 2], [0, 7, 2, 7]), f32([2, 2], [0, 7, 2, 7]))).toBe(1);
    expect(measure(r2Score, f32([2, 2], [0, 8, 2, 7]), f32([2, 2], [0, 7, 2, 7]))).toBe(0.5);
    const tally = r2Score.start();
    for (const row of [0, 1, 2]) {
      const part = ({ data }: Tensor) =>
        f32([1, 2], Array.from(data as Float32Array).slice(2 * row, 2 * row + 2));
      tally.add(part(prediction), [part(target)], 0, { sum: 0, weight: 1 });
    }
    expect(tally.value()).toBe(0.5);
  });

  test("take shapes that differ in dimensions of size 1, and any dtype", () => {
    const prediction = f32([2, 1], [1, 3]);
    expect(measure(rmse, prediction, i32([2], [0, 4]))).toBe(1);
    expect(measure(mae, f32([2], [1, 3]), tensor("int64", [2, 1], [0, 5]))).toBe(1.5);
    expect(measure(rmse, f32([1, 2, 2], [1, 2, 3, 4]), f32([1, 2, 2], [1, 2, 3, 6]))).toBe(1);
  });

  test("count elements where positions differ, but need as many targets for R2", () => {
    for (const [metric, value] of [
      [mae, 4 / 3],
      [rmse, Math.sqrt(6 / 3)],
    ] as const) {
      const tally = metric.start();
      tally.add(f32([1, 2], [0, 0]), [f32([1, 2], [1, 1])], 0, { sum: 0, weight: 2 });
      tally.add(f32([1, 1], [0]), [f32([1, 1], [2])], 0, { sum: 0, weight: 1 });
      expect(tally.value()).toBeCloseTo(value, 12);
    }
    const tally = r2Score.start();
    tally.add(f32([1, 2], [0, 0]), [f32([1, 2], [1, 1])], 0, { sum: 0, weight: 2 });
    expect(() => tally.add(f32([1, 1], [0]), [f32([1, 1], [2])], 0, { sum: 0, weight: 1 })).toThrow(
      "r2Score: expected 2 targets per item, as before, got 1",
    );
  });

  test("refuse what would be paired at random", () => {
    for (const metric of [rmse, mae, r2Score]) {
      for (const [prediction, target] of [
        [f32([2, 3], new Array(6).fill(0)), f32([3, 2], new Array(6).fill(0))],
        [f32([2, 3], new Array(6).fill(0)), f32([6], new Array(6).fill(0))],
        [f32([3, 1], [0, 0, 0]), f32([1, 3], [0, 0, 0])],
      ] as const) {
        expect(() => measure(metric, prediction, target)).toThrow(TargetError);
      }
    }
  });
});

describe("every metric", () => {
  const all = [...classMetrics, accuracyMulti(), f1ScoreMulti(), rmse, mae, r2Score, perplexity];

  test("is NaN of nothing", () => {
    for (const metric of all) expect(metric.start().value(), metric.name).toBeNaN();
  });

  test("says which way is better", () => {
    const smaller = all.filter(({ better }) => better === "smaller").map(({ name }) => name);
    const larger = all.filter(({ better }) => better === "larger").map(({ name }) => name);
    expect(smaller).toEqual(["errorRate", "rmse", "mae", "perplexity"]);
    expect([...smaller, ...larger].length).toBe(all.length);
  });

  test("has a name of its own, whatever its options", () => {
    const metrics = [
      ...[f1Score(), f1Score({ positive: 0 }), f1Score({ positive: 2 }), f1Score({ average: "macro" })],
      ...[f1ScoreMulti(), f1ScoreMulti({ average: "micro" }), f1ScoreMulti({ threshold: 0.3 })],
      ...[accuracyMulti(), accuracyMulti({ threshold: 0.3 }), topKAccuracy(), topKAccuracy(2), accuracy],
    ];
    expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
  });
});

describe("messages of metrics", () => {
  const add = (metric: Metric, prediction: Tensor, target?: Tensor) => () =>
    metric.start().add(prediction, target ? [target] : [], 0, { sum: 0, weight: 1 });
  const zeros = (...shape: number[]) => f32(shape, new Array(shape.reduce((a, b) => a * b, 1)).fill(0));
  const indices =
    "class indices in place of one-hot targets, or accuracyMulti() and f1ScoreMulti() for several labels per item";
  const shape = "targets of the prediction's shape without its classes";

  test.each<[Metric, Tensor, Tensor | undefined, string]>([
    [accuracy, zeros(2, 3), undefined, "accuracy: expected a target, got none"],
    [
      accuracy,
      zeros(2, 3),
      zeros(2, 3),
      `accuracy: expected class indices [2] for a prediction [2, 3], got float32[2, 3]; try ${indices}`,
    ],
    [
      errorRate,
      zeros(2, 3, 4),
      zeros(2, 5),
      `errorRate: expected class indices [2, 4] for a prediction [2, 3, 4], got float32[2, 5]; try ${shape}`,
    ],
    [
      rocAuc,
      zeros(3),
      zeros(2),
      `rocAuc: expected class indices [3] for a prediction [3], got float32[2]; try ${shape}`,
    ],
    [
      topKAccuracy(),
      zeros(2, 3),
      i32([2], [0, 3]),
      "top5Accuracy: expected class indices in [0, 3), got 3 at item 1 of the mini-batch; try targets that are class indices",
    ],
    [
      rocAuc,
      zeros(1, 3),
      zeros(1),
      'rocAuc: expected one or two outputs per item, got 3; try accuracy, or f1Score({ average: "macro" })',
    ],
    [
      f1Score({ positive: 3 }),
      zeros(2, 3),
      zeros(2),
      'f1Score of 3: expected positive to be one of 3 classes, got 3; try f1Score({ average: "macro" })',
    ],
    [
      accuracyMulti({ threshold: 0.25 }),
      zeros(2, 3),
      undefined,
      "accuracyMulti at 0.25: expected targets of the prediction's shape [2, 3], got none; try accuracy and f1Score() for class indices",
    ],
    [
      f1ScoreMulti({ average: "micro", threshold: 0.25 }),
      zeros(2, 3),
      i32([3, 2], new Array(6).fill(0)),
      "f1ScoreMulti micro at 0.25: expected targets of the prediction's shape [2, 3], got int32[3, 2]; try accuracy and f1Score() for class indices",
    ],
    [
      f1ScoreMulti(),
      zeros(2, 2, 2),
      f32([2, 2, 2], [0, 1, 0, 1, 0, 1, -1, 0]),
      "f1ScoreMulti: expected targets of 0 or 1, got -1 at item 1, position [1, 0] of the mini-batch",
    ],
    [
      rmse,
      zeros(2, 3),
      undefined,
      "rmse: expected targets of the prediction's shape [2, 3], got none; try a model with as many outputs as targets",
    ],
    [
      mae,
      zeros(2),
      i32([2, 2], [0, 0, 0, 0]),
      "mae: expected targets of the prediction's shape [2], got int32[2, 2]; try a model with as many outputs as targets",
    ],
  ])("%#: $name", (metric, prediction, target, message) => {
    expect(add(metric, prediction, target)).toThrow(
      expect.objectContaining({ message, name: "TargetError" }),
    );
  });

  test("take positive at the last class", () => {
    expect(measure(f1Score({ positive: 2 }), f32([1, 3], [0, 0, 1]), i32([1], [2]))).toBe(1);
    expect(measure(f1Score({ average: "macro", positive: 9 }), f32([1, 2], [0, 1]), i32([1], [1]))).toBe(1);
  });

  test("have names that say their options", () => {
    expect(
      [
        ...[
          f1Score(),
          f1Score({ positive: 0 }),
          f1Score({ average: "macro" }),
          topKAccuracy(),
          topKAccuracy(1),
        ],
        ...[accuracyMulti(), accuracyMulti({ threshold: 0.25 }), f1ScoreMulti({ average: "micro" })],
      ].map(({ name }) => name),
    ).toEqual([
      ...["f1Score", "f1Score of 0", "f1Score macro", "top5Accuracy", "top1Accuracy"],
      ...["accuracyMulti", "accuracyMulti at 0.25", "f1ScoreMulti micro"],
    ]);
  });
});

describe("decisions on several labels", () => {
  test("fall above the threshold's logit, not on it", () => {
    const decide = (threshold: number, logit: number) =>
      measure(accuracyMulti({ threshold }), f32([1, 1], [logit]), i32([1, 1], [1]));
    expect(decide(0.5, 0)).toBe(0);
    expect(decide(0.5, 1e-30)).toBe(1);
    // log(0.8 / 0.2) = 1.386…, log(0.2 / 0.8) is its opposite.
    expect([decide(0.8, 1.38), decide(0.8, 1.39), decide(0.2, -1.39), decide(0.2, -1.38)]).toEqual([
      0, 1, 0, 1,
    ]);
  });

  test("are those of one label where the prediction has one dimension", () => {
    // TP 1, FP 1, FN 1 of the one label.
    const [prediction, target] = [f32([4], [1, 1, -1, -1]), i32([4], [1, 0, 1, 0])];
    expect(measure(f1ScoreMulti(), prediction, target)).toBe(0.5);
    expect(measure(f1ScoreMulti({ average: "micro" }), prediction, target)).toBe(0.5);
  });

  test("are not divided by labels that have been seen less often", () => {
    const tally = f1ScoreMulti().start();
    tally.add(f32([1, 2], [1, -1]), [i32([1, 2], [1, 1])], 0, { sum: 0, weight: 1 });
    tally.add(f32([2, 2], [1, 1, -1, -1]), [i32([2, 2], [0, 1, 0, 0])], 0, { sum: 0, weight: 1 });
    // Label 0: TP 1, FP 1; label 1: TP 1, FN 1.
    expect(tally.value()).toBeCloseTo(2 / 3, 12);
  });

  test("of nothing at all in one decision of all are 0", () => {
    expect(measure(f1ScoreMulti({ average: "micro" }), f32([1, 2], [-1, -1]), i32([1, 2], [0, 0]))).toBe(0);
  });
});

describe("what is there to be counted", () => {
  test("macro F1 leaves out classes that only a NaN or an ignored label would have named", () => {
    const labels = { ignoreIndex: 2 };
    const prediction = f32([3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect(measure(f1Score({ average: "macro" }), prediction, i32([3], [0, 1, 2]), labels)).toBe(1);
    // The binary score of a class that has been asked for leaves no trace in the macro one.
    const tally = f1Score({ average: "macro" }).start();
    expect(tally.value()).toBeNaN();
    tally.add(f32([1, 2], [1, 0]), [i32([1], [0])], 0, { sum: 0, weight: 1 });
    expect([tally.value(), tally.value()]).toEqual([1, 1]);
  });

  test("predicted classes take the place that the loss takes them from", () => {
    expect([...predictedClasses(f32([2], [-1, 1]))]).toEqual([0, 1]);
    expect([...predictedClasses(f32([2, 1], [-1, 1]))]).toEqual([0, 1]);
    expect([...predictedClasses(f32([1, 2, 2], [0, 1, 1, 0]))]).toEqual([1, 0]);
    expect([...predictedClasses(f32([1, 2, 2], [0, 1, 5, 0]), { axis: -1 })]).toEqual([1, 0]);
    expect([...predictedClasses(f32([2], [-1, 1]), { axis: -1 })]).toEqual([0, 1]);
    expect([...predictedClasses(f32([0, 3], []))]).toEqual([]);
    expect([...predictedClasses(f32([1, 3], [2, 2, 1]))]).toEqual([0]);
    expect([...predictedClasses(f32([1, 3, 1], [0, 2, 2]), { axis: 1 })]).toEqual([1]);
  });

  test("a number alone is one item", () => {
    expect(measure(rmse, f32([], [1]), f32([], [3]))).toBe(2);
    expect(measure(accuracy, f32([], [1]), i32([], [1]))).toBe(1);
    expect(measure(accuracyMulti(), f32([], [1]), i32([], [1]))).toBe(1);
    expect([...predictedClasses(f32([2, 0], []))]).toEqual([]);
  });

  test("micro F1 of nothing is none", () => {
    expect(f1ScoreMulti({ average: "micro" }).start().value()).toBeNaN();
  });

  test("R2 of one item is none, of two is one", () => {
    expect(measure(r2Score, f32([1], [1]), f32([1], [1]))).toBeNaN();
    expect(measure(r2Score, f32([2], [1, 3]), f32([2], [1, 2]))).toBe(-1);
  });
});
