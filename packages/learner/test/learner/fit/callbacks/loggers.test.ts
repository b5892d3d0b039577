import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readLogs } from "lrfind/logs";
import { describe, expect, test } from "vitest";
import { csvLogger, LearnerError, paramScheduler, tensorBoard } from "../../../../src/learner/index.js";
import { cornerLearner } from "../../toy.js";

const fresh = () => mkdtempSync(join(tmpdir(), "loggers-"));
/** A file's rows as objects. */
function rowsOf(path: string): Record<string, number>[] {
  const [head, ...rows] = readFileSync(path, "utf8").trimEnd().split("\n");
  const names = head!.split(",");
  return rows.map((row) => Object.fromEntries(row.split(",").map((cell, i) => [names[i]!, Number(cell)])));
}

describe("csvLogger", () => {
  test("writes a row for each epoch, with what its record has", async () => {
    const path = join(fresh(), "log.csv");
    await using learn = cornerLearner();
    const records = await learn.fitOneCycle(3, { lrMax: 0.01, cbs: [csvLogger({ path })] });
    expect(rowsOf(path)).toEqual(
      records.map(({ epoch, trainLoss, validLoss, metrics, durationMs }) => ({
        epoch,
        train_loss: trainLoss,
        ...(validLoss === undefined ? {} : { valid_loss: validLoss }),
        ...metrics,
        seconds: durationMs / 1000,
      })),
    );
    // A fit that begins anew begins the file anew, one that is resumed goes on with it.
    await learn.fit(2, { cbs: [csvLogger({ path })] });
    expect(rowsOf(path).length).toBe(2);
    await learn.fit(3, { startEpoch: 2, cbs: [csvLogger({ path })] });
    expect(rowsOf(path).length).toBe(3);
  });

  test("writes a row for each step, with what the recorder has; and changes nothing", async () => {
    const path = join(fresh(), "log.csv");
    await using learn = cornerLearner();
    await using plain = cornerLearner();
    const records = await learn.fitOneCycle(2, { lrMax: 0.01, cbs: [csvLogger({ path, every: "step" })] });
    const { losses, lrs, moms } = learn.recorder;
    expect(rowsOf(path)).toEqual(
      losses.map((loss, step) => ({ step, lr: lrs[step]![0], mom: moms[step], loss })),
    );
    const expected = await plain.fitOneCycle(2, { lrMax: 0.01 });
    expect(records.map(({ trainLoss }) => trainLoss)).toEqual(expected.map(({ trainLoss }) => trainLoss));
  });

  test("keeps what was measured where the fit fails", async () => {
    const path = join(fresh(), "log.csv");
    await using learn = cornerLearner();
    const failing = {
      name: "failing",
      afterEpoch: ({ epoch }: { epoch: number }) => {
        if (epoch === 1) throw new Error("mine");
      },
    };
    await expect(learn.fit(3, { cbs: [csvLogger({ path, every: "step" }), failing] })).rejects.toThrow(
      "mine",
    );
    expect(rowsOf(path).length).toBe(learn.recorder.losses.length);
  });

  test("refuses a file that cannot be written, before a step", async () => {
    const folder = fresh();
    writeFileSync(join(folder, "file"), "");
    await using learn = cornerLearner();
    const before = learn.state;
    await expect(
      learn.fit(1, { cbs: [csvLogger({ path: join(folder, "file/log.csv") })] }),
    ).rejects.toThrow();
    expect(learn.state).toBe(before);
    expect(() => csvLogger({} as never)).toThrow(/path/);
    expect(() => csvLogger({ path: "a", every: "batch" as never })).toThrow(/every/);
  });
});

describe("tensorBoard", () => {
  test("writes a file of events for each fit, which goes on counting steps", async () => {
    const folder = join(fresh(), "runs/first");
    await using learn = cornerLearner();
    // A range test written as a fit, which our own reader takes for what it is.
    const rising = paramScheduler({ lr: (position) => 1e-5 * 1e5 ** position });
    await learn.fit(4, { cbs: [rising, tensorBoard({ folder })] });
    const { losses, lrs } = learn.recorder;
    const [first] = readdirSync(folder);
    expect(first).toMatch(/^events\.out\.tfevents\.\d+\./);
    const contents = readFileSync(join(folder, first!));
    const asked = { lr: "lr", loss: "loss", smoothing: "none" } as const;
    const [log] = readLogs([{ name: first!, contents }], asked);
    expect(log!.curve.lr).toEqual(lrs.map(([lr]) => Math.fround(lr!)));
    expect(log!.curve.loss).toEqual(losses.map(Math.fround));
    for (const name of ["train_loss", "mom"]) expect(contents.includes(name)).toBe(true);

    await learn.fit(1, { lr: 0.001, cbs: [tensorBoard({ folder })] });
    expect(readdirSync(folder).length).toBe(2);
  });

  test("without steps there are epochs alone", async () => {
    const [all, few] = [join(fresh(), "a"), join(fresh(), "b")];
    await using learn = cornerLearner();
    await learn.fit(1, {
      cbs: [tensorBoard({ folder: all }), { ...tensorBoard({ folder: few, steps: false }), name: "few" }],
    });
    const size = (folder: string) => readFileSync(join(folder, readdirSync(folder)[0]!)).length;
    expect(size(few)).toBeLessThan(size(all));
    expect(readFileSync(join(few, readdirSync(few)[0]!)).includes("train_loss")).toBe(true);
  });

  test("refuses a folder that cannot be made, before a step", async () => {
    const folder = fresh();
    writeFileSync(join(folder, "file"), "");
    await using learn = cornerLearner();
    await expect(learn.fit(1, { cbs: [tensorBoard({ folder: join(folder, "file/x") })] })).rejects.toThrow(
      LearnerError,
    );
    expect(learn.state.step).toBe(0);
    expect(() => tensorBoard({ folder: 1 as never })).toThrow(/folder/);
  });
});
