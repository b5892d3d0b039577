/**
 * A whole process, from its start to a finished 100-step range test with its SVG on the Fashion-MNIST CNN: wall time
 * and peak memory, beside the same job in PyTorch with a range test written by hand. Repetitions alternate; medians.
 *
 *     npm run build && npx tsx bench/process.ts [repetitions]
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { torchPython } from "../test/support/requirements.js";
import { median } from "./median.js";
import { writeRatio } from "./results.js";
import { torchEnvironment } from "./torch-steps.js";

const repetitions = Number(process.argv[2] ?? 5);
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const data = ["images-idx3", "labels-idx1"].map((name) => path(`../examples/data/t10k-${name}-ubyte.gz`));
if (!existsSync(path("../packages/learner/dist")))
  throw new Error("the packages are not built; try: npm run build");

const folder = mkdtempSync(join(tmpdir(), "lrfind-process-"));
const jobs: Job[] = [
  { name: "lrfind", command: [process.execPath, path("process-job.js")], wall: [], peak: [] },
];
const python = torchPython();
if (python !== undefined) {
  jobs.push({ name: "PyTorch", command: [python, path("process_torch.py")], wall: [], peak: [] });
}

interface Job {
  readonly name: string;
  readonly command: readonly string[];
  /** Seconds, one for each repetition. */
  readonly wall: number[];
  /** Peak resident memory in MiB, as the process itself reads it at its end. */
  readonly peak: number[];
}

// The first repetition fills the file system's cache and does not count.
for (let repetition = -1; repetition < repetitions; repetition++) {
  for (const { name, command, wall, peak } of jobs) {
    const plot = join(folder, `${name}.svg`);
    const [program, ...args] = [...command, ...data, plot];
    const startedAt = performance.now();
    const { status, stdout, stderr } = spawnSync(program!, args, {
      encoding: "utf8",
      env: torchEnvironment(),
    });
    const seconds = (performance.now() - startedAt) / 1000;
    if (status !== 0) throw new Error(`${name} failed:\n${stderr}`);
    const report = JSON.parse(stdout) as { steps: number; lr: number; maxRssKib: number };
    if (report.steps !== 100 || statSync(plot).size === 0) throw new Error(`${name} did not finish the job`);
    if (repetition < 0) continue;
    wall.push(seconds);
    peak.push(report.maxRssKib / 1024);
  }
}
rmSync(folder, { recursive: true });

console.log(`A 100-step range test with its SVG, whole process, median of ${repetitions}`);
for (const { name, wall, peak } of jobs) {
  console.log(`${name.padEnd(10)} ${median(wall).toFixed(2)} s   ${median(peak).toFixed(0)} MiB`);
}
const [ours, theirs] = jobs;
if (ours && theirs) {
  const time = median(ours.wall) / median(theirs.wall);
  const memory = median(ours.peak) / median(theirs.peak);
  console.log(
    `ratio      ${time.toFixed(2)} of the time, ${memory.toFixed(2)} of the memory (to reach: 0.5, 0.5)`,
  );
  const sideOf = ({ wall, peak }: Job) => ({ seconds: median(wall), mib: median(peak) });
  writeRatio("process", time, { lrfind: sideOf(ours), pytorch: sideOf(theirs) });
}
