import { describe, expect, test } from "vitest";
import type { LossFunc, Model } from "../../../../engine/src/nn/index.js";
import {
  bceWithLogits,
  buildTrainingGraph,
  crossEntropy,
  linear,
  modelOf,
  mse,
  sequential,
  sgd,
  sigmoid,
  softmax,
} from "../../../../engine/src/nn/index.js";
import type { FileNode, ModelFile, Tensor } from "../../../../engine/src/onnx/index.js";
import { encodeModelFile, tensor } from "../../../../engine/src/onnx/index.js";
import { values } from "../../../../engine/test/onnx/numeric.js";
import { dataLoaders, tensorDataset } from "../../../src/data/index.js";
import { accuracy, Learner, loadModel, rocAuc } from "../../../src/learner/index.js";

const runtime = { threads: 1 } as const;
const ints = (...list: number[]) => tensor("int64", [list.length], list);
const scalar = (value: number) => tensor("float32", [], [value]);

/** A node written short: operator, inputs, output, attributes. */
type Step = readonly [opType: string, inputs: string, output: string, attributes?: FileNode["attributes"]];

/** x [batch, 4] → Gemm → "logits" [batch, 3] → the steps → "out". */
function classifier(
  steps: readonly Step[],
  extra: Record<string, Tensor> = {},
  outputs = ["out"],
): ModelFile {
  const nodes: Step[] = [["Gemm", "x weight bias", "logits", { transB: 1 }], ...steps];
  return {
    file: "classifier.onnx",
    producer: "test",
    graphName: "classifier",
    opset: 17,
    inputs: [{ name: "x", dtype: "float32", shape: ["batch", 4] }],
    outputs: outputs.map((name) => ({ name, dtype: null, shape: null })),
    initializers: new Map<string, Tensor>([
      ["weight", values([3, 4], 1)],
      ["bias", values([3], 2)],
      ...Object.entries(extra),
    ]),
    nodes: nodes.map(([opType, inputs, output, attributes = {}]) => ({
      name: `/${output}/${opType}`,
      opType,
      domain: "",
      inputs: inputs.split(" "),
      outputs: [output],
      attributes,
    })),
  };
}

const load = (file: ModelFile, options = {}) =>
  loadModel(encodeModelFile(file).model, { file: file.file, ...options });

/** 16 items of three classes, their targets as classes or as numbers. */
function loaders(targets: Tensor, vocab?: readonly string[]) {
  const dataset = tensorDataset({ inputs: [values([16, 4], 7)], targets: [targets] });
  const dls = dataLoaders(dataset, { batchSize: 8, validPct: 0.5, shuffle: false });
  return vocab ? { ...dls, vocab } : dls;
}
const labels = tensor(
  "int32",
  [16],
  Array.from({ length: 16 }, (_, i) => (i * 7) % 3),
);
const multiHot = tensor(
  "float32",
  [16, 3],
  Array.from({ length: 48 }, (_, i) => ((i * 5) % 7 < 3 ? 1 : 0)),
);

/** Two epochs of a model, and what it says afterwards. */
async function trained(model: Model, lossFunc: LossFunc, targets: Tensor, vocab?: readonly string[]) {
  const dls = loaders(targets, vocab);
  await using learn = new Learner({ dls, model, lossFunc, runtime, optFunc: sgd({ mom: 0 }) });
  const records = await learn.fit(2, { lr: 0.5 });
  const { predictions } = await learn.getPreds();
  const item = { ...tensor("float32", [4], Array.from(values([1, 4], 9).data as Float32Array)) };
  const prediction = await learn.predict(item);
  return {
    losses: records.flatMap(({ trainLoss, validLoss }) => [trainLoss, validLoss!]),
    weights: Object.values(learn.state.tensors).flatMap(({ data }) => Array.from(data)),
    predictions: Array.from(predictions.data as Float32Array),
    probabilities: prediction.probabilities,
    prediction,
  };
}

function expectClose(actual: readonly number[], expected: readonly number[], digits = 5): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    expect(value, `element ${i}`).toBeCloseTo(expected[i]!, digits);
  });
}

const softmaxOf = (row: readonly number[]) => {
  const weights = row.map(Math.exp);
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
};
const rows = (flat: readonly number[]) =>
  Array.from({ length: flat.length / 3 }, (_, i) => flat.slice(3 * i, 3 * i + 3));

const SHAPES = { keep: ints(0, -1), deep: ints(-1, 3, 1), two: ints(2), one: ints(1) };
const softmaxEndings: Record<string, readonly Step[]> = {
  Softmax: [["Softmax", "logits", "out", { axis: 1 }]],
  "Softmax over the last axis": [["Softmax", "logits", "out", { axis: -1 }]],
  Identity: [
    ["Softmax", "logits", "p"],
    ["Identity", "p", "out"],
  ],
  Cast: [
    ["Cast", "logits", "wide", { to: "float64" }],
    ["Softmax", "wide", "p"],
    ["Cast", "p", "out", { to: "float32" }],
  ],
  Reshape: [
    ["Softmax", "logits", "p"],
    ["Reshape", "p keep", "out"],
  ],
  Flatten: [
    ["Reshape", "logits deep", "d"],
    ["Softmax", "d", "p", { axis: 1 }],
    ["Flatten", "p", "out"],
  ],
  Squeeze: [
    ["Unsqueeze", "logits two", "d"],
    ["Softmax", "d", "p", { axis: 1 }],
    ["Squeeze", "p two", "out"],
  ],
  Unsqueeze: [
    ["Softmax", "logits", "p"],
    ["Unsqueeze", "p one", "q"],
    ["Squeeze", "q one", "out"],
  ],
  Transpose: [
    ["Transpose", "logits", "t", { perm: [1, 0] }],
    ["Softmax", "t", "p", { axis: 0 }],
    ["Transpose", "p", "out", { perm: [1, 0] }],
  ],
  Clip: [
    ["Softmax", "logits", "p"],
    ["Clip", "p low high", "out"],
  ],
  "a quotient": [
    ["Exp", "logits", "e"],
    ["ReduceSum", "e one", "s"],
    ["Div", "e s", "out"],
  ],
  "a quotient of differences": [
    ["ReduceMax", "logits", "m", { axes: [1] }],
    ["Sub", "logits m", "z"],
    ["Exp", "z", "e"],
    ["ReduceSum", "e one", "s"],
    ["Div", "e s", "out"],
  ],
  "a product with a reciprocal": [
    ["Exp", "logits", "e"],
    ["ReduceSum", "e one", "s"],
    ["Reciprocal", "s", "r"],
    ["Mul", "r e", "out"],
  ],
};
const sigmoidEndings: Record<string, readonly Step[]> = {
  Sigmoid: [["Sigmoid", "logits", "out"]],
  "Sigmoid behind Identity and Reshape": [
    ["Sigmoid", "logits", "p"],
    ["Identity", "p", "q"],
    ["Reshape", "q keep", "out"],
  ],
  "1 / (1 + exp(-x))": [
    ["Neg", "logits", "n"],
    ["Exp", "n", "e"],
    ["Add", "e unit", "s"],
    ["Div", "unit s", "out"],
  ],
  "a reciprocal times 1": [
    ["Neg", "logits", "n"],
    ["Exp", "n", "e"],
    ["Add", "unit e", "s"],
    ["Reciprocal", "s", "r"],
    ["Mul", "r unit", "out"],
  ],
};
const extra = { ...SHAPES, low: scalar(1e-7), high: scalar(1 - 1e-7), unit: scalar(1) };
const logits = () => load(classifier([["Identity", "logits", "out"]]));

describe("a file that ends in softmax", () => {
  test.each(Object.keys(softmaxEndings))(
    "is trained on what comes before, and predicts as it is: %s",
    async (name) => {
      const model = await load(classifier(softmaxEndings[name]!, extra));
      const vocab = ["a", "b", "c"];
      const plain = await trained(await logits(), crossEntropy(), labels, vocab);
      const ended = await trained(model, crossEntropy(), labels, vocab);
      expectClose(ended.losses, plain.losses);
      expectClose(ended.weights, plain.weights);
      expectClose(ended.predictions, rows(plain.predictions).flatMap(softmaxOf));
      expectClose(ended.probabilities!, plain.probabilities!);
      expect(ended.prediction.label).toBe(plain.prediction.label);
      expect(model.notes.map(({ kind }) => kind)).toEqual(["endsInProbabilities"]);
      expect(model.notes[0]!.message).toMatch(/crossEntropy.*predict and export keep it/);
    },
  );

  test.each([
    ["LogSoftmax", [["LogSoftmax", "logits", "out", { axis: 1 }]]],
    [
      "Log of Softmax",
      [
        ["Softmax", "logits", "p"],
        ["Log", "p", "out"],
      ],
    ],
  ] as [string, Step[]][])("or in its logarithm: %s", async (_, steps) => {
    const vocab = ["a", "b", "c"];
    const plain = await trained(await logits(), crossEntropy(), labels, vocab);
    const ended = await trained(await load(classifier(steps)), crossEntropy(), labels, vocab);
    expectClose(ended.losses, plain.losses);
    expectClose(ended.weights, plain.weights);
    expectClose(
      ended.predictions,
      rows(plain.predictions).flatMap((row) => softmaxOf(row).map(Math.log)),
    );
    expectClose(ended.probabilities!, plain.probabilities!);
  });

  test("is certain where its probability is 0.997", async () => {
    const sure = classifier([["Softmax", "logits", "out"]], {
      weight: tensor("float32", [3, 4], new Float32Array(12)),
      bias: tensor("float32", [3], [0, 0, Math.log(2 * (0.997 / 0.003))]),
    });
    const dls = loaders(labels, ["a", "b", "c"]);
    await using learn = new Learner({ dls, model: await load(sure), lossFunc: crossEntropy(), runtime });
    const { probabilities } = await learn.predict(tensor("float32", [4], [0, 0, 0, 0]));
    expect(probabilities![2]).toBeCloseTo(0.997, 5);
  });

  test("over the positions of a sequence as well: classes in the last dimension", async () => {
    const shape = ints(-1, 2, 3);
    const steps: Step[] = [
      ["Gemm", "x wide none", "h", { transB: 1 }],
      ["Reshape", "h shape", "d"],
      ["Softmax", "d", "out"],
    ];
    const file = classifier(steps, {
      shape,
      wide: values([6, 4], 5),
      none: tensor("float32", [6], new Float32Array(6)),
    });
    const targets = tensor(
      "int32",
      [16, 2],
      Array.from({ length: 32 }, (_, i) => i % 3),
    );
    const plain = classifier(
      [...steps.slice(0, 2), ["Identity", "d", "out"]],
      Object.fromEntries(file.initializers),
    );
    const lossFunc = crossEntropy({ axis: -1 });
    const a = await trained(await load(plain), lossFunc, targets);
    const b = await trained(await load(file), lossFunc, targets);
    expectClose(b.losses, a.losses);
    await expect(
      trained(await load(file), crossEntropy(), tensor("int32", [16, 3], new Int32Array(48))),
    ).rejects.toThrow(
      /crossEntropy: expected logits with the classes in dimension 1, got the output of a softmax over dimension 2.*crossEntropy\(\{ axis: -1 \}\)/,
    );
  });

  test("keeps it for a loss on probabilities", async () => {
    const file = classifier([["Softmax", "logits", "out"]]);
    const model = await load(file);
    const inputs = [{ dtype: "float32", shape: [8, 4] }] as const;
    await model.prepare(inputs);
    const { graph } = buildTrainingGraph({
      model,
      lossFunc: mse(),
      optimizer: sgd(),
      inputs,
      targets: [{ dtype: "float32", shape: [8, 3] }],
      groups: [{ name: "all", parameters: model.parameters.map(({ name }) => name) }],
    });
    expect(graph.nodes.map(({ opType }) => opType)).toContain("Softmax");
  });

  test("is no matter once it is cut off for a new head", async () => {
    const model = await load(classifier([["Softmax", "logits", "out"]]), { cut: 1, head: linear(4, 2) });
    expect(model.notes.map(({ kind }) => kind)).not.toContain("endsInProbabilities");
  });
});

describe("a file that ends in a sigmoid", () => {
  test.each(Object.keys(sigmoidEndings))(
    "is trained on what comes before, and predicts as it is: %s",
    async (name) => {
      const model = await load(classifier(sigmoidEndings[name]!, extra));
      const vocab = ["red", "round", "big"];
      const plain = await trained(await logits(), bceWithLogits(), multiHot, vocab);
      const ended = await trained(model, bceWithLogits(), multiHot, vocab);
      expectClose(ended.losses, plain.losses);
      expectClose(ended.weights, plain.weights);
      expectClose(
        ended.predictions,
        plain.predictions.map((logit) => 1 / (1 + Math.exp(-logit))),
      );
      expectClose(ended.probabilities!, plain.probabilities!);
      expect(ended.prediction.labels).toEqual(plain.prediction.labels);
      expect(model.notes.map(({ kind }) => kind)).toEqual(["endsInProbabilities"]);
    },
  );

  test("keeps it for a loss on probabilities", async () => {
    const model = await load(classifier([["Sigmoid", "logits", "out"]]));
    const a = await trained(model, mse(), multiHot);
    const b = await trained(modelOf(sequential(namedLinear(), sigmoid())), mse(), multiHot);
    expectClose(a.losses, b.losses);
  });

  test("of two classes by one output: probabilities, label, metrics and confusions", async () => {
    const steps: Step[] = [["Gemm", "x w b", "z", { transB: 1 }]];
    const parts = { w: values([1, 4], 3), b: tensor("float32", [1], [0.2]) };
    const plain = await load(classifier([...steps, ["Identity", "z", "out"]], parts));
    const ended = await load(classifier([...steps, ["Sigmoid", "z", "out"]], parts));
    const targets = tensor(
      "int32",
      [16],
      Array.from({ length: 16 }, (_, i) => i % 2),
    );
    const [a, b] = await Promise.all(
      [plain, ended].map(async (model) => {
        const dls = loaders(targets, ["no", "yes"]);
        const metrics = [accuracy, rocAuc];
        await using learn = new Learner({ dls, model, lossFunc: bceWithLogits(), metrics, runtime });
        const { output: _, ...prediction } = await learn.predict(tensor("float32", [4], [1, -2, 3, 1]));
        return { prediction, validation: await learn.validate(), confusions: await learn.confusionMatrix() };
      }),
    );
    expectClose(b!.prediction.probabilities!, a!.prediction.probabilities!);
    expect(b!.prediction.label).toBe(a!.prediction.label);
    expect(b!.validation).toEqual(a!.validation);
    expect(b!.confusions).toEqual(a!.confusions);
  });
});

/** The layer of `classifier`. */
function namedLinear() {
  const { weight, bias } = Object.fromEntries(classifier([]).initializers) as Record<string, Tensor>;
  return linear(4, 3, {
    weightInit: () => (weight!.data as Float32Array).slice(),
    biasInit: () => (bias!.data as Float32Array).slice(),
  });
}

describe("a loss that takes logits", () => {
  test.each([
    ["a layer's softmax", softmax({ axis: 1 }), crossEntropy(), labels],
    ["a layer's sigmoid", sigmoid(), bceWithLogits(), multiHot],
  ] as const)("gets them from any model: %s", async (_, activation, lossFunc, targets) => {
    const plain = await trained(modelOf(sequential(namedLinear())), lossFunc, targets);
    const ended = await trained(modelOf(sequential(namedLinear(), activation)), lossFunc, targets);
    expectClose(ended.losses, plain.losses);
  });

  test.each([
    [
      "a sigmoid",
      "Sigmoid",
      crossEntropy(),
      labels,
      /crossEntropy: expected logits.*got the output of a sigmoid.*try bceWithLogits\(\)/,
    ],
    [
      "a softmax",
      "Softmax",
      bceWithLogits(),
      multiHot,
      /bceWithLogits: expected logits.*softmax over dimension 1.*try crossEntropy\(\)/,
    ],
    ["a logarithm", "LogSoftmax", bceWithLogits(), multiHot, /bceWithLogits: expected logits.*logSoftmax/],
  ] as const)(
    "refuses other probabilities than its own: %s",
    async (_, opType, lossFunc, targets, message) => {
      const model = await load(classifier([[opType, "logits", "out"]]));
      await expect(trained(model, lossFunc, targets)).rejects.toThrow(message);
    },
  );

  test("takes a sigmoid that is not the end for what it is", async () => {
    const steps: Step[] = [
      ["Sigmoid", "logits", "p"],
      ["Mul", "p two", "out"],
    ];
    const model = await load(classifier(steps, { two: scalar(2) }));
    expect(model.notes).toEqual([]);
    await trained(model, crossEntropy(), labels);
  });
});

describe("a file that ends in class indices", () => {
  const steps: Step[] = [
    ["Softmax", "logits", "p"],
    ["ArgMax", "p", "out", { axis: 1, keepdims: 0 }],
  ];

  test("is refused, with the value to cut at", async () => {
    await expect(load(classifier(steps))).rejects.toThrow(
      /"classifier.onnx": expected an output that gives its weights a gradient, got "out", which lies behind ArgMax.*try cut: "p"/,
    );
    const model = await load(classifier(steps), { cut: "p" });
    expect(model.parameters.map(({ name }) => name)).toEqual(["weight", "bias"]);
  });

  test("is refused where an integer cast ends it", async () => {
    const cast: Step[] = [
      ["Round", "logits", "r"],
      ["Cast", "r", "out", { to: "int64" }],
    ];
    await expect(load(classifier(cast))).rejects.toThrow(/behind (Cast|Round)/);
  });

  test("is refused with the output that can be trained, where there is one", async () => {
    const file = classifier(steps, {}, ["out", "p"]);
    await expect(load(file)).rejects.toThrow(/try output: "p"/);
    const model = await load(file, { output: "p" });
    expect(model.outputName).toBe("p");
    expect(model.notes.map(({ kind }) => kind)).toContain("endsInProbabilities");
  });
});
