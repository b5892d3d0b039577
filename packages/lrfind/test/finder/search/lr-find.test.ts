import { describe, expect, expectTypeOf, it, vi } from "vitest";
import {
  type CurvePoint,
  edge,
  type FindProgress,
  lrFind,
  minimum,
  type Suggestion,
  slide,
  smooth,
  suggest,
  suggester,
  valley,
} from "../../../src/finder/index.js";
import { fastaiCurves } from "../recorded.js";
import { ToyTrainer } from "../toy-trainer.js";

const groups = { paramGroups: ["body", "head"] };

/** Plays back recorded losses, those of one curve per trial. */
function replay(...curves: readonly (readonly number[])[]): ToyTrainer {
  const trainer: ToyTrainer = new ToyTrainer({
    onStep: (step) => curves[(trainer.log.trials - 1) % curves.length]![step]!,
  });
  return trainer;
}

const recorded = fastaiCurves.slice(0, 3).map(({ loss }) => loss);

describe("one run", () => {
  it("gives what suggest gives on its curve, and the first suggester's rate as lr", async () => {
    const found = await lrFind(replay(recorded[0]!), { suggestFuncs: [slide, edge] });
    expect(found.suggestions).toEqual(suggest(found.curve, { suggestFuncs: [slide, edge] }));
    expect(found.lr).toBe(found.suggestions.slide.lr);
    expect(found.lrs).toEqual([found.lr]);
    expect(found).toMatchObject({ lossOn: "train", curve: { stop: "diverged", loss: recorded[0] } });
    expect(found).not.toHaveProperty("runs");
    expect(found.durationMs).toBeGreaterThan(0);
  });

  it("has exactly the suggestions that were asked for, by its type too", async () => {
    const found = await lrFind(replay(recorded[0]!), { suggestFuncs: [valley, slide] });
    expectTypeOf<keyof typeof found.suggestions>().toEqualTypeOf<"valley" | "slide">();
    expect(Object.keys(found.suggestions)).toEqual(["valley", "slide"]);

    const byDefault = await lrFind(replay(recorded[0]!));
    expectTypeOf<keyof typeof byDefault.suggestions>().toEqualTypeOf<"valley">();
    expect(Object.keys(byDefault.suggestions)).toEqual(["valley"]);
  });

  it("starts from the trainer's own present state, unless a seed is given", async () => {
    const trainer = new ToyTrainer();
    await lrFind(trainer);
    await lrFind(trainer, { seed: 5 });
    expect(trainer.log.seeds).toEqual([undefined, 5]);
  });

  it("is null with a reason where the curve supports no rate, and says what to change", async () => {
    const found = await lrFind(new ToyTrainer({ onStep: () => Number.NaN }));
    expect(found).toMatchObject({ lr: null, lrs: null, curve: { stop: "nonFinite" } });
    expect(found.suggestions.valley).toHaveProperty("reason");
    expect(found.diagnostics.map(({ kind }) => kind)).toEqual(["tooFewPoints"]);
  });

  it("survives a round trip through JSON", async () => {
    const found = await lrFind(replay(...recorded), { runs: 2, suggestFuncs: [minimum, edge] });
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  });

  it("shows what validating cost", async () => {
    const found = await lrFind(new ToyTrainer({ onValidate: () => 1 }), { lossOn: "validation", numIt: 12 });
    expect(found).toMatchObject({ lossOn: "validation", validation: { count: 12 } });
    expect(found.validation!.durationMs).toBeLessThanOrEqual(found.durationMs);
  });

  it("tells onPoint of every point, and waits for it", async () => {
    const seen: [CurvePoint, FindProgress][] = [];
    const onPoint = async (point: CurvePoint, progress: FindProgress) => {
      await Promise.resolve();
      seen.push([point, progress]);
    };
    const { curve } = await lrFind(new ToyTrainer({ onStep: () => 1 }), { numIt: 10, runs: 2, onPoint });
    expect(seen.map(([{ lr }]) => lr)).toEqual([...curve.lr, ...curve.lr]);
    expect(seen[13]![1]).toEqual({ run: 1, runs: 2, group: 0, groups: 1, done: 14, total: 20 });
  });

  it("an exception of onPoint ends it, with the trial disposed", async () => {
    const trainer = new ToyTrainer();
    const onPoint = vi.fn(({ step }: CurvePoint) => {
      if (step === 3) throw new Error("terminal gone");
    });
    await expect(lrFind(trainer, { onPoint })).rejects.toThrow("terminal gone");
    expect(onPoint).toHaveBeenCalledTimes(4);
    expect(trainer.log.disposals).toBe(1);
  });

  it("an abort gives the partial curve, and says so", async () => {
    const controller = new AbortController();
    const onPoint = ({ step }: CurvePoint) => {
      if (step === 49) controller.abort();
    };
    const found = await lrFind(new ToyTrainer(), { onPoint, signal: controller.signal });
    expect(found.curve).toMatchObject({ stop: "aborted" });
    expect(found.curve.lr).toHaveLength(50);
    expect(found.diagnostics[0]).toMatchObject({
      kind: "aborted",
      message: expect.stringContaining("after 50 of 100 steps"),
    });
  });
});

describe("several runs", () => {
  it("are started with consecutive seeds", async () => {
    const trainer = new ToyTrainer();
    await lrFind(trainer, { runs: 3 });
    await lrFind(trainer, { runs: 2, seed: 7 });
    expect(trainer.log.seeds).toEqual([0, 1, 2, 7, 8]);
    expect(trainer.log.disposals).toBe(5);
  });

  it("suggest the geometric mean of their suggestions, with its spread", async () => {
    const found = await lrFind(replay(...recorded), { runs: 3, suggestFuncs: [valley, edge] });
    for (const name of ["valley", "edge"] as const) {
      const rates = found.runs!.each.map(({ suggestions }) => suggestions[name].lr!);
      expect(found.suggestions[name].lr! / (rates[0]! * rates[1]! * rates[2]!) ** (1 / 3)).toBeCloseTo(1, 12);
      expect(found.runs!.spread[name]).toEqual({
        low: Math.min(...rates),
        high: Math.max(...rates),
        answered: 3,
        of: 3,
      });
    }
    expect(new Set(found.runs!.each.map(({ suggestions }) => suggestions.edge.lr)).size).toBeGreaterThan(1);
    expect(found.suggestions.edge).toMatchObject({ branch: "edge" });
  });

  it.each([3, 4])("keep further fields of the run in the middle, of %i", async (runs) => {
    const mine = suggester("mine", ({ curve }) => {
      const lr = curve.loss[0]!;
      return { lr, point: { lr, loss: 1 }, tag: `from ${lr}` };
    });
    const curves = [recorded[2]!, recorded[0]!, recorded[1]!, [...recorded[0]!].map((loss) => 1.01 * loss)];
    const found = await lrFind(replay(...curves), { runs, suggestFuncs: [mine] });
    const firsts = found.runs!.each.map(({ curve }) => curve.loss[0]!).sort((a, b) => a - b);
    expect(new Set(firsts).size).toBe(runs);
    expect(found.suggestions.mine).toMatchObject({ tag: `from ${firsts[1]}` });
  });

  it("have the mean curve of the steps that all of them made, and a band around it", async () => {
    const found = await lrFind(replay(...recorded), { runs: 3 });
    const shortest = Math.min(...recorded.map(({ length }) => length));
    const { curve, runs } = found;
    expect(curve.lr).toHaveLength(shortest);
    expect(curve.loss[7]).toBeCloseTo((recorded[0]![7]! + recorded[1]![7]! + recorded[2]![7]!) / 3, 12);
    for (const [i, value] of smooth(curve.loss).entries()) expect(curve.smoothed[i]).toBeCloseTo(value, 12);
    const at = runs!.each.map((run) => run.curve.smoothed[40]!);
    expect([runs!.band.low[40], runs!.band.high[40]]).toEqual([Math.min(...at), Math.max(...at)]);
    expect(runs!.band.lr).toEqual(curve.lr);
  });

  it("that agree give exactly the one run's answer", async () => {
    const [once, thrice] = await Promise.all([
      lrFind(replay(recorded[0]!)),
      lrFind(replay(recorded[0]!), { runs: 3 }),
    ]);
    expect(thrice.suggestions).toEqual(once.suggestions);
  });

  it("say so where some gave none, and give none where most did", async () => {
    const broken = [Number.NaN];
    const mostly = await lrFind(replay(recorded[0]!, broken, recorded[2]!), { runs: 3 });
    expect(mostly.runs!.spread.valley).toMatchObject({ answered: 2, of: 3 });
    expect(mostly.lr).not.toBeNull();
    expect(mostly.diagnostics[0]).toMatchObject({
      kind: "runsWithoutSuggestion",
      message: expect.stringContaining("valley found a rate in 2 of 3 runs only"),
    });

    const hardly = await lrFind(replay(recorded[0]!, broken, broken), { runs: 3 });
    expect(hardly.suggestions.valley).toMatchObject({
      lr: null,
      reason: expect.stringMatching(/^only 1 of 3 runs gave a rate: /),
    });
    const half = await lrFind(replay(recorded[0]!, broken, recorded[2]!, broken), { runs: 4 });
    expect(half.suggestions.valley).toMatchObject({
      lr: null,
      reason: expect.stringMatching(/^only 2 of 4 runs gave a rate: /),
    });
    const never = await lrFind(replay(broken), { runs: 3 });
    expect(never.runs!.spread.valley).toEqual({ low: null, high: null, answered: 0, of: 3 });
  });

  it("leave out an aborted one where there is a whole one, and begin no other", async () => {
    const controller = new AbortController();
    const onPoint = ({ step }: CurvePoint, { run }: FindProgress) => {
      if (run === 1 && step === 20) controller.abort();
    };
    const trainer = replay(...recorded);
    const found = await lrFind(trainer, { runs: 3, onPoint, signal: controller.signal });
    expect(found.runs!.each.map(({ curve }) => curve.stop)).toEqual(["diverged", "aborted"]);
    expect(found.curve.loss).toEqual(recorded[0]);
    expect(trainer.log).toMatchObject({ trials: 2, disposals: 2 });
  });
});

describe("parameter groups", () => {
  it("each: sweeps one at a time while the others stand still", async () => {
    const trainer = new ToyTrainer({ ...groups, onStep: () => 1 });
    await lrFind(trainer, { groups: "each", numIt: 6, startLr: [1e-6, 1e-4], endLr: 1 });
    const rates = trainer.rates as [number, number][];
    expect(rates.slice(0, 6).map(([, head]) => head)).toEqual(Array(6).fill(0));
    expect(rates.slice(6).map(([body]) => body)).toEqual(Array(6).fill(0));
    expect([rates[0]![0], rates[6]![1]]).toEqual([1e-6, 1e-4]);
  });

  it("each: holds the others at another rate on request", async () => {
    const trainer = new ToyTrainer({ ...groups, onStep: () => 1 });
    await lrFind(trainer, { groups: "each", numIt: 6, heldLr: 1e-5 });
    expect((trainer.rates as [number, number][])[2]![1]).toBe(1e-5);
  });

  it("each: gives a finding per group, and lrs that a fit takes as they are", async () => {
    const trainer = new ToyTrainer(groups);
    const found = await lrFind(trainer, { groups: "each", suggestFuncs: [edge, valley] });
    expect(found.groups.map(({ group }) => group)).toEqual(["body", "head"]);
    expect(found.lrs).toEqual(found.groups.map(({ suggestions }) => suggestions.edge.lr));
    expect(found.lrs!.every((lr) => lr > 0)).toBe(true);
    expect(found.diagnostics).toEqual(found.groups.flatMap(({ diagnostics }) => diagnostics));
    // A curve, a suggestion or a rate of the result's own would be one group's.
    for (const field of ["curve", "suggestions", "runs", "lr"]) expect(found).not.toHaveProperty(field);
    for (const { group } of found.diagnostics) expect(["body", "head"]).toContain(group);
    expect(trainer.state).toEqual(new ToyTrainer(groups).state);
  });

  it("each: gives no lrs where one group has no rate", async () => {
    const onStep = (_: number, loss: number) => (trainer.log.trials === 1 ? 2 : loss);
    const trainer: ToyTrainer = new ToyTrainer({ ...groups, onStep });
    const found = await lrFind(trainer, { groups: "each", suggestFuncs: [edge] });
    expect(found.groups.map(({ suggestions }) => suggestions.edge.lr === null)).toEqual([true, false]);
    expect(found.lrs).toBeNull();
  });

  it("together: gives the rates that all groups had at the suggested one", async () => {
    const trainer = new ToyTrainer(groups);
    const found = await lrFind(trainer, { startLr: [1e-8, 1e-6], endLr: [0.1, 10] });
    expect(found.lrs![1]).toBeCloseTo(found.lr!, 12);
    expect(found.lrs![0]! / found.lr!).toBeCloseTo(0.01, 12);
  });

  it("together, at one rate: gives that rate to every group", async () => {
    const found = await lrFind(new ToyTrainer(groups));
    expect(found.lrs).toEqual([found.lr, found.lr]);
  });

  it("each, of a trainer without groups: is an ordinary sweep, by plain numbers", async () => {
    const trainer = new ToyTrainer();
    const found = await lrFind(trainer, { groups: "each" });
    expect(trainer.rates.every((rate) => typeof rate === "number")).toBe(true);
    expect(found.groups).toHaveLength(1);
    expect(found.lrs).toEqual([found.groups[0]!.suggestions.valley.lr]);
  });

  it("each, several runs: a band per group", async () => {
    const trainer = new ToyTrainer(groups);
    const found = await lrFind(trainer, { groups: "each", runs: 2, suggestFuncs: [edge] });
    expect(trainer.log.seeds).toEqual([0, 1, 0, 1]);
    for (const { runs } of found.groups) expect(runs!.each).toHaveLength(2);
  });
});

it("a suggester that throws is a real error", async () => {
  const broken = suggester("broken", (): Suggestion => {
    throw new Error("bug in broken");
  });
  const trainer = new ToyTrainer();
  await expect(lrFind(trainer, { suggestFuncs: [broken] })).rejects.toThrow("bug in broken");
  expect(trainer.log.disposals).toBe(1);
});
