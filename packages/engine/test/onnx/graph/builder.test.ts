import { describe, expect, test } from "vitest";
import type { DType, Value } from "../../../src/onnx/index.js";
import { GraphBuilder, OnnxError, printGraph, sizeOfValue, tensor } from "../../../src/onnx/index.js";
import { createSession } from "../../../src/runtime/index.js";

describe("GraphBuilder.build", () => {
  test("names outputs where they are made, and keeps what leads to them", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2, 3]);
    const doubled = g.mul(x, 2);
    g.exp(doubled);
    expect(printGraph(g.build({ doubled, more: g.add(doubled, 1) }))).toMatchInlineSnapshot(`
      "graph lrfind
        input  x: float32[2, 3]
        doubled: float32[2, 3] = Mul(x, 2)
        more: float32[2, 3] = Add(doubled, 1)
        output doubled: float32[2, 3]
        output more: float32[2, 3]"
    `);
  });

  test("lets an input, a constant, and one value under two names be outputs", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    const y = g.neg(x);
    await using session = await createSession(g.build({ same: x, one: g.scalar(1), y1: y, y2: y }));
    const results = await session.run({ x: tensor("float32", [2], [1, 2]) });
    expect([...results["same"]!.data]).toEqual([1, 2]);
    expect([...results["one"]!.data]).toEqual([1]);
    expect([...results["y1"]!.data]).toEqual([-1, -2]);
    expect([...results["y2"]!.data]).toEqual([-1, -2]);
  });

  test("refuses an output name that is taken", () => {
    const g = new GraphBuilder();
    const x = g.input("x", "float32", [2]);
    expect(() => g.build({ x: g.neg(x) })).toThrow('build: expected names of outputs that are free, got "x"');
    expect(() => g.input("x", "float32", [2])).toThrow('input: expected a name that is free, got "x"');
  });

  test("shares equal small constants, but not 0 and -0", () => {
    const g = new GraphBuilder();
    expect(g.scalar(1)).toBe(g.scalar(1));
    expect(g.scalar(0)).not.toBe(g.scalar(-0));
    expect(g.ints([1])).not.toBe(g.constant(tensor("int32", [1], [1])));
  });
});

/** A builder with inputs of float32 [2, 3], float64 [2, 3] and bool [2, 3]. */
function started() {
  const g = new GraphBuilder();
  const x = g.input("x", "float32", [2, 3]);
  return { g, x, d: g.input("d", "float64", [2, 3]), c: g.input("c", "bool", [2, 3]) };
}

/** The nodes that a function adds to such a builder, as they are printed. */
function printed(make: (s: ReturnType<typeof started>) => Value): string {
  const s = started();
  return printGraph(s.g.build({ y: make(s) }))
    .split("\n")
    .filter((line) => line.includes(" = "))
    .map((line) => line.trim())
    .join("; ");
}

describe("methods of the builder", () => {
  test.each<[string, (s: ReturnType<typeof started>) => Value, string]>([
    ["add", ({ g, x }) => g.add(x, 2), "y: float32[2, 3] = Add(x, 2)"],
    ["add, number first", ({ g, d }) => g.add(2, d), "y: float64[2, 3] = Add(2, d)"],
    ["add of numbers", ({ g }) => g.add(1, 2), "y: float32[] = Add(1, 2)"],
    ["sub", ({ g, x }) => g.sub(x, 2), "y: float32[2, 3] = Sub(x, 2)"],
    ["mul", ({ g, x }) => g.mul(x, x), "y: float32[2, 3] = Mul(x, x)"],
    ["div", ({ g, x }) => g.div(x, 2), "y: float32[2, 3] = Div(x, 2)"],
    ["pow", ({ g, x }) => g.pow(x, 2), "y: float32[2, 3] = Pow(x, 2)"],
    ["greater", ({ g, x }) => g.greater(x, 2), "y: bool[2, 3] = Greater(x, 2)"],
    ["less", ({ g, x }) => g.less(x, 2), "y: bool[2, 3] = Less(x, 2)"],
    ["equal", ({ g, x }) => g.equal(x, 2), "y: bool[2, 3] = Equal(x, 2)"],
    ["max", ({ g, x }) => g.max(x, 2), "y: float32[2, 3] = Max(x, 2)"],
    ["min", ({ g, x }) => g.min(x, 2), "y: float32[2, 3] = Min(x, 2)"],
    ["neg", ({ g, x }) => g.neg(x), "y: float32[2, 3] = Neg(x)"],
    ["exp", ({ g, x }) => g.exp(x), "y: float32[2, 3] = Exp(x)"],
    ["log", ({ g, x }) => g.log(x), "y: float32[2, 3] = Log(x)"],
    ["sqrt", ({ g, x }) => g.sqrt(x), "y: float32[2, 3] = Sqrt(x)"],
    ["tanh", ({ g, x }) => g.tanh(x), "y: float32[2, 3] = Tanh(x)"],
    ["sigmoid", ({ g, x }) => g.sigmoid(x), "y: float32[2, 3] = Sigmoid(x)"],
    [
      "matmul",
      ({ g, x }) => g.matmul(x, g.constant(tensor("float32", [3, 1], [1, 1, 1]), "ones")),
      "y: float32[2, 1] = MatMul(x, ones)",
    ],
    ["where", ({ g, c, d }) => g.where(c, d, 2), "y: float64[2, 3] = Where(c, d, 2)"],
    ["where, number first", ({ g, c, d }) => g.where(c, 2, d), "y: float64[2, 3] = Where(c, 2, d)"],
    ["where of numbers", ({ g, c }) => g.where(c, 2, 3), "y: float32[2, 3] = Where(c, 2, 3)"],
    ["cast", ({ g, x }) => g.cast(x, "int64"), "y: int64[2, 3] = Cast(x, to=int64)"],
    ["cast to the same", ({ g, x }) => g.cast(x, "float32"), "y: float32[2, 3] = Identity(x)"],
    ["transpose", ({ g, x }) => g.transpose(x, [1, 0]), "y: float32[3, 2] = Transpose(x, perm=[1, 0])"],
    ["transpose of nothing", ({ g, x }) => g.transpose(x, [0, 1]), "y: float32[2, 3] = Identity(x)"],
    ["reshape", ({ g, x }) => g.reshape(x, [6]), "y: float32[6] = Reshape(x, [6])"],
    [
      "reshape to one more",
      ({ g, x }) => g.reshape(x, [2, 3, 1]),
      "y: float32[2, 3, 1] = Reshape(x, [2, 3, 1])",
    ],
    ["reshape to the same", ({ g, x }) => g.reshape(x, [2, 3]), "y: float32[2, 3] = Identity(x)"],
    ["expand", ({ g, x }) => g.expand(x, [4, 2, 3]), "y: float32[4, 2, 3] = Expand(x, [4, 2, 3])"],
    ["expand to the same", ({ g, x }) => g.expand(x, [2, 3]), "y: float32[2, 3] = Identity(x)"],
    ["reduceSum", ({ g, x }) => g.reduceSum(x), "y: float32[] = ReduceSum(x, keepdims=0)"],
    [
      "reduceSum of an axis",
      ({ g, x }) => g.reduceSum(x, [1]),
      "y: float32[2] = ReduceSum(x, [1], keepdims=0)",
    ],
    [
      "reduceMean, kept",
      ({ g, x }) => g.reduceMean(x, [-1], { keepDims: true }),
      "y: float32[2, 1] = ReduceMean(x, [-1], keepdims=1)",
    ],
    [
      "reduceMean of all, kept",
      ({ g, x }) => g.reduceMean(x, undefined, { keepDims: true }),
      "y: float32[1, 1] = ReduceMean(x, keepdims=1)",
    ],
    ["reduceMean of no axes", ({ g, x }) => g.reduceMean(x, []), "y: float32[2, 3] = Identity(x)"],
    ["slice", ({ g, x }) => g.slice(x, [1], [3], [1]), "y: float32[2, 2] = Slice(x, [1], [3], [1])"],
    [
      "slice with steps",
      ({ g, x }) => g.slice(x, [0], [3], [1], [2]),
      "y: float32[2, 2] = Slice(x, [0], [3], [1], [2])",
    ],
    ["concat", ({ g, x }) => g.concat([x, x], 1), "y: float32[2, 6] = Concat(x, x, axis=1)"],
    ["concat of one", ({ g, x }) => g.concat([x], 1), "y: float32[2, 3] = Identity(x)"],
    ["zeros", ({ g }) => g.zeros([2]), "y: float32[2] = Expand(0, [2])"],
    ["zeros of a type", ({ g }) => g.zeros([2], "int32"), "y: int32[2] = Expand(0, [2])"],
    ["scalar of a type", ({ g }) => g.neg(g.scalar(2, "int32")), "y: int32[] = Neg(2)"],
    ["scalar", ({ g }) => g.neg(g.scalar(2)), "y: float32[] = Neg(2)"],
  ])("%s", (_, make, expected) => {
    expect(printed(make)).toBe(expected);
  });

  test("refuse what is no operand", () => {
    const { g, x } = started();
    const wrong = "1" as never;
    for (const [name, call] of Object.entries({
      "Add: expected a": () => g.add(wrong, x),
      "Sub: expected b": () => g.sub(x, wrong),
      "cast: expected x": () => g.cast(wrong, "float32"),
      "cast: expected dtype": () => g.cast(x, "float" as DType),
      "transpose: expected x": () => g.transpose(wrong, [0]),
      "transpose: expected perm": () => g.transpose(x, [0.5]),
      "reshape: expected x": () => g.reshape(wrong, [0]),
      "reshape: expected shape": () => g.reshape(x, wrong),
      "expand: expected x": () => g.expand(wrong, [0]),
      "expand: expected shape": () => g.expand(x, [-1]),
      "reduceSum: expected x": () => g.reduceSum(wrong),
      "reduceSum: expected axes": () => g.reduceSum(x, [0.5]),
      "reduceMean: expected x": () => g.reduceMean(wrong),
      "reduceMean: expected keepDims": () => g.reduceMean(x, [0], { keepDims: 1 as never }),
      "concat: expected values": () => g.concat([], 0),
      "concat: expected axis": () => g.concat([x], 0.5),
      "zeros: expected shape": () => g.zeros([-1]),
      "ints: expected values": () => g.ints([0.5]),
      "scope: expected name": () => g.scope(1 as never, () => x),
      "scope: expected body": () => g.scope("a", x as never),
      "constant: expected contents": () => g.constant(x as never),
      "constant: expected name": () => g.constant(tensor("float32", [1], [1]), ""),
      "constantOnce: expected key": () => g.constantOnce(1 as never, () => tensor("float32", [1], [1])),
      "constantOnce: expected make": () => g.constantOnce("a", tensor("float32", [1], [1]) as never),
      "node: expected opType": () => g.node("", [x]),
      "Neg: expected inputs": () => g.node("Neg", x as never),
      "Neg: expected attributes": () => g.node("Neg", [x], { a: null } as never),
      "Neg: expected name": () => g.node("Neg", [x], {}, { name: "" }),
      "Neg: expected domain": () => g.node("Neg", [x], {}, { domain: 1 as never }),
      "Neg: expected outputs": () => g.node("Neg", [x], {}, { outputs: 0 }),
      "Neg: expected types": () => g.node("Neg", [x], {}, { types: [] }),
      "Neg: expected types ": () =>
        g.node("Neg", [x], {}, { types: [{ dtype: "float" as DType, shape: [] }] }),
      "Neg: expected types  ": () => g.node("Neg", [x], {}, { types: [{ dtype: "bool", shape: [-1] }] }),
      "Neg: expected types   ": () => g.node("Neg", [x], {}, { types: [undefined as never] }),
      "Neg: expected attributeTypes": () => g.node("Neg", [x], {}, { attributeTypes: { a: "X" as never } }),
      "extendOutputs: expected node": () => g.extendOutputs({} as never, 1),
      "yieldLast: expected outputs": () => g.yieldLast(x as never),
      "build: expected outputs": () => g.build(x as never),
      "build: expected outputs ": () => g.build(null as never),
      "build: expected outputs  ": () => g.build([x] as never),
      "build: expected outputs   ": () => g.build({ x: 1 as never }),
      "build: expected name": () => g.build({ x }, { name: 1 as never }),
    })) {
      expect(call, name).toThrow(OnnxError);
      expect(call, name).toThrow(name.trim());
    }
    expect(() => g.build(x as never)).toThrow("try { y }");
    // Nothing of it is left behind.
    expect(g.nodes).toEqual([]);
  });
});

describe("names", () => {
  test("are numbered where they are taken, and begin with the scopes", () => {
    const { g, x } = started();
    const names = [
      g.neg(x),
      g.neg(x),
      g.op("Neg", [x], {}, { name: "mine" }),
      g.op("Neg", [x], {}, { name: "mine" }),
    ];
    expect(names.map(({ name }) => name)).toEqual(["Neg:0", "Neg_1:0", "mine:0", "mine_1:0"]);
    const inner = g.scope("outer", () => {
      const before = g.neg(x);
      const within = g.scope("inner", () => g.neg(x));
      return [before, within, g.neg(x)];
    });
    expect(inner.map(({ name }) => name)).toEqual(["outer.Neg:0", "outer.inner.Neg:0", "outer.Neg_1:0"]);
    expect(g.neg(x).name).toBe("Neg_2:0");
    expect(g.nodes.map(({ name }) => name)).toContain("outer.inner.Neg");
  });

  test("of a scope end with it, though it throws", () => {
    const { g, x } = started();
    expect(() => g.scope("broken", () => g.add(x, "1" as never))).toThrow(OnnxError);
    expect(g.neg(x).name).toBe("Neg:0");
  });

  test("that somebody took already are skipped", () => {
    const { g, x } = started();
    g.input("Neg", "float32", [1]);
    g.input("Neg_1", "float32", [1]);
    expect([g.neg(x), g.neg(x)].map(({ name }) => name)).toEqual(["Neg_2:0", "Neg_3:0"]);
  });
});

describe("constants", () => {
  test("of up to 64 elements are one where they are equal", () => {
    const g = new GraphBuilder();
    const of = (size: number, dtype: DType = "float32", shape = [size]) =>
      g.constant(tensor(dtype, shape, new Array<number>(size).fill(1)));
    expect(of(64)).toBe(of(64));
    expect(of(65)).not.toBe(of(65));
    expect(of(64)).not.toBe(of(64, "float32", [8, 8]));
    expect(of(4)).not.toBe(of(4, "float64"));
    expect(g.constant(tensor("float32", [1], [5]), "a").name).toBe("a");
    expect(g.constant(tensor("float32", [1], [6])).name).toBe("const_6");
  });

  test("asked for by key are made once, and are the ones that are there already", () => {
    const g = new GraphBuilder();
    let made = 0;
    const make = () => {
      made++;
      return tensor("float32", [1], [7]);
    };
    const first = g.constantOnce("key", make, "seven");
    expect(g.constantOnce("key", make)).toBe(first);
    expect(made).toBe(1);
    expect(first.name).toBe("seven");
    expect(g.constantOnce("other", make)).toBe(first);
    expect(made).toBe(2);
  });

  test("are part of the graph where it uses them", () => {
    const { g, x } = started();
    const [used] = [g.constant(tensor("float32", [3], [1, 2, 3]), "used"), g.scalar(9)];
    expect(g.build({ y: g.add(x, used!) }).constants).toEqual([used]);
  });
});

describe("a node", () => {
  test("has as many outputs as it is asked for, or has types for", () => {
    const { g, x } = started();
    const shape = [2, 3];
    expect(g.node("Dropout", [x])).toHaveLength(1);
    expect(g.node("Dropout", [x], {}, { outputs: 2 }).map(({ name, dtype }) => [name, dtype])).toEqual([
      ["Dropout_1:0", "float32"],
      ["Dropout_1:1", "bool"],
    ]);
    const types = [{ dtype: "bool" as const, shape }, null, { dtype: "int8" as const, shape: [] }];
    expect(g.node("Any", [x, null], {}, { types, domain: "mine" })).toEqual([
      { name: "Any:0", dtype: "bool", shape },
      null,
      { name: "Any:2", dtype: "int8", shape: [] },
    ]);
    expect(g.node("Any", [x], {}, { types, outputs: 2 })).toHaveLength(2);
    expect(g.nodes.map(({ domain }) => domain)).toEqual(["", "", "mine", ""]);
  });

  test("keeps the types of its attributes, unless it is written otherwise", () => {
    const { g, x } = started();
    const attributeTypes = { alpha: "FLOAT" } as const;
    g.op("LeakyRelu", [x], { alpha: 1 }, { attributeTypes });
    expect(g.nodes.at(-1)).toMatchObject({ attributes: { alpha: 1 }, attributeTypes });
    g.op("LeakyRelu", [x], { alpha: 1 });
    expect(g.nodes.at(-1)).not.toHaveProperty("attributeTypes");
    const images = g.input("images", "float32", [1, 1, 4, 4]);
    const pool = { kernel_shape: [2, 2], ceil_mode: 1 };
    g.op("MaxPool", [images], pool, { attributeTypes: { kernel_shape: "INTS", ceil_mode: "INT" } });
    expect(g.nodes.at(-1)).not.toHaveProperty("attributeTypes");
    expect(g.nodes.at(-1)!.attributes).not.toHaveProperty("ceil_mode");
    // Of another domain it is another operator.
    const types = [{ dtype: "float32", shape: [1, 1, 2, 2] }] as const;
    g.op("MaxPool", [images], pool, { domain: "mine", types });
    expect(g.nodes.at(-1)!.attributes).toEqual(pool);
  });

  test("is asked for more outputs later, and keeps those it has", () => {
    const { g, x } = started();
    const y = g.op("LayerNormalization", [x, g.constant(tensor("float32", [3], [1, 1, 1]))], { axis: -1 });
    const z = g.neg(y);
    const outputs = g.extendOutputs(g.nodes[0]!, 3);
    expect(outputs[0]).toBe(y);
    expect(outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ["LayerNormalization:0", [2, 3]],
      ["LayerNormalization:1", [2, 1]],
      ["LayerNormalization:2", [2, 1]],
    ]);
    expect(g.nodes.map((node) => node.outputs)).toEqual([outputs, [z]]);
    expect(g.extendOutputs(g.nodes[0]!, 1)).toEqual(outputs);
    expect(() => g.extendOutputs({ ...g.nodes[0]!, name: "other" }, 1)).toThrow(
      'extendOutputs: expected a node of this graph, got "other"',
    );
    for (const count of [0, 1.5, 4097, "1"]) {
      expect(() => g.extendOutputs(g.nodes[0]!, count as number)).toThrow("extendOutputs: expected count");
    }
  });

  test("that was added last yields other values on request", () => {
    const { g, x } = started();
    const y = g.neg(x);
    g.exp(x);
    g.yieldLast([y]);
    expect(g.nodes.map(({ opType, outputs }) => [opType, outputs])).toEqual([
      ["Neg", [y]],
      ["Exp", [y]],
    ]);
    expect(() => new GraphBuilder().yieldLast([y])).toThrow(
      "yieldLast: expected a node to be added before, got none",
    );
  });
});

describe("the built graph", () => {
  test("has its name, all inputs, and stays as it is when the builder goes on", () => {
    const { g, x } = started();
    const y = g.neg(x);
    const graph = g.build({ y }, { name: "mine" });
    g.exp(y);
    expect(graph.name).toBe("mine");
    expect(g.build({ y }).name).toBe("lrfind");
    expect(graph.nodes).toHaveLength(1);
    expect(graph.inputs.map(({ name }) => name)).toEqual(["x", "d", "c"]);
    expect(g.nodes[0]!.outputs).toEqual([y]);
  });

  test("copies what is no node's output, or is an output already, under its new name", () => {
    const { g, x } = started();
    const y = g.neg(x);
    expect(printGraph(g.build({ x, copy: x, one: g.scalar(1), y1: y, y2: y }))).toBe(
      [
        "graph lrfind",
        "  input  x: float32[2, 3]",
        "  input  d: float64[2, 3]",
        "  input  c: bool[2, 3]",
        "  y1: float32[2, 3] = Neg(x)",
        "  copy: float32[2, 3] = Identity(x)",
        "  one: float32[] = Identity(1)",
        "  y2: float32[2, 3] = Identity(y1)",
        "  output x: float32[2, 3]",
        "  output copy: float32[2, 3]",
        "  output one: float32[]",
        "  output y1: float32[2, 3]",
        "  output y2: float32[2, 3]",
      ].join("\n"),
    );
    expect(g.build({ copy: x }).nodes[0]!.name).toBe("output:copy");
  });

  test("lets an output keep the name that its value has", () => {
    const { g, x } = started();
    const y = g.neg(x);
    expect(g.build({ "Neg:0": y }).nodes).toHaveLength(1);
    expect(() => g.build({ "Neg:0": g.exp(x) })).toThrow(
      'build: expected names of outputs that are free, got "Neg:0"',
    );
  });
});

test("sizeOfValue is the number of elements", () => {
  const { g, x } = started();
  expect([sizeOfValue(x), sizeOfValue(g.scalar(1)), sizeOfValue(g.zeros([0, 4]))]).toEqual([6, 1, 0]);
});
