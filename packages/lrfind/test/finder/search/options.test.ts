import { describe, expect, it } from "vitest";
import { LrFindOptionError, type LrFindOptions, lrFind, rangeTest } from "../../../src/finder/index.js";
import { ToyTrainer } from "../toy-trainer.js";

const cases: [options: Record<string, unknown>, message: string][] = [
  [{ startLr: -1 }, "expected startLr > 0, got -1; try 1e-7"],
  [{ startLr: 0 }, "expected startLr > 0, got 0; try 1e-7"],
  [{ startLr: Number.NaN }, "expected startLr > 0, got NaN; try 1e-7"],
  [{ startLr: "1e-3" }, 'expected startLr > 0, got "1e-3"; try 1e-7'],
  [{ startLr: null }, "expected startLr > 0, got null; try 1e-7"],
  [{ endLr: 0 }, "expected endLr > 0, got 0; try 10"],
  [{ endLr: Number.POSITIVE_INFINITY }, "expected endLr > 0, got Infinity; try 10"],
  [{ startLr: 1, endLr: 0.1 }, "expected startLr < endLr (0.1), got 1; try startLr 1e-7"],
  [{ startLr: 1, endLr: 1 }, "expected startLr < endLr (1), got 1; try startLr 1e-6"],
  [{ numIt: 3 }, "expected numIt to be an integer >= 6, got 3; try 100"],
  [{ numIt: 5 }, "expected numIt to be an integer >= 6, got 5; try 100"],
  [{ numIt: 10.5 }, "expected numIt to be an integer >= 6, got 10.5; try 100"],
  [{ numIt: "100" }, 'expected numIt to be an integer >= 6, got "100"; try 100'],
  [{ numIt: Number.NaN }, "expected numIt to be an integer >= 6, got NaN; try 100"],
  [{ numIt: Number.POSITIVE_INFINITY }, "expected numIt to be an integer >= 6, got Infinity; try 100"],
  [{ stopDiv: "no" }, 'expected stopDiv to be true or false, got "no"; try true'],
  [{ divFactor: 1 }, "expected divFactor > 1, got 1; try 4"],
  [{ divFactor: Number.NaN }, "expected divFactor > 1, got NaN; try 4"],
  [{ sweep: "cosine" }, 'expected sweep "exponential" or "linear", got "cosine"; try "exponential"'],
  [{ beta: 1 }, "expected beta in [0, 1), got 1; try 0.98"],
  [{ beta: -0.1 }, "expected beta in [0, 1), got -0.1; try 0.98"],
  [{ beta: Number.NaN }, "expected beta in [0, 1), got NaN; try 0.98"],
  [{ lossOn: "test" }, 'expected lossOn "train" or "validation", got "test"; try "train"'],
  [{ signal: {} }, "expected signal to be an AbortSignal, got an object; try new AbortController().signal"],
  [
    { signal: new AbortController() },
    "expected signal to be an AbortSignal, got an instance of AbortController; try new",
  ],
  [{ seed: 0.5 }, "expected seed to be an integer, got 0.5; try 0"],
  [{ start_lr: 1e-5 }, 'expected a known option, got "start_lr"; try startLr'],
  [{ learningRate: 1 }, 'expected a known option, got "learningRate"; try one of startLr, endLr'],
  [{ startLr: [] }, "expected startLr to hold at least one rate, got []; try 1e-7"],
  [{ startLr: [1e-5, -1] }, "expected startLr[1] > 0, got -1; try 1e-7"],
  [{ startLr: [1e-5, 1], endLr: [1, 0.5] }, "expected startLr[1] < endLr[1] (0.5), got 1; try startLr 5e-7"],
  [
    { startLr: [1e-5, 1e-4], endLr: [1] },
    "expected endLr to have the 2 rates of startLr, got [1]; try one rate per parameter group in both",
  ],
  [
    { startLr: [1e-5, 1e-4, 1e-3] },
    "expected startLr to have one rate per parameter group (body, head), got [0.00001, 0.0001, 0.001]; try 2 rates, or one number for all",
  ],
];

const ofLrFindOnly: typeof cases = [
  [{ runs: 0 }, "expected runs to be an integer >= 1, got 0; try 3"],
  [{ runs: 2.5 }, "expected runs to be an integer >= 1, got 2.5; try 3"],
  [{ runs: "3" }, 'expected runs to be an integer >= 1, got "3"; try 3'],
  [{ groups: "all" }, 'expected groups "together" or "each", got "all"; try "together"'],
  [{ heldLr: -1 }, "expected heldLr >= 0, got -1; try 0"],
  [{ heldLr: Number.NaN }, "expected heldLr >= 0, got NaN; try 0"],
  [{ onPoint: "log" }, 'expected onPoint to be a function, got "log"; try'],
  [
    { suggestFuncs: [] },
    "expected suggestFuncs to be a list of at least one suggester, got []; try [valley]",
  ],
  [{ suggestFuncs: ["valley"] }, 'expected suggestFuncs[0] to be a suggester, got "valley"; try valley'],
];

const groups = { paramGroups: ["body", "head"] };

describe("an option that cannot be used is named before any training", () => {
  it.each([...cases, ...ofLrFindOnly])("lrFind %o: %s", async (options, message) => {
    const trainer = new ToyTrainer(groups);
    const error = await lrFind(trainer, options as LrFindOptions).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(LrFindOptionError);
    expect(error.message.startsWith(`lrFind: ${message}`), error.message).toBe(true);
    expect(Object.keys(options)).toContain(error.option);
    expect(trainer.log.trials).toBe(0);
  });

  it.each(cases)("rangeTest %o, at the call itself: %s", (options, message) => {
    const trainer = new ToyTrainer(groups);
    let error: unknown;
    try {
      rangeTest(trainer, options as LrFindOptions);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(LrFindOptionError);
    // The list of known options, at the end of one message, is shorter here.
    expect((error as Error).message.startsWith(`rangeTest: ${message}`), String(error)).toBe(true);
  });

  it.each([[undefined], [null], [{}], [{ startTrial: true }]])(
    "a trainer that is none: %o",
    async (trainer) => {
      await expect(lrFind(trainer as never)).rejects.toThrow(
        "lrFind: expected a trainer with startTrial(), got ",
      );
    },
  );

  it("the error's fields say the same to a program", async () => {
    const error = await lrFind(new ToyTrainer(), { numIt: 3 }).catch((thrown) => thrown);
    expect(error).toMatchObject({
      name: "LrFindOptionError",
      where: "lrFind",
      option: "numIt",
      expected: "numIt to be an integer >= 6",
      received: 3,
    });
  });

  it("a trainer that names no groups has one", async () => {
    const error = await lrFind(new ToyTrainer(), { startLr: [1e-5, 1e-4] }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(LrFindOptionError);
    expect(error.message).toContain("one rate per parameter group (the trainer names none, so one)");
  });

  it("undefined means the default", async () => {
    const { curve } = await lrFind(new ToyTrainer({ onStep: () => 1 }), { numIt: undefined } as object);
    expect(curve.numIt).toBe(100);
  });
});
