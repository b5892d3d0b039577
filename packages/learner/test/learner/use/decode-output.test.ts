import { describe, expect, test } from "vitest";
import { expectBoundaries, upTo1 } from "../../../../../test/support/boundaries.js";
import { bceWithLogits, crossEntropy, type LossFunc, mse } from "../../../../engine/src/nn/index.js";
import type { EndingKind } from "../../../../engine/src/onnx/index.js";
import { tensor } from "../../../../engine/src/onnx/index.js";
import {
  decodeOutput,
  meaningOf,
  type OutputMeaning,
  thresholdOf,
} from "../../../src/learner/use/decode-output.js";

const vocabOf = (count: number) => ["a", "b", "c", "d"].slice(0, count);

describe("what outputs stand for", () => {
  type Case = readonly [
    shape: readonly number[],
    loss: LossFunc,
    ending: EndingKind | undefined,
    vocab: number | undefined,
    meaning: `${OutputMeaning["kind"]} ${OutputMeaning["activation"]}`,
  ];
  const [ce, bce] = [crossEntropy(), bceWithLogits()];
  test.each<Case>([
    // Classes by the loss, by the file's ending, or by their names alone.
    [[3], ce, undefined, 3, "class softmax"],
    [[3], ce, undefined, undefined, "class softmax"],
    [[3], mse(), undefined, 3, "class softmax"],
    [[3], ce, "softmax", 3, "class none"],
    [[3], mse(), "softmax", 3, "class none"],
    [[3], ce, "logSoftmax", 3, "class exp"],
    [[1, 3], ce, undefined, undefined, "class softmax"],
    [[3, 1, 1], ce, undefined, undefined, "class softmax"],
    // Labels: a sigmoid for each.
    [[3], bce, undefined, 3, "labels sigmoid"],
    [[3], bce, undefined, undefined, "labels sigmoid"],
    [[3], bce, "sigmoid", 3, "labels none"],
    [[3], ce, "sigmoid", 3, "labels none"],
    [[2], bce, undefined, 2, "labels sigmoid"],
    // Two classes told by one output.
    [[1], bce, undefined, 2, "class sigmoid"],
    [[1], ce, undefined, 2, "class sigmoid"],
    [[1], mse(), undefined, 2, "class sigmoid"],
    [[1, 1], bce, undefined, 2, "class sigmoid"],
    [[1], bce, "sigmoid", 2, "class none"],
    [[], bce, undefined, 2, "class sigmoid"],
    // One class, which is not two.
    [[1], ce, undefined, 1, "class softmax"],
    [[1], bce, undefined, 1, "labels sigmoid"],
    // Numbers: no activation known, or not as many as there are names.
    [[3], mse(), undefined, undefined, "numbers none"],
    [[3], mse(), "softmax", undefined, "numbers none"],
    [[3], ce, undefined, 4, "numbers none"],
    [[3], ce, "softmax", 2, "numbers none"],
    [[1], ce, undefined, 3, "numbers none"],
    [[2, 3], ce, undefined, undefined, "numbers none"],
    [[2, 3], ce, undefined, 2, "numbers none"],
  ])("%j by %o, ending in %s, with %s names: %s", (shape, lossFunc, ending, names, meaning) => {
    const vocab = names === undefined ? undefined : vocabOf(names);
    const { kind, activation } = meaningOf(shape, { lossFunc, ending, vocab });
    expect(`${kind} ${activation}`).toBe(meaning);
  });
});

describe("what an output says", () => {
  const decode = (
    data: readonly number[],
    kind: OutputMeaning["kind"],
    activation: OutputMeaning["activation"],
    { vocab, threshold = 0.5, shape = [data.length] as readonly number[] } = {} as {
      vocab?: readonly string[];
      threshold?: number;
      shape?: readonly number[];
    },
  ) => {
    const output = tensor("float64", shape, data);
    const decoded = decodeOutput(output, { kind, activation }, { vocab, threshold });
    expect(decoded.output).toBe(output);
    const { output: _, ...rest } = decoded;
    return rest;
  };
  const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12));
  const e = Math.exp;

  test("of classes: probabilities that add up to 1, and the likeliest, the first among equals", () => {
    const total = e(1) + e(3) + e(2);
    expect(decode([1, 3, 2], "class", "softmax", { vocab: vocabOf(3) })).toEqual({
      probabilities: close([e(1) / total, e(3) / total, e(2) / total]),
      index: 1,
      label: "b",
    });
    expect(decode([0.2, 0.4, 0.4], "class", "none")).toEqual({ probabilities: [0.2, 0.4, 0.4], index: 1 });
    expect(decode([Math.log(0.7), Math.log(0.3)], "class", "exp")).toEqual({
      probabilities: close([0.7, 0.3]),
      index: 0,
    });
    // Logits whose exponentials are beyond all numbers.
    expect(decode([1000, 1000, -1000], "class", "softmax")).toEqual({
      probabilities: [0.5, 0.5, 0],
      index: 0,
    });
  });

  test("of two classes by one output", () => {
    const vocab = vocabOf(2);
    const p = 1 / (1 + e(-2));
    expect(decode([2], "class", "sigmoid", { vocab })).toEqual({
      probabilities: close([1 - p, p]),
      index: 1,
      label: "b",
    });
    expect(decode([0.25], "class", "none", { vocab })).toEqual({
      probabilities: [0.75, 0.25],
      index: 0,
      label: "a",
    });
    // One class, and one output of no names, are what they are.
    expect(decode([0.25], "class", "none", { vocab: ["only"] })).toEqual({
      probabilities: [0.25],
      index: 0,
      label: "only",
    });
    expect(decode([0.25], "class", "none")).toEqual({ probabilities: [0.25], index: 0 });
  });

  test("of labels: those strictly above the threshold", () => {
    const values = [0.2, 0.5, 0.7];
    const vocab = vocabOf(3);
    expect(decode(values, "labels", "none", { vocab })).toEqual({
      probabilities: values,
      indices: [2],
      labels: ["c"],
    });
    expect(decode(values, "labels", "none", { threshold: 0.2 })).toEqual({
      probabilities: values,
      indices: [1, 2],
    });
    expect(decode([0, -1, 1], "labels", "sigmoid", { vocab })).toEqual({
      probabilities: close([0.5, 1 / (1 + e(1)), 1 / (1 + e(-1))]),
      indices: [2],
      labels: ["c"],
    });
    expect(decode([1, 1], "labels", "none", { vocab: vocabOf(2), threshold: 1 })).toMatchObject({
      labels: [],
    });
  });

  test("of numbers: a list, unless the output has more dimensions", () => {
    expect(decode([3, -1], "numbers", "none")).toEqual({ numbers: [3, -1] });
    expect(decode([3], "numbers", "none", { shape: [] })).toEqual({ numbers: [3] });
    expect(decode([3, -1], "numbers", "none", { shape: [1, 2] })).toEqual({});
    const whole = tensor("int64", [2], [7, -8]);
    const options = { vocab: undefined, threshold: 0.5 };
    expect(decodeOutput(whole, { kind: "numbers", activation: "none" }, options).numbers).toEqual([7, -8]);
  });
});

test("the threshold is in [0, 1], and one half where none is given", () => {
  expect(thresholdOf("predict", {})).toBe(0.5);
  for (const threshold of [0, 0.25, 1]) expect(thresholdOf("predict", { threshold })).toBe(threshold);
  expectBoundaries((options) => thresholdOf("predict", options), { threshold: upTo1 });
});
