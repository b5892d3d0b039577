import { describe, expect, test } from "vitest";
import type { Layer, TrainingGraphOptions } from "../../../src/nn/index.js";
import {
  adam,
  batchNorm1d,
  buildEvaluationGraph,
  buildTrainingGraph,
  clipGradNorm,
  crossEntropy,
  dropout,
  initialTensors,
  linear,
  modelOf,
  mse,
  relu,
  sequential,
  sgd,
} from "../../../src/nn/index.js";
import type { Tensor } from "../../../src/onnx/index.js";
import { printGraph, tensor } from "../../../src/onnx/index.js";
import { relativeError, values } from "../../onnx/numeric.js";
import { ramp } from "../torch-fixture.js";
import { Steps } from "../train.js";

function parts(layer: Layer, batch: number, features = 4): TrainingGraphOptions {
  const model = modelOf(layer);
  return {
    model,
    lossFunc: crossEntropy(),
    optimizer: sgd({ mom: 0 }),
    inputs: [{ dtype: "float32", shape: [batch, features] }],
    targets: [{ dtype: "int32", shape: [batch] }],
    groups: [{ name: "all", parameters: model.parameters.map(({ name }) => name) }],
    decayed: new Set(),
  };
}

function beginning({ model }: TrainingGraphOptions): Record<string, Tensor> {
  const { parameters, buffers } = initialTensors(model, 1);
  return Object.fromEntries([
    ...[...parameters].map(([name, value]) => [`param:${name}`, value]),
    ...[...buffers].map(([name, value]) => [`buffer:${name}`, value]),
  ]);
}

/** Rows `from` up to but without `to` of a mini-batch of twelve. */
function rows(from: number, to: number) {
  const x = values([12, 4]);
  const labels = ramp([12], 3);
  return {
    "input:0": tensor("float32", [to - from, 4], x.data.slice(from * 4, to * 4)),
    "target:0": tensor("int32", [to - from], labels.data.slice(from, to)),
  };
}

describe("buildTrainingGraph", () => {
  test("makes one graph of forward pass, loss, gradients and update", () => {
    const { graph } = buildTrainingGraph({
      ...parts(sequential(linear(2, 2)), 3, 2),
      lossFunc: mse(),
      optimizer: sgd(),
      targets: [{ dtype: "float32", shape: [3, 2] }],
    });
    expect(printGraph(graph)).toMatchInlineSnapshot(`
      "graph training-step
        input  input:0: float32[3, 2]
        input  target:0: float32[3, 2]
        input  param:0.weight: float32[2, 2]
        input  param:0.bias: float32[2]
        input  lr:0: float32[]
        input  slot:velocity:0.weight: float32[2, 2]
        input  scalar:mom: float32[]
        input  slot:velocity:0.bias: float32[2]
        forward.0.Gemm:0: float32[3, 2] = Gemm(input:0, param:0.weight, param:0.bias, transB=1)
        loss.Sub:0: float32[3, 2] = Sub(forward.0.Gemm:0, target:0)
        loss.Mul:0: float32[3, 2] = Mul(loss.Sub:0, loss.Sub:0)
        loss.ReduceSum:0: float32[] = ReduceSum(loss.Mul:0, keepdims=0)
        loss: float32[] = Div(loss.ReduceSum:0, 6)
        grad.loss.Div.Div:0: float32[] = Div(1, 6)
        grad.loss.ReduceSum.Reshape:0: float32[1, 1] = Reshape(grad.loss.Div.Div:0, [1, 1])
        grad.loss.ReduceSum.Expand:0: float32[3, 2] = Expand(grad.loss.ReduceSum.Reshape:0, [3, 2])
        grad.loss.Mul.Mul:0: float32[3, 2] = Mul(grad.loss.ReduceSum.Expand:0, loss.Sub:0)
        grad.loss.Mul.Mul_1:0: float32[3, 2] = Mul(grad.loss.ReduceSum.Expand:0, loss.Sub:0)
        Add:0: float32[3, 2] = Add(grad.loss.Mul.Mul:0, grad.loss.Mul.Mul_1:0)
        grad.forward.0.Gemm.Gemm:0: float32[2, 2] = Gemm(Add:0, input:0, transA=1)
        grad.forward.0.Gemm.Expand:0: float32[1, 3] = Expand(1, [1, 3])
        grad.forward.0.Gemm.MatMul:0: float32[1, 2] = MatMul(grad.forward.0.Gemm.Expand:0, Add:0)
        grad.forward.0.Gemm.Reshape:0: float32[2] = Reshape(grad.forward.0.Gemm.MatMul:0, [2])
        update.0.weight.Mul:0: float32[2, 2] = Mul(slot:velocity:0.weight, scalar:mom)
        next:slot:velocity:0.weight: float32[2, 2] = Add(update.0.weight.Mul:0, grad.forward.0.Gemm.Gemm:0)
        update.0.weight.Mul_1:0: float32[2, 2] = Mul(next:slot:velocity:0.weight, lr:0)
        next:param:0.weight: float32[2, 2] = Sub(param:0.weight, update.0.weight.Mul_1:0)
        update.0.bias.Mul:0: float32[2] = Mul(slot:velocity:0.bias, scalar:mom)
        next:slot:velocity:0.bias: float32[2] = Add(update.0.bias.Mul:0, grad.forward.0.Gemm.Reshape:0)
        update.0.bias.Mul_1:0: float32[2] = Mul(next:slot:velocity:0.bias, lr:0)
        next:param:0.bias: float32[2] = Sub(param:0.bias, update.0.bias.Mul_1:0)
        sentinel.ReduceSum:0: float32[] = ReduceSum(next:param:0.weight, keepdims=0)
        sentinel.ReduceSum_1:0: float32[] = ReduceSum(next:param:0.bias, keepdims=0)
        sentinel: float32[] = Sum(sentinel.ReduceSum:0, sentinel.ReduceSum_1:0)
        output loss: float32[]
        output next:param:0.weight: float32[2, 2]
        output next:slot:velocity:0.weight: float32[2, 2]
        output next:param:0.bias: float32[2]
        output next:slot:velocity:0.bias: float32[2]
        output sentinel: float32[]"
    `);
  });

  test("a frozen group has no backward pass and no update", () => {
    const options = parts(sequential(linear(4, 8), relu(), linear(8, 3)), 6);
    const all = buildTrainingGraph(options);
    const head = buildTrainingGraph({ ...options, trained: new Set(["2.weight", "2.bias"]) });
    const backward = (training: typeof all) =>
      training.graph.nodes.map(({ name }) => name).filter((name) => name.startsWith("grad.forward."));
    expect(backward(all).some((name) => name.startsWith("grad.forward.0."))).toBe(true);
    expect(backward(all).some((name) => name.startsWith("grad.forward.1."))).toBe(true);
    expect(backward(head).every((name) => name.startsWith("grad.forward.2."))).toBe(true);
    expect(head.trained).toEqual(["2.weight", "2.bias"]);
    expect(head.parameters).toHaveLength(4);
    expect(head.graph.outputs.map(({ name }) => name)).toEqual([
      "loss",
      "next:param:2.weight",
      "next:param:2.bias",
      "sentinel",
    ]);
  });

  test("each group has its own learning rate", async () => {
    const options = parts(sequential(linear(4, 3)), 6);
    const groups = [
      { name: "weights", parameters: ["0.weight"] },
      { name: "biases", parameters: ["0.bias"] },
    ];
    const { groups: indices, graph } = buildTrainingGraph({ ...options, groups });
    expect(indices).toEqual([0, 1]);
    expect(graph.inputs.map(({ name }) => name).filter((name) => name.startsWith("lr:"))).toEqual([
      "lr:0",
      "lr:1",
    ]);
  });

  test("a dropout mask is declared, and applied as it is fed", async () => {
    const options = parts(sequential(dropout(0.25), linear(4, 3)), 6);
    const { masks } = buildTrainingGraph(options);
    expect(masks).toEqual([{ name: "mask:0", shape: [6, 4], keepProb: 0.75 }]);

    await using dropped = await Steps.make(options);
    await using plain = await Steps.make(parts(sequential(dropout(0), linear(4, 3)), 6));
    const feeds = rows(0, 6);
    const mask = tensor(
      "float32",
      [6, 4],
      Array.from({ length: 24 }, (_, i) => (i % 3 === 0 ? 0 : 4 / 3)),
    );
    const masked = feeds["input:0"].data.map((v, i) => v * mask.data[i]!);
    const state = beginning(options);
    const a = await dropped.run(state, { feeds: { ...feeds, "mask:0": mask } });
    const b = await plain.run(state, {
      feeds: { ...feeds, "input:0": { ...feeds["input:0"], data: masked } },
    });
    expect(a.loss).toBe(b.loss);
    expect(a.state["param:1.weight"]!.data).toEqual(b.state["param:1.weight"]!.data);
  });

  test("accumulated micro-batches make the step of one big batch", async () => {
    const small = { ...parts(sequential(linear(4, 8), relu(), linear(8, 3)), 4), optimizer: adam() };
    const gradientTransform = clipGradNorm(0.1);
    await using accumulate = await Steps.make({ ...small, mode: "accumulate" });
    await using apply = await Steps.make({ ...small, mode: "applySums", gradientTransform });
    await using whole = await Steps.make({
      ...small,
      gradientTransform,
      inputs: [{ dtype: "float32", shape: [12, 4] }],
      targets: [{ dtype: "int32", shape: [12] }],
    });
    let state: Readonly<Record<string, Tensor>> = beginning(small);
    const losses: number[] = [];
    for (const [graph, from] of [
      [accumulate, 0],
      [accumulate, 4],
      [apply, 8],
    ] as const) {
      const result = await graph.run(state, { feeds: rows(from, from + 4), priorWeight: from });
      losses.push(result.loss);
      state = result.state;
    }
    const expected = await whole.run(beginning(small), { feeds: rows(0, 12) });
    expect(losses.reduce((a, b) => a + b, 0) / 3).toBeCloseTo(expected.loss, 6);
    for (const name of whole.training.trained) {
      for (const key of [`param:${name}`, `slot:mean:${name}`, `slot:squares:${name}`]) {
        const got = state[key]!.data as Float32Array;
        // Sums in another order: float32 rounding, which Adam's division by small roots enlarges.
        expect(relativeError(got, expected.state[key]!.data as Float32Array), key).toBeLessThan(1e-4);
      }
    }
  });

  test("a step changes nothing that it is fed, running statistics included", async () => {
    const options = parts(sequential(linear(4, 5), batchNorm1d(5), relu(), linear(5, 3)), 6);
    const state: Record<string, Tensor> = { ...beginning(options), ...rows(0, 6) };
    const before = structuredClone(state);
    await using steps = await Steps.make(options);
    const { state: next } = await steps.run(state, {});
    expect(state).toEqual(before);
    expect(next["buffer:1.running_mean"]!.data).not.toEqual(before["buffer:1.running_mean"]!.data);
  });

  test("the same feeds give the same bits, in another session too", async () => {
    const options = {
      ...parts(sequential(linear(4, 16), batchNorm1d(16), relu(), dropout(0.5), linear(16, 3)), 12),
      optimizer: adam(),
    };
    const feeds = {
      ...rows(0, 12),
      "mask:0": tensor(
        "float32",
        [12, 16],
        Array.from({ length: 192 }, (_, i) => 2 * ((i * 5) % 2)),
      ),
    };
    const runs = [];
    for (let k = 0; k < 2; k++) {
      await using steps = await Steps.make(options);
      const first = await steps.run(beginning(options), { feeds });
      runs.push(await steps.run(first.state, { feeds, number: 2 }));
    }
    expect(runs[0]).toEqual(runs[1]);
  });

  test.each<[string, Partial<TrainingGraphOptions>, string]>([
    [
      "a parameter in no group",
      { groups: [{ name: "some", parameters: ["0.weight"] }] },
      'buildTrainingGraph: expected "0.bias" in a parameter group, got it in none',
    ],
    [
      "a parameter in two groups",
      {
        groups: [
          { name: "all", parameters: ["0.weight", "0.bias"] },
          { name: "again", parameters: ["0.bias"] },
        ],
      },
      'buildTrainingGraph: expected "0.bias" in one parameter group, got it in two',
    ],
    [
      "nothing to train",
      { trained: new Set() },
      "buildTrainingGraph: expected at least one parameter to train, got none; try unfreeze()",
    ],
  ])("refuses %s", (_, change, message) => {
    expect(() => buildTrainingGraph({ ...parts(sequential(linear(4, 3)), 6), ...change })).toThrow(message);
  });
});

describe("buildEvaluationGraph", () => {
  test("takes running statistics, and neither masks nor updates", () => {
    const { graph, buffers, parameters } = buildEvaluationGraph({
      model: modelOf(sequential(linear(4, 5), batchNorm1d(5), dropout(0.5))),
      inputs: [{ dtype: "float32", shape: [2, 4] }],
    });
    expect(buffers).toEqual(["1.running_mean", "1.running_var"]);
    expect(parameters).toEqual(["0.weight", "0.bias", "1.weight", "1.bias"]);
    expect(graph.outputs.map(({ name }) => name)).toEqual(["prediction"]);
    expect(graph.inputs.some(({ name }) => name.startsWith("mask:"))).toBe(false);
  });
});

describe("a layer that is applied twice", () => {
  const inner = () => sequential(linear(3, 3), batchNorm1d(3));
  const twice = (): Layer => ({
    kind: "Twice",
    children: { inner: inner() },
    forward: ({ g, child }, x) => child("inner", g.tanh(child("inner", x!))),
  });
  const types = {
    inputs: [{ dtype: "float32", shape: [5, 3] }],
    targets: [{ dtype: "float32", shape: [5, 3] }],
  } as const;
  const feeds = { "input:0": values([5, 3]), "target:0": values([5, 3], 9) };
  const optionsOf = (layer: Layer) => ({ ...parts(layer, 5, 3), ...types, lossFunc: mse() });

  test("gets the sum of both gradients, those of finite differences", async () => {
    const options = optionsOf(twice());
    await using steps = await Steps.make(options);
    const state = beginning(options);
    const after = await steps.run(state, { feeds, lr: 1 });
    const lossOf = async (name: string, at: number, delta: number) => {
      const data = Float32Array.from(state[name]!.data as Float32Array);
      data[at] = data[at]! + delta;
      const { loss } = await steps.run({ ...state, [name]: { ...state[name]!, data } as Tensor }, { feeds });
      return loss;
    };
    for (const name of ["inner.0.weight", "inner.1.weight", "inner.1.bias"].map((part) => `param:${part}`)) {
      const before = state[name]!.data as Float32Array;
      const gradient = Array.from(after.state[name]!.data as Float32Array, (value, i) => before[i]! - value);
      const expected: number[] = [];
      for (let i = 0; i < before.length; i++) {
        expected.push(((await lossOf(name, i, 1e-2)) - (await lossOf(name, i, -1e-2))) / 2e-2);
      }
      // Central differences of a float32 loss.
      expect(relativeError(gradient, expected), name).toBeLessThan(2e-2);
    }
  });

  test("moves its running statistics twice, as PyTorch's does", async () => {
    const options = optionsOf(twice());
    await using steps = await Steps.make(options);
    const state = beginning(options);
    const { state: after } = await steps.run(state, { feeds });

    const weight = state["param:inner.0.weight"]!.data as Float32Array;
    const bias = state["param:inner.0.bias"]!.data as Float32Array;
    const running = [0, 0, 0];
    let x = Array.from({ length: 5 }, (_, n) => [...values([5, 3]).data.slice(n * 3, n * 3 + 3)]);
    for (let time = 0; time < 2; time++) {
      const z = x.map((row) =>
        [0, 1, 2].map((o) => row.reduce((sum, v, i) => sum + v * weight[o * 3 + i]!, bias[o]!)),
      );
      for (const o of [0, 1, 2]) {
        const mean = z.reduce((sum, row) => sum + row[o]!, 0) / 5;
        const deviation = Math.sqrt(z.reduce((sum, row) => sum + (row[o]! - mean) ** 2, 0) / 5 + 1e-5);
        running[o] = running[o]! * 0.9 + mean * 0.1;
        for (const row of z) row[o] = Math.tanh((row[o]! - mean) / deviation);
      }
      x = z;
    }
    const got = after["buffer:inner.1.running_mean"]!.data as Float32Array;
    // Float32 against double precision.
    expect(relativeError(got, running)).toBeLessThan(1e-4);
  });
});
