import { describe, expect, test } from "vitest";
import type { Model, Optimizer } from "../../../../engine/src/nn/index.js";
import {
  adam,
  adamW,
  bceWithLogits,
  clipGradNorm,
  embedding,
  flatten,
  lamb,
  linear,
  mse,
  rmsProp,
  sequential,
  sgd,
} from "../../../../engine/src/nn/index.js";
import type { FileNode, ModelFile, Tensor } from "../../../../engine/src/onnx/index.js";
import { encodeModelFile, tensor } from "../../../../engine/src/onnx/index.js";
import { values } from "../../../../engine/test/onnx/numeric.js";
import { dataLoaders, PAD_INDEX, tensorDataset } from "../../../src/data/index.js";
import { Learner, loadModel, textLearner } from "../../../src/learner/index.js";
import { answers, runtime } from "../ready-learners.js";

const node = (
  opType: string,
  inputs: string,
  output: string,
  attributes: FileNode["attributes"] = {},
): FileNode => ({
  name: `/${output}/${opType}`,
  opType,
  domain: "",
  inputs: inputs.split(" "),
  outputs: [output],
  attributes,
});

/** x [batch, 4] → (x - mean) / std → Gemm → / temperature → out [batch, 3], as PyTorch exports it. */
const normalizing: ModelFile = {
  file: "normalizing.onnx",
  producer: "pytorch",
  graphName: "normalizing",
  opset: 17,
  inputs: [{ name: "x", dtype: "float32", shape: ["batch", 4] }],
  outputs: [{ name: "out", dtype: "float32", shape: ["batch", 3] }],
  initializers: new Map<string, Tensor>([
    ["mean", values([4], 1)],
    ["std", tensor("float32", [4], [1, 2, 3, 4])],
    ["fc.weight", values([3, 4], 3)],
    ["fc.bias", values([3], 4)],
    ["temperature", tensor("float32", [], [2])],
    ["logit_scale", tensor("float32", [], [1.5])],
  ]),
  nodes: [
    node("Sub", "x mean", "centred"),
    node("Div", "centred std", "scaled"),
    node("Gemm", "scaled fc.weight fc.bias", "logits", { transB: 1 }),
    node("Div", "logits temperature", "cooled"),
    node("Mul", "cooled logit_scale", "out"),
  ],
};

const load = (file: ModelFile, options = {}) =>
  loadModel(encodeModelFile(file).model, { file: file.file, ...options });
const namesOf = (model: Model) => model.parameters.map(({ name }) => name);
const renamed = (from: string, to: string): ModelFile => ({
  ...normalizing,
  initializers: new Map(
    [...normalizing.initializers].map(([name, value]) => [name === from ? to : name, value]),
  ),
  nodes: normalizing.nodes.map((n) => ({
    ...n,
    inputs: n.inputs.map((name) => (name === from ? to : name)),
  })),
});

describe("which tensors of a file are trained", () => {
  test("by default: not what is named like a buffer, which a note says and the summary shows", async () => {
    const model = await load(normalizing);
    expect(namesOf(model)).toEqual(["fc.weight", "fc.bias", "logit_scale"]);
    expect(model.fixed.map(({ name }) => name)).toEqual(["mean", "std", "temperature"]);
    const [note] = model.notes;
    expect(note).toMatchObject({ kind: "buffers", names: ["mean", "std", "temperature"] });
    const dataset = tensorDataset({ inputs: [values([8, 4])], targets: [values([8, 3], 5)] });
    const dls = dataLoaders(dataset, { batchSize: 2 });
    await using learn = new Learner({ dls, model, lossFunc: mse(), runtime });
    expect(learn.summary()).toContain("buffers, not trained: mean [4]  std [4]  temperature []");
    await learn.fit(2, { lr: 0.1 });
    const written = await load(normalizing);
    expect(written.fixed).toEqual(model.fixed);
  });

  test.each([
    "image_mean",
    "backbone.pixel_std",
    "norm/moving_variance",
    "running_var",
    "head.Temperature",
    "eps",
  ])("by default: not %s", async (name) => {
    expect(namesOf(await load(renamed("temperature", name)))).not.toContain(name);
  });

  test.each(["mean.weight", "stdlib", "meaning", "variant", "scale", "logit_scale", "temperatures"])(
    "by default: %s, which only looks alike",
    async (name) => {
      expect(namesOf(await load(renamed("temperature", name)))).toContain(name);
    },
  );

  test("by default: not what normalises the input, whatever it is called; but a weight is one", async () => {
    const anonymous = renamed("mean", "onnx::Sub_7");
    expect(namesOf(await load(anonymous))).not.toContain("onnx::Sub_7");
    const weighted = renamed("std", "gate.weight");
    expect(namesOf(await load(weighted))).toContain("gate.weight");
  });

  test("exactly a list of names and patterns", async () => {
    expect(namesOf(await load(normalizing, { parameters: ["mean", /^fc\./g] }))).toEqual([
      "mean",
      "fc.weight",
      "fc.bias",
    ]);
  });

  test("all but a list of buffers, which is then no guess", async () => {
    const model = await load(normalizing, { buffers: ["logit_scale", /mean|std|temperature/] });
    expect(namesOf(model)).toEqual(["fc.weight", "fc.bias"]);
    expect(model.notes).toEqual([]);
  });

  test("what a function of name, shape and default says", async () => {
    const also = (name: string, _: readonly number[], byDefault: boolean) =>
      byDefault || name === "temperature";
    expect(namesOf(await load(normalizing, { parameters: also }))).toEqual([
      "fc.weight",
      "fc.bias",
      "temperature",
      "logit_scale",
    ]);
    expect(namesOf(await load(normalizing, { parameters: () => true, buffers: ["std"] }))).not.toContain(
      "std",
    );
  });

  test.each([
    [
      "parameters",
      { parameters: ["fc.wieght"] },
      'expected parameters to name float32 tensors on the way to the output, got "fc.wieght"; try "fc.weight"',
    ],
    ["buffers", { buffers: ["temprature"] }, 'got "temprature"; try "temperature"'],
    ["buffers", { buffers: [/running/] }, 'got /running/; try one of "mean", "std"'],
    ["paddingIdx", { paddingIdx: { "embed.weight": 0 } }, "expected paddingIdx to name float32 tensors"],
    [
      "both",
      { parameters: ["mean"], buffers: ["mean"] },
      'expected "mean" among the parameters or the buffers, got it in both',
    ],
    ["a wrong type", { buffers: [3] }, "buffers"],
    ["a wrong type", { parameters: "mean" }, "parameters"],
  ])("an unknown name is refused, with what may be meant: %s", async (_, options, message) => {
    await expect(load(normalizing, options)).rejects.toThrow(message);
  });
});

const indices = tensor(
  "int32",
  [16, 3],
  Array.from({ length: 48 }, (_, i) => (i * 5) % 7),
);
const targets = tensor(
  "float32",
  [16, 2],
  Array.from({ length: 32 }, (_, i) => (i % 3 === 0 ? 1 : 0)),
);

/** Indices [batch, 3] → a table's vectors [batch, 3, 4] → [batch, 12] → out [batch, 2]. */
function embedder(row: readonly number[]): ModelFile {
  const table = values([7, 4], 6);
  (table.data as Float32Array).set(row, 8);
  return {
    ...normalizing,
    file: "embedder.onnx",
    inputs: [{ name: "x", dtype: "int32", shape: ["batch", 3] }],
    outputs: [{ name: "out", dtype: "float32", shape: ["batch", 2] }],
    initializers: new Map<string, Tensor>([
      ["embed.weight", table],
      ["fc.weight", values([2, 12], 3)],
      ["fc.bias", values([2], 4)],
    ]),
    nodes: [
      node("Gather", "embed.weight x", "vectors"),
      node("Flatten", "vectors", "flat", { axis: 1 }),
      node("Gemm", "flat fc.weight fc.bias", "out", { transB: 1 }),
    ],
  };
}

const optimizers: Record<string, () => Optimizer> = {
  "sgd with momentum and decay": () => sgd({ mom: 0.9, wd: 0.1 }),
  "sgd, decoupled": () => sgd({ mom: 0.9, wd: 0.1, decoupleWd: true }),
  adam: () => adam({ wd: 0.1 }),
  adamW: () => adamW({ wd: 0.1 }),
  rmsProp: () => rmsProp({ wd: 0.1, mom: 0.5, centered: true }),
  lamb: () => lamb({ wd: 0.1 }),
};

async function fitted(model: Model | ReturnType<typeof sequential>, optFunc: Optimizer, options = {}) {
  const dls = dataLoaders(tensorDataset({ inputs: [indices], targets: [targets] }), {
    batchSize: 4,
    validPct: 0.25,
  });
  const learn = new Learner({ dls, model, lossFunc: bceWithLogits(), optFunc, runtime, ...options });
  await learn.fit(3, { lr: 0.05 });
  return learn;
}
const rowOf = (data: Float32Array, row: number) =>
  Array.from(new Uint32Array(data.slice(4 * row, 4 * row + 4).buffer));

describe("the row of padding", () => {
  test.each(Object.keys(optimizers))(
    "stays bit for bit, whatever it is, and its optimizer state zero: %s",
    async (name) => {
      const model = await load(embedder([0.1, -0.2, 0.3, 5]), { paddingIdx: { "embed.weight": 2 } });
      const before = model.parameters[0]!.initial(0);
      for (const options of [{}, { accumulate: 2 }, { gradientTransform: clipGradNorm(0.1) }]) {
        await using learn = await fitted(model, optimizers[name]!(), options);
        const { tensors } = learn.state;
        const after = tensors["param:embed.weight"]!.data;
        expect(rowOf(after, 2)).toEqual(rowOf(before, 2));
        expect(rowOf(after, 3)).not.toEqual(rowOf(before, 3));
        for (const [key, { data }] of Object.entries(tensors)) {
          if (key.startsWith("slot:") && key.endsWith("embed.weight"))
            expect(rowOf(data, 2)).toEqual([0, 0, 0, 0]);
        }
        expect(learn.summary()).toContain("rows that stay: embed.weight row 2");
      }
    },
  );

  test("is found where it is the only one of zeros, and said; null trains it", async () => {
    const zeros = [0, 0, 0, 0];
    const model = await load(embedder(zeros));
    expect(model.notes).toMatchObject([{ kind: "paddingRow", names: ["embed.weight"] }]);
    await using learn = await fitted(model, adamW({ wd: 0.1 }));
    expect(rowOf(learn.state.tensors["param:embed.weight"]!.data, 2)).toEqual(zeros);
    const free = await load(embedder(zeros), { paddingIdx: { "embed.weight": null } });
    expect(free.notes).toEqual([]);
    await using other = await fitted(free, adamW({ wd: 0.1 }));
    expect(rowOf(other.state.tensors["param:embed.weight"]!.data, 2)).not.toEqual(zeros);
  });

  test("is refused where the table has no such row", async () => {
    await expect(load(embedder([1, 2, 3, 4]), { paddingIdx: { "embed.weight": 7 } })).rejects.toThrow(
      'expected paddingIdx of "embed.weight" to be a row in [0, 7), got 7; try null for none',
    );
  });

  test.each(Object.keys(optimizers))("of nn's embedding stays zero: %s", async (name) => {
    const model = sequential(embedding(7, 4, { paddingIdx: 2 }), flatten(), linear(12, 2));
    await using learn = await fitted(model, optimizers[name]!());
    const { tensors } = learn.state;
    for (const [key, { data }] of Object.entries(tensors)) {
      if (key.endsWith("0.weight")) expect(rowOf(data, 2), key).toEqual([0, 0, 0, 0]);
    }
  });

  test.each(["bag", "lstm", "transformer"] as const)("of a text learner stays zero: %s", async (arch) => {
    await using learn = textLearner(await answers(), { arch, runtime, optFunc: adamW({ wd: 0.1 }) });
    await learn.fit(1, { lr: 0.01 });
    const { shape, data } = learn.state.tensors["param:embed.weight"]!;
    const width = shape[1]!;
    const row = Array.from(data.slice(PAD_INDEX * width, (PAD_INDEX + 1) * width));
    expect(row).toEqual(new Array(width).fill(0));
  });
});
