/**
 * How long people wait for the command, as whole processes: its help, a rate off a log of 100 steps, and a table of 50,000 rows
 * by 20 columns that is read, understood and split. Beside each stands an empty Node process, in turns with it.
 *
 *     npm run build && npx tsx bench/command.ts
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "./median.js";
import { writeResults } from "./results.js";

const REPETITIONS = 21;
const COMMAND = join(import.meta.dirname, "../packages/lrfind/dist/command/main.js");
const folder = mkdtempSync(join(tmpdir(), "lrfind-bench-"));

function log(): string {
  const rows = Array.from({ length: 100 }, (_, i) => {
    const lr = 1e-7 * 1e8 ** (i / 100);
    return `${i},${lr},${2.3 - 1.5 / (1 + 0.003 / lr) + (lr > 0.3 ? 4 * (lr - 0.3) : 0) + 0.05 * Math.sin(7 * i)}`;
  });
  return `step,lr,loss\n${rows.join("\n")}\n`;
}

/** Numbers, categories, dates, texts with quotes and missing values, and a class. */
function table(): string {
  const names = Array.from({ length: 19 }, (_, c) => `column ${c}`);
  const cell = (row: number, c: number) => {
    const seed = (row * 7919 + c * 104729) % 1000;
    if (seed % 37 === 0) return "";
    if (c % 4 === 0) return (seed / 7).toFixed(3);
    if (c % 4 === 1) return ["red", "green", "blue", '"a, quoted"'][seed % 4]!;
    if (c % 4 === 2) return String(seed);
    return `2024-0${1 + (seed % 9)}-1${seed % 10}`;
  };
  const rows = Array.from({ length: 50_000 }, (_, row) =>
    [...names.map((_, c) => cell(row, c)), row % 3 === 0 ? "yes" : "no"].join(","),
  );
  return `${[...names, "target"].join(",")}\n${rows.join("\n")}\n`;
}

writeFileSync(join(folder, "log.csv"), log());
writeFileSync(join(folder, "table.csv"), table());

const runs: Readonly<Record<string, readonly string[]>> = {
  "node, nothing": ["-e", "0"],
  "lrfind --help": [COMMAND, "--help"],
  "lrfind suggest, 100 points": [COMMAND, "suggest", "log.csv"],
  "lrfind train --dry-run, 50,000 x 20": [COMMAND, "train", "table.csv", "--target", "target", "--dry-run"],
};
const times = new Map(Object.keys(runs).map((name) => [name, [] as number[]]));
try {
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    for (const [name, args] of Object.entries(runs)) {
      const begin = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
      if (status !== 0) throw new Error(`${name}: exit code ${status}\n${stderr}`);
      times.get(name)!.push(performance.now() - begin);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
const results = Array.from(times, ([name, each]) => ({ name, ms: Math.round(median(each)) }));
for (const { name, ms } of results) console.log(`${String(ms).padStart(6)} ms  ${name}`);
writeResults("command", { runs: results });
