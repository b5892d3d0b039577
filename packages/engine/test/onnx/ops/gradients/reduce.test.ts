import { describe, expect, test } from "vitest";
import { relativeError, runWithGradients, values } from "../../numeric.js";
import { axesInput, operatorOf } from "../../operator.js";
import { testTorchCases } from "../../torch.js";

describe("reductions", () => {
  testTorchCases("reduce", (torch) => operatorOf(torch, ["axes"], axesInput));

  test.each(["ReduceL2", "ReduceMax", "ReduceMean", "ReduceSum", "ReduceProd"])(
    "%s over no axes has the gradient of a function of each element",
    async (op) => {
      const { gradients } = await runWithGradients(
        (g, [x]) => g.op(op, [x!], { noop_with_empty_axes: 1 }),
        [{ ...values([2, 3]), data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
      );
      const { gradients: identity } = await runWithGradients(
        (g, [x]) => g.op("Identity", [x!]),
        [values([2, 3])],
      );
      // float32 rounding of x / |x|.
      const error = relativeError(gradients[0]!.data as Float32Array, identity[0]!.data as Float32Array);
      expect(error).toBeLessThan(1e-6);
    },
  );
});
