import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { type Launcher, localLauncher, runSweep, type SweepResult, type SweepSpec } from "../../src/index.js";
import { JOB_COMMAND, TOY } from "../job-command.js";

/** Four range tests, and thirty-six trainings around their answers. */
export const SPEC: SweepSpec = {
  model: TOY,
  axes: { batchSize: [40, 60], wd: [0, 0.1], optFunc: ["adam"], seed: [0, 1, 2] },
  lr: { factors: [0.3, 1, 3], numIt: 20 },
  epochs: 1,
};
export const JOBS = 40;

const fresh = () => mkdtempSync(join(tmpdir(), "everywhere-"));

/** What the jobs of a sweep came to, by their names. */
export function valuesIn(folder: string): Record<string, unknown> {
  const results = join(folder, "results");
  return Object.fromEntries(
    readdirSync(results)
      .filter((name) => !name.startsWith("."))
      .sort()
      .map((name) => [name, JSON.parse(readFileSync(join(results, name), "utf8")).value]),
  );
}

/** What one worker on this machine came to. */
export interface Clean {
  readonly result: SweepResult;
  readonly values: Record<string, unknown>;
}

export async function cleanSweep(): Promise<Clean> {
  const folder = fresh();
  const launcher = localLauncher({ workers: 1, command: JOB_COMMAND });
  const result = await runSweep(SPEC, { folder, launcher });
  expect(result).toMatchObject({ stop: "completed", done: JOBS, failed: 0 });
  return { result, values: valuesIn(folder) };
}

/** Runs the sweep and holds it to that, bit for bit. */
export async function sameOn(clean: Clean, launcher: Launcher): Promise<void> {
  const folder = fresh();
  const result = await runSweep(SPEC, { folder, launcher });
  expect(result.rows).toEqual(clean.result.rows);
  expect(result).toMatchObject({ stop: "completed", done: JOBS, failed: 0, steps: clean.result.steps });
  expect(valuesIn(folder)).toEqual(clean.values);
}
