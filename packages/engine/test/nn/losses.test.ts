import { describe, expect, test } from "vitest";
import type { LossFunc } from "../../src/nn/index.js";
import { bceWithLogits, crossEntropy, huber, l1, mse, smoothL1, TargetError } from "../../src/nn/index.js";
import { placeOf } from "../../src/nn/losses/loss.js";
import type { Tensor } from "../../src/onnx/index.js";
import { differentiate, GraphBuilder, tensor } from "../../src/onnx/index.js";
import { createSession } from "../../src/runtime/index.js";
import { relativeError, values } from "../onnx/numeric.js";
import { nnFixture, scaled } from "./torch-fixture.js";

const weight = [0.5, 2, 0, 1.25];

/** Each loss, and the factor that the fixture's predictions have. */
const losses: Record<string, readonly [LossFunc, number]> = {
  crossEntropy: [crossEntropy(), 3],
  "crossEntropy large logits": [crossEntropy(), 300],
  "crossEntropy smoothed": [crossEntropy({ labelSmoothing: 0.1 }), 3],
  "crossEntropy weighted": [crossEntropy({ weight }), 3],
  "crossEntropy weighted smoothed": [crossEntropy({ weight, labelSmoothing: 0.2 }), 3],
  "crossEntropy ignoring": [crossEntropy({ ignoreIndex: -100 }), 3],
  "crossEntropy all options": [crossEntropy({ weight, labelSmoothing: 0.2, ignoreIndex: -100 }), 3],
  "crossEntropy grid": [crossEntropy({ weight: [0.5, 2, 1.25], labelSmoothing: 0.1 }), 3],
  "crossEntropy tokens": [crossEntropy({ axis: -1 }), 3],
  bceWithLogits: [bceWithLogits(), 3],
  "bceWithLogits large logits": [bceWithLogits(), 150],
  "bceWithLogits posWeight": [bceWithLogits({ posWeight: 3 }), 3],
  "bceWithLogits posWeights": [bceWithLogits({ posWeight: [1, 2, 0.5, 4] }), 3],
  mse: [mse(), 3],
  l1: [l1(), 3],
  huber: [huber({ delta: 1.5 }), 3],
  smoothL1: [smoothL1({ beta: 0.5 }), 3],
};

async function runLoss(loss: LossFunc, prediction: Tensor, target: Tensor) {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", prediction.shape);
  const y = g.input("y", target.dtype, target.shape);
  const value = loss.build(g, x, [y]);
  const gradient = differentiate(g, value, [x]).get(x)!;
  await using session = await createSession(g.build({ value, gradient }), { threads: 1 });
  const results = await session.run({ x: prediction, y: target });
  return { value: results["value"]!.data[0] as number, gradient: results["gradient"]!.data as Float32Array };
}

describe("losses agree with PyTorch", () => {
  test("the table holds every case of the fixture", () => {
    expect(Object.keys(losses).sort()).toEqual(nnFixture.losses.map(({ name }) => name).sort());
  });

  for (const torch of nnFixture.losses) {
    test(torch.name, async () => {
      const [loss, factor] = losses[torch.name]!;
      const target = tensor(torch.target.dtype, torch.target.shape, torch.target.data);
      loss.check?.({ shape: torch.prediction }, [target]);
      const { value, gradient } = await runLoss(loss, scaled(values(torch.prediction), factor), target);
      expect(Math.abs(value - torch.loss) / Math.abs(torch.loss)).toBeLessThan(1e-5);
      expect(relativeError(gradient, torch.gradient)).toBeLessThan(1e-4);
    });
  }
});

describe("losses", () => {
  test("cross-entropy takes few nodes", () => {
    const g = new GraphBuilder();
    crossEntropy().build(g, g.input("x", "float32", [64, 10]), [g.input("y", "int32", [64])]);
    expect(g.nodes.map(({ opType }) => opType)).toEqual([
      "LogSoftmax",
      "Unsqueeze",
      "GatherElements",
      "ReduceSum",
      "Neg",
      "Div",
    ]);
  });

  test("targets may differ in dimensions of size 1, and be integers", async () => {
    const { value } = await runLoss(mse(), tensor("float32", [2, 1], [1, 2]), tensor("int32", [2], [0, 4]));
    expect(value).toBe(2.5);
  });

  test("a loss of one item, and of differences that are all zero", async () => {
    const zero = tensor("float32", [1], [3]);
    for (const loss of [mse(), l1(), huber(), smoothL1()]) {
      const { value, gradient } = await runLoss(loss, zero, zero);
      expect([value, gradient[0]! + 0]).toEqual([0, 0]);
    }
  });
});

describe("errors of losses name value and place", () => {
  const check = (loss: LossFunc, shape: readonly number[], target: Tensor) => () =>
    loss.check!({ shape }, [target]);
  const build = (loss: LossFunc, shape: readonly number[], target: Tensor) => () => {
    const g = new GraphBuilder();
    loss.build(g, g.input("x", "float32", shape), [g.input("y", target.dtype, target.shape)]);
  };

  test.each<[string, () => unknown, string]>([
    [
      "a label out of range",
      check(crossEntropy(), [3, 4], tensor("int32", [3], [0, 4, 1])),
      "crossEntropy: expected labels in [0, 4), got 4 at item 1 of the mini-batch; try a model with more outputs, or check the labels",
    ],
    [
      "a token out of range",
      check(crossEntropy({ axis: -1 }), [2, 3, 4], tensor("int32", [2, 3], [0, 1, 2, 3, 0, -1])),
      "got -1 at item 1, position [2] of the mini-batch",
    ],
    [
      "labels of another shape",
      build(crossEntropy(), [3, 4], tensor("int32", [3, 1], [0, 0, 0])),
      "crossEntropy: expected labels int32[3] for logits [3, 4], got int32[3, 1]",
    ],
    [
      "labels that are floats",
      build(crossEntropy(), [1, 4], tensor("float32", [1], [0])),
      "crossEntropy: expected labels int32[1] for logits [1, 4], got float32[1]",
    ],
    [
      "a class weight too few",
      build(crossEntropy({ weight: [1, 2] }), [1, 3], tensor("int32", [1], [0])),
      "crossEntropy: expected 3 class weights, one per class, got 2",
    ],
    [
      "a probability out of range",
      check(bceWithLogits(), [1, 2], tensor("float32", [1, 2], [0.5, 1.5])),
      "bceWithLogits: expected targets in [0, 1], got 1.5 at item 0, position [1] of the mini-batch",
    ],
    [
      "a target that is not finite",
      check(mse(), [3], tensor("float32", [3], [0, 1, Number.NaN])),
      "mse: expected targets that are finite, got NaN at item 2 of the mini-batch",
    ],
    [
      "targets that would broadcast",
      build(l1(), [3, 3], tensor("float32", [3], [0, 0, 0])),
      "l1: expected targets of the prediction's shape [3, 3], got [3]",
    ],
    [
      "a smoothing of 2",
      () => crossEntropy({ labelSmoothing: 2 }),
      "labelSmoothing to be a finite number in [0, 1], got 2",
    ],
    [
      "a negative class weight",
      () => crossEntropy({ weight: [1, -1] }),
      "crossEntropy: expected weight to be an array of at least 1, each element a finite number at least 0, got -1 at index 1",
    ],
    [
      "a posWeight of 0",
      () => bceWithLogits({ posWeight: 0 }),
      "bceWithLogits: expected posWeight to be a finite number above 0, or an array",
    ],
    ["a delta of 0", () => huber({ delta: 0 }), "huber: expected delta to be a finite number above 0, got 0"],
    [
      "a beta of 0",
      () => smoothL1({ beta: 0 }),
      "smoothL1: expected beta to be a finite number above 0, got 0",
    ],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(message);
  });
});

describe("targets at the boundary", () => {
  const numbers = [mse(), l1(), huber(), smoothL1()];
  test("of losses of numbers are finite", () => {
    for (const loss of numbers) {
      const check =
        (...data: number[]) =>
        () =>
          loss.check!({ shape: [data.length] }, [tensor("float32", [data.length], data)]);
      expect(check(0, -3e38, 3e38)).not.toThrow();
      expect(check()).not.toThrow();
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const message = `${loss.name}: expected targets that are finite, got ${bad} at item 1 of the mini-batch`;
        expect(check(0, bad, 0)).toThrow(expect.objectContaining({ message, name: "TargetError" }));
      }
      expect(() => loss.check!({ shape: [1] }, [])).not.toThrow();
    }
  });

  test("of probabilities are from 0 to 1", () => {
    const { check } = bceWithLogits();
    const at = (value: number) => () => check!({ shape: [1] }, [tensor("float64", [1], [value])]);
    for (const value of [0, 0.5, 1]) expect(at(value)).not.toThrow();
    for (const value of [-Number.MIN_VALUE, 1 + Number.EPSILON, Number.NaN, Number.POSITIVE_INFINITY]) {
      const message = `bceWithLogits: expected targets in [0, 1], got ${value} at item 0 of the mini-batch`;
      expect(at(value)).toThrow(expect.objectContaining({ message }));
    }
  });

  test("of classes are indices, or what is ignored", () => {
    const at = (loss: LossFunc, shape: readonly number[], label: number) => () =>
      loss.check!({ shape }, [tensor("int32", [2], [0, label])]);
    for (const label of [0, 2]) expect(at(crossEntropy(), [2, 3], label)).not.toThrow();
    for (const label of [-1, 3]) {
      expect(at(crossEntropy(), [2, 3], label)).toThrow(`expected labels in [0, 3), got ${label} at item 1`);
    }
    expect(at(crossEntropy({ ignoreIndex: -1 }), [2, 3], -1)).not.toThrow();
    expect(at(crossEntropy({ ignoreIndex: -1 }), [2, 3], -2)).toThrow(TargetError);
    expect(at(crossEntropy({ axis: -1 }), [2, 5, 4], 3)).not.toThrow();
    expect(at(crossEntropy({ axis: -1 }), [2, 5, 4], 4)).toThrow("in [0, 4), got 4");
    expect(at(crossEntropy(), [2, 5, 4], 4)).not.toThrow();
    expect(at(crossEntropy(), [2], 0)).toThrow("in [0, 0), got 0 at item 0");
  });

  const build = (loss: LossFunc, shape: readonly number[], target?: Tensor) => () => {
    const g = new GraphBuilder();
    const targets = target ? [g.input("y", target.dtype, target.shape)] : [];
    loss.build(g, g.input("x", "float32", shape), targets);
  };
  test("are there, and fit", () => {
    for (const loss of [...numbers, bceWithLogits()]) {
      const message = `${loss.name}: expected targets of the prediction's shape [2, 1, 3], got`;
      const zeros = (...shape: number[]) =>
        tensor("float32", shape, new Array(shape.reduce((a, b) => a * b, 1)).fill(0));
      expect(build(loss, [2, 1, 3])).toThrow(`${message} none`);
      expect(build(loss, [2, 1, 3], zeros(3, 2))).toThrow(`${message} [3, 2]`);
      expect(build(loss, [2, 1, 3], zeros(6))).toThrow(`${message} [6]`);
      for (const shape of [
        [2, 3],
        [2, 1, 3],
        [1, 2, 3, 1],
      ]) {
        expect(build(loss, [2, 1, 3], zeros(...shape))).not.toThrow();
      }
    }
    const cross = "crossEntropy: expected labels int32[2] for logits [2, 3], got";
    expect(build(crossEntropy(), [2, 3])).toThrow(`${cross} none`);
    expect(build(crossEntropy(), [2, 3], tensor("uint8", [2], [0, 0]))).toThrow(`${cross} uint8[2]`);
    expect(build(crossEntropy(), [2, 3], tensor("int64", [3], [0, 0, 0]))).toThrow(`${cross} int64[3]`);
    expect(build(crossEntropy(), [2, 3], tensor("int64", [2], [0, 0]))).not.toThrow();
    const weighted = crossEntropy({ weight: [1, 2, 3, 4] });
    expect(build(weighted, [2, 3], tensor("int32", [2], [0, 0]))).toThrow(
      "crossEntropy: expected 3 class weights, one per class, got 4",
    );
    const last = crossEntropy({ weight: [1, 2, 3, 4], axis: -1 });
    expect(build(last, [2, 3, 4], tensor("int32", [2, 3], new Array(6).fill(0)))).not.toThrow();
  });

  test.each<[number, readonly number[], string]>([
    [0, [], "item 0"],
    [2, [3], "item 2"],
    [5, [3, 2], "item 2, position [1]"],
    [23, [2, 3, 4], "item 1, position [2, 3]"],
    [12, [2, 3, 4], "item 1, position [0, 0]"],
    [7, [2, 3, 4], "item 0, position [1, 3]"],
  ])("element %d of %j is %s", (index, shape, place) => {
    expect(placeOf(index, shape)).toBe(place);
  });
});
