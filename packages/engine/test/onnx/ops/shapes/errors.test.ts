import { describe, expect, test } from "vitest";
import type { Attributes, DType, Value } from "../../../../src/onnx/index.js";
import { GraphBuilder, OnnxError } from "../../../../src/onnx/index.js";

type Input = readonly number[] | { readonly dtype: DType; readonly shape: readonly number[] };

/** The error of a node of this operator over inputs of these shapes. */
function errorOf(op: string, shapes: readonly Input[], attributes: Attributes = {}): OnnxError {
  const g = new GraphBuilder();
  const inputs: Value[] = shapes.map((input, i) =>
    "dtype" in input ? g.input(`x${i}`, input.dtype, input.shape) : g.input(`x${i}`, "float32", input),
  );
  try {
    g.op(op, inputs, attributes, { name: `/model/${op}` });
  } catch (error) {
    if (error instanceof OnnxError) return error;
    throw error;
  }
  throw new Error(`${op} took inputs of shapes ${JSON.stringify(shapes)}`);
}

describe("a node whose inputs do not fit", () => {
  test("is refused with operator, node and shapes, in the text and as fields", () => {
    const error = errorOf("MatMul", [
      [2, 3],
      [4, 5],
    ]);
    expect(error.message).toBe(
      'MatMul (node "/model/MatMul"): expected matrices whose inner dimensions agree, got float32[2, 3], float32[4, 5]',
    );
    expect(error).toMatchObject({
      op: "MatMul",
      node: "/model/MatMul",
      shapes: [
        [2, 3],
        [4, 5],
      ],
    });
  });

  test.each<[string, readonly Input[], Attributes, string]>([
    ["Add", [[2, 3], [4]], {}, "shapes that broadcast together, got float32[2, 3], float32[4]"],
    ["Max", [[2], [1], [3]], {}, "shapes that broadcast together, got float32[2], float32[1], float32[3]"],
    [
      "Mul",
      [[2], { dtype: "int64", shape: [2] }],
      {},
      "inputs of one element type, got float32[2], int64[2]",
    ],
    ["Add", [[2]], {}, "two inputs, got float32[2]"],
    ["Where", [[2], [2], [2]], {}, "a bool condition, got float32[2], float32[2], float32[2]"],
    ["And", [[2], [2]], {}, "bool inputs, got float32[2], float32[2]"],
    ["MatMul", [[], [2]], {}, "two inputs of rank 1 or more, got float32[], float32[2]"],
    [
      "MatMul",
      [
        [2, 2, 3],
        [3, 3, 4],
      ],
      {},
      "matrices whose inner dimensions agree",
    ],
    [
      "Gemm",
      [
        [2, 3, 4],
        [4, 5],
      ],
      {},
      "two matrices, got float32[2, 3, 4], float32[4, 5]",
    ],
    [
      "Gemm",
      [
        [2, 3],
        [5, 4],
      ],
      { transB: 1 },
      "matrices whose inner dimensions agree",
    ],
    ["Gemm", [[2, 3], [3, 5], [2]], {}, "a third input that broadcasts to [2, 5]"],
    ["Einsum", [[2, 3]], {}, "an equation, got float32[2, 3]"],
    ["Einsum", [[2, 3]], { equation: "ij,jk" }, '2 input(s) for the equation "ij,jk"'],
    [
      "Einsum",
      [
        [2, 3],
        [4, 5],
      ],
      { equation: "ij,jk" },
      'one size for "j" in "ij,jk"',
    ],
    ["Einsum", [[2, 3]], { equation: "ijk->i" }, 'input number 0 to have the dimensions "ijk" of "ijk->i"'],
    ["Einsum", [[2, 3]], { equation: "ij->ik" }, 'an output of distinct labels of the inputs in "ij->ik"'],
    ["Einsum", [[2, 3]], { equation: "ij->ii" }, 'an output of distinct labels of the inputs in "ij->ii"'],
    [
      "Einsum",
      [
        [4, 2, 3],
        [3, 5],
      ],
      { equation: "...ij,...jk->...ik" },
      'as many dimensions behind each ellipsis of "...ij,...jk->...ik"',
    ],
    ["Softmax", [[2, 3]], { axis: 2 }, "an axis from -2 to 1, not 2, got float32[2, 3]"],
    ["LogSoftmax", [[2, 3]], { axis: -3 }, "an axis from -2 to 1, not -3, got float32[2, 3]"],
    ["ReduceSum", [[2, 3], { dtype: "int64", shape: [1] }], {}, 'input number 1 ("x1") to be a constant'],
    ["PRelu", [[2, 3], [4]], {}, "a slope that broadcasts to [2, 3], got float32[2, 3], float32[4]"],
    ["PRelu", [[3], [2, 3]], {}, "a slope that broadcasts to [3], got float32[3], float32[2, 3]"],
    ["Clip", [[3], [2]], {}, "scalar bounds, got float32[3], float32[2]"],
    ["Sigmoid", [{ dtype: "bool", shape: [3] }], {}, "a float input, got bool[3]"],
  ])("%s %j %j", (op, shapes, attributes, expected) => {
    const { message } = errorOf(op, shapes, attributes);
    expect(message).toContain(`${op} (node "/model/${op}"): expected ${expected}`);
  });

  test("names the axis of a reduction that lies outside the rank", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2, 3]);
    expect(() => g.reduceSum(x, [2])).toThrow(
      'ReduceSum (node "ReduceSum"): expected an axis from -2 to 1, not 2, got float32[2, 3], int64[1]',
    );
  });

  test("says which operator has no shape rule and how to do without", () => {
    const g = new GraphBuilder();
    expect(() => g.op("NonZero", [g.input("x", "float32", [2])], {}, { name: "/x/NonZero" })).toThrow(
      'NonZero (node "/x/NonZero"): expected an operator with a shape rule; try giving the node its output types',
    );
  });
});
