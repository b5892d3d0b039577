import { describe, expect, test } from "vitest";
import {
  adaptiveAvgPool2d,
  buildEvaluationGraph,
  buildTrainingGraph,
  conv2d,
  flatten,
  globalAvgPool,
  initialTensors,
  type Layer,
  linear,
  type Model,
  modelOf,
  mse,
  relu,
  sequential,
  sgd,
} from "../../../engine/src/nn/index.js";
import type { DType } from "../../../engine/src/onnx/index.js";
import { describe as describeValue } from "../../../lrfind/src/core/index.js";
import {
  bagClassifier,
  createHead,
  embeddingDotBias,
  lstmClassifier,
  tabularModel,
  transformerClassifier,
} from "../../src/learner/index.js";
import { cutLayer, featureShape, visionGroups } from "../../src/learner/ready/vision/body.js";

type Inputs = readonly { readonly dtype: DType; readonly shape: readonly number[] }[];
const ints = (...shape: number[]) => ({ dtype: "int32", shape }) as const;
const floats = (...shape: number[]) => ({ dtype: "float32", shape }) as const;

/** Where a model drops what, in the order of its forward pass: probabilities and shapes. */
function dropsOf(model: Model, inputs: Inputs, outputs: number): [number, readonly number[]][] {
  const { masks } = buildTrainingGraph({
    model,
    inputs,
    targets: [floats(inputs[0]!.shape[0]!, outputs)],
    lossFunc: mse(),
    optimizer: sgd({ mom: 0 }),
    groups: [{ name: "all", parameters: model.parameters.map(({ name }) => name) }],
  });
  return masks.map(({ keepProb, shape }) => [Math.round(1e9 * (1 - keepProb)) / 1e9, shape]);
}

/** Shapes of the parameters of one layer of a model, by their names. */
const shapesOf = (model: Model, prefix = "") =>
  Object.fromEntries(
    model.parameters.filter(({ name }) => name.startsWith(prefix)).map(({ name, shape }) => [name, shape]),
  );

const kindsOf = (model: Model, inputs: Inputs) =>
  buildEvaluationGraph({ model, inputs }).graph.nodes.map(({ opType }) => opType);

/** The deviation of initial values, and the largest. */
function spreadOf(model: Model, name: string) {
  const { data } = initialTensors(model, 0).parameters.get(name)!;
  const values = Array.from(data, Number);
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
  return { deviation, largest: values.reduce((most, x) => Math.max(most, Math.abs(x)), 0) };
}

describe("texts", () => {
  const sizes = { tokens: 900, padIndex: 1, maxLength: 12, outputs: 3 };
  const input = [ints(4, 12)];

  test("a bag has the widths and the dropout that it says", () => {
    const bag = modelOf(bagClassifier(sizes));
    expect(shapesOf(bag)).toEqual({ "embed.weight": [900, 64], "head.weight": [3, 64], "head.bias": [3] });
    expect(dropsOf(bag, input, 3)).toEqual([[0.2, [4, 64]]]);
    const own = modelOf(bagClassifier(sizes, { embSize: 8, drop: 0.5 }));
    expect(shapesOf(own, "embed")).toEqual({ "embed.weight": [900, 8] });
    expect(dropsOf(own, input, 3)).toEqual([[0.5, [4, 8]]]);
    expect(dropsOf(modelOf(bagClassifier(sizes, { drop: 0 })), input, 3)).toEqual([]);
  });

  test("token tables start normal with deviation 0.1, padding at 0", () => {
    for (const layer of [bagClassifier(sizes), lstmClassifier(sizes), transformerClassifier(sizes)]) {
      const { deviation, largest } = spreadOf(modelOf(layer), "embed.weight");
      // 57,600 draws: the standard error of their deviation is 0.0003.
      expect(deviation).toBeCloseTo(0.1, 2);
      expect(largest).toBeGreaterThan(0.3);
      const { data, shape } = initialTensors(modelOf(layer), 0).parameters.get("embed.weight")!;
      const row = data.subarray(shape[1]!, 2 * shape[1]!);
      expect(row.every((x) => x === 0)).toBe(true);
    }
    expect(spreadOf(modelOf(transformerClassifier(sizes)), "positions.weight").deviation).toBeCloseTo(0.1, 1);
  });

  test("an LSTM has the widths and the dropout that it says", () => {
    const plain = modelOf(lstmClassifier(sizes));
    expect(shapesOf(plain, "embed")).toEqual({ "embed.weight": [900, 64] });
    expect(Object.values(shapesOf(plain, "encoder")).sort()).toEqual(
      [[256], [256], [256, 64], [256, 64]].sort(),
    );
    expect(Object.values(shapesOf(plain, "head"))).toEqual([[192], [192], [50, 192], [50], [50], [3, 50]]);
    expect(dropsOf(plain, input, 3).map(([p]) => p)).toEqual([0.2, 0.2, 0.1]);
    const deep = modelOf(
      lstmClassifier(sizes, { embSize: 8, hidden: 6, numLayers: 2, bidirectional: true, drop: 0.4 }),
    );
    expect(shapesOf(deep, "embed")).toEqual({ "embed.weight": [900, 8] });
    expect(Object.values(shapesOf(deep, "head"))[0]).toEqual([36]);
    expect(Object.keys(shapesOf(deep, "encoder"))).toHaveLength(16);
    expect(dropsOf(deep, input, 3).map(([p]) => p)).toEqual([0.4, 0.4, 0.4, 0.2]);
    // Of one direction only, the state is as wide as it says.
    const wide = modelOf(lstmClassifier(sizes, { hidden: 6 }));
    expect(Object.values(shapesOf(wide, "head"))[0]).toEqual([18]);
    expect(kindsOf(plain, input).filter((kind) => kind === "Relu")).toHaveLength(1);
  });

  test("a transformer has the widths, heads and dropout that it says", () => {
    const plain = modelOf(transformerClassifier(sizes));
    expect(shapesOf(plain, "embed")).toEqual({ "embed.weight": [900, 64] });
    expect(shapesOf(plain, "positions")).toEqual({ "positions.weight": [12, 64] });
    expect(shapesOf(plain, "head")).toEqual({ "head.weight": [3, 64], "head.bias": [3] });
    const shapes = Object.values(shapesOf(plain, "encoder")).map(String);
    expect(shapes.filter((shape) => shape === "128,64")).toHaveLength(2);
    expect(shapes.filter((shape) => shape === "64,128")).toHaveLength(2);
    const drops = dropsOf(plain, input, 3);
    expect(drops[0]).toEqual([0.1, [4, 12, 64]]);
    expect(drops.at(-1)).toEqual([0.1, [4, 64]]);
    expect(new Set(drops.map(([p]) => p))).toEqual(new Set([0.1]));
    // Attention is dropped for each of 4 heads.
    expect(drops.filter(([, shape]) => shape.join() === "4,4,12,12")).toHaveLength(2);
    const own = modelOf(
      transformerClassifier(sizes, { dModel: 6, heads: 2, numLayers: 1, dimFeedforward: 10, drop: 0.3 }),
    );
    const ownShapes = Object.values(shapesOf(own, "encoder")).map(String);
    expect(ownShapes.filter((shape) => shape === "10,6")).toHaveLength(1);
    expect(new Set(dropsOf(own, input, 3).map(([p]) => p))).toEqual(new Set([0.3]));
    expect(kindsOf(own, input).filter((kind) => kind === "LayerNormalization").length).toBeLessThanOrEqual(3);
  });
});

describe("tables", () => {
  const sizes = {
    embeddings: [
      [400, 3],
      [5, 2],
    ],
    continuous: 4,
    outputs: 2,
  } as const;
  const input = [ints(4, 2), floats(4, 4)];

  test("have the widths, norms and dropout that they say", () => {
    const plain = tabularModel(sizes);
    expect(Object.values(shapesOf(plain, "layers")).map(String)).toEqual(
      [[200, 9], [200], [200], [100, 200], [100], [100]].map(String),
    );
    expect(shapesOf(plain, "output")).toEqual({ "output.0.weight": [2, 100], "output.0.bias": [2] });
    expect(shapesOf(plain, "bnCont")).toEqual({ "bnCont.weight": [4], "bnCont.bias": [4] });
    expect(dropsOf(plain, input, 2)).toEqual([]);
    const own = tabularModel(sizes, { layers: [8, 6, 4], embDrop: 0.1, ps: [0.2, 0, 0.4] });
    expect(dropsOf(own, input, 2)).toEqual([
      [0.1, [4, 5]],
      [0.2, [4, 8]],
      [0.4, [4, 4]],
    ]);
    expect(dropsOf(tabularModel(sizes, { layers: [8, 6], ps: 0.3 }), input, 2).map(([p]) => p)).toEqual([
      0.3, 0.3,
    ]);
  });

  test("have batch-norm where they are to", () => {
    const normed = (options: object) => {
      const { buffers } = tabularModel(sizes, { layers: [8, 6], ...options });
      return buffers.filter(({ name }) => name.endsWith("running_mean")).map(({ shape }) => shape[0]);
    };
    expect(normed({})).toEqual([4, 8, 6]);
    expect(normed({ useBn: false })).toEqual([4]);
    expect(normed({ bnCont: false })).toEqual([8, 6]);
    const { parameters } = tabularModel(sizes, { layers: [], useBn: false });
    expect(parameters.map(({ name }) => name).filter((name) => name.startsWith("layers"))).toEqual([]);
  });

  test("start their embeddings normal with deviation 0.01, cut at two", () => {
    const { deviation, largest } = spreadOf(tabularModel(sizes), "embeds.0.weight");
    // Normal draws taken modulo 2, 1200 of them; the deviation of such is 0.88.
    expect(deviation).toBeGreaterThan(0.0075);
    expect(deviation).toBeLessThan(0.01);
    expect(largest).toBeLessThanOrEqual(0.02);
    expect(largest).toBeGreaterThan(0.017);
  });

  test("keep outputs in their range, where they have one", () => {
    expect(kindsOf(tabularModel(sizes, { yRange: [0, 1] }), input)).toContain("Sigmoid");
    expect(kindsOf(tabularModel(sizes), input)).not.toContain("Sigmoid");
  });

  test("take the columns that there are", () => {
    const groups = (given: Parameters<typeof tabularModel>[0]) =>
      tabularModel(given, { layers: [3] }).paramGroups!.map(({ name, parameters }) => [
        name,
        parameters.length,
      ]);
    expect(groups(sizes)).toEqual([
      ["embeddings", 2],
      ["hidden", 5],
      ["output", 2],
    ]);
    const numbers = { embeddings: [], continuous: 1, outputs: 1 };
    expect(groups(numbers)).toEqual([
      ["hidden", 5],
      ["output", 2],
    ]);
    expect(kindsOf(tabularModel(numbers), [floats(4, 1)])).not.toContain("Concat");
    const categories = { ...sizes, continuous: 0 };
    expect(groups(categories)).toEqual([
      ["embeddings", 2],
      ["hidden", 3],
      ["output", 2],
    ]);
    expect(kindsOf(tabularModel(categories), [ints(4, 2)]).filter((kind) => kind === "Gather")).toHaveLength(
      4,
    );
    expect(() => tabularModel({ ...numbers, continuous: 0 })).toThrow(
      "tabularModel: expected at least one input column, got none",
    );
    for (const ps of [[], [0.1, 0.1]]) {
      expect(() => tabularModel(numbers, { layers: [3], ps })).toThrow(
        `tabularModel ps: expected 1 probabilities, one per hidden layer, got ${ps.length}`,
      );
    }
  });
});

test("ratings have the factors, biases and range that they say", () => {
  const sizes = { users: 300, items: 200 };
  const plain = embeddingDotBias(sizes);
  expect(shapesOf(plain)).toEqual({
    "userFactors.weight": [300, 50],
    "itemFactors.weight": [200, 50],
    "userBias.weight": [300, 1],
    "itemBias.weight": [200, 1],
  });
  expect(plain.paramGroups).toEqual([
    { name: "factors", parameters: ["userFactors.weight", "itemFactors.weight"] },
    { name: "biases", parameters: ["userBias.weight", "itemBias.weight"] },
  ]);
  for (const { name } of plain.parameters) {
    const { deviation, largest } = spreadOf(plain, name);
    expect(deviation, name).toBeGreaterThan(0.0075);
    expect(deviation, name).toBeLessThan(0.01);
    expect(largest, name).toBeLessThanOrEqual(0.02);
  }
  expect(shapesOf(embeddingDotBias(sizes, { nFactors: 7 }))["itemFactors.weight"]).toEqual([200, 7]);
  expect(kindsOf(plain, [ints(4, 2)])).not.toContain("Sigmoid");
  expect(kindsOf(embeddingDotBias(sizes, { yRange: [1, 5] }), [ints(4, 2)])).toContain("Sigmoid");
  expect(buildEvaluationGraph({ model: plain, inputs: [ints(4, 2)] }).predictionShape).toEqual([4, 1]);
});

describe("heads", () => {
  const headOf = (...given: Parameters<typeof createHead>) => modelOf(createHead(...given));
  const image = [floats(2, 6, 3, 3)];

  test("have the widths, norms and dropout that they say", () => {
    expect(dropsOf(headOf(6, 4), image, 4)).toEqual([
      [0.25, [2, 12]],
      [0.5, [2, 512]],
    ]);
    const own = headOf(6, 4, { linFtrs: [5, 3], ps: 0.4 });
    expect(dropsOf(own, image, 4)).toEqual([
      [0.2, [2, 12]],
      [0.2, [2, 5]],
      [0.4, [2, 3]],
    ]);
    expect(dropsOf(headOf(6, 4, { linFtrs: [5], ps: [0.1, 0.3] }), image, 4).map(([p]) => p)).toEqual([
      0.1, 0.3,
    ]);
    const normed = (options: object) => headOf(6, 4, { linFtrs: [5], ...options }).buffers.length / 2;
    expect([normed({}), normed({ bn: true }), normed({ bn: false })]).toEqual([2, 2, 0]);
  });

  test("pool as they are told", () => {
    const widthOf = (pool: "concat" | "avg") =>
      headOf(6, 4, { pool, linFtrs: [], bn: false, ps: 0 }).parameters[0]!.shape;
    expect(widthOf("concat")).toEqual([4, 12]);
    expect(widthOf("avg")).toEqual([4, 6]);
    const flat = headOf(6, 4, { pool: "none" });
    expect(buildEvaluationGraph({ model: flat, inputs: [floats(2, 6)] }).predictionShape).toEqual([2, 4]);
    expect(kindsOf(headOf(6, 4, { pool: "avg" }), image)).not.toContain("GlobalMaxPool");
  });

  test("have rectifiers between layers and none at the end, and a range where they are told", () => {
    const relus = (linFtrs: number[]) =>
      kindsOf(headOf(6, 4, { linFtrs }), image).filter((kind) => kind === "Relu").length;
    expect([relus([]), relus([5]), relus([5, 3])]).toEqual([0, 1, 2]);
    expect(kindsOf(headOf(6, 4), image)).not.toContain("Sigmoid");
    expect(kindsOf(headOf(6, 4, { yRange: [0, 1] }), image)).toContain("Sigmoid");
  });

  test("without batch-norm and dropout are plain linear layers, with their biases, started as He et al. have it", () => {
    const plain = headOf(300, 200, { pool: "none", linFtrs: [], bn: false, ps: 0 });
    expect(plain.parameters.map(({ name }) => name)).toEqual(["0.weight", "0.bias"]);
    for (const head of [plain, headOf(300, 200, { pool: "none", linFtrs: [] })]) {
      const weight = head.parameters.find(
        ({ name }) => name.endsWith("weight") && !name.includes(".0.weight"),
      )!;
      // √(2 / 300), of 60,000 draws.
      expect(spreadOf(head, weight.name).deviation).toBeCloseTo(Math.sqrt(2 / 300), 3);
    }
  });
});

describe("bodies", () => {
  const children = (layer: Layer) => Object.keys(layer.children ?? {});
  const net = sequential(conv2d(1, 2), relu(), globalAvgPool(), linear(2, 3));

  test("end before the first pool, or where they are told", () => {
    expect(children(cutLayer(net))).toEqual(["0", "1"]);
    for (const [cut, count] of [
      [1, 1],
      [3, 3],
      [4, 4],
      [-1, 3],
      [-3, 1],
      ["1", 1],
      ["3", 3],
    ] as const) {
      expect(children(cutLayer(net, cut)), `${cut}`).toHaveLength(count);
    }
    expect(cutLayer(net, 4)).toBe(net);
    const plain = sequential(conv2d(1, 2), relu());
    expect(cutLayer(plain)).toBe(plain);
    const nested = sequential(
      conv2d(1, 2),
      sequential(sequential(adaptiveAvgPool2d(1)), flatten()),
      linear(2, 3),
    );
    expect(children(cutLayer(nested))).toEqual(["0"]);
    const later = sequential(conv2d(1, 2), sequential(relu(), globalAvgPool()), linear(2, 3));
    expect(children(cutLayer(later))).toHaveLength(3);
    expect(cutLayer(net).kind).toBe(net.kind);
  });

  test.each([0, 5, -4, -5, 0.5, Number.NaN, "0", "nowhere", ""])("have no cut %j", (cut) => {
    expect(() => cutLayer(net, cut)).toThrow(
      `visionLearner cut: expected a number of children from 1 to 4, or the name of one but the first of 0, 1, 2, 3, got ${describeValue(cut)}`,
    );
  });

  test("give images or rows", async () => {
    const image = { dtype: "float32", shape: [1, 6, 6] } as const;
    expect(await featureShape(modelOf(cutLayer(net)), image)).toEqual([2, 4, 4]);
    expect(await featureShape(modelOf(sequential(flatten(), linear(36, 5))), image)).toEqual([5]);
    const flat = { dtype: "float32", shape: [6, 6] } as const;
    await expect(featureShape(modelOf(linear(6, 5)), flat)).rejects.toThrow(
      "visionLearner: expected a body that gives [N, C, H, W] or [N, F], got [N, 6, 5]; try another cut",
    );
  });

  test("fall into groups by the kind of network", () => {
    const groups = (kind: string, names: string[]) =>
      Object.fromEntries(visionGroups(kind, names).map(({ name, parameters }) => [name, parameters]));
    const plain = ["body.conv1.w", "body.layer2.w", "body.layer3.w", "body.layer4.w", "head.w"];
    expect(groups("ResNet", plain)).toEqual({
      body: ["body.conv1.w", "body.layer2.w"],
      "late body": ["body.layer3.w", "body.layer4.w"],
      head: ["head.w"],
    });
    expect(groups("Sequential", plain)).toEqual({ body: plain.slice(0, 4), head: ["head.w"] });
    expect(groups("ResNet", ["body.stem.w", "body.layer1.w", "head.w"])).toEqual({
      body: ["body.stem.w"],
      "late body": ["body.layer1.w"],
      head: ["head.w"],
    });
    expect(groups("ResNet", ["head.w"])).toEqual({ head: ["head.w"] });
  });
});
