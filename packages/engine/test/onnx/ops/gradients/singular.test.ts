import { describe, expect, test } from "vitest";
import type { Tensor } from "../../../../src/onnx/index.js";
import { runWithGradients } from "../../numeric.js";
import type { ExtraInputs } from "../../operator.js";
import { axesInput, boundsInputs, operatorOf } from "../../operator.js";
import type { TorchCase } from "../../torch.js";
import { torchCases } from "../../torch.js";

const extra: ExtraInputs = (g, attributes) => [...axesInput(g, attributes), ...boundsInputs(g, attributes)];

/** JSON has no infinities: the fixtures spell them as Python does. */
function read(packed: TorchCase["output"]): Tensor {
  const numbers = packed.data.map((v) => (v === "inf" ? Infinity : v === "-inf" ? -Infinity : Number(v)));
  return { dtype: "float32", shape: packed.shape, data: Float32Array.from(numbers) };
}

/** Equal infinities and NaNs, and numbers within 1e-5 of the expected one or, below 1, of 1. */
function expectSame(got: Tensor, expected: Tensor, what: string): void {
  expect(got.shape).toEqual(expected.shape);
  expected.data.forEach((value: number | bigint, i: number) => {
    const actual = got.data[i] as number;
    const same =
      Object.is(actual + 0, (value as number) + 0) ||
      Math.abs(actual - (value as number)) <= 1e-5 * Math.max(1, Math.abs(value as number));
    expect(same, `${what}[${i}]: expected ${value}, got ${actual}`).toBe(true);
  });
}

describe("at the edges of domains, at kinks and at ties the values are PyTorch's", () => {
  for (const torch of torchCases("singular")) {
    test(torch.name, async () => {
      const f = operatorOf(torch, ["axes", "bounds"], extra);
      const { y, gradients } = await runWithGradients(
        (g, inputs) =>
          torch.attributes["axes"] ? g.reshape(f(g, inputs), torch.output.shape) : f(g, inputs),
        torch.inputs.map(read),
      );
      expectSame(y, read(torch.output), "y");
      gradients.forEach((gradient, i) => {
        expectSame(gradient, read(torch.gradients[i]!), `gradient by input ${i}`);
      });
    });
  }
});
