import { describe } from "vitest";
import type { Attributes } from "../../../../src/onnx/index.js";
import { testTorchCases } from "../../torch.js";

describe("pools against PyTorch", () => {
  testTorchCases(
    "pool",
    ({ attributes }) =>
      (g, inputs) => {
        const { op, ...rest } = attributes;
        return g.op(op as string, inputs, rest as Attributes);
      },
    ({ name }) => ({ finite: !/ties|all equal/.test(name) }),
  );
});
