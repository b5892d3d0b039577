/**
 * Does successive halving with a range test first find as good a configuration as a full grid, and at what part of its steps? Three
 * tasks on real data, eight combinations of batch size, weight decay and optimizer. The grid trains each at seven rates; halving
 * makes a range test for each and begins with three rates around its answer. Both choose by seed 0; what each chose is then trained
 * with five other seeds and judged by those. Of the digits, which are few, an epoch is 9 steps at the larger batch size: they have three
 * times the epochs, as a first rung in which nothing learns chooses at random.
 *
 *     npm run build && npx tsx bench/halving.ts [task …]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localLauncher, type Row, runSweep, type SweepSpec } from "@lrfind/sweep";
import { readResults, writeResults } from "./results.js";

const JUDGES = [1, 2, 3, 4, 5];
const command = [process.execPath, join(import.meta.dirname, "../packages/sweep/dist/job/main.js")];

async function run(spec: SweepSpec): Promise<{ readonly best: Row; readonly steps: number }> {
  const folder = mkdtempSync(join(tmpdir(), "lrfind-bench-halving-"));
  try {
    const { best, steps, failed } = await runSweep(spec, { folder, launcher: localLauncher({ command }) });
    if (best === undefined) throw new Error(`no combination was trained to the end, ${failed} jobs failed`);
    return { best, steps };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const EPOCHS: Readonly<Record<string, number>> = { birdstrikes: 9, austen: 9, digits: 27 };
const asked = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(EPOCHS);
const before: { readonly tasks: readonly { readonly name: string }[] } | undefined = readResults("halving");
const tasks: { readonly name: string }[] = (before?.tasks ?? []).filter(({ name }) => !asked.includes(name));
for (const name of asked) {
  const epochs = EPOCHS[name]!;
  const common = { model: join(import.meta.dirname, `halving/${name}.mjs`), epochs };
  const axes = { batchSize: [32, 128], wd: [0.01, 0.1], optFunc: ["adam", "sgd"], seed: [0] };
  const rates = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1];
  const ways = {
    grid: await run({ ...common, axes, lr: rates }),
    halving: await run({ ...common, axes, lr: {}, search: "halving", trials: 24, minEpochs: epochs / 9 }),
  };
  const judged = [];
  for (const [way, { best, steps }] of Object.entries(ways)) {
    const only = Object.fromEntries(
      Object.entries(best.point.config).map(([axis, value]) => [axis, [value]]),
    );
    const { best: again } = await run({ ...common, axes: { ...only, seed: JUDGES }, lr: [best.lr!] });
    judged.push({ way, steps, config: best.point.config, lr: best.lr!, losses: again.scores });
  }
  const [grid, halving] = judged as [(typeof judged)[number], (typeof judged)[number]];
  // Of the same seeds, so that what a seed brings falls out.
  const excess = halving.losses.map((loss, i) => Math.log(loss / grid.losses[i]!));
  const mean = excess.reduce((a, b) => a + b) / excess.length;
  const deviation = Math.sqrt(excess.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (excess.length - 1));
  const task = {
    name,
    judged,
    share: Number((halving.steps / grid.steps).toFixed(3)),
    excess: Number(mean.toFixed(3)),
    standardError: Number((deviation / Math.sqrt(excess.length)).toFixed(3)),
  };
  tasks.push(task);
  console.log(
    `${name}: ${(100 * task.share).toFixed(0)} % of the steps, ln of the loss ${task.excess} ± ${task.standardError}`,
  );
  for (const { way, steps, config, lr, losses } of judged)
    console.log(
      `  ${way}: ${steps} steps, lr ${lr.toPrecision(3)}, ${JSON.stringify(config)}: ${losses.map((loss) => loss.toFixed(3)).join(" ")}`,
    );
}
writeResults("halving", { judges: JUDGES, tasks });
