import { describe, expect, test } from "vitest";
import { inputNormalization, isNamedLikeBuffer } from "../../../src/onnx/import/buffer-names.js";
import { cutOutput } from "../../../src/onnx/import/cut.js";
import type { KnownInput } from "../../../src/onnx/import/hazards.js";
import { isHazardous, refuseHazard } from "../../../src/onnx/import/hazards.js";
import { constantValues, isRandom, nodesBehind } from "../../../src/onnx/import/known-values.js";
import { foldedBatchNorm } from "../../../src/onnx/import/notes.js";
import { PaddingRows } from "../../../src/onnx/import/padding-rows.js";
import { selectedNames } from "../../../src/onnx/import/selection.js";
import { refuseShapesOfData, shapeInputsOf } from "../../../src/onnx/import/shape-inputs.js";
import { isTrainingExport, resolveTies } from "../../../src/onnx/import/ties.js";
import type { Tensor, UpgradedFile } from "../../../src/onnx/index.js";
import { OnnxError, tensor } from "../../../src/onnx/index.js";
import { fileOf, node } from "./files.js";

const names = (nodes: readonly { readonly name: string }[]) => nodes.map(({ name }) => name);
const tensorOf = (shape: readonly number[], fill = 0.5) =>
  tensor("float32", shape, new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(fill));

describe("names of buffers", () => {
  test.each([
    "mean",
    "std",
    "var",
    "variance",
    "stdev",
    "stddev",
    "temperature",
    "eps",
    "epsilon",
    "inv_freq",
    "position_ids",
    "num_batches_tracked",
    "anchor",
    "anchors",
    "image_mean",
    "norm.running_var",
    "a/Mean:0",
    "STD",
  ])("%s is one", (name) => expect(isNamedLikeBuffer(name)).toBe(true));
  test.each(["meaning", "weight", "demean", "std1", "mean.weight", "stdx", "anchorss", "amean", ""])(
    "%j is none",
    (name) => expect(isNamedLikeBuffer(name)).toBe(false),
  );
});

describe("what normalises the inputs", () => {
  const initializers = new Map<string, Tensor>([
    ["m", tensorOf([3, 1, 1])],
    ["s", tensorOf([1])],
    ["w", tensorOf([3, 3])],
    ["a.bias", tensorOf([3])],
  ]);
  const found = (...nodes: ReturnType<typeof node>[]) => [
    ...inputNormalization(nodes, new Set(["x"]), initializers),
  ];
  test.each<[string, ReturnType<typeof node>[], string[]]>([
    ["a difference", [node("Sub", ["x", "m"], ["y"])], ["m"]],
    ["a quotient", [node("Div", ["x", "s"], ["y"])], ["s"]],
    [
      "a difference, then a quotient",
      [node("Sub", ["x", "m"], ["y"]), node("Div", ["y", "s"], ["z"])],
      ["m", "s"],
    ],
    [
      "a difference, then a product",
      [node("Sub", ["x", "m"], ["y"]), node("Mul", ["s", "y"], ["z"])],
      ["m", "s"],
    ],
    [
      "behind what carries",
      [
        node("Cast", ["x"], ["c"]),
        node("Transpose", ["c"], ["t"]),
        node("Sub", ["t", "m"], ["y"]),
        node("Unsqueeze", ["y"], ["u"]),
        node("Add", ["u", "s"], ["z"]),
      ],
      ["m", "s"],
    ],
    ["not a sum at first", [node("Add", ["x", "m"], ["y"])], []],
    ["not a product at first", [node("Mul", ["x", "s"], ["y"])], []],
    ["not turned round", [node("Sub", ["m", "x"], ["y"])], []],
    ["not of a hidden value", [node("Sub", ["h", "m"], ["y"])], []],
    ["not by a matrix", [node("Sub", ["x", "w"], ["y"])], []],
    ["not by a value", [node("Sub", ["x", "v"], ["y"])], []],
    ["not by what is called a parameter", [node("Sub", ["x", "a.bias"], ["y"])], []],
    ["not in another domain", [node("Sub", ["x", "m"], ["y"], {}, "mine")], []],
    ["not behind another operator", [node("Relu", ["x"], ["r"]), node("Sub", ["r", "m"], ["y"])], []],
    ["not of another operator", [node("Pow", ["x", "m"], ["y"])], []],
  ])("%s", (_, nodes, expected) => {
    expect(found(...nodes)).toEqual(expected);
  });
});

describe("constant values", () => {
  const constants = (...nodes: ReturnType<typeof node>[]) => [...constantValues(nodes, new Set(["c"]))];
  test.each<[string, ReturnType<typeof node>[], string[]]>([
    ["of constants", [node("Add", ["c", ""], ["y"]), node("Neg", ["y"], ["z", ""])], ["c", "y", "z"]],
    ["of nothing", [node("Constant", [], ["y"])], ["c", "y"]],
    ["of shapes", [node("Shape", ["x"], ["y"]), node("Size", ["x"], ["z"])], ["c", "y", "z"]],
    ["not of data", [node("Add", ["c", "x"], ["y"])], ["c"]],
    ["not of another domain's Shape", [node("Shape", ["x"], ["y"], {}, "mine")], ["c"]],
    ["not of chance", [node("RandomNormal", [], ["y"]), node("Dropout", ["c"], ["z"])], ["c"]],
  ])("%s", (_, nodes, expected) => {
    expect(constants(...nodes)).toEqual(expected);
  });

  test("operators that draw numbers", () => {
    const all = [
      "Bernoulli",
      "Dropout",
      "Multinomial",
      "RandomNormal",
      "RandomNormalLike",
      "RandomUniform",
      "RandomUniformLike",
    ];
    expect(all.every(isRandom)).toBe(true);
    expect(["Relu", "Constant"].some(isRandom)).toBe(false);
  });

  test("nodes behind a value, in their order", () => {
    const nodes = [
      node("Neg", ["x"], ["a"]),
      node("Exp", ["x"], ["b"]),
      node("Split", ["a"], ["", "c"]),
      node("Add", ["c", "a"], ["y"]),
      node("Log", ["y"], ["z"]),
    ];
    expect(names(nodesBehind(nodes, ["y"]))).toEqual(["Neg:a", "Split:", "Add:y"]);
    expect(names(nodesBehind(nodes, ["b", "a"]))).toEqual(["Neg:a", "Exp:b"]);
    // An output without a name leads nowhere.
    expect(nodesBehind(nodes, [""])).toEqual([]);
  });
});

describe("cutting a model off", () => {
  const initializers = {
    w1: tensorOf([2, 2]),
    w2: tensorOf([2, 2]),
    w3: tensorOf([2, 2]),
    c: tensorOf([2, 2]),
  };
  const nodes = [
    node("Conv", ["x", "w1"], ["h1"]),
    node("Relu", ["h1"], ["h2"]),
    node("Transpose", ["w2"], ["t"]),
    node("MatMul", ["h2", "t"], ["h3"]),
    node("MatMul", ["h3", "c"], ["h4"]),
    node("MatMul", ["h4", "h3"], ["h5"]),
    node("Gemm", ["h5", "w3"], ["y"]),
  ];
  const file = fileOf({ nodes, initializers, constants: ["c"] });
  const cut = (at: string | number) => cutOutput(file, nodes, at);

  test("at a value, or at a node's first output", () => {
    expect(cut("h2")).toBe("h2");
    expect(cut("Relu:h2")).toBe("h2");
    expect(() => cut("h9")).toThrow(
      '"model.onnx": expected cut to name a node or value on the way to the output, got "h9"',
    );
  });

  test("before as many layers with weights as are to go", () => {
    expect([1, 2, 3].map(cut)).toEqual(["h5", "h2", "x"]);
    for (const wrong of [0, -1, 4, 1.5, Number.NaN]) {
      expect(() => cut(wrong)).toThrow(
        `"model.onnx": expected cut to be a number of layers from 1 to 3, got ${wrong}`,
      );
    }
  });

  test("needs a layer that takes data", () => {
    const alone = [node("MatMul", ["w1", "w2"], ["y"])];
    expect(() => cutOutput(fileOf({ nodes: alone, initializers }), alone, 1)).toThrow(
      '"model.onnx": expected "MatMul:y" to have a data input, got none',
    );
  });
});

describe("nodes that would hang", () => {
  const known = (shape: readonly number[], ...data: number[]): KnownInput =>
    data.length > 0 ? { shape, data: Float32Array.from(data) } : { shape };
  const faultOf = (n: ReturnType<typeof node>, inputs: readonly (KnownInput | undefined)[]) => {
    try {
      refuseHazard(n, inputs, "model.onnx");
    } catch (error) {
      expect(error).toBeInstanceOf(OnnxError);
      expect(error).toMatchObject({
        op: n.opType,
        node: n.name,
        shapes: inputs.map((i) => i?.shape ?? null),
      });
      return (error as Error).message.replace(`"model.onnx": ${n.opType} (node "${n.name}"): expected `, "");
    }
    return undefined;
  };
  const dft = (attributes = {}) => node("DFT", ["x", "l", "a"], ["y"], attributes);
  const stft = node("STFT", ["x", "s", "w", "l"], ["y"]);
  const one = known([1, 8, 1]);

  test.each<[string, ReturnType<typeof node>, (KnownInput | undefined)[], string | undefined]>([
    [
      "a group",
      node("ConvTranspose", ["x"], ["y"], { group: 0 }),
      [one],
      "a group of 1 or more, got a group of 0",
    ],
    ["a group of one", node("ConvTranspose", ["x"], ["y"], { group: 1 }), [one], undefined],
    ["no group", node("ConvTranspose", ["x"], ["y"]), [one], undefined],
    ["another domain", node("ConvTranspose", ["x"], ["y"], { group: 0 }, "mine"), [one], undefined],
    ["another operator", node("Conv", ["x"], ["y"], { group: 0 }), [one], undefined],
    ["a transform", dft(), [one], undefined],
    [
      "a transform of nothing",
      dft(),
      [known([1, 0, 1])],
      "a transform of at least one element, got 0 of 0 along axis -2",
    ],
    ["a length", dft(), [one, known([], 1)], undefined],
    [
      "a length of 0",
      dft(),
      [one, known([], 0)],
      "a transform of at least one element, got 0 of 8 along axis -2",
    ],
    [
      "a length below 0",
      dft(),
      [one, known([], -1)],
      "a transform of at least one element, got -1 of 8 along axis -2",
    ],
    [
      "nothing along an axis",
      dft(),
      [known([0, 8, 1]), undefined, known([], 0)],
      "a transform of at least one element, got 0 of 0 along axis 0",
    ],
    ["something along an axis", dft(), [known([0, 8, 1]), undefined, known([], 1)], undefined],
    ["an axis that there is not", dft(), [one, known([], 0), known([], 7)], undefined],
    [
      "half a transform of one",
      dft({ inverse: 1, onesided: 1 }),
      [known([1, 1, 1])],
      "a transform of at least one element, got 0 of 1 along axis -2",
    ],
    ["half a transform of two", dft({ inverse: 1, onesided: 1 }), [known([1, 2, 1])], undefined],
    ["a whole transform of one", dft({ inverse: 1 }), [known([1, 1, 1])], undefined],
    ["one side of a transform of one", dft({ onesided: 1 }), [known([1, 1, 1])], undefined],
    ["frames", stft, [one, known([], 1), known([4]), known([], 1)], undefined],
    [
      "frames of nothing",
      stft,
      [one, known([], 1), undefined, known([], 0)],
      "frames of at least one element and a step of at least one, got 0 and 1",
    ],
    [
      "a window of nothing",
      stft,
      [one, known([], 1), known([0])],
      "frames of at least one element and a step of at least one, got 0 and 1",
    ],
    [
      "no step",
      stft,
      [one, known([], 0), known([4])],
      "frames of at least one element and a step of at least one, got 4 and 0",
    ],
    ["neither length nor window", stft, [one, known([], 1)], undefined],
    ["a step that is not known", stft, [one, known([]), known([4])], undefined],
  ])("%s", (_, n, inputs, fault) => {
    expect(faultOf(n, inputs)).toBe(fault);
  });

  test("are looked at by operator and domain", () => {
    expect(["ConvTranspose", "DFT", "STFT"].every((op) => isHazardous(node(op, [], ["y"])))).toBe(true);
    expect(isHazardous(node("Conv", [], ["y"]))).toBe(false);
    expect(isHazardous(node("toString", [], ["y"]))).toBe(false);
    expect(isHazardous(node("DFT", [], ["y"], {}, "mine"))).toBe(false);
  });
});

describe("inputs that decide shapes", () => {
  test("by operator, in ONNX's own domain", () => {
    expect(shapeInputsOf(node("Slice", [], ["y"]))).toEqual([1, 2, 3, 4]);
    expect(shapeInputsOf(node("Relu", [], ["y"]))).toEqual([]);
    expect(shapeInputsOf(node("Slice", [], ["y"], {}, "mine"))).toEqual([]);
    expect(shapeInputsOf(node("Resize", [], ["y"]))).toEqual([2, 3]);
    const crop = { coordinate_transformation_mode: "tf_crop_and_resize" };
    expect(shapeInputsOf(node("Resize", [], ["y"], crop))).toEqual([1, 2, 3]);
    expect(shapeInputsOf(node("Reshape", [], ["y"], crop))).toEqual([1]);
  });

  test("are refused by name where they depend on data", () => {
    const reshape = node("Reshape", ["x", "s"], ["y"]);
    expect(() => refuseShapesOfData(reshape, new Set(["s"]), "model.onnx")).not.toThrow();
    expect(() =>
      refuseShapesOfData(node("Slice", ["x", "s", "", "s"], ["y"]), new Set(["s"]), "m"),
    ).not.toThrow();
    expect(() => refuseShapesOfData(reshape, new Set(["x"]), "model.onnx")).toThrow(
      '"model.onnx": Reshape (node "Reshape:y"): expected input number 1 ("s"), which decides the shape of its result, to be constant or to follow from shapes, got one that depends on the data; try exporting the model with that number fixed, or cutting it off before the node',
    );
    try {
      refuseShapesOfData(reshape, new Set(), "m");
    } catch (error) {
      expect(error).toMatchObject({ op: "Reshape", node: "Reshape:y" });
    }
  });
});

describe("a selection of tensors", () => {
  const candidates = ["a.weight", "a.bias", "b.weight"];
  const select = (...selection: (string | RegExp)[]) => [
    ...selectedNames("model.onnx", "buffers", selection, candidates),
  ];
  test("by name and by pattern, also by one that remembers its place", () => {
    expect(select()).toEqual([]);
    expect(select("b.weight", /^a/)).toEqual(["b.weight", "a.weight", "a.bias"]);
    expect(select(/weight/g)).toEqual(["a.weight", "b.weight"]);
    expect(select("a.weight", "a.weight")).toEqual(["a.weight"]);
  });

  test("says what there is where there is no such tensor", () => {
    const start = '"model.onnx": expected buffers to name float32 tensors on the way to the output, got ';
    expect(() => select("a.wieght")).toThrow(`${start}"a.wieght"; try "a.weight"`);
    expect(() => select("zzzzzzzz")).toThrow(
      `${start}"zzzzzzzz"; try one of "a.weight", "a.bias", "b.weight"`,
    );
    expect(() => select("weight.nothing.alike")).toThrow(OnnxError);
    expect(() => select("a.bias", /z/)).toThrow(`${start}/z/; try one of "a.weight", "a.bias", "b.weight"`);
    const many = Array.from({ length: 9 }, (_, i) => `t${i}`);
    const listed = (count: number) => () => selectedNames("m", "parameters", [/z/], many.slice(0, count));
    expect(listed(8)).toThrow(/"t7"$/);
    expect(listed(9)).toThrow(/"t7", … 9 in all$/);
  });
});

describe("tied tensors", () => {
  const zero = tensorOf([2], 0);
  const mixed = tensor("float32", [2], [1, 2]);
  const tied = (
    over: Partial<Parameters<typeof fileOf>[0]> & { target?: string; contents?: Tensor } = {},
  ) => {
    const { target = "other", contents = mixed, ...rest } = over;
    const nodes = [node("Identity", ["w1"], [target]), node("Add", ["x", target], ["y"])];
    return resolveTies(fileOf({ nodes, initializers: { w1: contents }, outputs: ["y"], ...rest }));
  };

  test("are one where only chance could not make them equal", () => {
    const file = tied();
    expect(file.nodes.map(({ inputs }) => inputs)).toEqual([["x", "w1"]]);
    expect([...file.initializers.keys()]).toEqual(["w1"]);
  });

  test.each([
    ["all elements are one number", { contents: zero }],
    ["names differ in a layer's number only", { target: "w2" }],
    ["there is one element", { contents: tensorOf([1]) }],
  ])("are two where %s", (_, over) => {
    const file = tied(over);
    const target = "target" in over ? over.target : "other";
    expect(file.nodes.map(({ inputs }) => inputs)).toEqual([["x", target]]);
    expect([...file.initializers.keys()]).toEqual(["w1", target]);
    expect(file.initializers.get(target)).toBe(file.initializers.get("w1"));
  });

  test("are one in a training export, and where the first is a constant", () => {
    const training = node("BatchNormalization", ["y", "", "", "", ""], ["z"], { training_mode: 1 });
    const nodes = [node("Identity", ["w1"], ["w2"]), node("Add", ["x", "w2"], ["y"]), training];
    expect([...tied({ nodes }).initializers.keys()]).toEqual(["w1"]);
    expect([...tied({ target: "w2", constants: ["w1"] }).initializers.keys()]).toEqual(["w1"]);
  });

  test("through several Identities are found", () => {
    const nodes = [
      node("Identity", ["w1"], ["a"]),
      node("Identity", ["a"], ["b"]),
      node("Add", ["a", "b"], ["y"]),
    ];
    expect(tied({ nodes }).nodes.map(({ inputs }) => inputs)).toEqual([["w1", "w1"]]);
  });

  test.each<[string, UpgradedFile["nodes"]]>([
    ["of a value", [node("Identity", ["x"], ["w2"])]],
    ["of another domain", [node("Identity", ["w1"], ["w2"], {}, "mine")]],
    ["under another operator", [node("Neg", ["w1"], ["w2"])]],
    ["of the model's output", [node("Identity", ["w1"], ["y"])]],
    ["without an output", [node("Identity", ["w1"], [])]],
  ])("is no Identity %s", (_, nodes) => {
    expect(tied({ nodes }).nodes).toEqual(nodes);
  });

  test("a training export has batch-norm or dropout in training", () => {
    const is = (...nodes: ReturnType<typeof node>[]) =>
      isTrainingExport(fileOf({ nodes, initializers: { on: tensorOf([], 1), off: tensorOf([], 0) } }));
    expect(is(node("BatchNormalization", ["x"], ["y"], { training_mode: 1 }))).toBe(true);
    expect(is(node("BatchNormalization", ["x"], ["y"], { training_mode: 0 }))).toBe(false);
    expect(is(node("BatchNormalization", ["x"], ["y"]))).toBe(false);
    expect(is(node("Dropout", ["x", "", "on"], ["y"]))).toBe(true);
    expect(is(node("Dropout", ["x", "", "off"], ["y"]))).toBe(false);
    expect(is(node("Dropout", ["x"], ["y"]))).toBe(false);
    expect(is(node("Relu", ["x"], ["y"], { training_mode: 1 }))).toBe(false);
  });
});

describe("rows of padding", () => {
  const table = (...rows: number[][]) => tensor("float32", [rows.length, rows[0]!.length], rows.flat());
  const one = table([0, 0], [1, 2], [0, 3]);
  const rowsOf = (
    contents: Tensor<"float32">,
    given: Record<string, number | null> = {},
    nodes = [node("Gather", ["t", "ids"], ["y"])],
  ) =>
    new PaddingRows(fileOf({ nodes, initializers: { t: contents, known: tensorOf([1]) } }), nodes, given, [
      { name: "t", contents },
    ]);

  test("are the only row of zeros of a table that is looked up in", () => {
    const rows = rowsOf(one);
    expect(rows.of("t", one)).toBe(0);
    expect(rows.notes).toEqual([
      {
        kind: "paddingRow",
        message:
          'row 0 of "t" is zero and taken for padding: it stays; to train it say paddingIdx: { "t": null }',
        names: ["t"],
      },
    ]);
    expect(rowsOf(table([1, 2], [0, 0])).of("t", table([1, 2], [0, 0]))).toBe(1);
  });

  test.each<[string, Tensor<"float32">, ReturnType<typeof node>[]?]>([
    ["no row is zero", table([1, 0], [0, 1])],
    ["two rows are", table([0, 0], [0, 0], [1, 1])],
    ["there is one row", table([0, 0])],
    ["rows have no elements", tensor("float32", [2, 0], [])],
    ["it is a vector", tensor("float32", [2], [0, 1])],
    ["it is of three dimensions", tensor("float32", [2, 1, 1], [0, 1])],
    ["nobody looks up in it", one, [node("MatMul", ["ids", "t"], ["y"])]],
    ["it is looked up along another axis", one, [node("Gather", ["t", "ids"], ["y"], { axis: 1 })]],
    ["indices are known", one, [node("Gather", ["t", "known"], ["y"])]],
    ["another domain looks up", one, [node("Gather", ["t", "ids"], ["y"], {}, "mine")]],
    ["it holds the indices", one, [node("Gather", ["x", "t"], ["y"])]],
  ])("are none where %s", (_, contents, nodes) => {
    const rows = rowsOf(contents, {}, nodes);
    expect(rows.of("t", contents)).toBeUndefined();
    expect(rows.notes).toEqual([]);
  });

  test("are what they are said to be, without a note", () => {
    for (const [given, row] of [
      [2, 2],
      [0, 0],
      [null, undefined],
    ] as const) {
      const rows = rowsOf(one, { t: given });
      expect(rows.of("t", one)).toBe(row);
      expect(rows.notes).toEqual([]);
    }
  });

  test.each([-1, 3, 0.5, Number.NaN])("are refused outside of the table: %d", (row) => {
    expect(() => rowsOf(one, { t: row })).toThrow(
      `"model.onnx": expected paddingIdx of "t" to be a row in [0, 3), got ${row}; try null for none`,
    );
  });

  test("are refused of a table that there is not", () => {
    expect(() => rowsOf(one, { u: 0 })).toThrow('"model.onnx": expected paddingIdx to name float32 tensors');
  });
});

describe("an export whose batch-norm is folded", () => {
  const conv = (weight: string, bias: string) => node("Conv", ["x", weight, bias], ["y"]);
  test("is known by its convolutions' names", () => {
    expect(foldedBatchNorm([conv("onnx::Conv_193", "194"), conv("w", "b"), conv("1", "2")])).toMatchObject({
      kind: "foldedBatchNorm",
      names: ["Conv:y", "Conv:y"],
      message: expect.stringMatching(
        /^batch-norm seems to be folded into 2 convolution\(s\), .*do_constant_folding=False\)$/,
      ),
    });
  });
  test.each([
    ["weights have a name", [conv("conv.weight", "194")]],
    ["biases have a name", [conv("193", "conv.bias")]],
    ["there is no bias", [node("Conv", ["x", "193"], ["y"])]],
    ["names only end in a number", [conv("a193", "onnx::Conv_194")]],
    ["it is no convolution", [node("Gemm", ["x", "193", "194"], ["y"])]],
    ["there is a batch-norm", [conv("193", "194"), node("BatchNormalization", ["y"], ["z"])]],
  ])("is not where %s", (_, nodes) => {
    expect(foldedBatchNorm(nodes)).toBeUndefined();
  });
});
