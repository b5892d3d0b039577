import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { localLauncher, runSweep, SweepError, type SweepEvent, type SweepSpec } from "../../src/index.js";
import { Journal } from "../../src/journal/internal.js";
import { JOB_COMMAND, TOY } from "../job-command.js";

// Each job is a process that translates its sources: seconds, on a machine that does other things too.
vi.setConfig({ testTimeout: 300_000 });

const fresh = () => mkdtempSync(join(tmpdir(), "sweep-"));
const launcher = (workers: number) => localLauncher({ workers, command: JOB_COMMAND });
const SPEC: SweepSpec = {
  model: TOY,
  axes: { batchSize: [40, 60], wd: [0], optFunc: ["adam"], seed: [0] },
  lr: { factors: [0.3, 1], numIt: 20 },
  epochs: 1,
};

/** The values of a sweep's jobs, by their names. */
function valuesIn(folder: string): Record<string, unknown> {
  const names = readdirSync(join(folder, "results"));
  return Object.fromEntries(
    names.sort().map((name) => [name, JSON.parse(readFileSync(join(folder, "results", name), "utf8")).value]),
  );
}

test("two workers come to the same as one, bit for bit, and a sweep that is over is not done again", async () => {
  const folders = [fresh(), fresh()];
  const results = [];
  for (const [i, folder] of folders.entries()) {
    results.push(await runSweep(SPEC, { folder, launcher: launcher(i + 1) }));
  }
  expect(results[0]!.stop).toBe("completed");
  expect(results[0]!.rows.length).toBe(4);
  expect(results[0]!.best!.score).toBeLessThan(1);
  expect(results[1]!.rows).toEqual(results[0]!.rows);
  expect(valuesIn(folders[1]!)).toEqual(valuesIn(folders[0]!));

  const events: SweepEvent[] = [];
  const onEvent = (event: SweepEvent) => void events.push(event);
  const again = await runSweep(SPEC, { folder: folders[0]!, launcher: launcher(1), onEvent });
  expect(again.rows).toEqual(results[0]!.rows);
  expect(again.steps).toBe(results[0]!.steps);
  expect(events).toEqual([]);
});

describe("what cannot be swept is said before anything is trained", () => {
  test.each([
    [{ model: "nothing.js" }, /nothing\.js: expected a module that can be read, got none/],
    [{ axes: { ...SPEC.axes, nHidden: [8] } }, /reads every axis .* got one that does not read nHidden/],
    [{ monitor: "accuracy" }, /expected one of trainLoss, validLoss, got accuracy/],
    [{ axes: { ...SPEC.axes, batchSize: [0] } }, /batchSize/],
  ])("%j", async (change, message) => {
    const folder = fresh();
    const error = await runSweep({ ...SPEC, ...change } as SweepSpec, {
      folder,
      launcher: launcher(1),
    }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SweepError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain("\n");
  });
});

test("a driver that is killed loses nothing: the same call goes on", async () => {
  const folder = fresh();
  const script = join(folder, "drive.mts");
  const url = new URL("../../src/index.ts", import.meta.url).href;
  writeFileSync(
    script,
    `import { localLauncher, runSweep } from ${JSON.stringify(url)};
     await runSweep(${JSON.stringify(SPEC)}, { folder: ${JSON.stringify(folder)}, launcher: localLauncher({ workers: 1, command: ${JSON.stringify(JOB_COMMAND)} }) });`,
  );
  const ended = () =>
    new Journal(join(folder, "journal.jsonl")).read().filter((entry) => entry.kind === "ended").length;
  for (const count of [2, 4]) {
    const child = spawn(process.execPath, ["--import", "tsx", script], { stdio: "inherit" });
    const end = new Promise((resolve) => child.once("close", resolve));
    while (ended() < count && child.exitCode === null) await sleep(20);
    child.kill("SIGKILL");
    await end;
  }
  const result = await runSweep(SPEC, { folder, launcher: launcher(2) });
  expect(result.stop).toBe("completed");
  const clean = fresh();
  expect((await runSweep(SPEC, { folder: clean, launcher: launcher(2) })).rows).toEqual(result.rows);
  expect(valuesIn(folder)).toEqual(valuesIn(clean));
});

test("an abort ends it, keeps what has ended, and says so", async () => {
  const folder = fresh();
  const controller = new AbortController();
  const onEvent = ({ kind }: SweepEvent) => {
    if (kind === "ended") controller.abort();
  };
  const result = await runSweep(SPEC, { folder, launcher: launcher(1), signal: controller.signal, onEvent });
  expect(result.stop).toBe("aborted");
  expect(result.best).toBeUndefined();
  const last = new Journal(join(folder, "journal.jsonl")).read().at(-1);
  expect(last).toMatchObject({ kind: "stopped", why: "aborted" });
});

test("what is told grows: jobs that are over, and the best so far", async () => {
  const told: { done: number; total: number; best: number }[] = [];
  const spec: SweepSpec = {
    ...SPEC,
    search: "halving",
    trials: 4,
    epochs: 3,
    lr: [0.001, 0.01, 0.03, 0.1],
    axes: { batchSize: [60], wd: [0], optFunc: ["adam"], seed: [0] },
  };
  const result = await runSweep(spec, {
    folder: fresh(),
    launcher: launcher(2),
    onEvent(event) {
      if (event.kind !== "ended") return;
      const { done, total, rows } = event.progress();
      told.push({ done, total, best: rows[0]?.score ?? Number.POSITIVE_INFINITY });
    },
  });
  expect(told.map(({ done }) => done)).toEqual(told.map((_, i) => i + 1));
  expect(new Set(told.map(({ total }) => total))).toEqual(new Set([6]));
  expect(told.length).toBe(6);
  expect(result.best!.epochs).toBe(3);
  expect(result.done).toBe(6);
});

test("no job begins once the steps are made", async () => {
  const result = await runSweep({ ...SPEC, maxSteps: 1 }, { folder: fresh(), launcher: launcher(1) });
  expect(result.stop).toBe("maxSteps");
  expect(result.rows.every(({ score }) => score === undefined)).toBe(true);
});
