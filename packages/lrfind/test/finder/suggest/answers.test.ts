import { describe, expect, it } from "vitest";
import {
  ContractError,
  type FindProgress,
  lrFind,
  minimum,
  type Suggester,
  slide,
  suggest,
} from "../../../src/finder/index.js";
import { curveFrom } from "../recorded.js";
import { ToyTrainer } from "../toy-trainer.js";

/** A suggester that gives this answer, whatever it is. */
const answering = (answer: unknown) =>
  ({ name: "mine", summary: "mine", suggest: () => answer }) as unknown as Suggester;

const curve = curveFrom(Array.from({ length: 100 }, (_, i) => 2 - i / 100));
const point = { lr: 0.1, loss: 1 };

describe("a rate that an option scales out of the numbers", () => {
  it.each([
    ["minimum", 1e-20, minimum.with({ divisor: 1e308 }), "is 0"],
    ["minimum, upwards", 1, minimum.with({ divisor: 5e-324 }), "is Infinity"],
    ["slide", 1e10, slide.with({ adjustValue: 1e308 }), "is Infinity"],
    ["slide, downwards", 1e-20, slide.with({ adjustValue: 5e-324 }), "is 0"],
  ])("is none, and says so: %s", (_, scale, asked, reason) => {
    const falling = curveFrom(Array.from({ length: 100 }, (_, i) => 2 - (i / 100) ** 2));
    const scaled = { ...falling, lr: falling.lr.map((lr) => lr * scale) };
    const [found] = Object.values(suggest(scaled, { suggestFuncs: [asked] }));
    expect(found).toEqual({ lr: null, reason: expect.stringContaining(reason) });
  });
});

describe("a suggester's answer is held to its contract", () => {
  it.each<[string, unknown]>([
    ["a rate of 0", { lr: 0, point }],
    ["a negative rate", { lr: -1, point }],
    ["a rate of -Infinity", { lr: Number.NEGATIVE_INFINITY, point }],
    ["an infinite rate", { lr: Number.POSITIVE_INFINITY, point }],
    ["a rate of NaN", { lr: Number.NaN, point }],
    ["a text for a rate", { lr: "0.1", point }],
    ["no point", { lr: 0.1 }],
    ["a point of null", { lr: 0.1, point: null }],
    ["no rate and no reason", { lr: null }],
    ["a reason that is no text", { lr: null, reason: 3 }],
    ["a bare number", 0.1],
    ["nothing", undefined],
    ["null", null],
  ])("%s is refused", async (_, answer) => {
    const broken = answering(answer);
    const error = (() => {
      try {
        return suggest(curve, { suggestFuncs: [broken] });
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(ContractError);
    expect(error).toMatchObject({ member: "suggester mine", received: answer, name: "ContractError" });
    expect((error as Error).message).toMatch(
      /^suggest: expected suggester "mine" to return a rate above 0 with its point, or lr null with a reason, got /,
    );
    await expect(lrFind(new ToyTrainer(), { suggestFuncs: [broken] })).rejects.toBeInstanceOf(ContractError);
  });

  it.each<[string, unknown]>([
    ["the smallest rate", { lr: Number.MIN_VALUE, point }],
    ["the largest rate", { lr: Number.MAX_VALUE, point }],
    ["a reason", { lr: null, reason: "" }],
  ])("%s is taken as it is", (_, answer) => {
    expect(suggest(curve, { suggestFuncs: [answering(answer)] })).toEqual({ mine: answer });
  });
});

describe("what lrFind hands on", () => {
  it("onPoint knows the run and the group of every point", async () => {
    const seen: FindProgress[] = [];
    const trainer = new ToyTrainer({ paramGroups: ["body", "head"], onStep: () => 1 });
    await lrFind(trainer, {
      groups: "each",
      runs: 2,
      numIt: 6,
      onPoint: (_, progress) => void seen.push(progress),
    });
    const order = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ];
    const expected = order.flatMap(([group, run], sweep) =>
      Array.from({ length: 6 }, (_, i) => ({
        group,
        groups: 2,
        run,
        runs: 2,
        done: 6 * sweep + i + 1,
        total: 24,
      })),
    );
    expect(seen).toEqual(expected);
  });

  it("startTrial gets the signal itself, and none where none was given", async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const trainer = new ToyTrainer({
      onStep: (_, loss, signal) => {
        signals.push(signal);
        return loss;
      },
    });
    const { signal } = new AbortController();
    await lrFind(trainer, { numIt: 6, signal });
    await lrFind(trainer, { numIt: 6 });
    expect(signals).toEqual([...Array(6).fill(signal), ...Array(6).fill(undefined)]);
  });

  it("an abort reaches a step that waits, through the signal", async () => {
    const controller = new AbortController();
    const trainer = new ToyTrainer({
      onStep: (step, loss, signal) =>
        step < 3
          ? loss
          : new Promise<number>((_, reject) => {
              signal!.addEventListener("abort", () => reject(signal!.reason));
              setTimeout(() => controller.abort());
            }),
    });
    const { curve } = await lrFind(trainer, { signal: controller.signal });
    expect(curve).toMatchObject({ stop: "aborted", lr: { length: 3 } });
    expect(trainer.log.disposals).toBe(1);
  });

  it("a linear sweep of several groups steps each by equal differences", async () => {
    const trainer = new ToyTrainer({ paramGroups: ["body", "head"], onStep: () => 1 });
    const options = { sweep: "linear", startLr: [0.1, 1], endLr: [1.1, 3], numIt: 10 } as const;
    await lrFind(trainer, options);
    for (const [step, rate] of (trainer.rates as [number, number][]).entries()) {
      expect(rate[0]).toBeCloseTo(0.1 + 0.1 * step, 12);
      expect(rate[1]).toBeCloseTo(1 + 0.2 * step, 12);
    }
    const found = await lrFind(new ToyTrainer({ paramGroups: ["body", "head"] }), {
      ...options,
      suggestFuncs: [answering({ lr: 2, point })],
    });
    // Half way from 1 to 3 is half way from 0.1 to 1.1.
    expect(found.lrs![0]).toBeCloseTo(0.6, 12);
    expect(found.lrs![1]).toBe(2);
  });

  it("a linear sweep of each group alone holds the others", async () => {
    const trainer = new ToyTrainer({ paramGroups: ["body", "head"], onStep: () => 1 });
    await lrFind(trainer, { sweep: "linear", groups: "each", startLr: [0.1, 1], endLr: [1.1, 3], numIt: 10 });
    const rates = trainer.rates as [number, number][];
    expect(rates[5]![0]).toBeCloseTo(0.6, 12);
    expect(rates[5]![1]).toBe(0);
    expect(rates[15]![0]).toBe(0);
    expect(rates[15]![1]).toBeCloseTo(2, 12);
  });
});

describe("reasons and warnings count what they saw", () => {
  it("of several runs", async () => {
    const run = { at: 0 };
    const mostlySilent = {
      name: "mine",
      summary: "mine",
      suggest: () => (run.at++ % 3 === 0 ? { lr: 0.1, point } : { lr: null, reason: "nothing to see" }),
    } as unknown as Suggester;
    const found = await lrFind(new ToyTrainer(), { runs: 3, suggestFuncs: [mostlySilent] });
    expect(found.suggestions["mine"]).toEqual({
      lr: null,
      reason: "only 1 of 3 runs gave a rate: nothing to see",
    });
    expect(found.diagnostics.map(({ message }) => message)).toContain(
      "mine found a rate in 1 of 3 runs only (nothing to see). Look at each run's curve; raise numIt if they are noisy.",
    );
  });

  it("of a constant curve, one point, none", () => {
    const reasons = (losses: readonly number[]) =>
      Object.values(suggest(curveFrom(losses, { numIt: 100 }))).map(
        (found) => found.lr === null && found.reason,
      );
    expect(reasons(Array(100).fill(2))).toEqual(["the loss is the same at every rate"]);
    for (const losses of [[], [1], [Number.NaN], [1, 2, Number.NaN]]) {
      expect(reasons(losses)[0], String(losses)).toMatch(/[a-z]/);
    }
  });
});
