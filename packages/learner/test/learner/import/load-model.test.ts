import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Model } from "../../../../engine/src/nn/index.js";
import {
  buildEvaluationGraph,
  buildTrainingGraph,
  crossEntropy,
  flatten,
  linear,
  modelOf,
  relu,
  sequential,
  sgd,
} from "../../../../engine/src/nn/index.js";
import type { FileNode, ModelFile, Tensor } from "../../../../engine/src/onnx/index.js";
import { encodeModelFile, printGraph, tensor } from "../../../../engine/src/onnx/index.js";
import { createRawSession } from "../../../../engine/src/runtime/index.js";
import { relativeError, values } from "../../../../engine/test/onnx/numeric.js";
import type { ImportedModel } from "../../../src/learner/import/index.js";
import { exportModel, loadModel } from "../../../src/learner/import/index.js";
import { initialState } from "../../../src/learner/state.js";

function node(
  opType: string,
  inputs: string[],
  output: string,
  attributes: FileNode["attributes"] = {},
): FileNode {
  return { name: `/${output}/${opType}`, opType, domain: "", inputs, outputs: [output], attributes };
}

const scalar = (value: number) => tensor("float32", [], [value]);
const ints = (...list: number[]) => tensor("int64", [list.length], list);

/** x [batch, 4] → Gemm → x 0.5 → dropout → reshape by the batch size read from x → Gemm → [batch, 3]. */
const file: ModelFile = {
  file: "mlp.onnx",
  producer: "test",
  graphName: "mlp",
  opset: 17,
  inputs: [{ name: "x", dtype: "float32", shape: ["batch", 4] }],
  outputs: [{ name: "logits", dtype: "float32", shape: ["batch", 3] }],
  initializers: new Map<string, Tensor>([
    ["fc1.weight", values([6, 4], 1)],
    ["fc1.bias", values([6], 2)],
    ["scale", scalar(0.5)],
    ["ratio", scalar(0.25)],
    ["zero", ints(0)],
    ["rest", ints(6)],
    ["fc2.weight", values([3, 6], 3)],
    ["fc2.bias", values([3], 4)],
    ["unused", values([7], 5)],
  ]),
  nodes: [
    node("Gemm", ["x", "fc1.weight", "fc1.bias"], "hidden", { transB: 1 }),
    node("Mul", ["hidden", "scale"], "scaled"),
    node("Dropout", ["scaled", "ratio"], "dropped"),
    node("Shape", ["x"], "shape"),
    node("Gather", ["shape", "zero"], "size"),
    node("Concat", ["size", "rest"], "target", { axis: 0 }),
    node("Reshape", ["dropped", "target"], "flat"),
    node("Gemm", ["flat", "fc2.weight", "fc2.bias"], "logits", { transB: 1 }),
  ],
};

const bytesOf = (model: ModelFile) => encodeModelFile(model).model;
const load = (changes: Partial<ModelFile> = {}, options = {}) =>
  loadModel(bytesOf({ ...file, ...changes }), { file: "mlp.onnx", ...options });
const names = (model: Model) => model.parameters.map((p) => p.name);

/** The graph of a training step, printed. */
async function trainingListing(model: Model, batch = 2): Promise<string> {
  const inputs = [{ dtype: "float32", shape: [batch, 4] }] as const;
  await model.prepare?.(inputs);
  const { graph } = buildTrainingGraph({
    model,
    inputs,
    targets: [{ dtype: "int32", shape: [batch] }],
    lossFunc: crossEntropy(),
    optimizer: sgd({ mom: 0 }),
    groups: [{ name: "all", parameters: names(model) }],
  });
  return printGraph(graph);
}

describe("loadModel", () => {
  test("finds the weights, with their roles, and leaves constants alone", async () => {
    const model = await load();
    expect(model.parameters.map(({ name, role, shape }) => [name, role, shape])).toEqual([
      ["fc1.weight", "weight", [6, 4]],
      ["fc1.bias", "bias", [6]],
      ["fc2.weight", "weight", [3, 6]],
      ["fc2.bias", "bias", [3]],
    ]);
    expect(model.parameters[0]!.initial(0)).toEqual(values([6, 4], 1).data);
    expect(model.inputs).toEqual([{ dtype: "float32", itemShape: [4] }]);
    expect(model.notes).toEqual([]);
  });

  test("computes once what depends on shapes alone", async () => {
    const listing = await trainingListing(await load(), 2);
    expect(listing).not.toMatch(/= (Shape|Gather|Concat)\(/);
    expect(listing).toContain("Reshape");
  });

  test("takes the caller's word on what is trained", async () => {
    const model = await load({}, { parameters: (name: string) => name === "scale" || name === "fc2.bias" });
    expect(names(model)).toEqual(["scale", "fc2.bias"]);
  });

  test("trains PyTorch's single numbers that have an attribute's name", async () => {
    expect(names(await load({ producer: "pytorch" }))).toContain("scale");
  });

  test("does not train masks with infinities", async () => {
    const mask = tensor("float32", [6], [0, 0, Number.NEGATIVE_INFINITY, 0, 0, 0]);
    const initializers = new Map([...file.initializers, ["scale", mask]]);
    const nodes = file.nodes.map((n) => (n.opType === "Mul" ? { ...n, opType: "Add" } : n));
    expect(names(await load({ initializers, nodes }))).not.toContain("scale");
  });

  test("keeps an initialiser that two nodes use one parameter", async () => {
    const nodes = [
      ...file.nodes.slice(0, -1),
      node("Gemm", ["flat", "fc2.weight", "fc2.bias"], "first", { transB: 1 }),
      node("Gemm", ["flat", "fc2.weight", "fc2.bias"], "second", { transB: 1 }),
      node("Add", ["first", "second"], "logits"),
    ];
    expect(names(await load({ nodes }))).toHaveLength(4);
  });

  test.each([
    ["one parameter behind Identity, the tensors being the same by more than chance", values([6, 4], 1), 4],
    [
      "two parameters, equal by chance, as biases of zero are",
      tensor("float32", [6, 4], new Array(24).fill(0)),
      5,
    ],
  ])("sees %s", async (_, contents, count) => {
    const initializers = new Map([...file.initializers, ["fc1.weight", contents]]);
    const nodes = [
      node("Identity", ["fc1.weight"], "decoder.weight"),
      node("Gemm", ["x", "fc1.weight", "fc1.bias"], "a", { transB: 1 }),
      node("Gemm", ["x", "decoder.weight", "fc1.bias"], "b", { transB: 1 }),
      node("Add", ["a", "b"], "hidden"),
      ...file.nodes.slice(1),
    ];
    expect(names(await load({ initializers, nodes }))).toHaveLength(count);
  });

  test("drops by masks that are inputs of the graph, and not at all in inference", async () => {
    const model = await load();
    const inputs = [{ dtype: "float32", shape: [2, 4] }] as const;
    expect(await trainingListing(model)).toContain("input  mask:0: float32[2, 6]");
    const { graph } = buildEvaluationGraph({ model, inputs });
    expect(printGraph(graph)).not.toMatch(/mask|Dropout/);
  });

  test("takes inputs of another integer type", async () => {
    const tokens: ModelFile = {
      ...file,
      inputs: [{ name: "x", dtype: "int64", shape: ["batch", 4] }],
      initializers: new Map([["embedding", values([9, 3])]]),
      nodes: [
        node("Gather", ["embedding", "x"], "items"),
        node("ReduceMean", ["items"], "logits", { axes: [1], keepdims: 0 }),
      ],
    };
    const model = await loadModel(bytesOf(tokens));
    const inputs = [{ dtype: "int32", shape: [2, 4] }] as const;
    await model.prepare(inputs);
    expect(buildEvaluationGraph({ model, inputs }).predictionShape).toEqual([2, 3]);
  });
});

describe("groups", () => {
  test("by prefixes", async () => {
    const { paramGroups } = await load({}, { groups: ["fc1.", "fc2."] });
    expect(paramGroups).toEqual([
      { name: "fc1", parameters: ["fc1.weight", "fc1.bias"] },
      { name: "fc2", parameters: ["fc2.weight", "fc2.bias"] },
    ]);
  });

  test("by a function", async () => {
    const { paramGroups } = await load({}, { groups: (name: string) => (name.endsWith("bias") ? 1 : 0) });
    expect(paramGroups?.map(({ parameters }) => parameters)).toEqual([
      ["fc1.weight", "fc2.weight"],
      ["fc1.bias", "fc2.bias"],
    ]);
  });

  test("without a place for a parameter are an error", async () => {
    await expect(load({}, { groups: ["fc1."] })).rejects.toThrow(
      'a group index from 0 up for "fc2.weight", got -1',
    );
  });
});

describe("cut and head", () => {
  test.each([1, "flat", "/flat/Reshape"])("cut %j leaves the body", async (cut) => {
    const model = await load({}, { cut });
    expect(names(model)).toEqual(["fc1.weight", "fc1.bias"]);
    const inputs = [{ dtype: "float32", shape: [2, 4] }] as const;
    await model.prepare(inputs);
    expect(buildEvaluationGraph({ model, inputs }).predictionShape).toEqual([2, 6]);
  });

  test("a head is put on, in a group of its own", async () => {
    const head = sequential(flatten(), linear(6, 5), relu(), linear(5, 2));
    const model: ImportedModel = await load({}, { cut: 1, head });
    expect(model.paramGroups?.map(({ name, parameters }) => [name, parameters])).toEqual([
      ["body", ["fc1.weight", "fc1.bias"]],
      ["head", ["head.1.weight", "head.1.bias", "head.3.weight", "head.3.bias"]],
    ]);
    expect(await trainingListing(model)).toContain("next:param:head.3.weight: float32[2, 5]");
  });

  test("a cut that is not there is an error", async () => {
    await expect(load({}, { cut: "nowhere" })).rejects.toThrow("cut to name a node or value");
    await expect(load({}, { cut: 3 })).rejects.toThrow("a number of layers from 1 to 2, got 3");
  });
});

describe("a fixed batch size", () => {
  const fixed = {
    inputs: [{ name: "x", dtype: "float32" as const, shape: [2, 4] }],
    nodes: file.nodes.map((n) => (n.opType === "Reshape" ? { ...n, inputs: ["dropped", "fixed"] } : n)),
    initializers: new Map([...file.initializers, ["fixed", ints(2, 6)]]),
  };

  test("is the only one that works where the graph depends on it", async () => {
    const model = await load(fixed);
    expect(model.fixedBatch).toBe(2);
    await model.prepare([{ dtype: "float32", shape: [2, 4] }]);
    await expect(model.prepare([{ dtype: "float32", shape: [3, 4] }])).rejects.toThrow(
      /"mlp\.onnx": expected mini-batches of 2 items.*got 3; try exporting with dynamic_axes/,
    );
    await expect(exportModel(model)).rejects.toThrow("mini-batches of 2");
    expect((await exportModel(model, undefined, { batchSize: 2 })).batchSize).toBe(2);
  });

  test("does not matter where the graph does not depend on it", async () => {
    const model = await load({ inputs: fixed.inputs });
    await model.prepare([{ dtype: "float32", shape: [3, 4] }]);
    expect((await exportModel(model)).batchSize).toBe("any");
  });

  test("other dimensions must fit", async () => {
    const model = await load();
    await expect(model.prepare([{ dtype: "float32", shape: [2, 5] }])).rejects.toThrow(
      'input "x" of shape [batch, 4], got [2, 5]',
    );
  });
});

describe("what cannot be trained is named before training", () => {
  test("an operator without a gradient rule", async () => {
    const nodes = [
      ...file.nodes.slice(0, -1),
      node("Gemm", ["flat", "fc2.weight", "fc2.bias"], "raw", { transB: 1 }),
    ];
    const model = await load({
      nodes: [...nodes, node("Hardmax", ["raw"], "logits")],
    });
    expect(model.notes.map(({ kind }) => kind)).toContain("notDifferentiable");
    await expect(trainingListing(model)).rejects.toThrow(
      'cannot differentiate "Hardmax" (node "forward./logits/Hardmax")',
    );
  });

  test.each([
    [{ domain: "my.company", opType: "Magic" }, /Magic.*domain "my\.company"/],
    [{ opType: "QuantizeLinear" }, /QuantizeLinear.*quantised/],
    [{ opType: "RandomNormalLike" }, /RandomNormalLike.*replayed/],
    [{ opType: "Loop" }, /Loop.*control flow/],
  ])("%j", async (change, message) => {
    const nodes = file.nodes.map((n) => (n.opType === "Mul" ? { ...n, ...change } : n));
    await expect(load({ nodes })).rejects.toThrow(message);
  });

  test("an output that is not there", async () => {
    await expect(load({}, { output: "other" })).rejects.toThrow('expected an output "other", got "logits"');
  });
});

describe("batch-norm folded into convolutions", () => {
  test("is said in the notes", async () => {
    const model = await loadModel(
      bytesOf({
        ...file,
        inputs: [{ name: "x", dtype: "float32", shape: ["batch", 1, 4, 4] }],
        initializers: new Map([
          ["onnx::Conv_193", values([2, 1, 3, 3])],
          ["onnx::Conv_194", values([2])],
        ]),
        nodes: [node("Conv", ["x", "onnx::Conv_193", "onnx::Conv_194"], "logits")],
      }),
    );
    expect(model.notes).toMatchObject([{ kind: "foldedBatchNorm", names: ["/logits/Conv"] }]);
  });
});

describe("exportModel", () => {
  const run = async (bytes: Uint8Array, feeds: Record<string, Tensor>) => {
    await using session = await createRawSession(bytes);
    return await session.run(feeds);
  };

  test("writes the weights of a state, for any batch size", async () => {
    const model = await load();
    const state = initialState(model, 0);
    const shifted = tensor("float32", [3], [10, 20, 30]);
    const { model: bytes } = await exportModel(model, {
      tensors: { ...state.tensors, "param:fc2.bias": shifted },
    });
    const x = values([7, 4]);
    const { logits: before } = await run(bytesOf(file), { x });
    const { logits: after } = await run(bytes, { x });
    const bias = file.initializers.get("fc2.bias")!.data as Float32Array;
    const want = Array.from(
      before!.data as Float32Array,
      (v, i) => v - bias[i % 3]! + (shifted.data[i % 3] as number),
    );
    expect(relativeError(after!.data as Float32Array, want)).toBeLessThan(1e-6);
  });

  test("copes with nodes named like inputs, outputs and weights", async () => {
    const taken = ["x", "logits", "fc1.weight"];
    const nodes = file.nodes.map((n, i) => ({ ...n, name: taken[i] ?? n.name }));
    const { model: bytes } = await exportModel(await load({ nodes }));
    const x = values([3, 4]);
    const [before, after] = [await run(bytesOf(file), { x }), await run(bytes, { x })];
    expect(after["logits"]).toEqual(before["logits"]);
  });

  test("writes a model of layers", async () => {
    const model = modelOf(sequential(flatten(), linear(12, 5), relu(), linear(5, 2)));
    const inputs = [{ dtype: "float32", itemShape: [3, 4] }] as const;
    const { model: bytes, batchSize } = await exportModel(model, initialState(model, 3), { inputs });
    expect(batchSize).toBe("any");
    const all = await run(bytes, { input: values([4, 3, 4]) });
    expect(all.output!.shape).toEqual([4, 2]);
    const first = { ...values([1, 3, 4]), data: values([4, 3, 4]).data.slice(0, 12) } as Tensor;
    const one = await run(bytes, { input: first });
    expect(
      relativeError(one.output!.data as Float32Array, (all.output!.data as Float32Array).subarray(0, 2)),
    ).toBeLessThan(1e-6);
    await expect(exportModel(model)).rejects.toThrow("a model that says what goes in");
  });

  test("keeps large tensors in a file beside the model, which loads again", async () => {
    const model = modelOf(sequential(linear(40, 20)));
    const inputs = [{ dtype: "float32", itemShape: [40] }] as const;
    const options = { inputs, externalData: true, externalName: "weights.bin" };
    const { model: bytes, external } = await exportModel(model, undefined, options);
    const folder = await mkdtemp(join(tmpdir(), "lrfind-"));
    try {
      await writeFile(join(folder, "m.onnx"), bytes);
      await expect(loadModel(join(folder, "m.onnx"))).rejects.toThrow("weights.bin");
      await writeFile(join(folder, external!.name), external!.bytes);
      const again = await loadModel(join(folder, "m.onnx"));
      expect(again.parameters.map((p) => p.initial(0))).toEqual(model.parameters.map((p) => p.initial(0)));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("external data outside the model's folder is refused", async () => {
    const folder = await mkdtemp(join(tmpdir(), "lrfind-"));
    try {
      const model = modelOf(linear(40, 20));
      const inputs = [{ dtype: "float32", itemShape: [40] }] as const;
      const options = { inputs, externalData: true, externalName: "../weights.bin" };
      await writeFile(join(folder, "m.onnx"), (await exportModel(model, undefined, options)).model);
      await expect(loadModel(join(folder, "m.onnx"))).rejects.toThrow("in the model's own folder");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
