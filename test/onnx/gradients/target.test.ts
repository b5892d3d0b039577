import { describe, expect, test } from "vitest";
import type { Attributes, Value } from "../../../src/onnx/index.js";
import { differentiate, GraphBuilder, tensor } from "../../../src/onnx/index.js";
import { createSession } from "../../../src/runtime/index.js";
import { lossWeights, relativeError } from "../numeric.js";
import { torchCases, unpack } from "../torch.js";

/** Operators that ONNX Runtime's WebGPU provider lacks, or has in part only. */
function missingOnWebgpu(g: GraphBuilder): string[] {
  return g.nodes
    .filter(
      ({ opType, outputs }) =>
        ["Col2Im", "MaxUnpool", "SpaceToDepth"].includes(opType) ||
        (opType === "MaxPool" && outputs.length > 1),
    )
    .map(({ opType }) => opType);
}

describe("gradients for WebGPU, run on the CPU", () => {
  for (const torch of [...torchCases("conv"), ...torchCases("pool")]) {
    test(torch.name, async () => {
      const { op, ...rest } = torch.attributes;
      const inputs = torch.inputs.map(unpack);
      const g = new GraphBuilder();
      const leaves = inputs.map((input, i) => g.input(`x${i}`, input.dtype, input.shape));
      const y = g.op(op as string, leaves, rest as Attributes);
      const weights = g.constant(tensor("float32", y.shape, lossWeights(torch.output.data.length)));
      const gradients = differentiate(g, g.reduceSum(g.mul(y, weights)), leaves, { target: "webgpu" });
      expect(missingOnWebgpu(g)).toEqual([]);
      const outputs: Record<string, Value> = {};
      leaves.forEach((leaf, i) => {
        outputs[`d${i}`] = gradients.get(leaf)!;
      });
      await using session = await createSession(g.build(outputs), { threads: 1 });
      const got = await session.run(Object.fromEntries(inputs.map((input, i) => [`x${i}`, input])));
      torch.gradients.forEach((expected, i) => {
        const error = relativeError(got[`d${i}`]!.data as Float32Array, expected!.data.map(Number));
        expect(error, `gradient by input ${i}`).toBeLessThan(1e-4);
      });
    });
  }
});
