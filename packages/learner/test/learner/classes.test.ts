import { describe, expect, test } from "vitest";
import {
  crossEntropy,
  flatten,
  linear,
  type Model,
  modelOf,
  relu,
  sequential,
} from "../../../engine/src/nn/index.js";
import { tensor } from "../../../engine/src/onnx/index.js";
import { arrayDataset, dataLoaders, tensorDataset } from "../../src/data/index.js";
import { accuracy, errorRate, Learner, topKAccuracy } from "../../src/learner/index.js";
import { decodeOutput } from "../../src/learner/use/decode-output.js";

/** A model whose output is its input: what it gives out can be written down. */
function echo(): Model {
  const model = modelOf(sequential(linear(1, 1)));
  // The parameter is there to be trained, and its part of the output is 0.
  return {
    ...model,
    forward(context, [x]) {
      const { g } = context;
      return g.add(x!, g.mul(g.reduceSum(context.parameter("0.weight")), 0));
    },
  };
}

describe("a single class", () => {
  const images = Float32Array.from({ length: 40 * 4 }, (_, i) => Math.sin(i));
  const labels = new Int32Array(40);
  const dataset = arrayDataset({ images, shape: [1, 2, 2], labels, classes: ["cat"] });

  test("is always right, whatever the seed, and has its name", async () => {
    for (let seed = 0; seed < 4; seed++) {
      await using learner = new Learner({
        dls: dataLoaders(dataset, { batchSize: 8 }),
        model: sequential(flatten(), linear(4, 3), relu(), linear(3, 1)),
        lossFunc: crossEntropy(),
        metrics: [accuracy, errorRate, topKAccuracy(1)],
        runtime: { threads: 1 },
        seed,
      });
      const [record] = await learner.fit(1);
      expect(record!.metrics).toEqual({ accuracy: 1, errorRate: 0, top1Accuracy: 1 });
      const { index, label, probabilities } = await learner.predict(
        tensor("float32", [1, 2, 2], [1, -2, 3, -4]),
      );
      expect([index, label, probabilities]).toEqual([0, "cat", [1]]);
      expect((await learner.confusionMatrix()).counts).toEqual([[8]]);
    }
  });
});

describe("classes per position", () => {
  const labels = [0, 2, -100, 1, 1, -100, 2, 0];
  // [4, 3, 2]: each position's largest output is its label's; ignored positions are NaN-free noise.
  const data = Array.from({ length: 24 }, (_, i) => {
    const [item, k, place] = [Math.floor(i / 6), Math.floor(i / 2) % 3, i % 2];
    return labels[item * 2 + place] === k ? 1 : -k / 4;
  });
  const x = tensor("float32", [4, 3, 2], data);
  const y = tensor("int32", [4, 2], labels);
  const whole = tensorDataset({ inputs: [x], targets: [y], vocab: ["a", "b", "c"] });
  const dls = dataLoaders(whole, { valid: whole, batchSize: 2 });

  test("of a perfect model are all right, and what the loss ignores does not count", async () => {
    await using learner = new Learner({
      dls,
      model: echo(),
      lossFunc: crossEntropy({ ignoreIndex: -100 }),
      metrics: [accuracy, errorRate],
    });
    expect((await learner.validate()).metrics).toEqual({ accuracy: 1, errorRate: 0 });
    expect((await learner.confusionMatrix()).counts).toEqual([
      [2, 0, 0],
      [0, 2, 0],
      [0, 0, 2],
    ]);
  });
});

describe("an output of NaN", () => {
  test("is no class in predictions and confusions", async () => {
    const decoded = (data: readonly number[], activation: "softmax" | "sigmoid") => {
      const output = tensor("float32", [data.length], data);
      return decodeOutput(output, { kind: "class", activation }, { vocab: ["a", "b"], threshold: 0.5 });
    };
    for (const broken of [decoded([0, Number.NaN], "softmax"), decoded([Number.NaN], "sigmoid")]) {
      expect("index" in broken || "label" in broken).toBe(false);
    }
    expect(decoded([2], "sigmoid")).toMatchObject({ index: 1, label: "b" });

    const x = tensor("float32", [2, 2], [1, 0, Number.NaN, 1]);
    const broken = tensorDataset({ inputs: [x], targets: [tensor("int32", [2], [0, 0])], vocab: ["a", "b"] });
    await using learner = new Learner({
      dls: dataLoaders(broken, { valid: broken, batchSize: 2 }),
      model: echo(),
      lossFunc: crossEntropy(),
      metrics: [accuracy],
    });
    expect((await learner.validate()).metrics["accuracy"]).toBeNaN();
    await expect(learner.confusionMatrix()).rejects.toThrow(
      "confusionMatrix: expected class indices below 2, got an output of NaN at item 1",
    );
  });
});
