import { describe, expect, test } from "vitest";
import { loadModel } from "../../../../learner/src/learner/import/index.js";
import { buildEvaluationGraph } from "../../../src/nn/index.js";
import type { Graph, GraphOfBatch, ModelFile, Value } from "../../../src/onnx/index.js";
import { encodeModelFile, GraphBuilder, tensor, withDynamicBatch } from "../../../src/onnx/index.js";
import { createSession } from "../../../src/runtime/index.js";
import { values } from "../numeric.js";

type Build = (g: GraphBuilder, x: Value, batch: number) => Record<string, Value>;

const width = 3;
const graphOf = (batch: number, build: Build): Graph => {
  const g = new GraphBuilder();
  return g.build(build(g, g.input("x", "float32", [batch, width]), batch));
};
const freed = (build: Build, batches = [2, 4, 5]): ModelFile | undefined =>
  withDynamicBatch(batches.map((batch): GraphOfBatch => ({ batch, graph: graphOf(batch, build) })));

/** Runs the one model of any batch beside the ones of each, at batches that it was built for and at others. */
async function expectSame(build: Build): Promise<ModelFile> {
  const file = freed(build)!;
  expect(file).toBeDefined();
  const { model } = encodeModelFile(file);
  for (const batch of [1, 2, 7]) {
    const x = values([batch, width], batch);
    await using one = await createSession(graphOf(batch, build), { threads: 1 });
    for (const [output, expected] of Object.entries(await one.run({ x }))) {
      const loaded = await loadModel(model, { output });
      await loaded.prepare([x]);
      const { graph } = buildEvaluationGraph({ model: loaded, inputs: [x] });
      await using any = await createSession(graph, { threads: 1 });
      const { prediction } = await any.run({ "input:0": x });
      expect(prediction, `${output}, batch ${batch}`).toEqual(expected);
    }
  }
  return file;
}

const ops = ({ nodes }: ModelFile) => nodes.map(({ opType }) => opType);

describe("a model of any batch size, from those of three", () => {
  test("is the same where nothing depends on the batch, its first dimension free", () => {
    const file = freed((g, x) => ({ y: g.mul(x, 2), z: g.reduceSum(x, [0]) }))!;
    expect(ops(file)).toEqual(["Mul", "ReduceSum"]);
    expect(file.inputs).toEqual([{ name: "x", dtype: "float32", shape: ["batch", width] }]);
    expect(file.outputs).toEqual([
      { name: "y", dtype: "float32", shape: ["batch", width] },
      { name: "z", dtype: "float32", shape: [width] },
    ]);
    expect(
      [...file.initializers.values()].map(({ data }) => Array.from(data as Float32Array, Number)),
    ).toEqual([[2], [0]]);
  });

  test("names a dimension the batch where it is it, and leaves others that vary open", () => {
    const file = freed((g, x, batch) => ({
      y: g.reshape(x, [batch * width]),
      z: g.reshape(x, [width, batch]),
    }))!;
    expect(file.outputs.map(({ shape }) => shape)).toEqual([[null], [width, "batch"]]);
  });

  test("leaves a shape with one free dimension to Reshape's -1", async () => {
    const file = await expectSame((g, x, batch) => ({ y: g.neg(g.reshape(x, [width, batch, 1])) }));
    expect(ops(file)).toEqual(["Reshape", "Neg"]);
    expect([...file.initializers]).toEqual([["batch/ints[3,-1,1]", tensor("int64", [3], [3, -1, 1])]]);
  });

  test("computes shapes that have two, and others' constants, from the input's, each once", async () => {
    const file = await expectSame((g, x, batch) => ({
      y: g.expand(g.reshape(x, [1, batch, width]), [batch, batch, width]),
      z: g.expand(g.reshape(x, [batch, 1, width]), [batch, batch, width]),
      tail: g.slice(x, [batch - 1], [batch], [0]),
    }));
    expect(ops(file).filter((op) => op === "Shape")).toHaveLength(1);
    // [batch, batch, 3], [batch - 1] and [batch], of which the first is used twice.
    expect(ops(file).filter((op) => op === "Mul")).toHaveLength(2);
    expect(ops(file).filter((op) => op === "Add")).toHaveLength(3);
    expect(ops(file)[0]).toBe("Shape");
  });

  test("computes single whole numbers", async () => {
    await expectSame((g, x, batch) => ({ y: g.mul(g.cast(g.scalar(2 * batch + 1, "int64"), "float32"), x) }));
  });

  test("keeps Reshape's zeros for what they copy: such a shape is computed", async () => {
    const file = await expectSame((g, x, batch) => {
      const flat = g.reshape(x, [batch * width]);
      return { y: g.op("Reshape", [g.op("Unsqueeze", [flat, g.ints([1])]), g.ints([width * batch, 0])]) };
    });
    expect(ops(file)).toContain("Shape");
  });

  test("makes tensors of one number whose shapes vary", async () => {
    const file = await expectSame((g, x, batch) => ({
      y: g.add(x, g.constant(tensor("float32", [batch, 1], new Array<number>(batch).fill(1.5)))),
      n: g.mul(
        x,
        g.cast(g.constant(tensor("int64", [batch, 1], new Array<number>(batch).fill(4))), "float32"),
      ),
    }));
    expect(ops(file).filter((op) => op === "ConstantOfShape")).toHaveLength(2);
    expect(file.nodes.find(({ opType }) => opType === "ConstantOfShape")!.attributes["value"]).toEqual(
      tensor("float32", [1], [1.5]),
    );
  });

  test("names its nodes one by one, and absent inputs and outputs as files do", () => {
    const file = freed((g, x, batch) => {
      const padded = g.op("Pad", [x, g.ints([0, 0, batch, 0]), null, g.ints([0, 1])]);
      return { y: g.node("Dropout", [padded, null], {}, { outputs: 2 })[0]! };
    })!;
    const names = file.nodes.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(file.nodes.find(({ opType }) => opType === "Pad")!.inputs[2]).toBe("");
    expect(names.filter((name) => name.startsWith("batch/"))).toEqual([
      "batch/Shape_0",
      "batch/Mul_1",
      "batch/Add_2",
    ]);
  });

  const none: [string, Build][] = [
    ["another number of nodes", (g, x, batch) => ({ y: batch === 5 ? g.neg(g.neg(x)) : g.neg(x) })],
    ["another operator", (g, x, batch) => ({ y: batch === 5 ? g.exp(x) : g.neg(x) })],
    [
      "another domain",
      (g, x, batch) => ({ y: g.op("Gelu", [x], {}, { domain: batch === 5 ? "mine" : "", types: [x] }) }),
    ],
    [
      "another attribute",
      (g, x, batch) => ({ y: g.op("LeakyRelu", [x], { alpha: batch === 5 ? 0.5 : 0.1 }) }),
    ],
    ["another number of inputs", (g, x, batch) => ({ y: g.op("Sum", batch === 5 ? [x, x, x] : [x, x]) })],
    [
      "an input that is absent",
      (g, x, batch) => ({ y: g.op("Clip", [x, batch === 5 ? null : g.scalar(0), g.scalar(1)]) }),
    ],
    [
      "an input that is there",
      (g, x, batch) => ({ y: g.op("Clip", [x, batch === 2 ? null : g.scalar(0), g.scalar(1)]) }),
    ],
    [
      "a constant for a value",
      (g, x, batch) => ({ y: g.add(x, batch === 5 ? g.scalar(1) : g.neg(x)), n: g.neg(x) }),
    ],
    [
      "a value for a constant",
      (g, x, batch) => ({ y: g.add(x, batch === 2 ? g.scalar(1) : g.neg(x)), n: g.neg(x) }),
    ],
    ["floats that vary", (g, x, batch) => ({ y: g.mul(x, 1 / batch) })],
    ["shapes on no line", (g, x, batch) => ({ y: g.slice(x, [0], [batch === 5 ? 1 : 2], [0]) })],
    [
      "whole numbers on no line",
      (g, x, batch) => ({ y: g.mul(g.cast(g.scalar(batch ** 2, "int64"), "float32"), x) }),
    ],
    [
      "a tensor of several numbers",
      (g, x, batch) => ({
        y: g.add(
          x,
          g.constant(
            tensor(
              "float32",
              [batch, 1],
              Array.from({ length: batch }, (_, i) => i),
            ),
          ),
        ),
      }),
    ],
    [
      "a fill that varies",
      (g, x, batch) => ({
        y: g.add(x, g.constant(tensor("float32", [batch, 1], new Array<number>(batch).fill(batch)))),
      }),
    ],
    [
      "another rank",
      (g, x, batch) => ({ y: g.add(x, g.constant(tensor("float32", batch === 5 ? [1, 1] : [1], [batch]))) }),
    ],
    ["0 and -0", (g, x, batch) => ({ y: g.add(x, batch === 5 ? -0 : 0) })],
    [
      "nothing for a fill",
      (g, x, batch) => ({
        y: g.concat(
          [
            g.cast(g.constant(tensor("int64", [0, width], [])), "float32"),
            x,
            g.expand(g.constant(tensor("float32", [batch === 2 ? 0 : 0, 1], [])), [0, width]),
          ],
          0,
        ),
        z: g.mul(x, batch),
      }),
    ],
  ];
  test.each(none)("is not where they differ in %s", (_, build) => {
    expect(freed(build)).toBeUndefined();
  });

  test("is not where slopes are fractions, though all that are built lie on their line", () => {
    const half: Build = (g, x, batch) => ({ y: g.mul(g.cast(g.scalar(batch / 2, "int64"), "float32"), x) });
    expect(freed(half, [2, 4, 6])).toBeUndefined();
    const whole: Build = (g, x, batch) => ({ y: g.mul(g.cast(g.scalar(batch, "int64"), "float32"), x) });
    expect(freed(whole, [2, 4, 6])).toBeDefined();
  });

  test("has any number of graphs from three on to check the line", () => {
    const late: Build = (g, x, batch) => ({
      y: g.mul(g.cast(g.scalar(Math.min(batch, 6), "int64"), "float32"), x),
    });
    expect(freed(late, [2, 3, 5])).toBeDefined();
    expect(freed(late, [2, 3, 5, 7])).toBeUndefined();
    expect(freed((g, x) => ({ y: g.neg(x) }), [1, 2, 3])).toBeDefined();
  });
});
