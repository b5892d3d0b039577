import { describe, expect, test } from "vitest";
import type { GraphBuilder, Value } from "../../../../src/onnx/index.js";
import { differentiate } from "../../../../src/onnx/index.js";
import { createSession } from "../../../../src/runtime/index.js";
import { relativeError } from "../../numeric.js";
import { lossOfCase, torchCases } from "../../torch.js";

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
      const { g, leaves, loss, feeds } = lossOfCase(torch);
      const gradients = differentiate(g, loss, leaves, { target: "webgpu" });
      expect(missingOnWebgpu(g)).toEqual([]);
      const outputs: Record<string, Value> = {};
      leaves.forEach((leaf, i) => {
        outputs[`d${i}`] = gradients.get(leaf)!;
      });
      await using session = await createSession(g.build(outputs), { threads: 1 });
      const got = await session.run(feeds);
      torch.gradients.forEach((expected, i) => {
        const error = relativeError(got[`d${i}`]!.data as Float32Array, expected!.data.map(Number));
        expect(error, `gradient by input ${i}`).toBeLessThan(1e-4);
      });
    });
  }
});
