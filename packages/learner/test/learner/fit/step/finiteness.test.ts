import { describe, expect, test } from "vitest";
import type { GradientTransform, Layer } from "../../../../../engine/src/nn/index.js";
import {
  adam,
  batchNorm1d,
  flatten,
  lamb,
  linear,
  rmsProp,
  sequential,
  sgd,
} from "../../../../../engine/src/nn/index.js";
import { tensor } from "../../../../../engine/src/onnx/index.js";
import { lrFind } from "../../../../../lrfind/src/finder/index.js";
import type { Callback, FitLoop, LearnerOptions } from "../../../../src/learner/index.js";
import { LearnerError, NonFiniteLossError, NonFiniteStateError } from "../../../../src/learner/index.js";
import { groupedLearner } from "../../grouped.js";
import { bitsOf, cornerLearner, cornerLoaders } from "../../toy.js";

/** Before a step of the fit, counted over all epochs, does something. */
function atStep(wanted: number, act: (loop: FitLoop) => void): Callback {
  let step = -1;
  return {
    name: "atStep",
    order: 90,
    beforeFit: () => {
      step = -1;
    },
    beforeStep(loop) {
      step++;
      if (step === wanted) act(loop);
    },
  };
}

/** Multiplies one parameter's gradient. */
function scaled(parameter: string, factor: number): GradientTransform {
  return (g, gradients) =>
    new Map([...gradients].map(([name, value]) => [name, name === parameter ? g.mul(value, factor) : value]));
}

/** A parameter that neither the loss nor a prediction shows, for logits below 1e30. */
const hidden: Layer = {
  kind: "Hidden",
  parameters: [
    { name: "unseen", shape: [3], role: "weight", initializer: () => Float32Array.of(2e38, 2e38, 2e38) },
  ],
  forward: ({ g, parameter }, x) => g.where(g.greater(x!, 1e30), parameter("unseen"), x!),
};

const smallLearner = (options: Partial<LearnerOptions>) =>
  cornerLearner({ model: sequential(flatten(), linear(64, 3)), ...options });

async function failure(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => expect.fail("it was to fail"),
    (error: Error) => error,
  );
}

describe("a step that would make the state NaN or infinite", () => {
  test.each(
    Object.entries({ sgd: sgd(), plain: sgd({ mom: 0 }), adam: adam(), lamb: lamb(), rmsProp: rmsProp() }),
  )(
    "is refused with %s, names the parameter, and leaves the state as it was, bit for bit",
    async (_, optFunc) => {
      const steps = 6;
      const limit: Callback = {
        name: "limit",
        beforeStep(loop) {
          if (loop.epoch * loop.stepsPerEpoch + loop.step === steps) throw new LearnerError(stop);
        },
      };
      const stop = { where: "limit", expected: "no more steps", got: "one" };
      await using reference = cornerLearner({ optFunc });
      expect(await failure(reference.fit(2, { lr: 0.01, cbs: [limit] }))).toMatchObject(stop);

      // Steps without a look at the state: its tensors take turns, and the refused step writes into the idle ones.
      await using learner = cornerLearner({ optFunc });
      const huge = atStep(steps, (loop) => {
        loop.lrs = [1e39]; // Infinity, in float32
      });
      const error = await failure(learner.fit(2, { lr: 0.01, cbs: [huge] }));
      expect(error).toBeInstanceOf(NonFiniteStateError);
      expect(error).toMatchObject({ tensor: expect.stringMatching(/^param:/), step: steps });
      const parameter = (error as NonFiniteStateError).tensor.slice("param:".length);
      expect(error.message).toContain(`parameter "${parameter}" to stay finite at step ${steps}`);
      expect(learner.state.step).toBe(steps);
      expect(bitsOf(learner)).toEqual(bitsOf(reference));

      // And it goes on as if nothing had been.
      const more = { lr: 0.01, cbs: [] };
      expect((await learner.fit(1, more))[0]!.trainLoss).toBe((await reference.fit(1, more))[0]!.trainLoss);
      expect(bitsOf(learner)).toEqual(bitsOf(reference));
    },
  );

  test("is found by the gradient of one parameter alone, with a finite loss", async () => {
    for (const factor of [Number.NaN, Infinity]) {
      await using learner = groupedLearner({ gradientTransform: scaled("1.bias", factor) });
      const before = bitsOf(learner);
      const error = await failure(learner.fit(1, { lr: 0.01 }));
      expect(error).toMatchObject({ name: "NonFiniteStateError", tensor: "param:1.bias" });
      expect(error.message).not.toContain("look for NaN in the data");
      expect(bitsOf(learner)).toEqual(before);
      expect(learner.state.step).toBe(0);
    }
  });

  test("is found with accumulated gradients, in any of the mini-batches", async () => {
    await using learner = smallLearner({ accumulate: 3 });
    const before = bitsOf(learner);
    const spoiled = atStep(0, (loop) => {
      const [first, second, third] = loop.batches as [never, (typeof loop.batches)[0], never];
      // The loss of these inputs is finite; that of their squares, which the gradients are made of, is not.
      const data = Float32Array.from(second.inputs[0]!.data as Float32Array, (x) => Math.sign(x) * 1e37);
      loop.batches = [
        first,
        { ...second, inputs: [tensor("float32", second.inputs[0]!.shape, data)] },
        third,
      ];
    });
    const error = await failure(learner.fit(1, { lr: 1e9, cbs: [spoiled] }));
    expect(error).toBeInstanceOf(LearnerError);
    expect(error.name).toMatch(/^NonFinite/);
    expect(bitsOf(learner)).toEqual(before);
  });

  test("is one that only spoils what the optimizer keeps", async () => {
    await using learner = smallLearner({ optFunc: adam(), gradientTransform: scaled("1.bias", 1e30) });
    const error = await failure(learner.fit(1, { lr: 1e-3 }));
    expect(error).toMatchObject({ tensor: "slot:squares:1.bias", value: Infinity });
    expect(error.message).toContain(`the optimizer's "squares" of parameter "1.bias"`);
    expect(learner.state.step).toBe(0);
  });

  test("is one that only spoils running statistics", async () => {
    const model = sequential(flatten(), batchNorm1d(64), linear(64, 3));
    await using learner = cornerLearner({ model });
    const before = bitsOf(learner);
    const large = atStep(0, (loop) => {
      // A variance of 1e40 is infinite in float32, and what is normalised by it zero.
      const grown = loop.batches.map((batch) => {
        const { shape, data } = batch.inputs[0]!;
        return {
          ...batch,
          inputs: [
            tensor(
              "float32",
              shape,
              Float32Array.from(data as Float32Array, (x) => x * 1e20),
            ),
          ],
        };
      });
      loop.batches = grown;
    });
    const error = await failure(learner.fit(1, { lr: 1e-3, cbs: [large] }));
    expect(error.name).toMatch(/^NonFinite/);
    expect(bitsOf(learner)).toEqual(before);
  });

  test("is not one whose finite weights only add up to more than float32 holds", async () => {
    await using learner = smallLearner({ model: sequential(flatten(), linear(64, 3), hidden) });
    await learner.fit(1, { lr: 0.01 });
    expect(learner.state.step).toBe(learner.dls.train.batchesPerEpoch);
  });

  test("says so when the state was not finite before", async () => {
    const broken: Layer = {
      ...hidden,
      parameters: [{ ...hidden.parameters![0]!, initializer: () => Float32Array.of(1, Number.NaN, 1) }],
    };
    await using learner = smallLearner({ model: sequential(flatten(), linear(64, 3), broken) });
    const error = await failure(learner.fit(1, { lr: 0.01 }));
    expect(error.message).toContain(`parameter "2.unseen" to stay finite`);
    expect(error.message).toContain("which it had in it before the step");
  });

  test("is still a NonFiniteLossError where the loss is not finite either", async () => {
    await using learner = cornerLearner();
    expect(await failure(learner.fit(2, { lr: 1e30 }))).toBeInstanceOf(NonFiniteLossError);
  });

  test("ends a trial as a result, and no exception, even if the loss does not show it", async () => {
    const model = sequential(flatten(), linear(64, 3), hidden);
    const gradientTransform = scaled("2.unseen", Number.NaN);
    await using learner = smallLearner({ model, gradientTransform });
    const before = bitsOf(learner);
    for (const lossOn of ["train", "validation"] as const) {
      const { curve } = await lrFind(learner, { numIt: 10, lossOn });
      expect(curve.stop).toBe("nonFinite");
      expect(curve.loss.map(Number.isFinite)).toEqual(lossOn === "train" ? [true, false] : [false]);
    }
    expect(bitsOf(learner)).toEqual(before);
  });

  test("is found in frozen company: parameters that are not trained are not looked at", async () => {
    await using learner = groupedLearner({ gradientTransform: scaled("1.bias", Number.NaN), trainBn: false });
    learner.freeze();
    await learner.fit(1, { lr: 0.01 });
    expect(learner.state.step).toBe(learner.dls.train.batchesPerEpoch);
  });
});

describe("what a step is told", () => {
  const groups = 3;
  const good = new Array<number>(groups).fill(0.01);
  const cases: readonly (readonly [string, (loop: FitLoop) => void, string])[] = [
    ...[Number.NaN, -0.1, Infinity, null, "0.1", undefined].map(
      (lr) =>
        [
          `a rate of ${lr}`,
          (loop: FitLoop) => {
            loop.lrs = [0.01, lr as number, 0.01];
          },
          "lrs[1]",
        ] as const,
    ),
    ...[[], [0.01], [...good, 0.01], null, 0.01, { length: groups }].map(
      (lrs) =>
        [
          `rates ${JSON.stringify(lrs)}`,
          (loop: FitLoop) => {
            loop.lrs = lrs as number[];
          },
          `lrs to be ${groups} learning rate(s)`,
        ] as const,
    ),
    ...[Number.NaN, -0.1, 1, 2, Infinity, null, undefined].map(
      (mom) =>
        [
          `a momentum of ${mom}`,
          (loop: FitLoop) => {
            loop.hyper = { ...loop.hyper, mom: mom as number };
          },
          "mom to be",
        ] as const,
    ),
    ...[Number.NaN, -0.1, Infinity, null, undefined].map(
      (wd) =>
        [
          `a weight decay of ${wd}`,
          (loop: FitLoop) => {
            loop.hyper = { ...loop.hyper, wd: wd as number };
          },
          "wd to be",
        ] as const,
    ),
    ["no hyper-parameters", (loop) => Object.assign(loop, { hyper: null }), "mom to be"],
    ["no mini-batches", (loop) => Object.assign(loop, { batches: [] }), "batches to be"],
    ["mini-batches that are none", (loop) => Object.assign(loop, { batches: [{}] }), "batches to be"],
  ];

  test.each(cases)("%s is refused before the step, by name", async (_, act, name) => {
    await using learner = groupedLearner();
    await learner.fit(1, { lr: 0.01 });
    const before = bitsOf(learner);
    const error = await failure(learner.fit(1, { lr: 0.01, cbs: [atStep(0, act)] }));
    expect(error).toBeInstanceOf(LearnerError);
    expect(error.message).toMatch(/^fit: expected /);
    expect(error.message).toContain(name);
    expect(bitsOf(learner)).toEqual(before);
  });

  test("a rate of 0 is one: a group can stand still, and schedules end there", async () => {
    await using learner = groupedLearner();
    await learner.fit(1, { lr: 0.01, cbs: [atStep(1, (loop) => Object.assign(loop, { lrs: [0, 0, 0] }))] });
    expect(learner.state.step).toBe(learner.dls.train.batchesPerEpoch);
  });

  test.each([Number.NaN, -1, Infinity, null, "0.1"])("a weight decay option of %s is refused", async (wd) => {
    expect(() => groupedLearner({ wd: wd as number })).toThrow("Learner: expected wd to be");
    await using learner = groupedLearner();
    const before = bitsOf(learner);
    const fits = {
      fit: learner.fit(1, { lr: 0.01, wd: wd as number }),
      fitOneCycle: learner.fitOneCycle(1, { wd: wd as number }),
      fitFlatCos: learner.fitFlatCos(1, { wd: wd as number }),
      fitSgdr: learner.fitSgdr(1, 1, { wd: wd as number }),
    };
    for (const [where, fit] of Object.entries(fits)) {
      expect((await failure(fit)).message).toContain(`${where}: expected wd to be`);
    }
    expect(bitsOf(learner)).toEqual(before);
  });

  test.each([[Number.NaN], [-1], [Infinity], [null], [[0.1]], [[0.1, Number.NaN, 0.1]]])(
    "a trial's rate of %s is refused",
    async (lr) => {
      await using learner = groupedLearner();
      await using trial = await learner.startTrial();
      const error = await failure(trial.step(lr as number));
      expect(error).toBeInstanceOf(LearnerError);
      expect(error.message).toMatch(/^step: expected lrs/);
    },
  );
});

test("the corners are learnt without a false alarm", async () => {
  await using learner = cornerLearner({ dls: cornerLoaders({ count: 60 }), optFunc: adam() });
  await learner.fitOneCycle(3, { lrMax: 0.01 });
  expect(learner.recorder.losses.every(Number.isFinite)).toBe(true);
});
