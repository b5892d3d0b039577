import { describe, expect, test } from "vitest";
import { differentiate, GraphBuilder, tensor } from "../../../../src/onnx/index.js";
import { runWithGradients, values } from "../../numeric.js";
import type { ExtraInputs } from "../../operator.js";
import { operatorOf } from "../../operator.js";
import { testTorchCases } from "../../torch.js";

const exponentInput: ExtraInputs = (g, { exponent }) => {
  if (!exponent) return [];
  const numbers = exponent as readonly number[];
  return [g.constant(tensor("float32", numbers.length === 1 ? [] : [numbers.length], numbers))];
};

describe("arithmetic", () => {
  testTorchCases("arithmetic", (torch) =>
    torch.attributes["op"] === "Mod"
      ? (g, inputs) => g.op("Mod", inputs, { fmod: 1 })
      : operatorOf(torch, ["exponent"], exponentInput),
  );
});

describe("Pow", () => {
  test("takes an exponent of integers", async () => {
    const x = values([2, 3]);
    const { gradients } = await runWithGradients(
      (g, [base]) => g.op("Pow", [base!, g.constant(tensor("int64", [3], [0, 1, 4]))]),
      [x],
    );
    const { gradients: floats } = await runWithGradients(
      (g, [base]) => g.op("Pow", [base!, g.constant(tensor("float32", [3], [0, 1, 4]))]),
      [x],
    );
    expect(gradients[0]!.data).toEqual(floats[0]!.data);
  });

  test("computes nothing for an exponent that is not trained", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    const exponent = g.input("exponent", "float32", [2]);
    differentiate(g, g.reduceSum(g.pow(x, exponent)), [x]);
    expect(g.nodes.map((node) => node.opType)).not.toContain("Log");
  });
});

describe("Cast", () => {
  test("ends at integers, with the error that no differentiable path leads to the parameter", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    const loss = g.reduceSum(g.cast(g.cast(x, "int32"), "float32"));
    expect(() => differentiate(g, loss, [x])).toThrow("to depend on a parameter");
  });

  test("casts the gradient back", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float64", [2]);
    const loss = g.reduceSum(g.cast(x, "float32"));
    expect(differentiate(g, loss, [x]).get(x)!.dtype).toBe("float64");
  });
});
