import { describe, expect, test } from "vitest";
import type { EpochRecord, Learner } from "../../../learner/src/learner/index.js";
import { groupedLearner, stripeLoaders } from "../../../learner/test/learner/grouped.js";
import { formatLoss } from "../../src/finder/index.js";
import { progress, progressCallback, showPoints } from "../../src/terminal/index.js";
import { screen } from "./terminal.js";

describe("progress", () => {
  test("shows title, share and detail in a terminal, and gives the line back", () => {
    const terminal = screen({ isTTY: true });
    const bar = progress("finding", terminal.stream);
    bar.update(1, 4, "loss 2");
    bar.update(4, 4, "loss 1");
    bar.stop();
    expect(terminal.text()).toContain("finding ░░");
    expect(terminal.text()).toContain("4/4  loss 1");
    expect(terminal.text()).toMatch(/█{30}/);
    expect(terminal.text().endsWith("\n")).toBe(true);
    // The cursor is hidden, and shown again.
    expect(terminal.raw().indexOf("\u001b[?25h")).toBeGreaterThan(terminal.raw().indexOf("\u001b[?25l"));
    expect(terminal.raw()).toContain("\u001b[?25l");
  });

  test("begins with the first update: a bar that is only stopped leaves no trace", () => {
    const terminal = screen({ isTTY: true });
    progress("finding", terminal.stream).stop();
    expect(terminal.raw()).toBe("");
  });

  test("writes nothing into a pipe or a file", () => {
    const pipe = screen({ isTTY: false });
    const bar = progress("finding", pipe.stream);
    bar.update(1, 4, "loss 2");
    bar.stop();
    expect(pipe.raw()).toBe("");
  });

  test("passes on no escape sequence of its title or detail, and reads no placeholder in them", () => {
    const terminal = screen({ isTTY: true });
    const bar = progress("\u001b]0;owned\u0007a {value}", terminal.stream);
    bar.update(3, 4, "\u001b[2Jb\n{total}");
    bar.stop();
    expect(terminal.raw()).not.toMatch(/owned|\[2J/);
    expect(terminal.text()).toContain("a {value} ");
    expect(terminal.text()).toMatch(/3\/4 {2}(\d+ s left {2})?b \{total\}/);
  });

  test("showPoints hands rate and smoothed loss to the bar, with how far the search is", async () => {
    const seen: unknown[] = [];
    const bar = { update: (...args: unknown[]) => void seen.push(args), stop() {} };
    const at = { run: 1, runs: 2, group: 0, groups: 1, done: 14, total: 20 };
    await showPoints(bar)({ step: 3, lr: 0.0052512, loss: 9, smoothed: 0.57594 }, at);
    expect(seen).toEqual([[14, 20, "lr 0.00525  loss 0.5759"]]);
  });
});

/** A fit's report, on both streams. */
async function report(
  nEpoch: number,
  { isTTY, learner = groupedLearner() }: { readonly isTTY: boolean; readonly learner?: Learner },
) {
  const bar = screen({ isTTY });
  const table = screen({ isTTY: false });
  await using learn = learner;
  const records = await learn.fit(nEpoch, {
    cbs: [progressCallback({ bar: bar.stream, table: table.stream })],
  });
  return { bar, table, records };
}

describe("progressCallback", () => {
  test("keeps the bar and the table apart: the one for the terminal, the other for whoever reads the output", async () => {
    const { bar, table, records } = await report(2, { isTTY: true });
    expect(bar.text()).toContain("epoch 1 of 2");
    expect(bar.text()).toContain("epoch 2 of 2");
    // The bar is drawn at its beginning and its end at least, however quick the steps in between.
    expect(bar.text()).toMatch(/6\/6 {2}loss \d\.\d+ {2}validating/);
    expect(bar.text()).not.toContain("trainLoss");
    // Plain text: no colours or cursor in a file.
    expect(table.raw()).toBe(table.text());
    const lines = table.raw().trimEnd().split("\n");
    expect(lines[0]).toBe("epoch     trainLoss  validLoss  accuracy  time");
    expect(lines[2]).toMatch(new RegExp(`^1 +${formatLoss(records[1]!.trainLoss).replace(".", "\\.")} `));
  });

  test("says when it validates", async () => {
    const bar = screen({ isTTY: true });
    const callback = progressCallback({ bar: bar.stream, table: screen({ isTTY: false }).stream });
    const loop = { epoch: 0, nEpoch: 1, stepsPerEpoch: 3, step: 2, loss: 0.51234 };
    callback.beforeTrain!(loop as never);
    callback.afterStep!(loop as never);
    callback.beforeValidate!(loop as never);
    await callback.finish!(loop as never);
    expect(bar.text()).toContain("3/3  loss 0.5123  validating");
    expect(bar.raw()).toContain("\u001b[?25h");
  });

  test("shows step and loss where nothing is validated", () => {
    const bar = screen({ isTTY: true });
    const callback = progressCallback({ bar: bar.stream, table: screen({ isTTY: false }).stream });
    const loop = { epoch: 0, nEpoch: 1, stepsPerEpoch: 3, step: 1, loss: 0.51234, record: undefined };
    callback.beforeTrain(loop);
    callback.afterStep(loop);
    callback.finish(loop);
    expect(bar.text()).toMatch(/2\/3 {2}loss 0\.5123/);
  });

  test("gives the line back before it writes an epoch's line", () => {
    const bar = screen({ isTTY: true });
    const written: boolean[] = [];
    const table = {
      isTTY: true,
      write: () => {
        written.push(bar.raw().includes("\u001b[?25h"));
        return true;
      },
    };
    const callback = progressCallback({ bar: bar.stream, table: table as never });
    const record: EpochRecord = { epoch: 0, trainLoss: 0.5, metrics: {}, durationMs: 1 };
    const loop = { epoch: 0, nEpoch: 1, stepsPerEpoch: 3, step: 2, loss: 0.5, record };
    callback.beforeFit(loop);
    callback.beforeTrain(loop);
    callback.afterStep(loop);
    callback.afterEpoch(loop);
    expect(written).toEqual([true, true]);
  });

  test("writes no bar into a pipe, and the same table", async () => {
    const { bar, table } = await report(1, { isTTY: false });
    expect(bar.raw()).toBe("");
    expect(table.raw().trimEnd().split("\n")).toHaveLength(2);
  });

  test("has a new head where the columns change, and one per fit", async () => {
    const table = screen({ isTTY: false });
    const callback = progressCallback({ bar: screen({ isTTY: false }).stream, table: table.stream });
    const record = (epoch: number, metrics: Record<string, number>): EpochRecord => ({
      epoch,
      trainLoss: 0.5,
      metrics,
      durationMs: 125_400,
    });
    const show = (shown: EpochRecord | undefined) => callback.afterEpoch!({ record: shown } as never);
    callback.beforeFit!({} as never);
    show(record(0, { accuracy: 0.5 }));
    show(record(1, { accuracy: 0.25 }));
    show(undefined);
    show(record(2, { "学\u001b[31m習": 0.5, accuracy: Number.NaN }));
    callback.beforeFit!({} as never);
    show(record(0, { "学\u001b[31m習": 0.5, accuracy: 1 }));
    expect(table.raw().split("\n")).toEqual([
      "epoch     trainLoss  accuracy  time",
      "0         0.5000     0.5000    2:05",
      "1         0.5000     0.2500    2:05",
      "epoch     trainLoss  学習      accuracy  time",
      "2         0.5000     0.5000    NaN       2:05",
      "epoch     trainLoss  学習      accuracy  time",
      "0         0.5000     0.5000    1.000     2:05",
      "",
    ]);
  });

  test("gives the line back when a fit fails half way", async () => {
    const bar = screen({ isTTY: true });
    await using learn = groupedLearner({ dls: { train: stripeLoaders().train } });
    const cbs = [
      progressCallback({ bar: bar.stream, table: screen({ isTTY: false }).stream }),
      {
        name: "failing",
        afterStep() {
          throw new Error("full disk");
        },
      },
    ];
    await expect(learn.fit(1, { cbs })).rejects.toThrow("full disk");
    expect(bar.raw()).toContain("\u001b[?25h");
  });
});
