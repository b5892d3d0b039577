import { describe, expect, test } from "vitest";
import type { Attributes, Tensor } from "../../../../src/onnx/index.js";
import type { GraphFunction } from "../../numeric.js";
import { finiteDifferences, relativeError, runWithGradients, values } from "../../numeric.js";
import { testTorchCases } from "../../torch.js";

describe("convolutions against PyTorch", () => {
  testTorchCases("conv", ({ attributes }) => (g, inputs) => {
    const { op, ...rest } = attributes;
    return g.op(op as string, inputs, rest as Attributes);
  });
});

async function expectFiniteDifferences(f: GraphFunction, inputs: Tensor[]): Promise<void> {
  const { gradients } = await runWithGradients(f, inputs);
  const expected = await finiteDifferences(f, inputs);
  // Float32 sums limit the differences to about three digits.
  gradients.forEach((gradient, i) => {
    expect(relativeError(gradient.data as Float32Array, expected[i]!), `by input ${i}`).toBeLessThan(1e-2);
  });
}

describe("convolutions against finite differences", () => {
  test.each(["SAME_UPPER", "SAME_LOWER", "VALID"])("auto_pad %s", async (auto_pad) => {
    const f: GraphFunction = (g, [x, w]) => g.op("Conv", [x!, w!], { auto_pad, strides: [2, 1] });
    await expectFiniteDifferences(f, [values([2, 2, 5, 6]), values([3, 2, 2, 4], 1)]);
  });

  test.each(["SAME_UPPER", "SAME_LOWER"])("transposed, auto_pad %s", async (auto_pad) => {
    const f: GraphFunction = (g, [x, w]) => g.op("ConvTranspose", [x!, w!], { auto_pad, strides: [2, 1] });
    await expectFiniteDifferences(f, [values([2, 2, 3, 4]), values([2, 3, 3, 4], 1)]);
  });

  test("transposed, output_shape given", async () => {
    const f: GraphFunction = (g, [x, w]) =>
      g.op("ConvTranspose", [x!, w!], { output_shape: [5, 6], strides: [2, 2] });
    await expectFiniteDifferences(f, [values([1, 2, 3, 3]), values([2, 2, 3, 3], 1)]);
  });
});
