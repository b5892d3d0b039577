import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Attributes, DType, Tensor } from "../../src/onnx/index.js";
import { GraphBuilder, tensor } from "../../src/onnx/index.js";
import type { GraphFunction } from "./numeric.js";
import { finiteDifferences, lossWeights, relativeError, runWithGradients } from "./numeric.js";

interface PackedTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

/** One case of a fixture made by test/fixtures/torch/<family>.py. */
export interface TorchCase {
  readonly name: string;
  readonly attributes: Attributes;
  readonly inputs: readonly PackedTensor[];
  readonly output: PackedTensor;
  readonly gradients: readonly (PackedTensor | null)[];
}

/** Reads the cases of a family. */
export function torchCases(family: string): readonly TorchCase[] {
  const path = new URL(`../fixtures/torch/${family}.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, "utf8")) as { cases: TorchCase[] }).cases;
}

export function unpack(packed: PackedTensor): Tensor {
  return tensor(packed.dtype, packed.shape, packed.data.map(Number));
}

/** The graph of a case whose attributes are the operator's own, with the loss that the fixture's gradients are of. */
export function lossOfCase(torch: TorchCase) {
  const { op, ...attributes } = torch.attributes;
  const inputs = torch.inputs.map(unpack);
  const g = new GraphBuilder();
  const leaves = inputs.map((input, i) => g.input(`x${i}`, input.dtype, input.shape));
  const y = g.op(op as string, leaves, attributes);
  const weights = g.constant(tensor("float32", y.shape, lossWeights(torch.output.data.length)));
  const feeds = Object.fromEntries(inputs.map((input, i) => [`x${i}`, input]));
  return { g, leaves, y, loss: g.reduceSum(g.mul(y, weights)), feeds };
}

export interface CheckOptions {
  /** Largest relative error against PyTorch. Default 1e-4: both sides compute in float32. */
  readonly tolerance?: number;
  /** Also compare with finite differences. Default true; off where the function has kinks (ties in max). */
  readonly finite?: boolean;
}

/** Checks output and gradients of one case against PyTorch, and the gradients against finite differences. */
export async function checkCase(
  torch: TorchCase,
  f: GraphFunction,
  options: CheckOptions = {},
): Promise<void> {
  const { tolerance = 1e-4, finite = true } = options;
  const inputs = torch.inputs.map(unpack);
  const wrt = torch.gradients.flatMap((gradient, i) => (gradient ? [i] : []));
  const { y, gradients } = await runWithGradients(f, inputs, wrt);
  expect(y.shape).toEqual(torch.output.shape);
  expect(relativeError(y.data as Float32Array, torch.output.data.map(Number)), "output").toBeLessThan(
    tolerance,
  );
  wrt.forEach((i, k) => {
    const expected = torch.gradients[i]!;
    expect(gradients[k]!.shape).toEqual(expected.shape);
    const error = relativeError(gradients[k]!.data as Float32Array, expected.data.map(Number));
    expect(error, `gradient by input ${i}`).toBeLessThan(tolerance);
  });
  if (!finite) return;
  const differences = await finiteDifferences(f, inputs, wrt);
  wrt.forEach((i, k) => {
    const error = relativeError(gradients[k]!.data as Float32Array, differences[k]!);
    expect(error, `gradient by input ${i}, finite differences`).toBeLessThan(2e-2);
  });
}

/** One test per case of a family; `build` gives the graph function of a case. */
export function testTorchCases(
  family: string,
  build: (torch: TorchCase) => GraphFunction,
  options: (torch: TorchCase) => CheckOptions = () => ({}),
): void {
  for (const torch of torchCases(family)) {
    test(torch.name, () => checkCase(torch, build(torch), options(torch)));
  }
}
