import { describe, expect, test } from "vitest";
import { namedEnding } from "../../../src/onnx/import/ending.js";
import type { Tensor, Value } from "../../../src/onnx/index.js";
import { findEnding, GraphBuilder, tensor } from "../../../src/onnx/index.js";
import { node } from "./files.js";

type Nodes = readonly ReturnType<typeof node>[];

const constants: Record<string, Tensor> = {
  one: tensor("float32", [], [1]),
  two: tensor("float32", [], [2]),
  ones: tensor("float32", [2], [1, 1]),
  axis: tensor("int64", [1], [-1]),
  axes: tensor("int64", [2], [0, 1]),
  low: tensor("float32", [], [1e-3]),
  lower: tensor("float32", [], [1e-7]),
  high: tensor("float32", [], [1 - 1e-3]),
  half: tensor("float32", [], [0.5]),
};
const ending = (...nodes: Nodes) => namedEnding(nodes, "y", (name) => constants[name]);
const softmax = (to: string) => node("Softmax", ["l"], [to], { axis: 1 });
const quotient = [node("Exp", ["l"], ["e"]), node("ReduceSum", ["e", "axis"], ["s"])];
const sigmoid = [node("Neg", ["l"], ["n"]), node("Exp", ["n"], ["e"])];

describe("how a model ends", () => {
  test.each<[string, Nodes, object]>([
    ["Softmax", [softmax("y")], { kind: "softmax", node: "Softmax:y", axis: 1, moves: [] }],
    ["Softmax by default", [node("Softmax", ["l"], ["y"])], { kind: "softmax", axis: -1 }],
    ["LogSoftmax", [node("LogSoftmax", ["l"], ["y"], { axis: 2 })], { kind: "logSoftmax", axis: 2 }],
    ["Sigmoid", [node("Sigmoid", ["l"], ["y"])], { kind: "sigmoid", axis: 0 }],
    [
      "the logarithm of a Softmax",
      [softmax("p"), node("Log", ["p"], ["y"])],
      { kind: "logSoftmax", node: "Log:y", axis: 1, probabilities: "y" },
    ],
    [
      "a quotient",
      [...quotient, node("Div", ["e", "s"], ["y"])],
      { kind: "softmax", node: "Div:y", axis: -1 },
    ],
    [
      "the logarithm of a quotient",
      [...quotient, node("Div", ["e", "s"], ["p"]), node("Log", ["p"], ["y"])],
      { kind: "logSoftmax", axis: -1 },
    ],
    [
      "a product with a reciprocal",
      [...quotient, node("Reciprocal", ["s"], ["r"]), node("Mul", ["e", "r"], ["y"])],
      { kind: "softmax", axis: -1 },
    ],
    [
      "a reciprocal's product",
      [...quotient, node("Reciprocal", ["s"], ["r"]), node("Mul", ["r", "e"], ["y"])],
      { kind: "softmax", axis: -1 },
    ],
    [
      "a sigmoid written out",
      [...sigmoid, node("Add", ["e", "one"], ["a"]), node("Reciprocal", ["a"], ["y"])],
      { kind: "sigmoid", node: "Reciprocal:y" },
    ],
    [
      "a sigmoid written out, turned round",
      [...sigmoid, node("Add", ["one", "e"], ["a"]), node("Div", ["one", "a"], ["y"])],
      { kind: "sigmoid", node: "Div:y" },
    ],
    [
      "a sigmoid times 1",
      [
        ...sigmoid,
        node("Add", ["one", "e"], ["a"]),
        node("Reciprocal", ["a"], ["r"]),
        node("Mul", ["r", "one"], ["y"]),
      ],
      { kind: "sigmoid", node: "Reciprocal:r", moves: ["Mul:y"], probabilities: "r" },
    ],
    [
      "1 times a softmax",
      [softmax("p"), node("Mul", ["one", "p"], ["y"])],
      { kind: "softmax", moves: ["Mul:y"], probabilities: "p" },
    ],
    [
      "what moves behind it",
      [
        softmax("p"),
        node("Reshape", ["p", "axes"], ["q"]),
        node("Cast", ["q"], ["r"], { to: "float64" }),
        node("Transpose", ["r"], ["y"]),
      ],
      { kind: "softmax", moves: ["Reshape:q", "Cast:r", "Transpose:y"], probabilities: "p" },
    ],
    [
      "a clip that is safe",
      [softmax("p"), node("Clip", ["p", "low", "high"], ["y"])],
      { kind: "softmax", moves: ["Clip:y"] },
    ],
    ["a clip from below", [softmax("p"), node("Clip", ["p", "lower"], ["y"])], { kind: "softmax" }],
    ["a clip from above", [softmax("p"), node("Clip", ["p", "", "one"], ["y"])], { kind: "softmax" }],
    ["a clip without bounds", [softmax("p"), node("Clip", ["p", "", ""], ["y"])], { kind: "softmax" }],
  ])("%s", (_, nodes, expected) => {
    expect(ending(...nodes)).toMatchObject({ logits: "l", ...expected });
  });

  test.each<[string, Nodes]>([
    ["an input", []],
    ["another operator", [node("Relu", ["l"], ["y"])]],
    ["a Softmax of another domain", [node("Softmax", ["l"], ["y"], {}, "mine")]],
    ["what another domain moves", [softmax("p"), node("Reshape", ["p"], ["y"], {}, "mine")]],
    ["a cast to whole numbers", [softmax("p"), node("Cast", ["p"], ["y"], { to: "int64" })]],
    ["a clip that bites from below", [softmax("p"), node("Clip", ["p", "half", "one"], ["y"])]],
    ["a clip that bites from above", [softmax("p"), node("Clip", ["p", "low", "half"], ["y"])]],
    ["a clip at what is not known", [softmax("p"), node("Clip", ["p", "u"], ["y"])]],
    ["a clip up to what is not known", [softmax("p"), node("Clip", ["p", "", "u"], ["y"])]],
    ["a product with 2", [softmax("p"), node("Mul", ["p", "two"], ["y"])]],
    ["a product with several ones", [softmax("p"), node("Mul", ["p", "ones"], ["y"])]],
    ["a logarithm", [node("Log", ["l"], ["y"])]],
    [
      "a logarithm of another domain's",
      [node("Softmax", ["l"], ["p"], {}, "mine"), node("Log", ["p"], ["y"])],
    ],
    ["a quotient by another sum", [...quotient, node("Exp", ["l"], ["f"]), node("Div", ["f", "s"], ["y"])]],
    ["a quotient of no power", [node("ReduceSum", ["l", "axis"], ["s"]), node("Div", ["l", "s"], ["y"])]],
    [
      "a quotient by no sum",
      [node("Exp", ["l"], ["e"]), node("ReduceMax", ["e", "axis"], ["s"]), node("Div", ["e", "s"], ["y"])],
    ],
    [
      "a sum that is not kept",
      [
        node("Exp", ["l"], ["e"]),
        node("ReduceSum", ["e", "axis"], ["s"], { keepdims: 0 }),
        node("Div", ["e", "s"], ["y"]),
      ],
    ],
    [
      "a sum over two axes",
      [node("Exp", ["l"], ["e"]), node("ReduceSum", ["e", "axes"], ["s"]), node("Div", ["e", "s"], ["y"])],
    ],
    [
      "a sum over all axes",
      [node("Exp", ["l"], ["e"]), node("ReduceSum", ["e"], ["s"]), node("Div", ["e", "s"], ["y"])],
    ],
    ["a product of two powers", [...quotient, node("Mul", ["e", "s"], ["y"])]],
    ["a difference of these", [...quotient, node("Sub", ["e", "s"], ["y"])]],
    ["2 / (1 + exp(-x))", [...sigmoid, node("Add", ["one", "e"], ["a"]), node("Div", ["two", "a"], ["y"])]],
    ["1 / (2 + exp(-x))", [...sigmoid, node("Add", ["two", "e"], ["a"]), node("Div", ["one", "a"], ["y"])]],
    ["1 / (1 - exp(-x))", [...sigmoid, node("Sub", ["one", "e"], ["a"]), node("Div", ["one", "a"], ["y"])]],
    [
      "1 / (1 + exp(x))",
      [node("Exp", ["l"], ["e"]), node("Add", ["one", "e"], ["a"]), node("Div", ["one", "a"], ["y"])],
    ],
    [
      "1 / (1 + -x)",
      [node("Neg", ["l"], ["e"]), node("Add", ["one", "e"], ["a"]), node("Div", ["one", "a"], ["y"])],
    ],
    ["1 * (1 + exp(-x))", [...sigmoid, node("Add", ["one", "e"], ["a"]), node("Mul", ["one", "a"], ["y"])]],
  ])("is not known of %s", (_, nodes) => {
    expect(ending(...nodes)).toBeUndefined();
  });
});

describe("how a graph ends", () => {
  /** The ending of a softmax over `axis` of [2, 3, 4] and what comes behind it. */
  function endingOf(axis: number, behind: (g: GraphBuilder, p: Value) => Value, op = "Softmax") {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2, 3, 4]);
    const y = behind(g, g.op(op, [g.neg(x)], op === "Sigmoid" ? {} : { axis }));
    const found = findEnding(g, y);
    const before = g.nodes.length;
    const logits = found?.logits();
    const added = g.nodes.slice(before).map(({ opType }) => opType);
    return { found, y, added, logits, source: g.nodes[0]!.outputs[0] };
  }

  test.each<[string, number, (g: GraphBuilder, p: Value) => Value, number | undefined, string[]]>([
    ["nothing", 1, (_, p) => p, 1, []],
    ["nothing, counted from the end", -1, (_, p) => p, 2, []],
    ["a permutation", 1, (g, p) => g.transpose(p, [1, 2, 0]), 0, ["Transpose"]],
    ["a reversal of the dimensions", 0, (g, p) => g.op("Transpose", [p]), 2, ["Transpose"]],
    ["a reshape that keeps it", 2, (g, p) => g.reshape(p, [6, 4]), 1, ["Reshape"]],
    ["a reshape that joins it with others", 1, (g, p) => g.reshape(p, [2, 12]), undefined, ["Reshape"]],
    [
      "a reshape behind which it is of another size",
      0,
      (g, p) => g.reshape(p, [3, 2, 4]),
      undefined,
      ["Reshape"],
    ],
    [
      "a reshape, then a permutation, of what is lost",
      1,
      (g, p) => g.transpose(g.reshape(p, [2, 12]), [1, 0]),
      undefined,
      ["Reshape", "Transpose"],
    ],
    [
      "a reshape of what is lost",
      1,
      (g, p) => g.reshape(g.reshape(p, [2, 12]), [24]),
      undefined,
      ["Reshape", "Reshape"],
    ],
    [
      "a clip and a product with 1",
      1,
      (g, p) => g.mul(g.op("Clip", [p, g.scalar(0), g.scalar(1)]), 1),
      1,
      [],
    ],
    ["a cast", 1, (g, p) => g.cast(p, "float64"), 1, ["Cast"]],
  ])("%s behind a softmax", (_, axis, behind, expected, moves) => {
    const { found, y, added, logits, source } = endingOf(axis, behind);
    expect(found).toMatchObject({ kind: "softmax", node: "Softmax", axis: expected });
    expect(added).toEqual(moves);
    expect(logits).toMatchObject({ dtype: y.dtype, shape: y.shape });
    if (moves.length === 0) expect(logits).toBe(source);
  });

  test("a sigmoid has no axis, and what is no ending none", () => {
    expect(endingOf(0, (_, p) => p, "Sigmoid").found).toMatchObject({ kind: "sigmoid", axis: undefined });
    expect(endingOf(1, (g, p) => g.exp(p)).found).toBeUndefined();
    expect(endingOf(1, (g, p) => g.log(p)).found).toMatchObject({ kind: "logSoftmax", axis: 1 });
  });
});
