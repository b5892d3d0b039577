import { describe, expect, test } from "vitest";
import type { Value } from "../../../../src/onnx/index.js";
import { differentiate, foldBatch, lowerFolded } from "../../../../src/onnx/index.js";
import { createSession } from "../../../../src/runtime/index.js";
import { relativeError } from "../../numeric.js";
import { lossOfCase, type TorchCase, torchCases } from "../../torch.js";

/** Whether the case is one that folding takes: two spatial dimensions, one group. */
function isFolded({ attributes, inputs }: TorchCase): boolean {
  const { op, group = 1 } = attributes;
  return inputs[0]!.shape.length === 4 && (op === "MaxPool" || (op === "Conv" && group === 1));
}

const cases = [...torchCases("conv"), ...torchCases("pool")].filter(isFolded);

describe("folded convolutions and pools against PyTorch", () => {
  test("the fixtures have strides, paddings, dilations and ties", () => {
    expect(cases.length).toBeGreaterThan(20);
  });

  for (const torch of cases) {
    test(torch.name, async () => {
      const { g, leaves, y, loss, feeds } = lossOfCase(torch);
      foldBatch(g, { minBatch: 1, all: true });
      expect(g.nodes.some(({ domain }) => domain !== "")).toBe(true);
      const gradients = differentiate(g, loss, leaves);
      lowerFolded(g);
      const outputs: Record<string, Value> = { y };
      leaves.forEach((leaf, i) => {
        outputs[`d${i}`] = gradients.get(leaf)!;
      });
      await using session = await createSession(g.build(outputs), { threads: 1 });
      const got = await session.run(feeds);
      // Both sides sum in float32, in different orders.
      const expectAgreement = (name: string, data: readonly (number | string)[]) =>
        expect(relativeError(got[name]!.data as Float32Array, data.map(Number)), name).toBeLessThan(1e-4);
      expectAgreement("y", torch.output.data);
      torch.gradients.forEach((expected, i) => {
        expectAgreement(`d${i}`, expected!.data);
      });
    });
  }
});
