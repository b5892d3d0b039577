/**
 * What a second worker gains: the same trainings of the CNN, an epoch each, by a sweep with one worker and with two, a thread a
 * job; and by one worker whose jobs have both threads. In turns; medians.
 *
 *     npm run build && npx tsx bench/sweep.ts [repetitions]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localLauncher, runSweep } from "@lrfind/sweep";
import { median } from "./median.js";
import { writeResults } from "./results.js";

const repetitions = Number(process.argv[2] ?? 3);
const JOBS = 6;
const ways = [
  { name: "1 worker, 1 thread", workers: 1, threads: 1 },
  { name: "2 workers, 1 thread each", workers: 2, threads: 1 },
  { name: "1 worker, 2 threads", workers: 1, threads: 2 },
];
const command = [process.execPath, join(import.meta.dirname, "../packages/sweep/dist/job/main.js")];
const seconds = ways.map(() => [] as number[]);
for (let repetition = 0; repetition < repetitions; repetition++) {
  for (const [i, { workers, threads }] of ways.entries()) {
    const folder = mkdtempSync(join(tmpdir(), "lrfind-bench-sweep-"));
    const begin = performance.now();
    const order = Array.from({ length: JOBS }, (_, k) => k);
    const { failed } = await runSweep(
      {
        model: join(import.meta.dirname, "sweep-model.mjs"),
        axes: { order },
        lr: [0.05],
        epochs: 1,
        threads,
      },
      { folder, launcher: localLauncher({ workers, command }) },
    );
    if (failed > 0) throw new Error(`${failed} jobs failed: ${folder}/journal.jsonl`);
    seconds[i]!.push((performance.now() - begin) / 1000);
    rmSync(folder, { recursive: true });
  }
}
const results = ways.map(({ name }, i) => ({ name, seconds: Number(median(seconds[i]!).toFixed(2)) }));
for (const { name, seconds: each } of results) console.log(`${each.toFixed(2).padStart(7)} s  ${name}`);
const [one, two, both] = results.map(({ seconds: each }) => each) as [number, number, number];
console.log(
  `two workers: ${(one / two).toFixed(2)} times one, ${(both / two).toFixed(2)} times one with both threads`,
);
writeResults("sweep", { jobs: JOBS, ways: results, gain: Number((one / two).toFixed(3)) });
