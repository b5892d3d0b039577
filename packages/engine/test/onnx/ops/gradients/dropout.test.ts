import { describe, expect, test } from "vitest";
import { differentiate, GraphBuilder, tensor } from "../../../../src/onnx/index.js";
import { runWithGradients, values } from "../../numeric.js";

describe("Dropout", () => {
  test.each([
    ["without further inputs", undefined, undefined],
    ["in inference", 0.5, false],
    ["that drops nothing", 0, true],
  ])("%s is the identity", async (_, ratio, training) => {
    const x = values([2, 3]);
    const { y, gradients } = await runWithGradients(
      (g, [input]) =>
        g.op("Dropout", [
          input!,
          ratio === undefined ? null : g.scalar(ratio),
          training === undefined ? null : g.constant(tensor("bool", [], [Number(training)])),
        ]),
      [x],
    );
    const { gradients: identity } = await runWithGradients((g, [input]) => g.op("Identity", [input!]), [x]);
    expect(y.data).toEqual(x.data);
    expect(gradients[0]!.data).toEqual(identity[0]!.data);
  });

  test("in training cannot be replayed, which the error explains", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    const training = g.constant(tensor("bool", [], [1]));
    const y = g.op("Dropout", [x, g.scalar(0.1), training], {}, { name: "/drop/Dropout" });
    expect(() => differentiate(g, g.reduceSum(y), [x])).toThrow(
      /cannot differentiate "Dropout" \(node "\/drop\/Dropout"\): expected a mask that can be replayed.*try multiplying by a mask/,
    );
  });
});
