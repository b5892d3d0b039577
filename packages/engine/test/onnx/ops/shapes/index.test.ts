import { describe, expect, test } from "vitest";
import type { Attributes, DType, Value } from "../../../../src/onnx/index.js";
import { GraphBuilder, OnnxError, tensor } from "../../../../src/onnx/index.js";

type Input =
  | readonly number[]
  | { readonly ints: readonly number[] }
  | { readonly dtype: DType; readonly shape: readonly number[] }
  | null;

/** Shapes of a node's outputs. Inputs are shapes, or constants of whole numbers. */
function shapesOf(op: string, inputs: readonly Input[], attributes: Attributes = {}, outputs = 1) {
  const g = new GraphBuilder();
  const values = inputs.map((input, i): Value | null => {
    if (input === null) return null;
    if ("ints" in input) return g.constant(tensor("int64", [input.ints.length], input.ints));
    return "dtype" in input ? g.input(`x${i}`, input.dtype, input.shape) : g.input(`x${i}`, "float32", input);
  });
  return g.node(op, values, attributes, { outputs }).map(({ shape }) => shape);
}
const ints = (...values: readonly number[]) => ({ ints: values });

describe("shapes of a node", () => {
  test.each<[string, readonly Input[], Attributes, readonly number[]]>([
    [
      "Concat",
      [
        [2, 3],
        [2, 4],
      ],
      { axis: -1 },
      [2, 7],
    ],
    [
      "Concat",
      [
        [2, 3],
        [1, 3],
      ],
      {},
      [3, 3],
    ],
    ["Expand", [[3, 1], ints(2, 1, 4)], {}, [2, 3, 4]],
    ["Flatten", [[2, 3, 4]], {}, [2, 12]],
    ["Flatten", [[2, 3, 4]], { axis: 0 }, [1, 24]],
    ["Flatten", [[2, 3, 4]], { axis: -1 }, [6, 4]],
    ["Flatten", [[2, 3, 4]], { axis: 3 }, [24, 1]],
    ["Reshape", [[2, 3, 4], ints(0, -1)], {}, [2, 12]],
    ["Reshape", [[2, 0, 4], ints(0, 5)], { allowzero: 1 }, [0, 5]],
    ["Reshape", [[2, 3], ints(-1, 1, 2)], {}, [3, 1, 2]],
    ["Slice", [[5, 6], ints(1), ints(4)], {}, [3, 6]],
    ["Slice", [[5, 6], ints(-2), ints(9), ints(-1)], {}, [5, 2]],
    ["Slice", [[5, 6], ints(0, 1), ints(5, 6), ints(0, 1), ints(2, 3)], {}, [3, 2]],
    ["Slice", [[5], ints(-1), ints(-9), ints(0), ints(-2)], {}, [3]],
    ["Slice", [[5], ints(4), ints(0), ints(0), ints(-1)], {}, [4]],
    ["Slice", [[5], ints(3), ints(1)], {}, [0]],
    ["Slice", [[5], ints(9), ints(-9), ints(0), ints(-1)], {}, [5]],
    ["Squeeze", [[1, 2, 1]], {}, [2]],
    ["Squeeze", [[1, 2, 1], ints(-1)], {}, [1, 2]],
    ["Unsqueeze", [[2, 3], ints(0, -1)], {}, [1, 2, 3, 1]],
    ["Unsqueeze", [[2, 3], ints(2, 1)], {}, [2, 1, 1, 3]],
    ["Transpose", [[2, 3, 4]], {}, [4, 3, 2]],
    ["Transpose", [[2, 3, 4]], { perm: [1, 2, 0] }, [3, 4, 2]],
    ["Tile", [[2, 3], ints(2, 0)], {}, [4, 0]],
    ["Pad", [[2, 3], ints(1, 2, 3, -1)], {}, [6, 4]],
    ["Pad", [[2, 3], ints(1, 2), null, ints(-1)], {}, [2, 6]],
    ["DepthToSpace", [[1, 8, 2, 3]], { blocksize: 2 }, [1, 2, 4, 6]],
    ["SpaceToDepth", [[1, 2, 4, 6]], { blocksize: 2 }, [1, 8, 2, 3]],
    ["DepthToSpace", [[1, 8, 2, 3]], {}, [1, 8, 2, 3]],
    ["Gather", [[4, 5], { dtype: "int64", shape: [2, 3] }], {}, [2, 3, 5]],
    ["Gather", [[4, 5], { dtype: "int64", shape: [] }], { axis: -1 }, [4]],
    ["GatherElements", [[4, 5], { dtype: "int64", shape: [2, 3] }], {}, [2, 3]],
    ["GatherND", [[4, 5, 6], { dtype: "int64", shape: [3, 2] }], {}, [3, 6]],
    ["GatherND", [[4, 5, 6], { dtype: "int64", shape: [4, 3, 1] }], { batch_dims: 1 }, [4, 3, 6]],
    ["GatherND", [[4, 5], { dtype: "int64", shape: [3, 2] }], {}, [3]],
    ["OneHot", [[2, 3], ints(5), [2]], {}, [2, 3, 5]],
    ["OneHot", [[2, 3], ints(5), [2]], { axis: 0 }, [5, 2, 3]],
    ["ScatterElements", [[4, 5], { dtype: "int64", shape: [2, 3] }, [2, 3]], {}, [4, 5]],
    ["MatMul", [[3], [3]], {}, []],
    ["MatMul", [[3], [2, 3, 4]], {}, [2, 4]],
    ["MatMul", [[2, 4, 3], [3]], {}, [2, 4]],
    [
      "MatMul",
      [
        [5, 1, 4, 3],
        [2, 3, 6],
      ],
      {},
      [5, 2, 4, 6],
    ],
    ["Gemm", [[3, 2], [4, 3], [4]], { transA: 1, transB: 1 }, [2, 4]],
    ["Gemm", [[2, 3], [3, 4], []], {}, [2, 4]],
    [
      "Einsum",
      [
        [2, 3],
        [3, 4],
      ],
      { equation: "ij, jk" },
      [2, 4],
    ],
    [
      "Einsum",
      [
        [5, 2, 3],
        [3, 2],
      ],
      { equation: "...ij,ji" },
      [5],
    ],
    ["Einsum", [[3, 3]], { equation: "ii->i" }, [3]],
    [
      "Einsum",
      [
        [1, 3],
        [4, 3],
      ],
      { equation: "ij,ij->ij" },
      [4, 3],
    ],
    ["Einsum", [[2, 3]], { equation: "ba" }, [3, 2]],
    ["ReduceSum", [[2, 3, 4], ints(-1, 0)], {}, [1, 3, 1]],
    ["ReduceSum", [[2, 3, 4], ints(1)], { keepdims: 0 }, [2, 4]],
    ["ReduceSum", [[2, 3]], {}, [1, 1]],
    ["ReduceSum", [[2, 3]], { noop_with_empty_axes: 1 }, [2, 3]],
    ["ReduceSum", [[2, 3], ints()], {}, [1, 1]],
    ["ArgMax", [[2, 3]], {}, [1, 3]],
    ["ArgMin", [[2, 3]], { axis: -1, keepdims: 0 }, [2]],
    ["Resize", [[1, 1, 4, 4], null, null, ints(1, 1, 7, 2)], {}, [1, 1, 7, 2]],
    [
      "Conv",
      [
        [2, 4, 9, 8],
        [6, 2, 3, 2],
      ],
      { group: 2, strides: [2, 1], pads: [1, 0, 1, 0], dilations: [1, 2] },
      [2, 6, 5, 6],
    ],
    [
      "Conv",
      [
        [1, 1, 5],
        [1, 1, 2],
      ],
      { auto_pad: "SAME_LOWER", strides: [2] },
      [1, 1, 3],
    ],
    [
      "Conv",
      [
        [1, 1, 5],
        [1, 1, 2],
      ],
      { auto_pad: "VALID", pads: [9, 9] },
      [1, 1, 4],
    ],
    [
      "Conv",
      [
        [1, 1, 2],
        [1, 1, 2],
      ],
      {},
      [1, 1, 1],
    ],
    [
      "ConvTranspose",
      [
        [1, 2, 3],
        [2, 3, 2],
      ],
      { strides: [2], output_padding: [1], pads: [0, 1] },
      [1, 3, 6],
    ],
    [
      "ConvTranspose",
      [
        [1, 2, 3],
        [2, 3, 2],
      ],
      { strides: [3], auto_pad: "SAME_UPPER" },
      [1, 3, 9],
    ],
    [
      "ConvTranspose",
      [
        [1, 2, 3],
        [2, 3, 2],
      ],
      { output_shape: [7] },
      [1, 3, 7],
    ],
    [
      "ConvTranspose",
      [
        [1, 2, 3],
        [2, 3, 2],
      ],
      { group: 2, dilations: [2] },
      [1, 6, 5],
    ],
    ["MaxPool", [[1, 1, 5]], { kernel_shape: [2], strides: [2], ceil_mode: 1 }, [1, 1, 3]],
    ["MaxPool", [[1, 1, 4]], { kernel_shape: [1], strides: [3], ceil_mode: 1 }, [1, 1, 2]],
    ["GlobalMaxPool", [[2, 3, 4, 5]], {}, [2, 3, 1, 1]],
    ["GlobalAveragePool", [[2, 3, 4]], {}, [2, 3, 1]],
    ["BatchNormalization", [[2], [1], [1], [1], [1]], {}, [2]],
  ])("%s %j %j", (op, inputs, attributes, expected) => {
    expect(shapesOf(op, inputs, attributes)).toEqual([expected]);
  });

  test("is of several outputs", () => {
    expect(shapesOf("Split", [[7]], {}, 3)).toEqual([[3], [3], [1]]);
    expect(shapesOf("Split", [[2, 6], ints(1, 5)], { axis: -1 }, 2)).toEqual([
      [2, 1],
      [2, 5],
    ]);
    expect(shapesOf("Split", [[6]], { num_outputs: 2 }, 2)).toEqual([[3], [3]]);
    expect(
      shapesOf(
        "LayerNormalization",
        [
          [2, 3, 4],
          [3, 4],
        ],
        { axis: 1 },
        3,
      ),
    ).toEqual([
      [2, 3, 4],
      [2, 1, 1],
      [2, 1, 1],
    ]);
    expect(shapesOf("MaxPool", [[1, 1, 4]], { kernel_shape: [2] }, 2)).toEqual([
      [1, 1, 3],
      [1, 1, 3],
    ]);
    expect(shapesOf("BatchNormalization", [[2, 3, 1], [3], [3], [3], [3]], { training_mode: 1 }, 3)).toEqual([
      [2, 3, 1],
      [3],
      [3],
    ]);
  });
});

describe("a node that has none", () => {
  test.each<[string, readonly Input[], Attributes, string]>([
    [
      "Concat",
      [
        [2, 3],
        [2, 3, 1],
      ],
      { axis: 0 },
      "inputs that agree in every dimension but 0",
    ],
    [
      "Concat",
      [
        [2, 3],
        [2, 4],
      ],
      { axis: 0 },
      "inputs that agree in every dimension but 0",
    ],
    ["Concat", [[2], null], {}, "an input number 1, got float32[2], nothing"],
    ["Expand", [[2, 3], ints(2)], {}, "an input that broadcasts to [2]"],
    ["Reshape", [[2, 3]], {}, "a shape"],
    ["Reshape", [[2, 3], ints(5)], {}, "5 elements for [5]"],
    ["Reshape", [[2, 3], { dtype: "int64", shape: [1] }], {}, 'input number 1 ("x1") to be a constant'],
    ["Squeeze", [[2, 1], ints(0)], {}, "size 1 in dimension(s) 0"],
    ["Squeeze", [[2, 1], ints(2)], {}, "an axis from -2 to 1, not 2"],
    ["Unsqueeze", [[2], ints(2)], {}, "an axis from -2 to 1, not 2"],
    ["Transpose", [[2, 3]], { perm: [0, 0] }, "a permutation of 2 dimensions, not [0,0]"],
    ["Transpose", [[2, 3]], { perm: [0] }, "a permutation of 2 dimensions, not [0]"],
    ["Transpose", [[2]], { perm: [0, 1] }, "a permutation of 1 dimensions, not [0,1]"],
    ["Tile", [[2, 3], ints(2)], {}, "2 repeats"],
    ["Tile", [[2, 3]], {}, "2 repeats"],
    ["Pad", [[2, 3], ints(1, 1)], {}, "4 pads"],
    ["Pad", [[2, 3], ints(1), null, ints(0)], {}, "2 pads"],
    ["Split", [[6], ints(2, 3)], {}, "parts that add up to 6"],
    ["DepthToSpace", [[1, 3, 2, 2]], { blocksize: 2 }, "[N, C, H, W] with C a multiple of 4"],
    ["DepthToSpace", [[4, 2, 2]], { blocksize: 2 }, "[N, C, H, W] with C a multiple of 4"],
    ["SpaceToDepth", [[1, 1, 3, 2]], { blocksize: 2 }, "[N, C, H, W] with H and W multiples of 2"],
    ["SpaceToDepth", [[1, 1, 2, 3]], { blocksize: 2 }, "[N, C, H, W] with H and W multiples of 2"],
    ["SpaceToDepth", [[1, 2, 2]], { blocksize: 2 }, "[N, C, H, W] with H and W multiples of 2"],
    ["Gather", [[2], { dtype: "int64", shape: [1] }], { axis: 1 }, "an axis from -1 to 0, not 1"],
    ["Gather", [[2], { dtype: "int64", shape: [1] }], { axis: 0.5 }, "an axis from -1 to 0, not 0.5"],
    ["GatherElements", [[2, 3], { dtype: "int64", shape: [2] }], {}, "data and indices of one rank"],
    ["GatherND", [[2, 3], { dtype: "int64", shape: [3] }], {}, "indices whose last dimension is at most 2"],
    [
      "GatherND",
      [[2, 3], { dtype: "int64", shape: [2, 2] }],
      { batch_dims: 1 },
      "indices whose last dimension is at most 1",
    ],
    ["GatherND", [[2], { dtype: "int64", shape: [] }], {}, "indices whose last dimension"],
    ["OneHot", [[2], null, [2]], {}, "a depth"],
    ["OneHot", [[2], ints(3), [2]], { axis: 2 }, "an axis from -2 to 1, not 2"],
    ["Gemm", [[2], [2, 3]], {}, "two matrices"],
    ["Gemm", [[2, 3], [3]], {}, "two matrices"],
    [
      "Gemm",
      [
        [2, 3],
        [3, 4],
        [3, 4],
      ],
      {},
      "a third input that broadcasts to [2, 4]",
    ],
    [
      "Gemm",
      [
        [2, 3],
        [3, 4],
        [1, 2, 4],
      ],
      {},
      "a third input that broadcasts to [2, 4]",
    ],
    [
      "Gemm",
      [
        [1, 3],
        [3, 1],
        [1, 2],
      ],
      {},
      "a third input that broadcasts to [1, 1]",
    ],
    ["MatMul", [[2], []], {}, "two inputs of rank 1 or more"],
    [
      "Where",
      [{ dtype: "bool", shape: [2] }, [2], { dtype: "int64", shape: [2] }],
      {},
      "inputs of one element type",
    ],
    ["Where", [{ dtype: "bool", shape: [3] }, [2], [2]], {}, "shapes that broadcast together"],
    ["Pow", [[2]], {}, "two inputs"],
    ["Greater", [[2], { dtype: "int64", shape: [2] }], {}, "inputs of one element type"],
    ["Greater", [[2], [2], [2]], {}, "two inputs"],
    ["Clip", [[3], null, [1]], {}, "scalar bounds"],
    ["Resize", [[2], null, null, ints(4)], { axes: [0] }, "no axes attribute"],
    ["Resize", [[2]], {}, "constant scales or sizes"],
    ["Resize", [[2], null, [1]], {}, "constant scales or sizes"],
    ["Range", [[], [], []], {}, "a constant start, limit and step"],
    [
      "Conv",
      [
        [2, 3],
        [3, 3],
      ],
      {},
      "an input [N, C, …] and weights [M, C / group, …] of one rank, at least 3",
    ],
    [
      "Conv",
      [
        [2, 3, 4],
        [3, 3, 4, 4],
      ],
      {},
      "an input [N, C, …] and weights [M, C / group, …] of one rank, at least 3",
    ],
    [
      "Conv",
      [
        [2, 3, 4],
        [3, 2, 2],
      ],
      {},
      "weights [M, C / group, …] for C = 3 channels in 1 group(s)",
    ],
    [
      "Conv",
      [
        [2, 4, 4],
        [3, 2, 2],
      ],
      { group: 2 },
      "weights [M, C / group, …] for C = 4 channels in 2 group(s)",
    ],
    [
      "Conv",
      [
        [1, 1, 2],
        [1, 1, 3],
      ],
      {},
      "a window no larger than the padded input in spatial dimension 0",
    ],
    [
      "Conv",
      [
        [1, 1, 5],
        [1, 1, 3],
      ],
      { strides: [1, 1] },
      "kernel, strides, dilations and pads for 1 spatial dimensions",
    ],
    [
      "Conv",
      [
        [1, 1, 5],
        [1, 1, 3],
      ],
      { pads: [1] },
      "kernel, strides, dilations and pads for 1",
    ],
    [
      "Conv",
      [
        [1, 1, 5],
        [1, 1, 3],
      ],
      { dilations: [1, 1] },
      "kernel, strides, dilations and pads for 1",
    ],
    ["MaxPool", [[1, 1, 5]], { kernel_shape: [1, 1] }, "kernel, strides, dilations and pads for 1"],
    ["MaxPool", [[1, 1, 5]], {}, "an input [N, C, …] and a kernel_shape"],
    ["MaxPool", [[1, 1]], { kernel_shape: [] }, "an input [N, C, …] and a kernel_shape"],
    [
      "ConvTranspose",
      [
        [1, 2],
        [2, 2],
      ],
      {},
      "an input [N, C, …] and weights [C, M / group, …]",
    ],
    [
      "ConvTranspose",
      [
        [1, 2, 3],
        [3, 2, 3],
      ],
      {},
      "an input [N, C, …] and weights [C, M / group, …]",
    ],
    [
      "ConvTranspose",
      [
        [1, 2, 3],
        [2, 2, 3, 3],
      ],
      {},
      "an input [N, C, …] and weights [C, M / group, …]",
    ],
    ["GlobalMaxPool", [[1, 2]], {}, "an input [N, C, …]"],
    [
      "RNN",
      [
        [3, 2, 2],
        [1, 2, 2],
        [1, 2, 2],
      ],
      { layout: 1 },
      "the layout 0 (time first)",
    ],
    [
      "RNN",
      [
        [3, 2],
        [1, 2, 2],
        [1, 2, 2],
      ],
      {},
      "inputs [time, batch, size], [directions, 1 hidden, size] and [directions, 1 hidden, hidden]",
    ],
    [
      "RNN",
      [
        [3, 2, 2],
        [2, 2],
        [1, 2, 2],
      ],
      {},
      "inputs [time, batch, size]",
    ],
    [
      "RNN",
      [
        [3, 2, 2],
        [1, 2, 2],
        [2, 2],
      ],
      {},
      "inputs [time, batch, size]",
    ],
    [
      "RNN",
      [
        [3, 2, 2],
        [1, 3, 2],
        [1, 2, 2],
      ],
      {},
      "inputs [time, batch, size]",
    ],
    [
      "RNN",
      [
        [3, 2, 2],
        [1, 2, 3],
        [1, 2, 2],
      ],
      {},
      "inputs [time, batch, size]",
    ],
    [
      "RNN",
      [
        [3, 2, 2],
        [1, 2, 2],
        [1, 3, 2],
      ],
      {},
      "inputs [time, batch, size]",
    ],
    [
      "RNN",
      [
        [3, 2, 2],
        [2, 2, 2],
        [1, 2, 2],
      ],
      {},
      "weights of 1 direction(s)",
    ],
    [
      "RNN",
      [
        [3, 2, 2],
        [1, 2, 2],
        [2, 2, 2],
      ],
      {},
      "weights of 1 direction(s)",
    ],
    ["Einsum", [[2, 3]], { equation: "i1->i" }, 'input number 0 to have the dimensions "i1" of "i1->i"'],
    ["Einsum", [[2], [2]], { equation: "...ij,j" }, 'as many dimensions behind each ellipsis of "...ij,j"'],
    ["LayerNormalization", [[2, 3], [3]], { axis: 2 }, "an axis from -2 to 1, not 2"],
    ["EyeLike", [[2, 2]], { dtype: 16 }, "a known element type, not number 16,"],
  ])("%s %j %j", (op, inputs, attributes, expected) => {
    expect(() => shapesOf(op, inputs, attributes)).toThrow(OnnxError);
    expect(() => shapesOf(op, inputs, attributes)).toThrow(`${op} (node "${op}"): expected ${expected}`);
  });
});
