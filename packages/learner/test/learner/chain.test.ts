import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChainPart, Optimizer, StepTransform } from "../../../engine/src/nn/index.js";
import {
  adam,
  batchNorm2d,
  centralizeGradients,
  chain,
  clipGradNorm,
  clipGradValue,
  constantInit,
  conv2d,
  ema,
  embedding,
  flatten,
  linear,
  lookahead,
  mse,
  relu,
  sequential,
  sgd,
  swa,
} from "../../../engine/src/nn/index.js";
import { dataLoaders, tensorDataset } from "../../src/data/index.js";
import type { Callback, Learner as LearnerType } from "../../src/learner/index.js";
import { Learner, LearnerError, paramScheduler, saveBest, validateAverage } from "../../src/learner/index.js";
import { bitsOf, cornerLearner, cornerLoaders } from "./toy.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lrfind-chain-"));
});
afterAll(() => rm(folder, { recursive: true }));

// Least squares: every gradient is known, so that a step can be worked out by hand in float64.
const X = [
  [1, 2, -1],
  [0.5, -1, 3],
  [2, 0, 1],
  [-1, 1, 1],
];
const Y = [3, -2, 1, 4];
const LR = 0.05;
const FIRST = 0.25;

/** The gradient of the mean squared error: 2 / n Xᵀ (X w - y). */
function gradientAt(w: readonly number[]): number[] {
  const errors = X.map((row, i) => row.reduce((sum, x, j) => sum + x * w[j]!, 0) - Y[i]!);
  return w.map((_, j) => (2 / X.length) * errors.reduce((sum, error, i) => sum + error * X[i]![j]!, 0));
}

function leastSquares(optFunc: Optimizer, cbs: readonly Callback[] = []): LearnerType {
  const dataset = tensorDataset({
    inputs: [{ dtype: "float32", shape: [4, 3], data: Float32Array.from(X.flat()) }],
    targets: [{ dtype: "float32", shape: [4, 1], data: Float32Array.from(Y) }],
  });
  return new Learner({
    dls: dataLoaders(dataset, { valid: dataset, batchSize: 4, shuffle: false }),
    model: sequential(linear(3, 1, { bias: false, weightInit: constantInit(FIRST) })),
    lossFunc: mse(),
    ...{ optFunc, cbs, lr: LR, wdBnBias: true, runtime: { threads: 1 } },
  });
}

const weightsOf = (learner: LearnerType, key = "param:0.weight") => [...learner.state.tensors[key]!.data];

/** The weights after each of some steps, and what the optimizer kept under a key. */
async function train(optFunc: Optimizer, steps: number, key?: string) {
  await using learner = leastSquares(optFunc);
  const weights: number[][] = [];
  const kept: number[][] = [];
  for (let i = 0; i < steps; i++) {
    await learner.fit(1);
    weights.push(weightsOf(learner));
    if (key) kept.push(weightsOf(learner, key));
  }
  return { weights, kept };
}

/** Momentum descent by hand. */
function momentum(change: (gradient: number[]) => number[] = (gradient) => gradient) {
  let w = [FIRST, FIRST, FIRST];
  let v = [0, 0, 0];
  return {
    get w() {
      return w;
    },
    set w(value: number[]) {
      w = value;
    },
    step() {
      const gradient = change(gradientAt(w));
      v = v.map((old, j) => 0.9 * old + gradient[j]!);
      w = w.map((old, j) => old - LR * v[j]!);
      return w;
    },
  };
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Float32 rounds by 6e-8 a step and element; the weights are of the size of 1 to 10. */
function expectClose(got: readonly (readonly number[])[], expected: readonly (readonly number[])[]): void {
  got.forEach((row, i) => {
    row.forEach((value, j) => {
      expect(Math.abs(value - expected[i]![j]!), `step ${i + 1}, element ${j}`).toBeLessThan(2e-5);
    });
  });
  expect(got.length).toBe(expected.length);
}

describe("what stands before the optimizer", () => {
  const central = (gradient: readonly number[]) => gradient.map((value) => value - mean(gradient));
  const clipped = (gradient: readonly number[], to: number) => {
    const norm = Math.hypot(...gradient);
    return gradient.map((value) => value * Math.min(1, to / (norm + 1e-6)));
  };

  test.each<[string, readonly ChainPart[], (gradient: number[]) => number[]]>([
    ["centralizeGradients", [centralizeGradients()], central],
    ["clipGradNorm", [clipGradNorm(1)], (gradient) => clipped(gradient, 1)],
    [
      "both, in their order",
      [centralizeGradients(), clipGradNorm(0.5)],
      (gradient) => clipped(central(gradient), 0.5),
    ],
    [
      "both, in the other order",
      [clipGradNorm(0.5), centralizeGradients()],
      (gradient) => central(clipped(gradient, 0.5)),
    ],
    [
      "clipGradValue",
      [clipGradValue(0.3)],
      (gradient) => gradient.map((value) => Math.max(-0.3, Math.min(0.3, value))),
    ],
  ])("%s is as its formula", async (_, before, change) => {
    const { weights } = await train(chain(...before, sgd()), 12);
    const byHand = momentum(change);
    expectClose(
      weights,
      weights.map(() => byHand.step()),
    );
  });

  /** Gradients that are averaged over the steps: it keeps something, and has a hyper-parameter. */
  const averaged: StepTransform = {
    name: "averaged",
    defaults: { keep: 0.5 },
    slots: ["mean"],
    scalars: (_, hyper) => ({ keep: hyper["keep"]! }),
    before({ g, gradient, slot, scalar }) {
      const mean = g.add(g.mul(slot("mean"), scalar("keep")), g.mul(gradient, g.sub(1, scalar("keep"))));
      return { gradient: mean, slots: { mean } };
    },
  };
  const averageBy = (keep: number) => {
    let kept = [0, 0, 0];
    return (gradient: readonly number[]) => {
      kept = kept.map((old, j) => keep * old + (1 - keep) * gradient[j]!);
      return kept;
    };
  };

  test("a transform that keeps something, on either side of one that does not", async () => {
    for (const [parts, change] of [
      [[averaged, clipGradNorm(0.5)], (average) => (gradient) => clipped(average(gradient), 0.5)],
      [[clipGradNorm(0.5), averaged], (average) => (gradient) => average(clipped(gradient, 0.5))],
    ] as readonly [
      ChainPart[],
      (average: (g: readonly number[]) => number[]) => (g: number[]) => number[],
    ][]) {
      const { weights } = await train(chain(...parts, sgd()), 8);
      const byHand = momentum(change(averageBy(0.5)));
      expectClose(
        weights,
        weights.map(() => byHand.step()),
      );
    }
  });

  test("two of a kind keep apart, a chain in a chain too", async () => {
    const expected = ["velocity", "averaged.mean", "averaged2.mean"];
    for (const optimizer of [
      chain(averaged, averaged, sgd()),
      chain(averaged, { ...averaged }, sgd()),
      chain({ ...averaged }, chain(averaged, sgd())),
    ]) {
      expect(optimizer.slots).toEqual(expected);
      expect(optimizer.name).toBe("sgd+averaged+averaged2");
      const { weights } = await train(optimizer, 6);
      const [first, second] = [averageBy(0.5), averageBy(0.5)];
      const byHand = momentum((gradient) => second(first(gradient)));
      expectClose(
        weights,
        weights.map(() => byHand.step()),
      );
    }
  });

  test("a schedule sets its hyper-parameter by name", async () => {
    await using learner = leastSquares(chain(averaged, sgd()));
    await learner.fit(4, { cbs: [paramScheduler({ "averaged.keep": () => 0.25 })] });
    const average = averageBy(0.25);
    const byHand = momentum(average);
    expectClose([weightsOf(learner)], [[1, 2, 3, 4].map(() => byHand.step())[3]!]);
  });
});

describe("what stands after the optimizer", () => {
  test("lookahead is algorithm 1 of its paper", async () => {
    const { weights } = await train(chain(sgd(), lookahead({ k: 3, alpha: 0.4 })), 10);
    const byHand = momentum();
    let slow = byHand.w;
    const expected = weights.map((_, i) => {
      byHand.step();
      if ((i + 1) % 3 === 0) {
        slow = slow.map((old, j) => old + 0.4 * (byHand.w[j]! - old));
        byHand.w = slow;
      }
      return byHand.w;
    });
    expectClose(weights, expected);
  });

  test("between its own steps lookahead leaves the optimizer's as they are, bit for bit", async () => {
    const plain = await train(sgd(), 4);
    const ahead = await train(chain(sgd(), lookahead({ k: 4 })), 4);
    expect(ahead.weights.slice(0, 3)).toEqual(plain.weights.slice(0, 3));
    expect(ahead.weights[3]).not.toEqual(plain.weights[3]);
  });

  test.each<[string, Optimizer]>([
    ["sgd", sgd()],
    ["adam", adam({ wd: 0.1 })],
  ])("averages are as their formulas, and training with %s does not see them", async (_, optimizer) => {
    const plain = await train(optimizer, 9);
    const withEma = await train(chain(optimizer, ema({ decay: 0.8 })), 9, "slot:ema.average:0.weight");
    const withSwa = await train(
      chain(optimizer, swa({ start: 2, every: 3 })),
      9,
      "slot:swa.average:0.weight",
    );
    expect(withEma.weights).toEqual(plain.weights);
    expect(withSwa.weights).toEqual(plain.weights);

    let average = [FIRST, FIRST, FIRST];
    expectClose(
      withEma.kept,
      plain.weights.map((w) => {
        average = average.map((old, j) => 0.8 * old + 0.2 * w[j]!);
        return average;
      }),
    );
    // Averaged after the steps 5 and 8.
    const meanOf = (rows: readonly (readonly number[])[]) =>
      [0, 1, 2].map((j) => mean(rows.map((row) => row[j]!)));
    const first = [FIRST, FIRST, FIRST];
    const [w5, w8] = [plain.weights[4]!, plain.weights[7]!];
    const both = meanOf([w5, w8]);
    expectClose(withSwa.kept, [first, first, first, first, w5, w5, w5, both, both]);
  });

  test("a schedule sets the average's decay; a name that the optimizer does not have is refused", async () => {
    const optFunc = chain(sgd(), ema());
    await using learner = leastSquares(optFunc);
    await learner.fit(3, { cbs: [paramScheduler({ "ema.decay": () => 0 })] });
    expectClose([weightsOf(learner, "slot:ema.average:0.weight")], [weightsOf(learner)]);
    const before = learner.state;
    for (const name of ["ema.deccay", "sqrMom", "momentum"]) {
      const fit = learner.fit(1, { cbs: [paramScheduler({ [name]: () => 0 })] });
      await expect(fit).rejects.toThrow(/expected a hyper-parameter of the optimizer \(mom, wd, ema.decay\)/);
    }
    expect(learner.state).toBe(before);
  });

  test("hyper-parameters beside momentum and decay are scheduled by name", async () => {
    const { weights } = await train(adam({ sqrMom: 0.5, eps: 1e-3 }), 1);
    await using learner = leastSquares(adam());
    await learner.fit(1, { cbs: [paramScheduler({ sqrMom: () => 0.5, eps: () => 1e-3 })] });
    expect([weightsOf(learner)]).toEqual(weights);
    for (const value of [1, -0.1, Number.NaN, "0.9"]) {
      const fit = learner.fit(1, { cbs: [paramScheduler({ sqrMom: () => value as number })] });
      await expect(fit).rejects.toThrow(/sqrMom to be a number in \[0, 1\)|sqrMom to be/);
    }
  });
});

describe("a chain", () => {
  const whole = () =>
    chain(clipGradNorm(0.5), centralizeGradients(), adam(), lookahead({ k: 2 }), ema({ decay: 0.9 }), swa());

  test("goes on from a checkpoint bit for bit, as from step to step", async () => {
    const path = join(folder, "chain.safetensors");
    await using through = cornerLearner({ optFunc: whole() });
    await through.fit(1);
    await through.save(path);
    await through.fit(2);
    await using resumed = cornerLearner({ optFunc: whole(), seed: 5 });
    await resumed.load(path);
    await resumed.fit(2);
    expect(bitsOf(resumed)).toEqual(bitsOf(through));
    await using other = cornerLearner({ optFunc: adam() });
    await expect(other.load(path)).rejects.toThrow(
      'expected the state of the optimizer "adam", got that of "adam+lookahead+ema+swa"',
    );
  });

  test("without anything that keeps state is the optimizer, for its checkpoints too", async () => {
    const path = join(folder, "plain.safetensors");
    await using plain = cornerLearner({ optFunc: adam() });
    await plain.fit(1);
    await plain.save(path);
    await using clipped = cornerLearner({ optFunc: chain(clipGradNorm(1e6), adam()) });
    await clipped.load(path);
    expect(bitsOf(clipped)).toEqual(bitsOf(plain));
  });

  test("leaves no trace in a search, and finds the optimizer's curve where it only averages", async () => {
    const options = { numIt: 20, stopDiv: false } as const;
    await using averaged = cornerLearner({ optFunc: chain(adam(), ema()) });
    const before = bitsOf(averaged);
    const { curve } = await averaged.lrFind(options);
    expect(bitsOf(averaged)).toEqual(before);
    await using plain = cornerLearner({ optFunc: adam() });
    expect(curve.loss).toEqual((await plain.lrFind(options)).curve.loss);
  });

  test("counts the steps of a parameter that was frozen from when it is trained", async () => {
    await using learner = cornerLearner({
      optFunc: chain(sgd(), ema({ decay: 0.5 }), lookahead({ k: 3 })),
      splitter: () => [
        { name: "body", parameters: ["0.weight", "0.bias", "3.weight", "3.bias"] },
        { name: "head", parameters: ["7.weight", "7.bias"] },
      ],
    });
    learner.freeze();
    await learner.fit(1);
    const body = learner.state.tensors["param:0.weight"];
    expect(learner.state.tensors["slot:ema.average:0.weight"]).toBeUndefined();
    learner.unfreeze();
    let first: LearnerType["state"] | undefined;
    await learner.fit(1, {
      onStep: () => {
        first ??= learner.state;
      },
    });
    const key = (kind: string) => [...first!.tensors[kind]!.data];
    const [was, is] = [[...body!.data], key("param:0.weight")];
    expectClose([key("slot:ema.average:0.weight")], [was.map((old, j) => (old + is[j]!) / 2)]);
    expect(key("slot:lookahead.slow:0.weight")).toEqual(was);
  });

  test("keeps fixed rows fixed, in averages too", async () => {
    const dataset = tensorDataset({
      inputs: [{ dtype: "int32", shape: [4, 2], data: Int32Array.from([0, 1, 2, 0, 1, 1, 2, 2]) }],
      targets: [{ dtype: "float32", shape: [4, 1], data: Float32Array.from(Y) }],
    });
    await using learner = new Learner({
      dls: dataLoaders(dataset, { valid: dataset, batchSize: 4 }),
      model: sequential(embedding(3, 2, { paddingIdx: 0 }), flatten(), linear(4, 1)),
      lossFunc: mse(),
      optFunc: chain(adam({ wd: 0.1 }), ema({ decay: 0.5 }), lookahead({ k: 2 })),
      runtime: { threads: 1 },
    });
    const rowOf = (key: string) => [...learner.state.tensors[key]!.data.slice(0, 2)];
    const before = rowOf("param:0.weight");
    await learner.fit(4);
    for (const key of ["param:0.weight", "slot:ema.average:0.weight", "slot:lookahead.slow:0.weight"]) {
      expect(rowOf(key), key).toEqual(before);
    }
  });

  test("steps as one large mini-batch where gradients are accumulated", async () => {
    const parts = { optFunc: whole(), lr: 0.01 };
    await using large = cornerLearner({ ...parts, dls: cornerLoaders({ batchSize: 32 }) });
    await using small = cornerLearner({ ...parts, dls: cornerLoaders({ batchSize: 16 }), accumulate: 2 });
    await large.fit(2);
    await small.fit(2);
    for (const [name, { data }] of Object.entries(large.state.tensors)) {
      const other = small.state.tensors[name]!.data;
      // The sums are added in another order; Adam's root makes more of it where a gradient is near 0.
      data.forEach((value, i) => {
        expect(Math.abs(value - other[i]!), `${name}[${i}]`).toBeLessThan(2e-3);
      });
    }
  });

  test.each<[string, () => unknown, RegExp]>([
    ["no optimizer", () => chain(clipGradNorm(1)), /one optimizer among its parts, got none/],
    ["two", () => chain(adam(), sgd()), /one optimizer among its parts, got adam, sgd/],
    ["an average before", () => chain(ema(), adam()), /parameters after the optimizer, got "ema" before it/],
    [
      "clipping after",
      () => chain(adam(), clipGradNorm(1)),
      /gradients before the optimizer, got a gradient/,
    ],
    ["a maker", () => chain(adam as never), /parts\[0\] to be .*; try adam\(\)/],
    ["a maker of transforms", () => chain(clipGradNorm as never, adam()), /try clipGradNorm\(1\)/],
    ["another maker", () => chain(centralizeGradients as never, adam()), /try centralizeGradients\(\)/],
    ["null", () => chain(null as never), /parts\[0\]/],
    ["a name with a colon", () => chain(adam(), { ...ema(), name: "a:b" }), /parts\[1\]/],
    ["decay 1", () => ema({ decay: 1 }), /decay/],
    ["k 0", () => lookahead({ k: 0 }), /k to be/],
    ["every 0", () => swa({ every: 0 }), /every/],
    ["an option of another", () => swa({ decay: 0.9 } as never), /"decay"/],
  ])("is refused with %s", (_, make, message) => {
    expect(make).toThrow(message);
  });

  test("a transform that gives nothing back is refused by name, and the learner stays as it was", async () => {
    const cases: [StepTransform, RegExp][] = [
      [{ ...ema(), after: ({ updated }) => ({ parameter: updated }) }, /to give the slot "ema.average"/],
      [{ name: "none", after: () => ({}) as never }, /to give the parameter, got undefined/],
    ];
    for (const [transform, message] of cases) {
      await using learner = leastSquares(chain(sgd(), transform));
      const before = learner.state;
      await expect(learner.fit(1)).rejects.toThrow(message);
      expect(learner.state).toBe(before);
    }
    const forgetful = (_g: unknown, _gradients: unknown) => new Map();
    await using forgets = leastSquares(chain(forgetful, sgd()));
    await expect(forgets.fit(1)).rejects.toThrow(/a Map with a gradient for each parameter/);
    await using learner = leastSquares(chain({ name: "none", before: () => ({}) as never }, sgd()));
    await expect(learner.fit(1)).rejects.toThrow(/a gradient for parameter "0.weight"/);
  });
});

describe("useAverage", () => {
  test("takes the last average, or the one of a name, and puts the weights back", async () => {
    await using learner = leastSquares(chain(sgd(), ema({ decay: 0.5 }), swa()));
    await learner.fit(3);
    const weights = weightsOf(learner);
    const state = bitsOf(learner);
    const back = learner.useAverage();
    expect(weightsOf(learner)).toEqual(weightsOf(learner, "slot:swa.average:0.weight"));
    back();
    expect(bitsOf(learner)).toEqual(state);
    learner.useAverage("ema");
    expect(weightsOf(learner)).toEqual(weightsOf(learner, "slot:ema.average:0.weight"));
    expect(weightsOf(learner)).not.toEqual(weights);
    // What is trained from there is not lost to a late return.
    const late = learner.useAverage("swa");
    await learner.fit(1);
    expect(late).toThrow(/to put the weights back before they are trained/);
  });

  test("is refused where there is none of it", async () => {
    await using none = leastSquares(sgd());
    expect(() => none.useAverage()).toThrow(/keeps an average of the weights, got "sgd"; try optFunc: chain/);
    await using one = leastSquares(chain(sgd(), ema()));
    expect(() => one.useAverage("emma")).toThrow(/that the optimizer keeps \(ema\), got "emma"; try ema/);
    expect(() => one.useAverage(3 as never)).toThrow(LearnerError);
    const fit = none.fit(1, { cbs: [validateAverage()] });
    await expect(fit).rejects.toThrow(/keeps an average/);
  });

  test("validateAverage validates the average and trains on with the weights", async () => {
    const optFunc = () => chain(sgd(), ema({ decay: 0.7 }));
    await using plain = leastSquares(optFunc());
    await using learner = leastSquares(optFunc());
    const path = join(folder, "best.safetensors");
    await plain.fit(5);
    const records = await learner.fit(5, { cbs: [validateAverage(), saveBest({ path })] });
    expect(bitsOf(learner)).toEqual(bitsOf(plain));
    learner.useAverage();
    const { loss } = await learner.validate();
    expect(records.at(-1)!.validLoss).toBe(loss);
  });

  test("puts the weights back when validation fails", async () => {
    const stop: Callback = {
      name: "stop",
      beforeValidate() {
        throw new Error("no");
      },
    };
    await using learner = leastSquares(chain(sgd(), ema({ decay: 0.5 })));
    await learner.fit(2);
    await expect(learner.fit(1, { cbs: [validateAverage(), stop] })).rejects.toThrow("no");
    await using plain = leastSquares(chain(sgd(), ema({ decay: 0.5 })));
    await plain.fit(2);
    await plain.fit(1);
    expect(bitsOf(learner)).toEqual(bitsOf(plain));
  });

  test("a fit at rate 0 moves batch-norm's statistics to the average's, and nothing else", async () => {
    await using learner = cornerLearner({
      model: sequential(conv2d(1, 4, { padding: 1 }), batchNorm2d(4), relu(), flatten(), linear(256, 3)),
      optFunc: chain(sgd(), swa()),
      wd: 0.1,
    });
    await learner.fit(1, { lr: 0.05 });
    learner.useAverage();
    const before = bitsOf(learner);
    await learner.fit(1, { cbs: [paramScheduler({ lr: () => 0 })] });
    const after = bitsOf(learner);
    for (const [name, bits] of Object.entries(after)) {
      if (name.startsWith("param:")) expect(bits, name).toBe(before[name]);
    }
    expect(after["buffer:1.running_mean"]).not.toBe(before["buffer:1.running_mean"]);
  });
});
