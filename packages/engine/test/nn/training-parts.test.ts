import { describe, expect, test } from "vitest";
import * as nn from "../../src/nn/index.js";
import { addLoss } from "../../src/nn/losses/weighted-loss.js";
import { graphContext } from "../../src/nn/step/graph-context.js";
import { sentinelOf } from "../../src/nn/step/sentinel.js";
import { GraphBuilder, printGraph, type Target, type Value } from "../../src/onnx/index.js";

// What optimizers, losses and whole steps add to a graph, to the last attribute, with defaults and with every option set
// otherwise. That the numbers are right is what optimizers.test.ts, losses.test.ts and training-graph.test.ts compare with
// PyTorch; here nothing changes unnoticed.

/** One parameter's update, and what the optimizer says of itself. */
function printedUpdate(optimizer: nn.Optimizer, decays: boolean) {
  const g = new GraphBuilder();
  const input = (name: string, shape: readonly number[] = [2]) => g.input(name, "float32", shape);
  const made = new Map<string, Value>();
  const once = (name: string, shape?: readonly number[]) => {
    const value = made.get(name) ?? input(name, shape);
    made.set(name, value);
    return value;
  };
  const { parameter, slots } = optimizer.update({
    ...{ g, parameter: input("w"), gradient: input("gradient"), lr: input("lr", []), decays },
    slot: (name) => once(`slot:${name}`),
    scalar: (name) => once(`scalar:${name}`, []),
  });
  const next = Object.entries(slots).map(([name, value]) => [`next:${name}`, g.add(value, 0)]);
  const graph = g.build({ w2: g.add(parameter, 0), ...Object.fromEntries(next) });
  const { update: _, scalars: __, ...said } = optimizer;
  const scalars = [1, 3].map((step) => optimizer.scalars(step, { mom: 0.75, wd: 0.25 }));
  return `${JSON.stringify(said)}\n${JSON.stringify(scalars)}\n${printGraph(graph)}`;
}

describe("the graphs of optimizers", () => {
  const adam = { mom: 0.5, sqrMom: 0.75, eps: 0.125, wd: 0.25 };
  test.each<[string, nn.Optimizer]>([
    ["sgd()", nn.sgd()],
    ["sgd, all options", nn.sgd({ mom: 0.5, wd: 0.25, decoupleWd: true, nesterov: true })],
    ["sgd without momentum", nn.sgd({ mom: 0 })],
    ["adam()", nn.adam()],
    ["adam, all options", nn.adam({ ...adam, decoupleWd: false })],
    ["adamW()", nn.adamW()],
    ["adamW, all options", nn.adamW(adam)],
    ["lamb()", nn.lamb()],
    ["lamb, all options", nn.lamb({ ...adam, maxRatio: 3 })],
    ["rmsProp()", nn.rmsProp()],
    ["rmsProp, all options", nn.rmsProp({ ...adam, decoupleWd: true, centered: true })],
  ])("%s", (_, optimizer) => {
    expect(printedUpdate(optimizer, true)).toMatchSnapshot("decays");
    if (optimizer.name !== "adamW") expect(printedUpdate(optimizer, false)).toMatchSnapshot("does not decay");
  });

  test.each<[string, nn.GradientTransform]>([
    ["clipGradNorm", nn.clipGradNorm(3)],
    ["clipGradValue", nn.clipGradValue(3)],
  ])("%s", (_, transform) => {
    const g = new GraphBuilder();
    const gradients = new Map([
      ["a", g.input("a", "float32", [2])],
      ["b", g.input("b", "float32", [3])],
    ]);
    const clipped = transform(g, gradients);
    expect([...clipped.keys()]).toEqual(["a", "b"]);
    const out = Object.fromEntries([...clipped].map(([name, value]) => [`${name}2`, value]));
    expect(printGraph(g.build(out))).toMatchSnapshot();
  });

  test.each<[Target, number]>([
    ["cpu", 1],
    ["cpu", 3],
    ["webgpu", 1],
    ["webgpu", 3],
  ])("the sentinel for %s over %d values", (target, count) => {
    const g = new GraphBuilder();
    const values = [[2], [], [2, 3]].slice(0, count).map((shape, i) => g.input(`v${i}`, "float32", shape));
    expect(printGraph(g.build({ s: sentinelOf(g, values, target) }))).toMatchSnapshot();
  });
});

describe("the graphs of losses", () => {
  const grid = [2, 3, 4] as const;
  const weight = [1, 2, 3];
  const all = { labelSmoothing: 0.25, weight, ignoreIndex: -7 };
  test.each<[string, nn.LossFunc, readonly number[], "int32" | "int64" | "float32", readonly number[]]>([
    ["crossEntropy()", nn.crossEntropy(), [2, 3], "int32", [2]],
    ["crossEntropy, all options", nn.crossEntropy({ ...all, axis: 1 }), grid, "int64", [2, 4]],
    ["crossEntropy, classes last", nn.crossEntropy({ ...all, axis: -1 }), [2, 4, 3], "int32", [2, 4]],
    ["crossEntropy smoothed", nn.crossEntropy({ labelSmoothing: 1 }), [2, 3], "int32", [2]],
    ["crossEntropy weighted", nn.crossEntropy({ weight }), [2, 3], "int32", [2]],
    ["crossEntropy ignoring", nn.crossEntropy({ ignoreIndex: 0 }), [2, 3], "int32", [2]],
    ["bceWithLogits()", nn.bceWithLogits(), [2, 3], "float32", [2, 3]],
    ["bceWithLogits of weight 1", nn.bceWithLogits({ posWeight: [1] }), [2, 3], "float32", [2, 3]],
    ["bceWithLogits of one weight", nn.bceWithLogits({ posWeight: 3 }), [2, 3], "int32", [2, 3]],
    ["bceWithLogits of weights", nn.bceWithLogits({ posWeight: [1, 2, 3] }), [2, 3], "float32", [2, 3]],
    ["mse", nn.mse(), [2, 1], "int32", [2]],
    ["l1", nn.l1(), [2, 3], "float32", [2, 3]],
    ["huber()", nn.huber(), [2], "float32", [2]],
    ["huber, all options", nn.huber({ delta: 0.25 }), [2], "float32", [2]],
    ["smoothL1()", nn.smoothL1(), [2], "float32", [2]],
    ["smoothL1, all options", nn.smoothL1({ beta: 0.25 }), [2], "float32", [2]],
  ])("%s", (_, loss, shape, dtype, target) => {
    const g = new GraphBuilder();
    const built = addLoss(g, loss, g.input("x", "float32", shape), [g.input("y", dtype, target)]);
    const { build: __, check: ___, ...said } = loss;
    const weights = typeof built.weight === "number" ? {} : { weight: built.weight };
    const graph = g.build({ mean: built.mean, sum: built.sum, ...weights });
    const text = typeof built.weight === "number" ? `over ${built.weight}` : "over a weight";
    expect(`${JSON.stringify(said)}, ${text}\n${printGraph(graph)}`).toMatchSnapshot();
    // What somebody who adds the loss by hand gets is the same mean.
    const alone = new GraphBuilder();
    loss.build(alone, alone.input("x", "float32", shape), [alone.input("y", dtype, target)]);
    expect(alone.nodes.length).toBe(g.nodes.length);
  });
});

describe("a loss of one's own", () => {
  const own = (build: (g: GraphBuilder, x: Value) => unknown): nn.LossFunc => ({
    name: "own",
    build: ((g: GraphBuilder, x: Value) => build(g, x)) as never,
  });
  const ownParts = (parts: (g: GraphBuilder, x: Value) => unknown): nn.LossFunc =>
    nn.weightedLoss({ name: "own", parts: parts as never });
  const built = (loss: nn.LossFunc, shape: readonly number[] = [4, 2]) => {
    const g = new GraphBuilder();
    return { g, ...addLoss(g, loss, g.input("x", "float32", shape), []) };
  };

  test("counts items, whatever their shape, and one where there is no dimension", () => {
    const mean = own((g, x) => g.reduceMean(x));
    expect(built(mean).weight).toBe(4);
    expect(built(mean, [3]).weight).toBe(3);
    expect(built(mean, []).weight).toBe(1);
    const { g, sum, mean: m } = built(mean);
    expect(printGraph(g.build({ sum, mean: m }))).toMatch(/sum: float32\[\] = Mul\(mean, 4\)/);
  });

  test("may have a weight of nothing", () => {
    const { g, mean, weight } = built(ownParts((graph, x) => ({ sum: graph.reduceSum(x), weight: 0 })));
    expect(weight).toBe(0);
    expect(printGraph(g.build({ mean }))).toMatch(/Div\(ReduceSum:0, 1\.00000\d+e-30\)/);
  });

  const scalar = 'lossFunc "own": expected ';
  const hint = "; try return g.reduceMean(…), or g.reduceSum(…) for a sum";
  test.each<[string, nn.LossFunc, string]>([
    [
      "no mean",
      own(() => undefined),
      `${scalar}build to return the mean, a float32 scalar, got undefined${hint}`,
    ],
    ["null", own(() => null), `${scalar}build to return the mean, a float32 scalar, got null${hint}`],
    [
      "a vector",
      own((_, x) => x),
      `${scalar}build to return the mean, a float32 scalar, got float32[4, 2]${hint}`,
    ],
    [
      "an integer",
      own((g, x) => g.cast(g.reduceSum(x), "int32")),
      `${scalar}build to return the mean, a float32 scalar, got int32[]${hint}`,
    ],
    [
      "nothing in parts",
      ownParts(() => undefined),
      `${scalar}parts to return a sum, a float32 scalar, got undefined${hint}`,
    ],
    [
      "a sum that is none",
      ownParts((_, x) => ({ sum: x, weight: 1 })),
      `${scalar}parts to return a sum, a float32 scalar, got float32[4, 2]${hint}`,
    ],
    [
      "no weight",
      ownParts((g, x) => ({ sum: g.reduceSum(x) })),
      `${scalar}parts to return a weight, a float32 scalar, got undefined${hint}`,
    ],
    [
      "a weight of a shape",
      ownParts((g, x) => ({ sum: g.reduceSum(x), weight: x })),
      `${scalar}parts to return a weight, a float32 scalar, got float32[4, 2]${hint}`,
    ],
    ...[-1, Number.NaN, Number.POSITIVE_INFINITY].map(
      (weight) =>
        [
          `a weight of ${weight}`,
          ownParts((g, x) => ({ sum: g.reduceSum(x), weight })),
          `${scalar}parts to return a weight of at least 0, got ${weight}; try the number of elements`,
        ] as [string, nn.LossFunc, string],
    ),
  ])("%s", (_, loss, message) => {
    expect(() => built(loss)).toThrow(expect.objectContaining({ message, option: "lossFunc" }));
  });

  test("needs parts to be weighted", () => {
    for (const bad of [null, {}, { name: "own" }, () => 1, { parts: 1 }]) {
      expect(() => nn.weightedLoss(bad as never)).toThrow(
        /^weightedLoss: expected loss to be a loss with parts, got/,
      );
    }
  });
});

describe("the graphs of steps", () => {
  const layer = () => nn.sequential(nn.linear(2, 3), nn.batchNorm1d(3), nn.dropout(0.25));
  const optionsFor = (of: nn.Layer, more: Partial<nn.TrainingGraphOptions> = {}): nn.TrainingGraphOptions => {
    const model = nn.modelOf(of);
    const [head, ...rest] = model.parameters.map(({ name }) => name);
    return {
      ...{ model, lossFunc: nn.crossEntropy({ ignoreIndex: 9 }), optimizer: nn.adam() },
      inputs: [{ dtype: "float32", shape: [4, 2] }],
      targets: [{ dtype: "int32", shape: [4] }],
      groups: [
        { name: "head", parameters: [head!] },
        { name: "rest", parameters: rest },
      ],
      ...more,
    };
  };
  const said = ({ graph, ...rest }: nn.TrainingGraph | nn.EvaluationGraph) =>
    `${JSON.stringify(rest)}\n${printGraph(graph)}`;

  test.each<[string, Partial<nn.TrainingGraphOptions>]>([
    ["by default", {}],
    [
      "step, for webgpu",
      { optimizer: nn.sgd(), mode: "step", target: "webgpu", lossFunc: nn.crossEntropy() },
    ],
    ["accumulate", { mode: "accumulate" }],
    [
      "applySums, clipped",
      { mode: "applySums", gradientTransform: nn.clipGradValue(2), optimizer: nn.sgd() },
    ],
    [
      "held buffers",
      { optimizer: nn.sgd({ mom: 0 }), heldBuffers: new Set(["1.running_mean", "1.running_var"]) },
    ],
    ["one trained, all decayed", { trained: new Set(["0.bias"]), decayed: new Set(["0.bias", "0.weight"]) }],
    ["one watched slot less", { optimizer: nn.rmsProp({ mom: 0.5, centered: true }) }],
    ["all slots watched", { optimizer: { ...nn.sgd(), watchedSlots: undefined as never } }],
  ])("%s", (name, more) => {
    const lines = said(nn.buildTrainingGraph(optionsFor(layer(), more))).split("\n");
    // Forward and backward pass are the same in all that follow.
    const differ = lines.filter(
      (line) => name === "by default" || !/^ {2}(?:forward|loss|grad)\./.test(line),
    );
    expect(differ.join("\n")).toMatchSnapshot();
  });

  test("with rows that stay as they are", () => {
    const of = nn.sequential(nn.embedding(5, 3, { paddingIdx: 1 }), nn.flatten());
    const options = optionsFor(of, { inputs: [{ dtype: "int32", shape: [4, 1] }], optimizer: nn.sgd() });
    expect(said(nn.buildTrainingGraph(options))).toMatchSnapshot();
  });

  test.each<[string, nn.Layer, Partial<nn.EvaluationGraphOptions>]>([
    ["evaluation alone", nn.sequential(layer()), {}],
    ["evaluation with a loss", layer(), { lossFunc: nn.crossEntropy() }],
    ["evaluation with a loss that weighs", layer(), { lossFunc: nn.crossEntropy({ ignoreIndex: 9 }) }],
    [
      "evaluation of probabilities",
      nn.sequential(nn.linear(2, 3), nn.softmax()),
      { lossFunc: nn.crossEntropy() },
    ],
    ["evaluation of a loss without targets", layer(), { lossFunc: nn.mse(), targets: undefined as never }],
  ])("%s", (name, of, more) => {
    const { inputs, targets } = optionsFor(of);
    const build = () => nn.buildEvaluationGraph({ model: nn.modelOf(of), inputs, targets, ...more });
    if (name.endsWith("without targets")) {
      expect(build).toThrow("mse: expected targets of the prediction's shape [4, 3], got none");
    } else {
      expect(said(build())).toMatchSnapshot();
    }
  });

  test("of convolutions that are folded over the batch, natively only", () => {
    const of = nn.resnet({ stem: "small", width: 8, layers: [1, 1, 1, 1], numClasses: 3 });
    const more = { inputs: [{ dtype: "float32", shape: [4, 3, 16, 16] }] } as const;
    const operators = (["cpu", "wasm", "webgpu"] as const).map((target) => {
      const { graph } = nn.buildTrainingGraph(optionsFor(of, { ...more, target }));
      const counts = new Map<string, number>();
      for (const { opType } of graph.nodes) counts.set(opType, (counts.get(opType) ?? 0) + 1);
      return [target, ...[...counts].sort().map(([opType, count]) => `${opType} ${count}`)].join(", ");
    });
    expect(operators).toMatchSnapshot();
  });
});

describe("logits and probabilities", () => {
  const build = (
    ending: nn.Layer,
    lossFunc: nn.LossFunc,
    shape: readonly number[],
    target: readonly number[],
  ) => {
    const model = nn.modelOf(ending);
    const dtype = lossFunc.name === "crossEntropy" ? "int32" : "float32";
    return nn.buildEvaluationGraph({
      ...{ model, lossFunc, inputs: [{ dtype: "float32", shape }], targets: [{ dtype, shape: target }] },
    });
  };
  const cross = nn.crossEntropy();
  const tokens = nn.crossEntropy({ axis: -1 });
  const bce = nn.bceWithLogits();

  test.each<
    [string, nn.Layer, nn.LossFunc, readonly number[], readonly number[], string | undefined, boolean]
  >([
    ["softmax under crossEntropy", nn.softmax(), cross, [2, 3], [2], "softmax", true],
    ["softmax over dimension 1", nn.softmax({ axis: 1 }), cross, [2, 3, 4], [2, 4], "softmax", true],
    ["softmax of tokens", nn.softmax(), tokens, [2, 4, 3], [2, 4], "softmax", true],
    ["sigmoid under bceWithLogits", nn.sigmoid(), bce, [2, 3], [2, 3], "sigmoid", true],
    ["softmax under mse", nn.softmax(), nn.mse(), [2, 3], [2, 3], "softmax", false],
    ["no ending", nn.tanh(), cross, [2, 3], [2], undefined, false],
  ])("%s", (_, ending, loss, shape, target, kind, hasLogits) => {
    const { graph, ending: found, weight, predictionShape } = build(ending, loss, shape, target);
    expect(found).toBe(kind);
    expect(graph.outputs.some(({ name }) => name === "logits")).toBe(hasLogits);
    expect(weight).toBe(target.reduce((a, b) => a * b, 1));
    expect(predictionShape).toEqual(shape);
  });

  const got = (kind: string, node: string) => `got the output of a ${kind} (node "forward.${node}")`;
  test.each<[string, nn.Layer, nn.LossFunc, readonly number[], readonly number[], string]>([
    [
      "sigmoid under crossEntropy",
      nn.sigmoid(),
      cross,
      [2, 3],
      [2],
      `crossEntropy: expected logits with the classes in dimension 1, ${got("sigmoid", "Sigmoid")}; try bceWithLogits(), or the model without that node`,
    ],
    [
      "softmax under bceWithLogits",
      nn.softmax(),
      bce,
      [2, 3],
      [2, 3],
      `bceWithLogits: expected logits, ${got("softmax over dimension 1", "Softmax")}; try crossEntropy(), or the model without that node`,
    ],
    [
      "softmax over tokens under bceWithLogits",
      nn.softmax(),
      bce,
      [2, 3, 4],
      [2, 3, 4],
      `bceWithLogits: expected logits, ${got("softmax over dimension 2", "Softmax")}; try crossEntropy({ axis: -1 }), or the model without that node`,
    ],
    [
      "softmax over tokens under crossEntropy",
      nn.softmax(),
      cross,
      [2, 3, 4],
      [2, 4],
      `crossEntropy: expected logits with the classes in dimension 1, ${got("softmax over dimension 2", "Softmax")}; try crossEntropy({ axis: -1 }), or the model without that node`,
    ],
    [
      "softmax over classes under a loss of tokens",
      nn.softmax({ axis: 1 }),
      tokens,
      [2, 3, 4],
      [2, 3],
      `crossEntropy: expected logits with the classes in dimension -1, ${got("softmax over dimension 1", "Softmax")}; try crossEntropy(), or the model without that node`,
    ],
  ])("%s", (_, ending, loss, shape, target, message) => {
    expect(() => build(ending, loss, shape, target)).toThrow(
      expect.objectContaining({ message, shapes: [shape] }),
    );
  });
});

describe("a forward context", () => {
  test("knows only what the model declares", () => {
    const make = (ask: (context: Parameters<nn.Layer["forward"]>[0]) => Value): nn.Layer => ({
      kind: "Asking",
      forward: ask,
    });
    const run = (layer: nn.Layer) => {
      const g = new GraphBuilder();
      const model = nn.modelOf(nn.sequential(layer));
      const context = graphContext(g, model, { training: true, target: "cpu", trained: new Set() });
      return model.forward(context, [g.input("x", "float32", [2])]);
    };
    expect(() => run(make(({ parameter }) => parameter("weight")))).toThrow(
      'model: expected a param that it declares, got "0.weight"',
    );
    expect(() => run(make(({ buffer }) => buffer("mean")))).toThrow(
      'model: expected a buffer that it declares, got "0.mean"',
    );
    expect(() => run(make(({ child }) => child("inner")))).toThrow(
      'layer Asking: expected one of its children, got "inner"',
    );
    for (const p of [1, -0.1, Number.NaN]) {
      expect(() => run({ kind: "D", forward: ({ dropout }, x) => dropout(x!, p) })).toThrow(
        "dropout: expected p to be a finite number in [0, 1)",
      );
    }
  });

  test("numbers its masks, gives what buffers have become, and says who trains and who is held", () => {
    const g = new GraphBuilder();
    const model = nn.modelOf(nn.batchNorm1d(2));
    const [trained, heldBuffers] = [new Set(["weight"]), new Set(["running_var"])];
    const context = graphContext(g, model, { training: true, target: "wasm", trained, heldBuffers });
    expect([context.training, context.target]).toEqual([true, "wasm"]);
    expect(["weight", "bias"].map(context.isTrained)).toEqual([true, false]);
    expect(["running_mean", "running_var"].map(context.isHeld)).toEqual([false, true]);
    const x = g.input("x", "float32", [2]);
    context.dropout(x, 0.25);
    expect(context.dropout(x, 0)).toBe(x);
    context.dropout(context.buffer("running_mean"), 0.5);
    expect(context.masks).toEqual([
      { name: "mask:0", shape: [2], keepProb: 0.75 },
      { name: "mask:1", shape: [2], keepProb: 0.5 },
    ]);
    expect(context.parameter("weight")).toBe(context.parameter("weight"));
    context.updateBuffer("running_mean", x);
    expect(context.buffer("running_mean")).toBe(x);
    const fresh = graphContext(g, model, { training: false, target: "cpu", trained });
    expect(fresh.isHeld("running_var")).toBe(false);
    expect(fresh.dropout(x, 0.5)).toBe(x);
  });
});

describe("a model", () => {
  test("draws each value from its seed and its name", () => {
    const model = nn.modelOf(nn.sequential(nn.linear(3, 2), nn.embedding(4, 2, { paddingIdx: 3 })));
    const first = model.parameters.map(({ name, shape, initial, fixedRows }) => [
      name,
      shape,
      initial(5),
      fixedRows,
    ]);
    const drawn = (name: string, init: nn.Initializer, shape: readonly number[]) =>
      init(shape, { seed: 5, stream: `init/${name}` });
    const padded = drawn("1.weight", nn.normalInit(1), [4, 2]).fill(0, 6, 8);
    expect(first).toEqual([
      ["0.weight", [2, 3], drawn("0.weight", nn.fanInUniform(3), [2, 3]), undefined],
      ["0.bias", [2], drawn("0.bias", nn.fanInUniform(3), [2]), undefined],
      ["1.weight", [4, 2], padded, [3]],
    ]);
    expect("fixedRows" in model.parameters[0]!).toBe(false);
    const { parameters, buffers } = nn.initialTensors(model);
    expect(parameters.get("0.bias")).toEqual({
      ...{ dtype: "float32", shape: [2], data: model.parameters[1]!.initial(0) },
    });
    expect(buffers.size).toBe(0);
    expect(nn.initialTensors(model, 5).parameters.get("1.weight")!.data).toEqual(padded);
    const norm = nn.initialTensors(nn.modelOf(nn.batchNorm1d(2))).buffers;
    expect([...norm].map(([name, { data }]) => [name, ...data])).toEqual([
      ["running_mean", 0, 0],
      ["running_var", 1, 1],
    ]);
  });

  const layer = (initializer: unknown, shape: unknown = [2, 3]): nn.Layer => ({
    kind: "Own",
    parameters: [{ name: "w", shape: shape as never, role: "weight", initializer: initializer as never }],
    forward: (_, x) => x!,
  });
  test.each<[string, unknown, string]>([
    ["too few", () => new Float32Array(5), "got Float32Array(5)"],
    ["too many", () => new Float32Array(7), "got Float32Array(7)"],
    ["of another type", () => new Float64Array(6), "got Float64Array(6)"],
    ["nothing", () => undefined, "got undefined"],
    [
      "a function",
      () => nn.normalInit,
      "got function normalInit; try calling the function that makes the initializer",
    ],
  ])("refuses first values that are %s", (_, initializer, got) => {
    const message = `initializer of "0.w": expected a Float32Array of 6 elements, ${got}`;
    const model = nn.modelOf(nn.sequential(layer(initializer)));
    expect(() => nn.initialTensors(model)).toThrow(
      expect.objectContaining({ message, option: "initializer" }),
    );
  });

  test("names the tensor whose shape is none", () => {
    const elements =
      "expected shape to be whole numbers from 0 up, of at most 2147483647 elements together, got";
    for (const shape of [[-1], [0.5], [2 ** 31], [65536, 32768], 3, ["2"]]) {
      expect(() => nn.modelOf(nn.sequential(layer(nn.normalInit(), shape)))).toThrow(
        `modelOf: parameter "0.w": ${elements}`,
      );
      const own = { ...layer(nn.normalInit()), buffers: [{ name: "b", shape: shape as never, fill: 0 }] };
      expect(() => nn.modelOf(own)).toThrow(`modelOf: buffer "b": ${elements}`);
    }
    for (const shape of [[], [0], [0, 5], [2147483647]]) {
      expect(() => nn.modelOf(layer(nn.normalInit(), shape))).not.toThrow();
    }
    const nested = {
      ...layer(nn.normalInit()),
      children: { inner: { ...layer(0), children: { x: {} as never } } },
    };
    expect(() => nn.modelOf(nested)).toThrow(
      'modelOf: expected layer "inner.x" to be a layer, got an object; try relu()',
    );
  });
});
