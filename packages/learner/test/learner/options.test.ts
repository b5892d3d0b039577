import { afterAll, describe, expect, it } from "vitest";
import {
  above0,
  boundary,
  expectBoundaries,
  flag,
  from0,
  upTo1,
  whole,
} from "../../../../test/support/boundaries.js";
import {
  accuracy,
  adam,
  clipGradNorm,
  crossEntropy,
  f1Score,
  linear,
  type modelOf,
  resnet18,
  sgd,
} from "../../../engine/src/nn/index.js";
import { tensor } from "../../../engine/src/onnx/index.js";
import { type DataLoaders, dataLoaders, shuffleSampler, tensorDataset } from "../../src/data/index.js";
import {
  type Callback,
  earlyStopping,
  Learner,
  LearnerError,
  type LearnerOptions,
  paramScheduler,
  reduceLrOnPlateau,
  saveBest,
} from "../../src/learner/index.js";

const inputs = [tensor("float32", [4, 2], [0, 1, 2, 3, 4, 5, 6, 7])];
const dataset = tensorDataset({ inputs, targets: [tensor("int32", [4], [0, 1, 0, 1])], vocab: ["a", "b"] });
const dls: DataLoaders = dataLoaders(dataset, { batchSize: 2, validPct: 0 });
const parts: LearnerOptions = { dls, model: linear(2, 2), lossFunc: crossEntropy() };
/** With what is needed beside it, where it can hold options. */
const beside = <T extends object>(needed: T, change: unknown) =>
  Object.prototype.toString.call(change) === "[object Object]"
    ? { ...needed, ...(change as object) }
    : (change as T);
const make = (change: object) => new Learner(beside(parts, change));
const learn = make({});
afterAll(() => learn[Symbol.asyncDispose]());

describe("what a Learner is made of", () => {
  it.each<[change: object, message: string]>([
    [{ bs: 8 }, 'Learner: expected a known option, got "bs"'],
    [{ optimizer: sgd() }, 'Learner: expected a known option, got "optimizer"; try optFunc'],
    [{ opt: sgd() }, "try optFunc"],
    [{ criterion: 1 }, "try lossFunc"],
    [{ learningRate: 0.5 }, 'got "learningRate"; try lr'],
    [{ weight_decay: 0.5 }, 'got "weight_decay"; try wd'],
    [{ callbacks: [] }, 'got "callbacks"; try cbs'],
    [{ metric: [] }, 'got "metric"; try metrics'],
    [{ optFunc: sgd }, "Learner: expected optFunc to be an optimizer, got function sgd; try sgd()"],
    [
      { lossFunc: crossEntropy },
      "expected lossFunc to be a loss, got function crossEntropy; try crossEntropy()",
    ],
    [{ metrics: [f1Score] }, "got function f1Score at index 0; try f1Score()"],
    [
      { metrics: accuracy },
      "expected metrics to be an array, each element a metric, got an object; try [metric]",
    ],
    [{ model: resnet18 }, "expected model to be a model or a layer, got function resnet18; try resnet18()"],
    [{ model: undefined }, "expected model to be a model or a layer, got undefined"],
    [{ lossFunc: undefined }, "expected lossFunc to be a loss, got undefined; try crossEntropy()"],
    [{ dls: undefined }, "expected dls to be data loaders, got undefined; try dataLoaders({ … })"],
    [{ dls: dls.train }, "try { train: loader }"],
    [{ dls: Promise.resolve(dls) }, "try awaiting them"],
    [{ gradientTransform: clipGradNorm }, "got function clipGradNorm; try clipGradNorm(1)"],
    [{ cbs: [earlyStopping] }, "got function earlyStopping at index 0; try earlyStopping()"],
    [{ cbs: [{ name: "mine", order: Object.create(null) }] }, "got a callback of order an object at index 0"],
    [{ runtime: { thread: 2 } }, 'Learner runtime: expected a known option, got "thread"; try threads'],
    [{ splitter: () => [] }, "Learner splitter"],
    [{ moms: [0.9, 0.8] }, "expected moms to be ["],
  ])("%o: %s", (change, message) => {
    expect(() => make(change)).toThrow(LearnerError);
    expect(() => make(change)).toThrow(message);
  });

  it("at the boundary", () => {
    expectBoundaries(make, {
      wd: from0,
      trainBn: flag,
      wdBnBias: flag,
      accumulate: whole(1),
      seed: whole(0),
      moms: boundary([[0, 0.5, 0.999]], [[0, 0, 1], [-0.1, 0, 0], [0, 0], 0.9, null]),
      optFunc: boundary([adam()], [adam, {}, null, "adam"]),
      metrics: boundary([[], [accuracy]], [accuracy, [f1Score], [{}], null]),
      runtime: boundary([{}, { threads: 1 }], [null, 1, []]),
      splitter: boundary(
        [
          (model: ReturnType<typeof modelOf>) => [
            { name: "all", parameters: model.parameters.map((p) => p.name) },
          ],
        ],
        [null, 1, []],
      ),
    });
  });
});

describe("callbacks", () => {
  it.each<[unknown, string]>([
    [
      { name: "mine", afterEpochs() {} },
      "got a callback with the unknown hook afterEpochs at index 0; try afterEpoch",
    ],
    [{ name: "mine", beforeFitt() {} }, "try beforeFit"],
    [{ name: "mine", afterEpoch: 1 }, "got a callback whose afterEpoch is no function"],
    [{ afterEpoch() {} }, "got a callback without a name"],
    [{ name: "mine", order: Number.NaN }, "got a callback of order NaN"],
    [null, "got null at index 0"],
  ])("%o", async (callback, message) => {
    expect(() => make({ cbs: [callback] })).toThrow(message);
    await expect(learn.fit(0, { cbs: [callback as Callback] })).rejects.toThrow(message);
  });

  it("sees the hooks of a class, and leaves other fields alone", async () => {
    class Mine implements Callback {
      readonly name = "mine";
      readonly beforehand = 3;
      count = 0;
      afterEpochs() {}
    }
    expect(() => make({ cbs: [new Mine()] })).toThrow("unknown hook afterEpochs");
    await expect(
      learn.fit(0, { cbs: [{ name: "mine", beforehand: 3, count: 0 } as Callback] }),
    ).resolves.toEqual([]);
  });
});

describe("fits", () => {
  const fits: Record<string, (options: never) => Promise<unknown>> = {
    fit: (o) => learn.fit(0, o),
    fitOneCycle: (o) => learn.fitOneCycle(0, o),
    fitFlatCos: (o) => learn.fitFlatCos(0, o),
    fitSgdr: (o) => learn.fitSgdr(1, 1, o),
    fineTune: (o) => learn.fineTune(0, o),
  };

  it.each(Object.entries(fits))("%s refuses what it does not know", async (name, train) => {
    for (const [options, message] of [
      [
        { signals: new AbortController().signal },
        `${name}: expected a known option, got "signals"; try signal`,
      ],
      [{ callbacks: [] }, "try cbs"],
      [{ epochs: 3 }, "it is the first argument"],
      [{ nEpoch: 3 }, "it is the first argument"],
      [{ signal: new AbortController() }, "expected signal to be an AbortSignal"],
      [{ onStep: 3 }, "expected onStep to be a function"],
      [{ cbs: earlyStopping() }, "try [callback]"],
      [0.01, "expected an options object, got 0.01"],
      [null, "expected an options object, got null"],
    ] as const) {
      await expect(train(options as never), JSON.stringify(options)).rejects.toThrow(LearnerError);
      await expect(train(options as never)).rejects.toThrow(message);
    }
  });

  it.each(["div", "divFinal"])("fitOneCycle: %s at the boundary", async (name) => {
    for (const value of above0.refuses) {
      await expect(learn.fitOneCycle(0, { [name]: value })).rejects.toThrow(`fitOneCycle: expected ${name}`);
    }
  });

  it("pctStart at the boundary", async () => {
    for (const value of upTo1.refuses) {
      await expect(learn.fitOneCycle(0, { pctStart: value as number })).rejects.toThrow("pctStart");
      await expect(learn.fitFlatCos(0, { pctStart: value as number })).rejects.toThrow("pctStart");
    }
    for (const pctStart of upTo1.takes) await learn.fitOneCycle(0, { pctStart: pctStart as number });
  });

  it.each([Number.NaN, -1, 0.5, 1e308, "3", null, undefined, {}])("refuses %s epochs", async (nEpoch) => {
    await expect(learn.fit(nEpoch as number)).rejects.toThrow("fit nEpoch: expected a whole number");
  });
});

describe("evaluation", () => {
  it.each(["validate", "getPreds", "confusionMatrix"] as const)(
    "%s refuses what it does not know",
    async (name) => {
      await expect(learn[name]({ loaders: dls.train } as never)).rejects.toThrow(
        `${name}: expected a known option, got "loaders"`,
      );
      await expect(learn[name]({ loader: dls } as never)).rejects.toThrow(
        `${name}: expected loader to be a DataLoader`,
      );
      await expect(learn[name](dls.train as never)).rejects.toThrow(LearnerError);
    },
  );

  it("export, save and load", async () => {
    await expect(learn.export("x.onnx", { batchsize: 2 } as never)).rejects.toThrow(
      'got "batchsize"; try batchSize',
    );
    await expect(learn.export("x.onnx", { batchSize: 0 })).rejects.toThrow(
      "expected batchSize to be an integer at least 1",
    );
    for (const path of [undefined, null, "", 3, "a\0b", new URL("https://example.org")]) {
      await expect(learn.save(path as never)).rejects.toThrow("save: expected path to be a path");
      await expect(learn.export(path as never)).rejects.toThrow("export: expected path to be a path");
    }
    await expect(learn.load("x", { weightOnly: true } as never)).rejects.toThrow(
      'got "weightOnly"; try weightsOnly',
    );
  });
});

describe("makers of callbacks", () => {
  it("at the boundary", () => {
    const monitor = {
      monitor: boundary(["accuracy"], [1, null]),
      better: boundary(["smaller"], ["less", null]),
      minDelta: from0,
    };
    expectBoundaries(earlyStopping, { ...monitor, patience: whole(1) });
    expectBoundaries(reduceLrOnPlateau, {
      ...{ ...monitor, patience: whole(1), minLr: from0 },
      factor: boundary([2, 1.001], [1, 0.5, Number.NaN, "2", null]),
    });
    expectBoundaries((o) => saveBest(beside({ path: "x" }, o)), { restore: flag });
    expect(() => saveBest({} as never)).toThrow("saveBest: expected path to be a path");
    const schedules = boundary([() => 1], [1, null, {}]);
    expectBoundaries(paramScheduler, {
      lr: boundary([() => 1, [() => 1]], [1, [], [1], null]),
      mom: schedules,
      wd: schedules,
    });
  });
});

describe("data loaders", () => {
  it.each<[object, string]>([
    [{ bs: 8 }, 'dataLoaders: expected a known option, got "bs"; try batchSize'],
    [{ testSize: 0.2 }, "try validPct"],
    [{ shufle: true }, "try shuffle"],
    [{ shuffle: 1 }, "expected shuffle to be true or false"],
    [{ splitter: shuffleSampler(3) }, "expected splitter to be a function"],
  ])("%o", (options, message) => expect(() => dataLoaders(dataset, options)).toThrow(message));
});
