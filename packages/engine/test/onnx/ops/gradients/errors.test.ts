import { describe, expect, test } from "vitest";
import type { Attributes, DType, Value } from "../../../../src/onnx/index.js";
import { differentiate, GraphBuilder, OnnxError, tensor } from "../../../../src/onnx/index.js";

type Input = readonly number[] | Value | null;

/** The error of differentiating one node by its first input; undefined where there is none. */
function errorOf(
  op: string,
  inputs: (g: GraphBuilder) => readonly Input[],
  attributes: Attributes = {},
  used: readonly number[] = [0],
  outputs = Math.max(...used) + 1,
): OnnxError | undefined {
  const g = new GraphBuilder();
  let count = 0;
  const values = inputs(g).map((input) =>
    Array.isArray(input) ? g.input(`x${count++}`, "float32", input as number[]) : (input as Value | null),
  );
  const results = g.node(op, values, attributes, { name: `/model/${op}`, outputs });
  const loss = used.map((i) => g.reduceSum(results[i]!)).reduce((a, b) => g.add(a, b));
  try {
    differentiate(g, loss, [values[0]!]);
  } catch (error) {
    if (error instanceof OnnxError) return error;
    throw error;
  }
  return undefined;
}

const images = [1, 2, 4, 4];
const recurrent = (gates: number) => [
  [3, 2, 2],
  [1, gates * 2, 2],
  [1, gates * 2, 2],
];
const ints = (g: GraphBuilder, ...values: number[]) => g.ints(values);
const norm = [images, [2], [2]];

describe("a node that cannot be differentiated", () => {
  test.each<[string, (g: GraphBuilder) => readonly Input[], Attributes, string, number[]?]>([
    ["MaxPool", () => [images], { kernel_shape: [2, 2], storage_order: 1 }, "storage_order 0 (row-major)"],
    ["GRU", () => recurrent(3), { activations: ["Relu", "Tanh"] }, "the default activations, not Relu, Tanh"],
    ["GRU", () => recurrent(3), { clip: 2 }, "no clipping of the cell"],
    ["LSTM", () => recurrent(4), { input_forget: 1 }, "no coupled forget gate"],
    [
      "LSTM",
      () => recurrent(4),
      { activations: ["Sigmoid", "Tanh", "Sigmoid"] },
      "the default activations, not Sigmoid, Tanh, Sigmoid",
    ],
    [
      "LSTM",
      (g) => [...recurrent(4), null, null, null, null, g.input("p", "float32", [1, 6])],
      {},
      "no peephole weights",
    ],
    [
      "RNN",
      () => recurrent(1),
      { activations: ["Affine"] },
      "the activation Tanh, Relu or Sigmoid, not Affine",
    ],
    ["RNN", () => recurrent(1), { clip: 1 }, "no clipping of the cell"],
    ["LayerNormalization", () => [[2, 3], [3]], {}, "a loss that uses the output only", [0, 1]],
    ["LayerNormalization", () => [[2, 3], [3]], {}, "a loss that uses the output only", [0, 2]],
    [
      "BatchNormalization",
      () => [...norm, [2], [2]],
      { training_mode: 1 },
      "a loss that uses the output only",
      [0, 1],
    ],
    ["DepthToSpace", () => [[1, 4, 2, 2]], { blocksize: 2, mode: "ABC" }, "the mode DCR or CRD, not ABC"],
    [
      "ScatterElements",
      (g) => [[3], ints(g, 0), [1]],
      { reduction: "mul" },
      "the reduction none or add, not mul",
    ],
    [
      "ScatterND",
      (g) => [[3], g.constant(tensor("int64", [1, 1], [0])), [1]],
      { reduction: "max" },
      "the reduction none, not max (ONNX Runtime 1.30 gives varying sums over duplicate indices)",
    ],
    [
      "Resize",
      (g) => [[1, 1, 4], null, null, ints(g, 1, 1, 8)],
      { mode: "nearest", nearest_mode: "up" },
      "a known nearest_mode, not up",
    ],
    [
      "Pad",
      (g) => [[3], ints(g, 3, 0)],
      { mode: "reflect" },
      "pads of at most 2 in dimension 0 for the mode reflect",
    ],
    [
      "Pad",
      (g) => [[3], ints(g, 0, 4)],
      { mode: "wrap" },
      "pads of at most 3 in dimension 0 for the mode wrap",
    ],
    ["Dropout", (g) => [[3], null, g.constant(tensor("bool", [], [1]))], {}, "a mask that can be replayed"],
    [
      "Dropout",
      (g) => [[3], g.input("ratio", "float32", [])],
      {},
      'input number 1 ("ratio") to be a constant',
    ],
  ])("%s %#", (op, inputs, attributes, expected, used) => {
    const error = errorOf(op, inputs, attributes, used);
    expect(error?.message).toContain(
      `cannot differentiate "${op}" (node "/model/${op}"): expected ${expected}`,
    );
    expect(error).toMatchObject({ op, node: `/model/${op}` });
    expect(error!.shapes![0]).toBeDefined();
  });

  test.each<[string, (g: GraphBuilder) => readonly Input[], Attributes, number[]?]>([
    ["MaxPool", () => [images], { kernel_shape: [2, 2], storage_order: 0 }],
    ["GRU", () => recurrent(3), { activations: ["sigmoid", "TANH"], clip: 0, layout: 0, input_forget: 0 }],
    ["LSTM", () => recurrent(4), { activations: ["Sigmoid", "Tanh", "Tanh"] }],
    ["RNN", () => recurrent(1), { activations: ["relu"] }],
    ["LayerNormalization", () => [[2, 3], [3]], {}],
    ["ScatterElements", (g) => [[3], ints(g, 0), [1]], { reduction: "add" }],
    ["ScatterElements", (g) => [[3], ints(g, 0), [1]], {}],
    ["ScatterND", (g) => [[3], g.constant(tensor("int64", [1, 1], [0])), [1]], { reduction: "none" }],
    ["DepthToSpace", () => [[1, 4, 2, 2]], { blocksize: 2 }],
    ["Pad", (g) => [[3], ints(g, 2, 2)], { mode: "reflect" }],
    ["Pad", (g) => [[3], ints(g, 3, 3)], { mode: "wrap" }],
    ["Pad", (g) => [[3], ints(g, 9, 9)], { mode: "edge" }],
    ["Dropout", (g) => [[3], g.scalar(0), g.constant(tensor("bool", [], [1]))], {}],
    ["Dropout", (g) => [[3], null, g.constant(tensor("bool", [], [0]))], {}],
    ["Split", (g) => [[4], ints(g, 2, 2)], {}, [1]],
  ])("%s can be, at the border: %#", (op, inputs, attributes, used) => {
    expect(errorOf(op, inputs, attributes, used)).toBeUndefined();
  });

  test("of which another output than the first is used says so, if its rule asks for the first", () => {
    const used = errorOf("BatchNormalization", () => [...norm, [2], [2]], { training_mode: 1 }, [1]);
    expect(used?.message).toContain("a gradient of the first output; the loss uses another one only");
  });
});

describe("differentiate refuses", () => {
  const messageOf = (call: () => unknown) => {
    try {
      call();
    } catch (error) {
      expect(error).toBeInstanceOf(OnnxError);
      return (error as Error).message;
    }
    return undefined;
  };
  test("a loss that is no float scalar, or depends on nothing, or on not all", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    const other = g.input("other", "float32", [2]);
    expect(messageOf(() => differentiate(g, g.neg(x), [x]))).toBe(
      'differentiate: expected a scalar float loss, got float32[2] ("Neg:0"); try reducing it to its mean',
    );
    expect(messageOf(() => differentiate(g, g.reduceSum(g.cast(x, "int32")), [x]))).toContain("got int32[]");
    const loss = g.reduceSum(x);
    expect(messageOf(() => differentiate(g, loss, [other]))).toBe(
      `differentiate: expected the loss "${loss.name}" to depend on a parameter, got one that depends on none`,
    );
    const flat = g.add(loss, g.reduceSum(g.op("Floor", [other])));
    expect(messageOf(() => differentiate(g, flat, [x, other]))).toBe(
      `differentiate: expected the loss "${flat.name}" to depend on "other", got no differentiable path there; try freezing or removing that parameter`,
    );
    expect(differentiate(g, flat, [x]).get(x)!.shape).toEqual([2]);
    const double = g.input("double", "float64", []);
    expect(differentiate(g, double, [double]).get(double)!.dtype).toBe("float64");
  });

  test("an operator of another domain, also one that is called like ONNX's own, and an input that its rule leaves out", () => {
    const of = (op: string, domain: string) => {
      const g = new GraphBuilder();
      const x = g.input("x", "float32", [2]);
      const y = g.op(op, [x], {}, { domain, types: [{ dtype: "float32" as DType, shape: [2] }], name: "/n" });
      try {
        differentiate(g, g.reduceSum(y), [x]);
      } catch (error) {
        return error as OnnxError;
      }
      return undefined;
    };
    for (const domain of ["com.microsoft", "mine"]) {
      expect(of("Relu", domain)?.message).toBe(
        'cannot differentiate "Relu" (node "/n"): expected an operator with a gradient rule; try freezing all that comes before it',
      );
      expect(of("Relu", domain)).toMatchObject({ op: "Relu", node: "/n", shapes: [[2]] });
    }
    expect(of("Relu", "")).toBeUndefined();
    const g = new GraphBuilder();
    const [x, low] = [g.input("x", "float32", [4]), g.input("length", "float32", [4])];
    const scattered = g.op(
      "Resize",
      [g.reshape(x, [1, 1, 4]), null, g.constant(tensor("float32", [3], [1, 1, 2]))],
      { mode: "linear" },
    );
    expect(differentiate(g, g.add(g.reduceSum(scattered), g.reduceSum(low)), [x, low]).size).toBe(2);
    const ratio = g.input("ratio", "float32", []);
    const dropped = g.op("Trilu", [g.reshape(x, [2, 2]), g.cast(ratio, "int64")], {});
    expect(differentiate(g, g.reduceSum(dropped), [x]).get(x)!.shape).toEqual([4]);
  });
});
