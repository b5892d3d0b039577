import { describe, expect, test } from "vitest";
import { planImport } from "../../../src/onnx/import/plan.js";
import type { PlanOptions, Tensor, UpgradedFile } from "../../../src/onnx/index.js";
import { OnnxError, tensor } from "../../../src/onnx/index.js";
import { fileOf, node } from "./files.js";

type Nodes = readonly ReturnType<typeof node>[];

const filled = (shape: readonly number[], fill = 0.5) =>
  tensor("float32", shape, new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(fill));
const matrix = filled([2, 2]);
const plan = (
  nodes: Nodes,
  initializers: Record<string, Tensor>,
  options: PlanOptions = {},
  rest: Omit<Parameters<typeof fileOf>[0], "nodes" | "initializers"> = {},
) => planImport(fileOf({ nodes, initializers, ...rest }), options);

/** The message of the `OnnxError` of an import. */
function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(OnnxError);
    return (error as Error).message;
  }
  throw new Error("expected an error, got none");
}

describe("what is trained by default", () => {
  const trainedOf = (nodes: Nodes, initializers: Record<string, Tensor>, producer?: string) =>
    plan(nodes, initializers, {}, producer === undefined ? {} : { producer }).parameters.map(
      ({ name }) => name,
    );

  test.each<[string, Nodes, Record<string, Tensor>, string[]]>([
    ["float32 tensors on the way", [node("MatMul", ["x", "w"], ["y"])], { w: matrix, unused: matrix }, ["w"]],
    [
      "in the order of their use",
      [node("Add", ["x", "b"], ["h"]), node("MatMul", ["h", "a"], ["y"])],
      { a: matrix, b: matrix },
      ["b", "a"],
    ],
    [
      "no other element types",
      [node("MatMul", ["x", "w"], ["y"])],
      { w: tensor("float64", [1, 2], [1, 2]) },
      [],
    ],
    [
      "nothing behind an end",
      [
        node("ArgMax", ["w"], ["i"]),
        node("Cast", ["i"], ["f"], { to: "float32" }),
        node("MatMul", ["x", "v"], ["h"]),
        node("Add", ["h", "f"], ["y"]),
      ],
      { w: matrix, v: matrix },
      ["v"],
    ],
    [
      "nothing behind a cast to integers",
      [
        node("Cast", ["w"], ["i"], { to: "int32" }),
        node("Cast", ["i"], ["f"], { to: "float32" }),
        node("MatMul", ["x", "v"], ["h"]),
        node("Add", ["h", "f"], ["y"]),
      ],
      { w: matrix, v: matrix },
      ["v"],
    ],
    [
      "what a cast to floats leads to",
      [node("Cast", ["w"], ["f"], { to: "float64" }), node("MatMul", ["x", "f"], ["y"])],
      { w: matrix },
      ["w"],
    ],
    [
      "no settings",
      [node("Clip", ["x", "low", "high"], ["h"]), node("MatMul", ["h", "w"], ["y"])],
      { low: filled([2]), high: filled([2]), w: matrix },
      ["w"],
    ],
    [
      "no numbers that decide shapes",
      [node("Resize", ["w", "", "scales.weight"], ["y"])],
      { w: matrix, "scales.weight": filled([2]) },
      ["w"],
    ],
    [
      "no masks",
      [node("Add", ["x", "mask"], ["h"]), node("MatMul", ["h", "w"], ["y"])],
      { mask: tensor("float32", [2], [0, Number.NEGATIVE_INFINITY]), w: matrix },
      ["w"],
    ],
    [
      "no buffers by name",
      [node("Mul", ["h", "temperature"], ["y"]), node("MatMul", ["x", "w"], ["h"])].reverse(),
      { temperature: filled([2]), w: matrix },
      ["w"],
    ],
    [
      "not what normalises the inputs",
      [node("Sub", ["x", "m"], ["h"]), node("MatMul", ["h", "w"], ["y"])],
      { m: filled([2]), w: matrix },
      ["w"],
    ],
    [
      "a single number that is named like a parameter",
      [
        node("PRelu", ["x", "a.weight"], ["h"]),
        node("Mul", ["h", "logit_scale"], ["g"]),
        node("Mul", ["g", "val_3"], ["f"]),
        node("Mul", ["f", "7"], ["y"]),
      ],
      { "a.weight": filled([1]), logit_scale: filled([]), val_3: filled([]), 7: filled([]) },
      ["a.weight", "logit_scale"],
    ],
  ])("%s", (_, nodes, initializers, expected) => {
    expect(trainedOf(nodes, initializers)).toEqual(expected);
  });

  test("single numbers of other programs only by what parameters are called", () => {
    const nodes = ["logit_scale", "PReLU.slope", "x.Alpha", "gamma", "beta", "bias", "weights"].map(
      (name, i) => node("Mul", [i === 0 ? "x" : `h${i - 1}`, name], [`h${i}`]),
    );
    const initializers = Object.fromEntries(nodes.map(({ inputs }) => [inputs[1]!, filled([])]));
    expect(trainedOf(nodes, initializers, "tf2onnx")).toEqual([
      "PReLU.slope",
      "x.Alpha",
      "gamma",
      "beta",
      "bias",
    ]);
    const named = ["const_1", "Scalar", "a.b.c", "a..b", "9a", "onnx::Mul_3"].map((name, i) =>
      node("Mul", [i === 0 ? "x" : `h${i - 1}`, name], [`h${i}`]),
    );
    const scalars = Object.fromEntries(named.map(({ inputs }) => [inputs[1]!, filled([])]));
    expect(trainedOf(named, scalars)).toEqual(["a.b.c"]);
  });

  test("not Constant nodes, nor running statistics, which are buffers", () => {
    const nodes = [
      node("BatchNormalization", ["x", "scale", "bias", "mean", "var"], ["h"]),
      node("MatMul", ["h", "c"], ["y"]),
    ];
    const vectors = Object.fromEntries(["scale", "bias", "mean", "var"].map((name) => [name, filled([2])]));
    const got = plan(nodes, { ...vectors, c: matrix }, {}, { constants: ["c"] });
    expect(got.parameters.map(({ name, role }) => [name, role])).toEqual([
      ["scale", "norm"],
      ["bias", "norm"],
    ]);
    expect(got.buffers.map(({ name }) => name)).toEqual(["mean", "var"]);
    expect(got.fixed).toEqual([]);
    expect([...got.constants]).toEqual(["c"]);
  });
});

describe("the role of a parameter", () => {
  const vector = filled([2]);
  test.each<[string, Nodes, Tensor, string]>([
    ["of a convolution's kernel", [node("Conv", ["x", "p"], ["y"])], filled([1, 2, 1, 1]), "weight"],
    ["of a convolution's bias", [node("Conv", ["x", "w", "p"], ["y"])], vector, "bias"],
    ["of a product's third input", [node("Gemm", ["x", "w", "p"], ["y"])], vector, "bias"],
    ["of a transposed convolution's bias", [node("ConvTranspose", ["x", "w", "p"], ["y"])], vector, "bias"],
    ["of an LSTM's weights", [node("LSTM", ["x", "w", "p"], ["y"])], filled([1, 2, 2]), "weight"],
    ["of an LSTM's bias", [node("LSTM", ["x", "w", "r", "p"], ["y"])], filled([1, 4]), "bias"],
    ["of a GRU's bias", [node("GRU", ["x", "w", "r", "p"], ["y"])], filled([1, 4]), "bias"],
    ["of a layer norm", [node("LayerNormalization", ["x", "p"], ["y"])], vector, "norm"],
    ["of a group norm", [node("GroupNormalization", ["x", "w", "p"], ["y"])], vector, "norm"],
    ["of an instance norm", [node("InstanceNormalization", ["x", "p"], ["y"])], vector, "norm"],
    ["of a factor", [node("Mul", ["x", "p"], ["y"])], vector, "norm"],
    ["of a divisor", [node("Div", ["x", "p"], ["y"])], filled([2, 1, 1]), "norm"],
    ["of a summand", [node("Add", ["x", "p"], ["y"])], vector, "bias"],
    ["of a difference", [node("Sub", ["h", "p"], ["y"])], filled([1, 2]), "bias"],
    ["of a matrix that is added", [node("Add", ["x", "p"], ["y"])], matrix, "weight"],
    ["of a matrix that is multiplied", [node("Mul", ["x", "p"], ["y"])], matrix, "weight"],
    ["of a product", [node("MatMul", ["x", "p"], ["y"])], matrix, "weight"],
    [
      "behind what moves it",
      [
        node("Reshape", ["p", "shape"], ["r"]),
        node("Unsqueeze", ["r", "axes"], ["u"]),
        node("Add", ["x", "u"], ["y"]),
      ],
      vector,
      "bias",
    ],
    [
      "behind what does not move it",
      [node("Relu", ["p"], ["r"]), node("Conv", ["x", "w", "r"], ["y"])],
      vector,
      "weight",
    ],
    [
      "by its first use of several",
      [node("MatMul", ["x", "p"], ["h"]), node("Add", ["h", "p"], ["y"])],
      vector,
      "bias",
    ],
  ])("%s", (_, nodes, contents, role) => {
    const initializers = { p: contents, shape: tensor("int64", [1], [2]), axes: tensor("int64", [1], [0]) };
    const { parameters } = plan(nodes, initializers, { parameters: ["p"] });
    expect(parameters).toEqual([{ name: "p", contents, role }]);
  });
});

describe("what is trained by choice", () => {
  const nodes = [
    node("Mul", ["x", "temperature"], ["a"]),
    node("MatMul", ["a", "w"], ["b"]),
    node("Mul", ["b", "image_std"], ["c"]),
    node("MatMul", ["c", "v"], ["y"]),
  ];
  const initializers = {
    w: matrix,
    v: filled([2, 2], 0.25),
    temperature: filled([2]),
    image_std: filled([2]),
  };
  const of = (options: PlanOptions) => {
    const { parameters, fixed, notes } = plan(nodes, initializers, options);
    return { trained: parameters.map(({ name }) => name), fixed: fixed.map(({ name }) => name), notes };
  };

  test("by default not the buffers, which a note says", () => {
    const { trained, fixed, notes } = of({});
    expect(trained).toEqual(["w", "v"]);
    expect(fixed).toEqual(["temperature", "image_std"]);
    expect(notes).toEqual([
      {
        kind: "buffers",
        message:
          '"temperature", "image_std" are taken for buffers, by name or as what normalises the input, and not trained; to train them say parameters: (name, shape, byDefault) => true, to keep quiet name them in buffers',
        names: ["temperature", "image_std"],
      },
    ]);
    const one = of({ buffers: ["temperature"] });
    expect(one.notes[0]!.message).toMatch(/^"image_std" is taken for buffers/);
    expect(one.fixed).toEqual(["temperature", "image_std"]);
    expect(of({ buffers: ["temperature", "image_std"] }).notes).toEqual([]);
    expect(of({ buffers: [/w/] }).trained).toEqual(["v"]);
  });

  test("exactly what is named", () => {
    expect(of({ parameters: ["temperature", /^v$/] })).toEqual({
      trained: ["temperature", "v"],
      fixed: ["w", "image_std"],
      notes: [],
    });
    expect(of({ parameters: [] }).trained).toEqual([]);
    expect(of({ parameters: ["w"], buffers: ["v"] }).trained).toEqual(["w"]);
    expect(refusal(() => of({ parameters: ["w", "v"], buffers: [/v/] }))).toBe(
      '"model.onnx": expected "v" among the parameters or the buffers, got it in both; try one of them',
    );
    expect(refusal(() => of({ parameters: ["u"] }))).toContain("expected parameters to name float32 tensors");
    expect(refusal(() => of({ buffers: ["u"] }))).toContain("expected buffers to name float32 tensors");
  });

  test("what a function says, that is told names, shapes and defaults", () => {
    const calls: unknown[] = [];
    const got = of({
      buffers: ["v"],
      parameters: (...call) => {
        calls.push(call);
        return true;
      },
    });
    expect(got.trained).toEqual(["temperature", "w", "image_std"]);
    expect(got.notes).toEqual([]);
    expect(calls).toEqual([
      ["w", [2, 2], true],
      ["v", [2, 2], true],
      ["temperature", [2], false],
      ["image_std", [2], false],
    ]);
    expect(of({ parameters: (_name, _shape, byDefault) => !byDefault }).trained).toEqual([
      "temperature",
      "image_std",
    ]);
  });

  test("leaves padding's row as it is", () => {
    const table = tensor("float32", [2, 2], [0, 0, 1, 2]);
    const lookUp = [node("Gather", ["table", "x"], ["y"])];
    const rowsOf = (options: PlanOptions) => plan(lookUp, { table }, options).parameters[0];
    expect(rowsOf({})).toMatchObject({ fixedRows: [0] });
    expect(rowsOf({ paddingIdx: { table: 1 } })).toMatchObject({ fixedRows: [1] });
    expect(rowsOf({ paddingIdx: { table: null } })).not.toHaveProperty("fixedRows");
    expect(plan(lookUp, { table }).notes.map(({ kind }) => kind)).toEqual(["paddingRow"]);
  });
});

describe("a model that cannot be trained is refused", () => {
  const behind = node("MatMul", ["h", "w"], ["y"]);
  const initializers = { w: matrix };
  test.each<[string, ReturnType<typeof node>, string]>([
    [
      "of another domain",
      node("Any", ["x"], ["h"], {}, "com.custom"),
      'Any (node "Any:h"): expected operators of ONNX itself, got one of the domain "com.custom"',
    ],
    [
      "with If",
      node("If", ["x"], ["h"]),
      'If (node "If:h"): expected a model without control flow; try exporting it traced',
    ],
    [
      "with Loop",
      node("Loop", ["x"], ["h"]),
      'Loop (node "Loop:h"): expected a model without control flow; try exporting it traced',
    ],
    [
      "with Scan",
      node("Scan", ["x"], ["h"]),
      'Scan (node "Scan:h"): expected a model without control flow; try exporting it traced',
    ],
    [
      "quantised",
      node("QuantizeLinear", ["x"], ["h"]),
      'QuantizeLinear (node "QuantizeLinear:h"): expected float arithmetic, got a quantised operator; try the model before quantisation',
    ],
    [
      "that draws numbers",
      node("RandomNormalLike", ["x"], ["h"]),
      'RandomNormalLike (node "RandomNormalLike:h"): expected no random operator but Dropout, for its numbers cannot be replayed',
    ],
    [
      "whose shapes depend on data",
      node("NonZero", ["x"], ["h"]),
      'NonZero (node "NonZero:h"): expected input number 0 ("x"), which decides',
    ],
  ])("%s", (_, first, message) => {
    expect(refusal(() => plan([first, behind], initializers))).toContain(`"model.onnx": ${message}`);
    try {
      plan([first, behind], initializers);
    } catch (error) {
      expect(error).toMatchObject({ op: first.opType, node: first.name });
    }
  });

  test.each([
    "DequantizeLinear",
    "DynamicQuantizeLinear",
    "QLinearConv",
    "QLinearMatMul",
    "MatMulInteger",
    "ConvInteger",
  ])("%s is quantised", (op) => {
    expect(refusal(() => plan([node(op, ["x"], ["h"]), behind], initializers))).toContain(
      "expected float arithmetic",
    );
  });

  test("dropout is none of these", () => {
    expect(plan([node("Dropout", ["x"], ["h"]), behind], initializers).notes).toEqual([]);
  });

  const probabilities = node("MatMul", ["x", "w"], ["p"]);
  const argmax = node("ArgMax", ["p"], ["y"]);
  test("by outputs without a gradient, with what would have one", () => {
    expect(refusal(() => plan([probabilities, argmax], initializers))).toBe(
      '"model.onnx": expected an output that gives its weights a gradient, got "y", which lies behind ArgMax (node "ArgMax:y"), as do all 1 weights; try cut: "p", which is what it takes',
    );
    expect(refusal(() => plan([probabilities, argmax], initializers, {}, { outputs: ["y", "p"] }))).toMatch(
      /try output: "p"$/,
    );
    const cast = node("Cast", ["p"], ["y"], { to: "int32" });
    expect(refusal(() => plan([probabilities, cast], initializers))).toContain('behind Cast (node "Cast:y")');
    expect(plan([probabilities, argmax], initializers, { cut: "p" }).output).toBe("p");
    expect(plan([probabilities, argmax], initializers, { output: "p" }, { outputs: ["y", "p"] }).output).toBe(
      "p",
    );
  });

  test("but not where there is no weight, or one in front of it", () => {
    expect(plan([node("ArgMax", ["x"], ["y"])], {}).notes.map(({ kind }) => kind)).toEqual(["noParameters"]);
    const single = plan([node("Mul", ["x", "s"], ["p"]), argmax], { s: filled([]) });
    expect(single.parameters).toEqual([]);
    const fixed = plan([probabilities, argmax], { w: matrix }, {}, { constants: ["w"] });
    expect(fixed.parameters).toEqual([]);
    const both = [
      probabilities,
      node("ArgMax", ["p"], ["i"]),
      node("Cast", ["i"], ["f"], { to: "float32" }),
      node("MatMul", ["f", "v"], ["y"]),
    ];
    expect(plan(both, { w: matrix, v: matrix }, { parameters: [] }).parameters).toEqual([]);
  });
});

describe("a plan", () => {
  const nodes = [
    node("MatMul", ["x", "w"], ["h"]),
    node("Relu", ["h"], ["r"]),
    node("MatMul", ["r", "v"], ["y"]),
    node("MatMul", ["z", "u"], ["o"]),
  ];
  const initializers = { w: matrix, v: filled([2, 2], 2), u: filled([2, 2], 3) };
  const rest = { inputs: ["z", "x"], outputs: ["y", "o"] };
  const of = (options: PlanOptions) => plan(nodes, initializers, options, rest);

  test("is of the first output by default, which a note says", () => {
    const got = of({});
    expect(got.output).toBe("y");
    expect(got.inputs.map(({ name }) => name)).toEqual(["x"]);
    expect(got.nodes.map(({ name }) => name)).toEqual(["MatMul:h", "Relu:r", "MatMul:y"]);
    expect(got.notes).toEqual([
      {
        kind: "severalOutputs",
        message:
          'the model has 2 outputs and "y" is taken for the prediction; give another by the option output',
        names: ["y", "o"],
      },
    ]);
  });

  test("is of the output or the cut that is asked for", () => {
    expect(of({ output: "y" }).notes).toEqual([]);
    const other = of({ output: "o" });
    expect([
      other.output,
      other.inputs.map(({ name }) => name),
      other.parameters.map(({ name }) => name),
    ]).toEqual(["o", ["z"], ["u"]]);
    expect(of({ cut: 1 }).output).toBe("r");
    expect(of({ cut: "h", output: "y" }).nodes.map(({ name }) => name)).toEqual(["MatMul:h"]);
    expect(refusal(() => of({ output: "h" }))).toBe('"model.onnx": expected an output "h", got "y", "o"');
    expect(refusal(() => of({ output: "o", cut: "h" }))).toContain("expected cut to name a node or value");
  });

  test("names nodes without a gradient rule that weights stand behind, once each", () => {
    const det = (first: string) => [
      node("MatMul", [first, "w"], ["h"]),
      node("Det", ["h"], ["d"]),
      node("Any", ["d"], ["y"], {}, "com.microsoft"),
    ];
    const notes = plan(det("x"), initializers).notes.filter(({ kind }) => kind === "notDifferentiable");
    expect(notes).toEqual([
      {
        kind: "notDifferentiable",
        message: 'Det (node "Det:d") has no gradient rule: what comes before it can only be trained frozen',
        names: ["Det:d"],
      },
      { kind: "notDifferentiable", message: expect.stringContaining("Any (node"), names: ["Any:y"] },
    ]);
    const before = [node("Det", ["x"], ["d"]), node("Mul", ["d", "w"], ["y"])];
    expect(plan(before, initializers).notes).toEqual([]);
    const constant = [
      node("Det", ["c"], ["d"]),
      node("Mul", ["d", "w"], ["h"]),
      node("Mul", ["h", "x"], ["y"]),
    ];
    expect(plan(constant, { ...initializers, c: matrix }, {}, { constants: ["c"] }).notes).toEqual([]);
    const dropped = [
      node("MatMul", ["x", "w"], ["h"]),
      node("Dropout", ["h"], ["d"]),
      node("Floor", ["d"], ["f"]),
      node("MatMul", ["f", "v"], ["y"]),
    ];
    expect(plan(dropped, initializers).notes).toEqual([]);
  });

  test("says that it ends in probabilities, and for which loss", () => {
    const ending = (op: string) => {
      const all = [node("MatMul", ["x", "w"], ["h"]), node(op, ["h"], ["y"])];
      return plan(all, initializers).notes.map(({ kind, message, names }) => ({ kind, message, names }));
    };
    expect(ending("Sigmoid")).toEqual([
      {
        kind: "endsInProbabilities",
        message:
          'the model ends in a sigmoid (node "Sigmoid:y"): bceWithLogits, which takes logits, is given what comes before it ("h"); predict and export keep it, and so do losses on probabilities, such as mse',
        names: ["Sigmoid:y"],
      },
    ]);
    expect(ending("Softmax")[0]!.message).toContain('ends in a softmax (node "Softmax:y"): crossEntropy,');
    expect(ending("Relu")).toEqual([]);
  });

  test("has no parameters where there are none to train", () => {
    expect(plan([node("Relu", ["x"], ["y"])], {}).notes).toEqual([
      {
        kind: "noParameters",
        message: "no float32 initialiser leads to the output: there is nothing to train",
        names: [],
      },
    ]);
  });

  test.each<[keyof PlanOptions, unknown[]]>([
    ["output", [1, null]],
    ["cut", [null, true, []]],
    ["parameters", ["w", 1, [1], null, {}]],
    ["buffers", ["w", 1, [null], () => true]],
    ["paddingIdx", [1, "w", null, [1]]],
  ])("refuses another %s", (option, wrong) => {
    for (const value of wrong) {
      expect(refusal(() => of({ [option]: value }))).toContain(`planImport: expected ${option}`);
    }
  });

  test("takes an upgraded file only", () => {
    const file = fileOf({ nodes, initializers });
    const { constants: _, ...plain } = file;
    expect(refusal(() => planImport(plain as unknown as UpgradedFile))).toContain(
      "expected upgraded.constants to be",
    );
    expect(refusal(() => planImport({ ...file, opset: "21" } as never))).toContain(
      "expected model to be a model file",
    );
  });
});
