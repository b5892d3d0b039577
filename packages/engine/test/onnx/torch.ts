import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Attributes, DType, Target, Tensor } from "../../src/onnx/index.js";
import { differentiate, GraphBuilder, tensor } from "../../src/onnx/index.js";
import type { GraphFunction } from "./numeric.js";
import { finiteDifferences, lossWeights, relativeError, runWithGradients } from "./numeric.js";

interface PackedTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

/** One case of a fixture made by packages/engine/test/fixtures/torch/<family>.py. */
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

/**
 * Operators and shapes of the nodes that a backward pass adds, and how many there are of each; of many (recurrences)
 * the operators alone.
 */
export function backwardNodes(
  f: GraphFunction,
  inputs: readonly Tensor[],
  wrt: readonly number[],
  target: Target = "cpu",
): string {
  const g = new GraphBuilder();
  const leaves = inputs.map((input, i) => g.input(`x${i}`, input.dtype, input.shape));
  const y = f(g, leaves);
  const loss = g.reduceSum(
    g.mul(y, g.constant(tensor("float32", y.shape, lossWeights(sizeOfShape(y.shape))))),
  );
  const forward = g.nodes.length;
  const by = wrt.map((i) => leaves[i]!);
  differentiate(g, loss, by, { target });
  // The gradient of the weighted sum, which is the same for all, comes first.
  const added = g.nodes.slice(forward).filter(({ name }) => !/^grad\.(ReduceSum|Mul)(_\d+)?\./.test(name));
  const typed = added.map(({ opType, outputs }) =>
    added.length > 48 ? opType : `${opType}[${outputs[0]?.shape.join(",")}]`,
  );
  const count = new Map<string, number>();
  for (const node of typed) count.set(node, (count.get(node) ?? 0) + 1);
  return [...count].map(([node, times]) => (times === 1 ? node : `${times} x ${node}`)).join(", ");
}

function sizeOfShape(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** The backward passes of one case: by all inputs and by each alone, for the CPU, and for WebGPU where that differs. */
function backwardPasses(torch: TorchCase, f: GraphFunction): string {
  const inputs = torch.inputs.map(unpack);
  const wrt = torch.gradients.flatMap((gradient, i) => (gradient ? [i] : []));
  const sets = wrt.length > 1 ? [wrt, ...wrt.map((i) => [i])] : [wrt];
  const lines = sets.flatMap((by) => {
    const cpu = backwardNodes(f, inputs, by);
    const webgpu = backwardNodes(f, inputs, by, "webgpu");
    const line = `  by ${by.join(", ")}: ${cpu}`;
    return cpu === webgpu ? [line] : [line, `  on WebGPU: ${webgpu}`];
  });
  return [torch.name, ...lines, ""].join("\n");
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

  // What a backward pass costs: a node more, or a rule that no longer takes its short cut, changes no value.
  test("the backward passes have the nodes that are committed", async () => {
    const passes = torchCases(family).map((torch) => backwardPasses(torch, build(torch)));
    const path = new URL(`../fixtures/backward/${family}.txt`, import.meta.url);
    await expect(passes.join("\n")).toMatchFileSnapshot(path.pathname);
  });
}
