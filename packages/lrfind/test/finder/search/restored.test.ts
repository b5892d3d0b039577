import { describe, expect, it } from "vitest";
import { edge, type Finding, lrFind, suggester, type Trainer, valley } from "../../../src/finder/index.js";
import { fastaiCurves, tasks } from "../recorded.js";
import { ToyTrainer } from "../toy-trainer.js";

const kinds = ({ diagnostics }: Pick<Finding, "diagnostics">) => diagnostics.map(({ kind }) => kind);

/** Takes nothing back: the next trial goes on from where this one left the weights. */
class Forgetful extends ToyTrainer {
  override async startTrial(options: { seed?: number } = {}) {
    const trial = await super.startTrial(options);
    return { ...trial, [Symbol.asyncDispose]: async () => {} };
  }
}

/** Recorded losses, those of one curve per trial, in turn. */
function replay(curves: readonly (readonly number[])[], paramGroups?: readonly string[]): ToyTrainer {
  const trainer: ToyTrainer = new ToyTrainer({
    ...(paramGroups ? { paramGroups } : {}),
    onStep: (step) => curves[(trainer.log.trials - 1) % curves.length]![step]!,
  });
  return trainer;
}

/** Curves with these losses at the start, that end at 20. */
const startingAt = (...starts: readonly number[]) =>
  starts.map((start) =>
    Array.from({ length: 100 }, (_, i) => (i < 90 ? start : 20) + 0.01 * Math.sin(i * i)),
  );

describe("notRestored", () => {
  it("fires where a trainer goes on from weights that have diverged", async () => {
    const found = await lrFind(new Forgetful(), { runs: 3 });
    const starts = found.runs!.each.map(({ curve }) => curve.loss[0]!);
    expect(starts[1]! / starts[0]!).toBeGreaterThan(4);
    expect(kinds(found)[0]).toBe("notRestored");
    expect(found.diagnostics[0]!.message).toMatch(
      /^Run 2 started at a loss of [\d.e]+, run 1 at [\d.e]+: the trainer was not as it had been before\. /,
    );
    expect(kinds(found).filter((kind) => kind === "notRestored")).toHaveLength(1);
  });

  it("fires where it goes on from weights that have learned", async () => {
    const found = await lrFind(new Forgetful(), { runs: 2, endLr: 0.1 });
    expect(found.runs!.each[0]!.curve.stop).toBe("completed");
    expect(kinds(found)[0]).toBe("notRestored");
  });

  it.each([
    [16, 1e6, 1e11],
    [2.3, 2.3, 9],
    [2.3, 1, 2.3],
    [-1, -4, -4],
  ])("fires for runs that start at %d, %d and %d", async (...starts) => {
    expect(kinds(await lrFind(replay(startingAt(...starts)), { runs: 3, stopDiv: false }))[0]).toBe(
      "notRestored",
    );
  });

  it("fires for a start nearer than a factor of 2, where it is that at which the sweep before ended", async () => {
    const halves = [1, 0.58].map((start) =>
      Array.from({ length: 100 }, (_, i) => start - (start - 0.45) * Math.min(1, i / 80) ** 8),
    );
    expect(kinds(await lrFind(replay(halves), { runs: 2 }))[0]).toBe("notRestored");
    const elsewhere = halves.map((losses) => losses.map((loss, i) => (i < 80 ? loss : losses[0]!)));
    expect(kinds(await lrFind(replay(elsewhere), { runs: 2 }))).not.toContain("notRestored");
  });

  it("fires where weights that became NaN stay NaN, but not for one run with bad data", async () => {
    const [good] = startingAt(2.3);
    const broken = [...good!.slice(0, 80), Number.NaN];
    expect(kinds(await lrFind(replay([broken, [Number.NaN]]), { runs: 2 }))[0]).toBe("notRestored");
    expect(kinds(await lrFind(replay([good!, [Number.NaN], good!]), { runs: 3 }))).not.toContain(
      "notRestored",
    );
  });

  it("names the group whose sweep began elsewhere", async () => {
    const paramGroups = ["body", "head"];
    const found = await lrFind(new Forgetful({ paramGroups }), { groups: "each" });
    expect(found.diagnostics.find(({ kind }) => kind === "notRestored")).toMatchObject({
      group: "head",
      message: expect.stringMatching(/^The sweep of group head started at .*, the sweep of group body at /),
    });
    const several = await lrFind(new Forgetful({ paramGroups }), { groups: "each", runs: 2 });
    expect(several.groups!.map((group) => kinds(group).includes("notRestored"))).toEqual([true, true]);
    expect(several.diagnostics[0]!.message).toMatch(
      /^Run 2 of group body started .*, run 1 of group body at /,
    );
  });

  it("is silent for a trainer that restores, whatever its groups and runs, with the others in training too", async () => {
    for (const options of [
      { runs: 4 },
      { groups: "each" },
      { groups: "each", runs: 2 },
      { groups: "each", heldLr: 0.05 },
    ] as const) {
      const trainer: Trainer = new ToyTrainer({ paramGroups: ["body", "neck", "head"] });
      expect(kinds(await lrFind(trainer, options)), JSON.stringify(options)).not.toContain("notRestored");
    }
  });
});

/** A suggester that gives a rate of its own for each run. */
function giving(...rates: readonly number[]) {
  let run = 0;
  return suggester("mine", ({ loss }) => {
    const lr = rates[run++ % rates.length]!;
    return { lr, point: { lr, loss: loss[0]! } };
  });
}

describe("runsDisagree", () => {
  const [losses] = fastaiCurves.map(({ loss }) => loss);

  it.each([
    [[1.7e-4, 1.66], "a factor of 9.76e3 over the runs, from 1.7e-4 to 1.66"],
    [[1e-3, 0.031, 1e-3], "a factor of 31 over the runs, from 0.001 to 0.031"],
  ])("fires for rates of %j", async (rates, words) => {
    const found = await lrFind(replay([losses!]), { runs: rates.length, suggestFuncs: [giving(...rates)] });
    expect(found.diagnostics[0]).toMatchObject({
      kind: "runsDisagree",
      message: expect.stringContaining(words),
    });
    expect(found.diagnostics[0]!.message).toMatch(/^The rates of mine span /);
  });

  it("is silent up to a factor of 30, and where fewer than two runs gave a rate", async () => {
    const found = await lrFind(replay([losses!]), { runs: 2, suggestFuncs: [giving(1e-3, 0.03)] });
    expect(kinds(found)).not.toContain("runsDisagree");
    const once = await lrFind(replay([losses!, [Number.NaN]]), { runs: 2, suggestFuncs: [edge] });
    expect(kinds(once)).not.toContain("runsDisagree");
  });

  it("is looked for in each group", async () => {
    const trainer = replay([losses!], ["body", "head"]);
    const suggestFuncs = [giving(1e-3, 1e-3, 1e-4, 1)];
    const found = await lrFind(trainer, { groups: "each", runs: 2, suggestFuncs });
    expect(found.groups!.map((group) => kinds(group).includes("runsDisagree"))).toEqual([false, true]);
    expect(found.diagnostics.find(({ kind }) => kind === "runsDisagree")).toMatchObject({ group: "head" });
  });
});

describe("on the recorded trainings, whose trainers restored", () => {
  it.each(tasks.map(({ task, curves }) => [task, curves] as const))(
    "%s: neither fires",
    async (_, curves) => {
      const all = curves.map(({ loss }) => loss.map(Number));
      // Each curve is the first once.
      for (let first = 0; first < all.length; first++) {
        const turned = [...all.slice(first), ...all.slice(0, first)];
        // A curve ends for its own reason: what follows in the replay is never asked for.
        const padded = turned.map((losses) => [...losses, ...new Array<number>(200).fill(Number.NaN)]);
        const options = { runs: all.length, suggestFuncs: [valley, edge], numIt: curves[0]!.numIt } as const;
        const found = await lrFind(replay(padded), options);
        expect(kinds(found)).not.toContain("notRestored");
        expect(kinds(found)).not.toContain("runsDisagree");
      }
    },
  );
});
