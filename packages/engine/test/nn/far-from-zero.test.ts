import { describe, expect, test } from "vitest";
import { loadModel } from "../../../learner/src/learner/import/index.js";
import type { Layer } from "../../src/nn/index.js";
import {
  batchNorm1d,
  batchNorm2d,
  buildEvaluationGraph,
  groupNorm,
  instanceNorm2d,
  layerNorm,
} from "../../src/nn/index.js";
import type { Target, Tensor } from "../../src/onnx/index.js";
import { encodeModelFile, printGraph, tensor } from "../../src/onnx/index.js";
import { createSession } from "../../src/runtime/index.js";
import { values } from "../onnx/numeric.js";
import { runLayer } from "./run-layer.js";
import { readFixture } from "./torch-fixture.js";

interface FarCase {
  readonly kind: "group" | "instance" | "layer" | "batch" | "batch1d";
  readonly mean: number;
  readonly constant: boolean;
  readonly shape: readonly number[];
  readonly output: readonly number[];
  readonly gradients: readonly (readonly number[])[];
}

const layers: Record<FarCase["kind"], Layer> = {
  group: groupNorm(3, 6),
  instance: instanceNorm2d(3, { affine: true }),
  layer: layerNorm(20),
  batch: batchNorm2d(3),
  batch1d: batchNorm1d(3),
};

function inputOf({ mean, constant, shape }: FarCase): Tensor {
  const near = values(shape);
  return tensor(
    "float32",
    shape,
    Array.from(near.data, (v) => (constant ? mean : v + mean)),
  );
}

function largestDifference(got: Tensor | undefined, expected: readonly number[]): number {
  const differences = expected.map((v, i) => Math.abs(v - (got!.data[i] as number)));
  // NaN counts as the largest.
  return differences.reduce((a, b) => (b <= a ? a : b), 0);
}

/**
 * What float32 allows. Where the input is shifted first, its own rounding is all that counts, which the fixture shares.
 * ONNX Runtime's kernel of layer normalisation rounds the mean, that of batch normalisation multiplies and adds as
 * PyTorch's does: a few units in the last place of `mean / deviation` stay, and the deviation of a constant is the root of
 * epsilon.
 */
function tolerance({ kind, mean, constant }: FarCase, target: string): number {
  if (target === "webgpu" || !(kind === "layer" || kind.startsWith("batch"))) return 1e-5;
  const deviation = constant ? Math.sqrt(1e-5) : 0.9;
  return 1e-5 + (8 * 2 ** -24 * mean) / deviation;
}

const { cases } = readFixture<{ cases: readonly FarCase[] }>("far_norms");

describe.each(["cpu", "wasm", "webgpu"] as const)(
  "normalisations far from zero, as the graph for %s",
  (target) => {
    test.each(cases)("$kind at mean $mean, constant: $constant", async (far) => {
      const size = far.kind === "layer" ? 20 : far.shape[1]!;
      const parameters = { weight: values([size], 1), bias: values([size], 2) };
      const { y, gradients } = await runLayer(layers[far.kind], [inputOf(far)], parameters, { target });
      const allowed = tolerance(far, target);
      expect(largestDifference(y, far.output), "output").toBeLessThan(allowed);
      const [input, weight, bias] = far.gradients;
      // 1 / deviation multiplies the gradient by the input; sums over the batch have as many terms as it has values.
      const steep = far.constant ? 1 / Math.sqrt(1e-5) : 1;
      expect(largestDifference(gradients["input"], input!), "by input").toBeLessThan(10 * allowed * steep);
      expect(largestDifference(gradients["weight"], weight!), "by weight").toBeLessThan(40 * allowed);
      expect(largestDifference(gradients["bias"], bias!), "by bias").toBeLessThan(1e-5);
    });
  },
);

describe("imported normalisations far from zero", () => {
  // Scale and bias of operator set 18 stand for groups: ones and zeros mean the same in both.
  test.each([18, 21])("GroupNormalization of operator set %i", async (opset) => {
    const shape = [2, 6, 3, 5];
    const x = values(shape);
    const near = x.data;
    const size = opset < 21 ? 3 : 6;
    const run = async (mean: number) => {
      const { model } = encodeModelFile({
        file: "group.onnx",
        producer: "test",
        graphName: "group",
        opset,
        inputs: [{ name: "x", dtype: "float32", shape: ["batch", 6, 3, 5] }],
        outputs: [{ name: "y", dtype: null, shape: null }],
        initializers: new Map([
          ["scale", tensor("float32", [size], new Array<number>(size).fill(1))],
          ["bias", tensor("float32", [size], new Array<number>(size).fill(0))],
        ]),
        nodes: [
          {
            name: "group",
            opType: "GroupNormalization",
            domain: "",
            inputs: ["x", "scale", "bias"],
            outputs: ["y"],
            attributes: { num_groups: 3, epsilon: 1e-5 },
          },
        ],
      });
      const moved = tensor(
        "float32",
        shape,
        Array.from(near, (v) => v + mean),
      );
      const loaded = await loadModel(model);
      await loaded.prepare([moved]);
      const { graph } = buildEvaluationGraph({ model: loaded, inputs: [moved] });
      await using session = await createSession(graph, { threads: 1 });
      const feeds: Record<string, Tensor> = { "input:0": moved };
      for (const { name, initial, shape: of } of loaded.parameters) {
        feeds[`param:${name}`] = tensor("float32", of, initial(0));
      }
      const { prediction } = await session.run(feeds);
      return { x: moved, y: Array.from(prediction!.data as Float32Array) };
    };
    for (const mean of [0, 100, 1e3, 1e4]) {
      const { x: moved, y } = await run(mean);
      const groupSize = moved.data.length / 6;
      for (let start = 0; start < y.length; start += groupSize) {
        const group = Array.from(moved.data.subarray(start, start + groupSize) as Float32Array);
        const average = group.reduce((a, b) => a + b, 0) / groupSize;
        const variance = group.reduce((sum, v) => sum + (v - average) ** 2, 0) / groupSize;
        group.forEach((v, i) => {
          expect(Math.abs(y[start + i]! - (v - average) / Math.sqrt(variance + 1e-5))).toBeLessThan(1e-5);
        });
      }
    }
  });
});

// WebGPU's kernel is wrong far from zero, the CPU's right. The mean, where it is an output too, must be the input's own.
test.each<[Target, string[], boolean]>([
  ["webgpu", ["y"], true],
  ["webgpu", ["y", "mean"], false],
  ["cpu", ["y"], false],
])(
  "an imported layer normalisation for %s with outputs %j is shifted near zero: %s",
  async (target, outputs, shifted) => {
    const { model } = encodeModelFile({
      file: "layer.onnx",
      producer: "test",
      graphName: "layer",
      opset: 17,
      inputs: [{ name: "x", dtype: "float32", shape: ["batch", 6] }],
      outputs: [{ name: "y", dtype: null, shape: null }],
      initializers: new Map([["scale", tensor("float32", [6], new Array<number>(6).fill(1))]]),
      nodes: [
        {
          name: "layer",
          opType: "LayerNormalization",
          domain: "",
          inputs: ["x", "scale"],
          outputs,
          attributes: { axis: -1 },
        },
      ],
    });
    const loaded = await loadModel(model);
    const inputs = [{ dtype: "float32", shape: [2, 6] }] as const;
    await loaded.prepare(inputs);
    const { graph } = buildEvaluationGraph({ model: loaded, inputs, target });
    expect(printGraph(graph).includes("Floor(")).toBe(shifted);
  },
);

test("batch normalisation by running statistics far from zero is PyTorch's to the rounding of the mean", async () => {
  for (const mean of [0, 100, 1e3, 1e4]) {
    const near = values([4, 3, 4, 5]);
    const x = tensor(
      "float32",
      near.shape,
      Array.from(near.data, (v) => v + mean),
    );
    const buffers = {
      running_mean: tensor("float32", [3], [mean, mean + 0.5, mean - 0.25]),
      running_var: tensor("float32", [3], [1, 0.5, 2]),
    };
    const parameters = { weight: values([3], 1), bias: values([3], 2) };
    const { y } = await runLayer(batchNorm2d(3), [x], parameters, { buffers, training: false });
    x.data.forEach((v, i) => {
      const c = Math.floor(i / 20) % 3;
      const z = (v - buffers.running_mean.data[c]!) / Math.sqrt(buffers.running_var.data[c]! + 1e-5);
      const want = z * parameters.weight.data[c]! + parameters.bias.data[c]!;
      // Multiplied and added like PyTorch's: mean times scale is rounded.
      expect(Math.abs((y.data[i] as number) - want)).toBeLessThan(1e-5 + 8 * 2 ** -24 * mean);
    });
  }
});
