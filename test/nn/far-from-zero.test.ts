import { describe, expect, test } from "vitest";
import type { Layer } from "../../src/nn/index.js";
import { batchNorm1d, batchNorm2d, groupNorm, instanceNorm2d, layerNorm } from "../../src/nn/index.js";
import type { Tensor } from "../../src/onnx/index.js";
import { tensor } from "../../src/onnx/index.js";
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
