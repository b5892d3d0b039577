import { describe, expect, it } from "vitest";
import type { Tensor } from "../../../../engine/src/onnx/graph/tensor.js";
import { tensorDataset } from "../../../src/data/index.js";

const context = { seed: 0, epoch: 0, step: 0, training: false };
const x: Tensor = { dtype: "float32", shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
const ids: Tensor = { dtype: "int64", shape: [3], data: BigInt64Array.of(7n, 8n, 9n) };
const y: Tensor = { dtype: "float32", shape: [3, 1], data: Float32Array.of(-1, -2, -3) };

describe("tensorDataset", () => {
  it("gathers rows of every tensor, of any type", async () => {
    const dataset = tensorDataset({ inputs: [x, ids], targets: [y] });
    expect(dataset.length).toBe(3);
    expect(dataset.inputs).toEqual([
      { dtype: "float32", shape: [2] },
      { dtype: "int64", shape: [] },
    ]);
    const batch = await dataset.batch(Uint32Array.of(2, 0), context);
    expect(batch).toEqual({
      inputs: [
        { dtype: "float32", shape: [2, 2], data: Float32Array.of(5, 6, 1, 2) },
        { dtype: "int64", shape: [2], data: BigInt64Array.of(9n, 7n) },
      ],
      targets: [{ dtype: "float32", shape: [2, 1], data: Float32Array.of(-3, -1) }],
      size: 2,
    });
  });

  it("rejects a row that is not there", () => {
    const dataset = tensorDataset({ inputs: [x], targets: [y] });
    const batch = () => dataset.batch(Uint32Array.of(3), context);
    expect(batch).toThrow("batch: expected rows in 0 … 2, got 3 at index 0");
  });

  it.each([
    [
      "no tensor",
      { inputs: [], targets: [] },
      "tensorDataset: expected tensors with at least one row, got no tensor",
    ],
    ["no row", { inputs: [{ ...x, shape: [0, 2] }] }, "got shape [0, 2]"],
    ["a scalar", { inputs: [{ ...x, shape: [] }] }, "got shape []"],
    [
      "another number of rows",
      { targets: [{ ...y, shape: [1, 3] }] },
      "targets[0]: expected 3 rows, as the first has, got shape [1, 3]",
    ],
    [
      "too few values",
      { inputs: [x, { ...x, shape: [3, 3] }] },
      "inputs[1]: expected 9 values for [3, 3], got 6",
    ],
  ])("rejects %s", (_, options, message) => {
    expect(() => tensorDataset({ inputs: [x], targets: [y], ...options })).toThrow(message);
  });
});
