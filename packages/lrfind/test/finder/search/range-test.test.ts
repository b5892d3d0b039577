import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import {
  ContractError,
  type Curve,
  type CurvePoint,
  divergenceWatch,
  LrFindOptionError,
  type RangeTestOptions,
  rangeTest,
  smooth,
  sweepLr,
} from "../../../src/finder/index.js";
import { fastaiCurves } from "../recorded.js";
import { ToyTrainer } from "../toy-trainer.js";

async function measure(trainer: ToyTrainer, options: RangeTestOptions = {}) {
  const points: CurvePoint[] = [];
  const test = rangeTest(trainer, options);
  for (;;) {
    const next = await test.next();
    if (next.done) return { points, curve: next.value as Curve };
    points.push(next.value);
  }
}

describe("the sweep", () => {
  it("is fastai's by default: 100 exponential steps from 1e-7 towards 10", async () => {
    const { curve } = await measure(new ToyTrainer({ onStep: () => 1 }));
    expect(curve.lr).toHaveLength(100);
    expect(curve.lr[0]).toBe(1e-7);
    expect(curve.lr[50]).toBeCloseTo(1e-3, 15);
    expect(curve.lr[99]).toBeCloseTo(10 / 1e8 ** 0.01, 10);
    expect(curve.stop).toBe("completed");
  });

  it("is linear on request", async () => {
    const options = { startLr: 1, endLr: 2, numIt: 10, sweep: "linear" } as const;
    const { curve } = await measure(new ToyTrainer({ onStep: () => 1 }), options);
    const expected = [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9];
    for (const [i, lr] of curve.lr.entries()) expect(lr).toBeCloseTo(expected[i]!, 12);
  });

  it("keeps the range and ascends, whatever the range", () => {
    const rate = fc.double({ min: 1e-12, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(rate, fc.double({ min: 1.01, max: 1e9, noNaN: true }), (start, ratio) => {
        for (const sweep of ["exponential", "linear"] as const) {
          const bounds = { start, end: start * ratio, numIt: 20 };
          const rates = Array.from({ length: 20 }, (_, i) => sweepLr(sweep, bounds, i));
          expect(rates[0]).toBe(start);
          for (const [i, lr] of rates.slice(1).entries()) expect(lr).toBeGreaterThan(rates[i]!);
          expect(rates[19]).toBeLessThan(bounds.end);
        }
      }),
    );
  });

  it.each<[Partial<Record<"startLr" | "endLr", number | number[]>>, number[]]>([
    [{ startLr: [1e-6, 1e-4], endLr: 1 }, [1e-6, 1e-4]],
    [{ startLr: 1e-6, endLr: [1, 100] }, [1e-6, 1e-6]],
  ])("takes one rate for all groups beside one for each: %j", async (rates, first) => {
    const trainer = new ToyTrainer({ paramGroups: ["body", "head"] });
    await measure(trainer, { ...rates, numIt: 6 });
    expect(trainer.rates[0]).toEqual(first);
  });

  it("gives every parameter group its own rate, and records the last one's", async () => {
    const trainer = new ToyTrainer({ paramGroups: ["body", "head"], onStep: () => 1 });
    const { curve, points } = await measure(trainer, { startLr: [1e-6, 1e-4], endLr: [1, 100], numIt: 6 });
    expect(trainer.rates).toEqual(points.map(({ lrs }) => lrs));
    expect(curve.lr).toEqual(points.map(({ lrs }) => lrs![1]));
    for (const { lrs } of points) expect(lrs![1]! / lrs![0]!).toBeCloseTo(100, 9);
  });

  it("lets a plain number stand for every group", async () => {
    const trainer = new ToyTrainer({ paramGroups: ["body", "head"], onStep: () => 1 });
    const { points } = await measure(trainer, { startLr: [1e-6, 1e-4], numIt: 6 });
    expect(points[0]!.lrs).toEqual([1e-6, 1e-4]);
    expect(points[3]!.lrs![0]).toBeCloseTo(Math.sqrt(1e-6 * 10), 12);
  });

  it("makes the curve of a recorded training from its losses", async () => {
    for (const { loss, smoothed, numIt, lr } of fastaiCurves.slice(0, 8)) {
      const trainer = new ToyTrainer({ onStep: (step) => loss[step]! });
      const { curve } = await measure(trainer, { numIt, startLr: lr[0]! });
      expect(curve.loss).toEqual(loss);
      for (const [i, value] of curve.smoothed.entries()) expect(value / smoothed[i]! - 1).toBeCloseTo(0, 12);
      if (loss.length < numIt) expect(curve.stop).toBe("diverged");
    }
  });
});

describe("the smoothed loss", () => {
  it("is the bias-corrected moving average of its definition", () => {
    const losses = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(losses, fc.double({ min: 0, max: 0.999, noNaN: true }), (loss, beta) => {
        let average = 0;
        smooth(loss, beta).forEach((smoothed, i) => {
          average = beta * average + (1 - beta) * loss[i]!;
          // The definition divides by a small 1 − βⁱ at first, which costs it some digits.
          expect(smoothed).toBeCloseTo(average / (1 - beta ** (i + 1)), 9);
        });
      }),
    );
  });

  it("is the loss itself at beta 0, and stays what it is for equal losses", () => {
    expect(smooth([3, 0.1, 1e300, -7], 0)).toEqual([3, 0.1, 1e300, -7]);
    expect(new Set(smooth(Array(200).fill(2.3)))).toEqual(new Set([2.3]));
  });
});

describe("how a test ends", () => {
  it("diverged: the smoothed loss is above four times its best", async () => {
    const { curve } = await measure(new ToyTrainer({ onStep: (step) => (step < 20 ? 1 : 5) }), { beta: 0 });
    expect(curve).toMatchObject({ stop: "diverged", numIt: 100 });
    expect(curve.loss).toEqual([...Array(20).fill(1), 5]);
  });

  it("runs on where stopDiv is off, and later where the factor is larger", async () => {
    const trainer = () => new ToyTrainer({ onStep: (step) => (step < 20 ? 1 : 5) });
    expect((await measure(trainer(), { beta: 0, stopDiv: false })).curve.stop).toBe("completed");
    expect((await measure(trainer(), { beta: 0, divFactor: 6 })).curve.stop).toBe("completed");
  });

  it("a negative best loss diverges by the same distance as a positive one", () => {
    const positive = divergenceWatch(4);
    const negative = divergenceWatch(4);
    positive(1);
    negative(-1);
    expect([positive(4), positive(4.001)]).toEqual([false, true]);
    expect([negative(2), negative(2.001)]).toEqual([false, true]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "nonFinite: a loss of %s is recorded and ends it, stopDiv or not",
    async (bad) => {
      for (const stopDiv of [true, false]) {
        const trainer = new ToyTrainer({ onStep: (step) => (step === 7 ? bad : 1) });
        const { curve } = await measure(trainer, { stopDiv });
        expect(curve.stop).toBe("nonFinite");
        expect(curve.loss).toEqual([...Array(7).fill(1), bad]);
      }
    },
  );

  it("aborted: with the curve so far, and no exception", async () => {
    const controller = new AbortController();
    const trainer = new ToyTrainer({
      onStep: (step) => {
        if (step === 9) controller.abort();
        return 1;
      },
    });
    const { curve } = await measure(trainer, { signal: controller.signal });
    expect(curve).toMatchObject({ stop: "aborted", loss: Array(10).fill(1) });
  });

  it("aborted: before the first step, without a trial", async () => {
    const trainer = new ToyTrainer();
    const { curve } = await measure(trainer, { signal: AbortSignal.abort() });
    expect(curve).toEqual({ numIt: 100, stop: "aborted", lr: [], loss: [], smoothed: [] });
    expect(trainer.log.trials).toBe(0);
  });

  it.each<[string, (controller: AbortController) => Error]>([
    ["an AbortError", () => new DOMException("The operation was aborted", "AbortError")],
    ["the signal's own reason", (controller) => controller.signal.reason],
  ])("aborted: where a step rejects with %s", async (_, reject) => {
    const controller = new AbortController();
    const trainer = new ToyTrainer({
      onStep: (step) => {
        if (step < 4) return 1;
        controller.abort(new Error("enough"));
        throw reject(controller);
      },
    });
    const { curve } = await measure(trainer, { signal: controller.signal });
    expect(curve).toMatchObject({ stop: "aborted", loss: [1, 1, 1, 1] });
    expect(trainer.log.disposals).toBe(1);
  });

  it("aborted: by a timer, though the trainer never leaves the thread", async () => {
    const controller = new AbortController();
    const onStep = () => {
      const until = performance.now() + 1;
      while (performance.now() < until);
      return 1;
    };
    setTimeout(() => controller.abort(), 20);
    const { curve } = await measure(new ToyTrainer({ onStep }), { signal: controller.signal, numIt: 2000 });
    expect(curve.stop).toBe("aborted");
  });

  it.each(["train", "validation"] as const)(
    "a task of the event loop runs between two steps of 6 ms, with the loss on %s",
    async (lossOn) => {
      let ms = performance.now();
      const clock = vi.spyOn(performance, "now").mockImplementation(() => ms);
      let tasks = 0;
      let running = true;
      const count = () => {
        tasks++;
        if (running) setImmediate(count);
      };
      const busy = () => {
        ms += 6;
        return 1;
      };
      try {
        setImmediate(count);
        await measure(new ToyTrainer({ onStep: busy, onValidate: busy }), { lossOn, numIt: 20 });
        expect(tasks).toBeGreaterThanOrEqual(lossOn === "train" ? 19 : 39);
      } finally {
        running = false;
        clock.mockRestore();
      }
    },
  );

  it("an error of a step is thrown, though the signal is aborted too", async () => {
    const controller = new AbortController();
    const onStep = () => {
      controller.abort();
      throw new Error("out of memory");
    };
    await expect(measure(new ToyTrainer({ onStep }), { signal: controller.signal })).rejects.toThrow(
      "out of memory",
    );
  });

  it("an AbortError that no signal caused is thrown", async () => {
    const onStep = () => {
      throw new DOMException("lost", "AbortError");
    };
    const { signal } = new AbortController();
    await expect(measure(new ToyTrainer({ onStep }), { signal })).rejects.toThrow("lost");
  });
});

describe("validation loss", () => {
  it("is recorded instead of the batch's, one pass per step", async () => {
    const trainer = new ToyTrainer({ onValidate: () => 0.25 });
    const { curve } = await measure(trainer, { lossOn: "validation", numIt: 8 });
    expect(curve.loss).toEqual(Array(8).fill(0.25));
    expect(trainer.log.validations).toBe(8);
  });

  it("needs a trainer that can validate, and leaves no trace of asking", async () => {
    const trainer = new ToyTrainer();
    const error = await measure(trainer, { lossOn: "validation" }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(LrFindOptionError);
    expect(error.message).toBe(
      'rangeTest: expected a trainer whose trials have validate(), for lossOn "validation", got undefined; try lossOn "train"',
    );
    expect(trainer.log.disposals).toBe(1);
  });
});

describe("no trace: whatever happens, the trial is disposed once and training goes on as if nothing had been", () => {
  const controller = () => new AbortController();
  const cases: Record<
    string,
    (trained: (options: ConstructorParameters<typeof ToyTrainer>[0]) => ToyTrainer) => Promise<ToyTrainer>
  > = {
    async completes(make) {
      const trainer = make({});
      expect((await measure(trainer, { endLr: 0.1 })).curve.stop).toBe("completed");
      return trainer;
    },
    async diverges(make) {
      const trainer = make({});
      expect((await measure(trainer)).curve.stop).toBe("diverged");
      return trainer;
    },
    async "turns NaN"(make) {
      const trainer = make({ onStep: (step, loss) => (step === 30 ? Number.NaN : loss) });
      expect((await measure(trainer)).curve.stop).toBe("nonFinite");
      return trainer;
    },
    async "is aborted half way"(make) {
      const abort = controller();
      const trainer = make({
        onStep(step, loss) {
          if (step === 50) abort.abort();
          return loss;
        },
      });
      expect((await measure(trainer, { signal: abort.signal })).curve.stop).toBe("aborted");
      return trainer;
    },
    async "is left by break"(make) {
      const trainer = make({});
      for await (const { step } of rangeTest(trainer)) if (step === 40) break;
      return trainer;
    },
    async "throws in the consumer"(make) {
      const trainer = make({});
      const consume = async () => {
        for await (const { step } of rangeTest(trainer)) if (step === 40) throw new Error("full disk");
      };
      await expect(consume()).rejects.toThrow("full disk");
      return trainer;
    },
    async "throws in a step"(make) {
      const trainer = make({
        onStep(step, loss) {
          if (step === 40) throw new Error("out of memory");
          return loss;
        },
      });
      await expect(measure(trainer)).rejects.toThrow("out of memory");
      return trainer;
    },
    async "returns no number"(make) {
      const trainer = make({ onStep: () => undefined as unknown as number });
      await expect(measure(trainer)).rejects.toThrow(ContractError);
      return trainer;
    },
    async "runs elsewhere in the data"(make) {
      const trainer = make({});
      await measure(trainer, { seed: 3 });
      return trainer;
    },
  };

  it.each(Object.entries(cases))("the test %s", async (_, run) => {
    const trainFor = (trainer: ToyTrainer) => Array.from({ length: 20 }, () => trainer.train(0.01));
    const untouched = new ToyTrainer();
    trainFor(untouched);

    const trainer = await run((options) => {
      const made = new ToyTrainer(options);
      trainFor(made);
      return made;
    });
    expect(trainer.log).toMatchObject({ trials: 1, disposals: 1 });
    expect(trainer.state).toEqual(untouched.state);
    expect(trainFor(trainer)).toEqual(trainFor(untouched));
    expect(trainer.state).toEqual(untouched.state);
  });
});

it("a step that resolves to no number is named", async () => {
  const trainer = new ToyTrainer({ onStep: () => "0.3" as unknown as number });
  await expect(measure(trainer)).rejects.toThrow(
    'rangeTest: expected trial.step to resolve to a number, got "0.3"; try the mean loss of the batch as a number',
  );
});
