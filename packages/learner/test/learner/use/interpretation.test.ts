import { describe, expect, test } from "vitest";
import { tensor } from "../../../../engine/src/onnx/index.js";
import { countConfusions } from "../../../src/learner/use/interpretation.js";

describe("confusions of single outputs, per item and per position", () => {
  const names = ["no", "yes"];
  const data = [0.2, 0.6, 0.9, 0.4];
  const labels = Int32Array.of(0, 1, 1, 1);

  test.each([
    [[4], [4]],
    [[4, 1], [4]],
    [
      [2, 1, 2],
      [2, 2],
    ],
  ])("are those of probabilities behind a Sigmoid: %j for %j", (shape, wanted) => {
    const predictions = tensor("float32", shape, data);
    const targets = [tensor("int32", wanted, labels)];
    const matrix = (ending?: "sigmoid") =>
      countConfusions({ predictions, targets, rows: [], ...(ending ? { ending } : {}) }, names).counts;
    expect(matrix("sigmoid")).toEqual([
      [1, 0],
      [1, 2],
    ]);
    // As logits all of them say yes.
    expect(matrix()).toEqual([
      [0, 1],
      [0, 3],
    ]);
  });
});
