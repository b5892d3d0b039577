import { describe, expect, test } from "vitest";
import type { LossFunc, Model } from "../../../engine/src/nn/index.js";
import {
  adam,
  bceWithLogits,
  crossEntropy,
  huber,
  l1,
  linear,
  modelOf,
  mse,
  sgd,
  smoothL1,
  weightedLoss,
} from "../../../engine/src/nn/index.js";
import type { DType, Tensor } from "../../../engine/src/onnx/index.js";
import { tensor } from "../../../engine/src/onnx/index.js";
import { parameterValue, readFixture } from "../../../engine/test/nn/torch-fixture.js";
import { values } from "../../../engine/test/onnx/numeric.js";
import { dataLoaders, tensorDataset } from "../../src/data/index.js";
import type { LearnerOptions } from "../../src/learner/index.js";
import { Learner, perplexity } from "../../src/learner/index.js";

interface MeansCase {
  readonly name: string;
  readonly input: readonly number[];
  readonly target: {
    readonly dtype: DType;
    readonly shape: readonly number[];
    readonly data: readonly number[];
  };
  readonly loss: number;
  readonly gradients: readonly (readonly number[])[];
}

/** One whole batch as PyTorch sees it in float64; see packages/engine/test/fixtures/torch/means.py. */
const { cases } = readFixture<{ readonly cases: readonly MeansCase[] }>("means");

const weight = [0.5, 2, 0, 1.25];

/** The loss that a case's name says. */
function lossOf(name: string): LossFunc {
  const [kind] = name.split(" ") as [string];
  const others: Record<string, LossFunc> = {
    bceWithLogits: bceWithLogits(name.includes("posWeights") ? { posWeight: [1, 2, 0.5, 4] } : {}),
    mse: mse(),
    l1: l1(),
    huber: huber({ delta: 1.5 }),
    smoothL1: smoothL1({ beta: 0.5 }),
  };
  return (
    others[kind] ??
    crossEntropy({
      ...(name.includes("ignoring") ? { ignoreIndex: -100 } : {}),
      ...(name.includes("weighted") ? { weight } : {}),
      ...(name.includes("smoothed") ? { labelSmoothing: 0.2 } : {}),
      ...(name.includes("tokens") ? { axis: -1 } : {}),
    })
  );
}

/** The fixture's linear model. */
function linearModel(): Model {
  const model = modelOf(linear(5, 4));
  const parameters = model.parameters.map((spec, i) => ({
    ...spec,
    initial: () => parameterValue(i, spec.shape, 0.5).data.slice(),
  }));
  return { ...model, parameters };
}

/** A learner on rows that are trained and validated on in order, the last mini-batch short. */
function learnerOn(
  { x, y }: { readonly x: Tensor; readonly y: Tensor },
  batchSize: number,
  options: Partial<LearnerOptions>,
): Learner {
  const dataset = tensorDataset({ inputs: [x], targets: [y] });
  return new Learner({
    dls: dataLoaders(dataset, { valid: dataset, batchSize, shuffle: false, dropLast: false }),
    model: linearModel(),
    lossFunc: mse(),
    optFunc: sgd(),
    metrics: [perplexity],
    runtime: { threads: 1 },
    ...options,
  });
}

const dataOf = ({ input, target }: MeansCase) => ({
  x: values(input),
  y: tensor(target.dtype, target.shape, target.data),
});

/** Largest difference of the parameters from what they should be, relative to the largest change. */
function changeError(learner: Learner, lr: number, gradients: readonly ArrayLike<number>[]): number {
  let difference = 0;
  let scale = 0;
  linearModel().parameters.forEach(({ name, initial }, i) => {
    const { data } = learner.state.tensors[`param:${name}`]!;
    const before = initial(0);
    for (let k = 0; k < data.length; k++) {
      const change = -lr * gradients[i]![k]!;
      const off = Math.abs(data[k]! - (before[k]! + change));
      if (!(off <= difference)) difference = off;
      scale = Math.max(scale, Math.abs(change));
    }
  });
  return difference / scale;
}

const relative = (got: number, expected: number) => Math.abs(got - expected) / Math.abs(expected);

describe("one mean, whatever the mini-batches", () => {
  for (const torch of cases) {
    test(`${torch.name}: losses and accumulated gradients are the whole batch's, as in PyTorch`, async () => {
      const rows = torch.input[0]!;
      const lossFunc = lossOf(torch.name);
      for (const batchSize of [rows, 1, 4, 7]) {
        const accumulate = Math.ceil(rows / batchSize);
        await using learner = learnerOn(dataOf(torch), batchSize, { lossFunc, accumulate });
        const { loss, metrics } = await learner.validate();
        // A large rate: the change is to be seen to 1e-6 beside weights of about 0.5.
        const lr = 16;
        const [record] = await learner.fit(1, { lr });
        const at = `at a batch size of ${batchSize}`;
        expect(relative(loss, torch.loss), `validLoss ${at}`).toBeLessThan(1e-6);
        expect(relative(metrics["perplexity"]!, Math.exp(torch.loss)), `perplexity ${at}`).toBeLessThan(2e-6);
        expect(relative(record!.trainLoss, torch.loss), `trainLoss ${at}`).toBeLessThan(1e-6);
        expect(learner.recorder.losses[0]).toBe(record!.trainLoss);
        expect(changeError(learner, lr, torch.gradients), `weights ${at}`).toBeLessThan(1e-6);
        expect(learner.state.step).toBe(1);
      }
    });

    test(`${torch.name}: the training loss of an epoch is the whole's`, async () => {
      const rows = torch.input[0]!;
      for (const batchSize of [1, 4]) {
        await using learner = learnerOn(dataOf(torch), batchSize, { lossFunc: lossOf(torch.name) });
        // Too small a rate to change a float32: all mini-batches meet the same weights.
        const [record] = await learner.fit(1, { lr: 1e-30 });
        expect(relative(record!.trainLoss, torch.loss), `${batchSize} of ${rows}`).toBeLessThan(1e-6);
        // A mini-batch of classes of weight 0 has a part in the sum by smoothing, but no mean.
        if (torch.name.includes("weighted smoothed")) continue;
        const { losses, weights } = learner.recorder;
        const total = weights.reduce((a, b) => a + b, 0);
        const mean = losses.reduce((sum, loss, i) => sum + loss * weights[i]!, 0) / total;
        expect(mean).toBeCloseTo(record!.trainLoss, 12);
      }
    });
  }

  test("holds over several steps and for optimizers with state", async () => {
    const torch = cases.find(({ name }) => name === "crossEntropy ignoring weighted")!;
    const common = { lossFunc: lossOf(torch.name), optFunc: adam() };
    for (const [batchSize, accumulate] of [
      [4, 2],
      [2, 4],
      [1, 8],
    ] as const) {
      await using parts = learnerOn(dataOf(torch), batchSize, { ...common, accumulate });
      await using whole = learnerOn(dataOf(torch), 8, common);
      const records = [await parts.fit(3, { lr: 0.1 }), await whole.fit(3, { lr: 0.1 })] as const;
      expect(parts.state.step).toBe(whole.state.step);
      records[0].forEach((record, i) => {
        expect(relative(record.trainLoss, records[1][i]!.trainLoss)).toBeLessThan(1e-5);
        expect(relative(record.validLoss!, records[1][i]!.validLoss!)).toBeLessThan(1e-5);
      });
    }
  });

  test("the one row of a ragged epoch counts as one row", async () => {
    // 1 of 9 rows is far off: the mean of the mini-batches' means would be 500 000.
    const y = tensor("float32", [9, 4], [...new Array<number>(32).fill(0), 1000, 1000, 1000, 1000]);
    const x = tensor("float32", [9, 5], new Array<number>(45).fill(0));
    await using learner = learnerOn({ x, y }, 8, {});
    const [record] = await learner.fit(1, { lr: 1e-30 });
    const expected = (await learner.validate()).loss;
    expect(relative(record!.trainLoss, expected)).toBeLessThan(1e-6);
    expect(expected).toBeGreaterThan(1e5);
    expect(expected).toBeLessThan(1.2e5);
  });
});

describe("a mini-batch that says nothing", () => {
  const lossFunc = crossEntropy({ ignoreIndex: -100 });
  const x = values([8, 5]);
  const none = tensor("int32", [8], new Array<number>(8).fill(-100));
  const half = tensor("int32", [8], [-100, -100, -100, -100, 0, 1, 2, 3]);

  test("contributes nothing: no step, no loss, no NaN in the weights", async () => {
    await using learner = learnerOn({ x, y: half }, 4, { lossFunc, optFunc: adam() });
    await using rest = learnerOn({ x: values([4, 5], 0), y: tensor("int32", [4], [0, 1, 2, 3]) }, 4, {
      lossFunc,
      optFunc: adam(),
    });
    const steps: number[] = [];
    const watch = { name: "watch", afterStep: (loop: { step: number }) => void steps.push(loop.step) };
    const [record] = await learner.fit(1, { lr: 0.1, cbs: [watch] });
    expect(steps).toEqual([1]);
    expect(learner.state.step).toBe(1);
    expect(learner.recorder.losses).toEqual([record!.trainLoss]);
    expect(learner.recorder.weights).toEqual([4]);
    for (const { data } of Object.values(learner.state.tensors))
      expect(data.every(Number.isFinite)).toBe(true);
    await rest.fit(1, { lr: 0.1 });
    expect(Object.keys(learner.state.tensors)).toEqual(Object.keys(rest.state.tensors));
  });

  test("leaves everything as it was where there is nothing else, and validation says NaN", async () => {
    await using learner = learnerOn({ x, y: none }, 4, { lossFunc, accumulate: 2 });
    const before = structuredClone(learner.state.tensors);
    const [record] = await learner.fit(1, { lr: 0.1 });
    expect(record!.trainLoss).toBeNaN();
    expect(record!.validLoss).toBeNaN();
    expect(record!.metrics["perplexity"]).toBeNaN();
    expect(learner.state.tensors).toEqual(before);
    expect(learner.state.step).toBe(0);
    expect(learner.recorder.losses).toEqual([]);
    expect(await learner.topLosses()).toEqual([]);
  });

  test("is passed over by a search, which ends where there is nothing else", async () => {
    await using learner = learnerOn({ x, y: half }, 4, { lossFunc });
    await using trial = await learner.startTrial();
    const losses = [await trial.step(1e-30), await trial.step(1e-30)];
    expect(losses[0]).toBe(losses[1]);
    expect(losses[0]).toBeGreaterThan(0);
    expect(await trial.validate!()).toBeCloseTo(losses[0]!, 6);
    await using empty = learnerOn({ x, y: none }, 4, { lossFunc });
    await using lost = await empty.startTrial();
    await expect(lost.step(1)).rejects.toThrow(
      "step: expected a label that counts in some mini-batch, got none in the 2 step(s) of an epoch",
    );
  });

  test("still ends the fit where its outputs are not finite", async () => {
    const bad = tensor("float32", [8, 5], new Array<number>(40).fill(Number.NaN));
    await using learner = learnerOn({ x: bad, y: none }, 4, { lossFunc });
    await expect(learner.fit(1)).rejects.toThrow("expected a finite loss at step 0, got NaN");
  });
});

describe("losses of one's own", () => {
  const data = { x: values([11, 5]), y: values([11, 4], 3) };
  const meanSquare =
    (): LossFunc["build"] =>
    (g, prediction, [target]) => {
      const d = g.sub(prediction, target!);
      return g.reduceMean(g.mul(d, d));
    };
  const build = meanSquare();

  test("that give a mean are counted as one over the items", async () => {
    for (const batchSize of [11, 4, 3]) {
      const accumulate = Math.ceil(11 / batchSize);
      await using own = learnerOn(data, batchSize, { lossFunc: { name: "own", build }, accumulate });
      await using ours = learnerOn(data, 11, { lossFunc: mse() });
      const [a] = await own.fit(1, { lr: 0.1 });
      const [b] = await ours.fit(1, { lr: 0.1 });
      expect(relative(a!.trainLoss, b!.trainLoss)).toBeLessThan(1e-6);
      expect(relative(a!.validLoss!, b!.validLoss!)).toBeLessThan(1e-6);
    }
  });

  test("that replace build of another do not keep its weights", async () => {
    const lossFunc: LossFunc = { ...mse(), build: (g, p, t) => g.mul(build(g, p, t), 2) };
    await using twice = learnerOn(data, 4, { lossFunc });
    await using once = learnerOn(data, 4, {});
    expect(relative((await twice.validate()).loss, 2 * (await once.validate()).loss)).toBeLessThan(1e-6);
  });

  test("may have a weight of their own", async () => {
    const lossFunc = weightedLoss({
      name: "positive",
      parts(g, prediction, [target]) {
        const counts = g.cast(g.greater(target!, 0), "float32");
        const d = g.mul(g.sub(prediction, target!), counts);
        return { sum: g.reduceSum(g.mul(d, d)), weight: g.reduceSum(counts) };
      },
    });
    const losses: number[] = [];
    for (const batchSize of [11, 4, 1]) {
      const accumulate = Math.ceil(11 / batchSize);
      await using learner = learnerOn(data, batchSize, { lossFunc, accumulate });
      const [record] = await learner.fit(1, { lr: 0.1 });
      losses.push(record!.trainLoss, record!.validLoss!);
    }
    for (let i = 2; i < losses.length; i++) {
      expect(relative(losses[i]!, losses[i % 2]!)).toBeLessThan(1e-6);
    }
  });

  test("without parts are refused as weighted ones", () => {
    expect(() => weightedLoss(mse() as never)).toThrow("weightedLoss: expected loss to be a loss with parts");
    expect(() => weightedLoss({ name: "own", parts: 3 } as never)).toThrow("a loss with parts");
  });

  test.each<[string, LossFunc["build"], string]>([
    ["nothing", (() => undefined) as never, "build to return the mean, a float32 scalar, got undefined"],
    ["a number", (() => 3) as never, "a float32 scalar, got 3"],
    ["one loss per item", (g, p) => g.reduceSum(p, [1]), "a float32 scalar, got float32[4]"],
    ["a whole number", (g, p) => g.cast(g.reduceSum(p), "int32"), "a float32 scalar, got int32[]"],
    [
      "no parts",
      Object.assign(meanSquare(), { parts: () => undefined as never }),
      "parts to return a sum, a float32",
    ],
    [
      "no weight",
      weightedLoss({ name: "own", parts: (g, p) => ({ sum: g.reduceSum(p) }) as never }).build,
      "parts to return a weight, a float32 scalar, got undefined",
    ],
    [
      "a negative weight",
      weightedLoss({ name: "own", parts: (g, p) => ({ sum: g.reduceSum(p), weight: -1 }) }).build,
      "parts to return a weight of at least 0, got -1",
    ],
  ])("that return %s are refused before a step", async (_, bad, message) => {
    await using learner = learnerOn(data, 4, { lossFunc: { name: "own", build: bad } });
    await expect(learner.fit(1)).rejects.toThrow(message);
    await expect(learner.validate()).rejects.toThrow('lossFunc "own": expected');
    expect(learner.state.step).toBe(0);
  });
});
