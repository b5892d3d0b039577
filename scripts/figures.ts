/**
 * Writes the figures of README and of the documents from what the benchmarks left in `bench/results/`.
 *
 * Run: npm run figures
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./packages.js";

interface Timing {
  readonly ms: number;
  readonly threads: number;
}

interface Steps {
  readonly pytorch: string;
  readonly cases: readonly {
    readonly title: string;
    readonly lrfind: Timing;
    readonly pytorch: Timing;
    readonly ratios: readonly number[];
    readonly others: Readonly<Record<string, number | string>>;
  }[];
}

interface Side {
  readonly seconds: number;
  readonly mib: number;
}

const FRAMEWORKS = ["TensorFlow.js, cpu", "TensorFlow.js, wasm", "jax-js, wasm"] as const;

function results<T>(name: string): T & { readonly measured: string; readonly node: string } {
  return JSON.parse(readFileSync(join(root, "bench/results", `${name}.json`), "utf8"));
}

/** Two significant digits, and thousands apart: 0.32, 8.4, 85, 21,000. */
function rounded(value: number): string {
  if (value === 0) return "0";
  const digits = Math.max(0, 1 - Math.floor(Math.log10(Math.abs(value))));
  const scale = 10 ** (1 - Math.floor(Math.log10(Math.abs(value))));
  const near = digits > 0 ? value : Math.round(value * scale) / scale;
  return near.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function span(ratios: readonly number[]): string {
  return `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
}

function stepsTable(): string {
  const { cases, pytorch, measured, node } = results<Steps>("steps");
  const rows = cases.map(({ title, lrfind, pytorch: theirs, ratios, others }) => {
    const cells = FRAMEWORKS.map((name) => {
      const ms = others[name];
      if (ms === undefined) return "";
      return typeof ms === "number" ? rounded(ms) : "cannot";
    });
    const ratio = (lrfind.ms / theirs.ms).toFixed(2);
    return [title, rounded(lrfind.ms), rounded(theirs.ms), ratio, span(ratios), ...cells];
  });
  const head = ["", "lrfind", "PyTorch", "ratio", "of all runs", ...FRAMEWORKS];
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return `${lines.join("\n")}\n\nMeasured on ${measured}, Node ${node}, PyTorch ${pytorch}.`;
}

function processLine(): string {
  const { lrfind, pytorch, ratios } = results<{
    readonly lrfind: Side;
    readonly pytorch: Side;
    readonly ratios: readonly number[];
  }>("process");
  const side = ({ seconds, mib }: Side) => `${seconds.toFixed(2)} s and ${mib.toFixed(0)} MiB`;
  return `A whole process, from \`node\` to a finished range test of 100 steps on the CNN with its SVG: ${side(lrfind)}, in PyTorch\n${side(pytorch)} (\`bench/process.ts\`; ${span(ratios)} of the time over all runs).`;
}

function costLine(): string {
  const finder = results<{ readonly ratios: readonly number[] }>("finder-overhead");
  const data = results<{ readonly ratios: readonly number[] }>("data-pipeline");
  const { earlyMib, lateMib } = results<{ readonly earlyMib: number; readonly lateMib: number }>("memory");
  return `A search takes ${span(finder.ratios)} times the same steps without it (\`bench/finder-overhead.ts\`), an epoch ${span(data.ratios)} times\nas many steps on one prepared mini-batch (\`bench/data-pipeline.ts\`). Over 10,000 steps of the CNN resident memory goes\nfrom ${earlyMib.toFixed(0)} MiB, after the first thousand, to ${lateMib.toFixed(0)} (\`bench/memory.js\`).`;
}

interface Judged {
  readonly steps: number;
  readonly lr: number;
  readonly losses: readonly number[];
}

function halvingTable(): string {
  const { tasks, judges, measured } = results<{
    readonly judges: readonly number[];
    readonly tasks: readonly {
      readonly name: string;
      readonly judged: readonly [Judged, Judged];
      readonly share: number;
      readonly excess: number;
      readonly standardError: number;
    }[];
  }>("halving");
  const side = ({ steps, lr, losses }: Judged) => [
    rounded(steps),
    rounded(lr),
    (losses.reduce((a, b) => a + b) / losses.length).toFixed(3),
  ];
  const rows = tasks.map(({ name, judged: [grid, halving], share, excess, standardError }) => {
    const better = `${excess.toFixed(3)} ± ${standardError.toFixed(3)}`;
    return [name, ...side(grid), ...side(halving), `${(100 * share).toFixed(0)} %`, better];
  });
  const own = ["steps", "rate", "loss"];
  const head = [
    "",
    ...own.map((name) => `grid: ${name}`),
    ...own.map((name) => `halving: ${name}`),
    "steps of the grid's",
    "ln of the losses' ratio",
  ];
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return `${lines.join("\n")}\n\nMeasured on ${measured}; losses are means of ${judges.length} seeds that neither chose by (\`bench/halving.ts\`).`;
}

function workersLine(): string {
  const { gain, measured } = results<{ readonly gain: number }>("sweep");
  return `Two workers of one thread do ${gain.toFixed(2)} times the trainings of one, on two cores (\`bench/sweep.ts\`, ${measured}).`;
}

function queueLine(): string {
  const { jobs, msPerJob, memory, report, measured } = results<{
    readonly jobs: number;
    readonly msPerJob: number;
    readonly memory: readonly { readonly done: number; readonly heapMb: number }[];
    readonly report: { readonly makeMs: number; readonly openMs: number };
  }>("queue");
  const [first, last] = [memory[0]!, memory.at(-1)!];
  return [
    `${jobs.toLocaleString("en-US")} jobs that do nothing, through driver, Redis and two workers on two cores: ${rounded(msPerJob)} ms for each beside the job's own`,
    `process; the driver's memory is ${first.heapMb} MB after ${first.done.toLocaleString("en-US")} of them and ${last.heapMb} MB after all; the page is made in ${(report.makeMs / 1000).toFixed(1)} s and`,
    `opens in ${(report.openMs / 1000).toFixed(1)} s (\`bench/queue.ts\`, ${measured}).`,
  ].join("\n");
}

const FIGURES: Readonly<Record<string, () => string>> = {
  steps: stepsTable,
  process: processLine,
  cost: costLine,
  halving: halvingTable,
  workers: workersLine,
  queue: queueLine,
};

/** A text with its figures written anew: what stands between `<!-- figures:NAME -->` and `<!-- /figures -->`. */
export function withFigures(text: string): string {
  return text.replaceAll(
    /(<!-- figures:(\w+) -->\n)[\s\S]*?(<!-- \/figures -->)/g,
    (_, open: string, name: string, close: string) => {
      const figures = FIGURES[name];
      if (!figures)
        throw new Error(`figures: expected one of ${Object.keys(FIGURES).join(", ")}, got "${name}"`);
      return `${open}\n${figures()}\n\n${close}`;
    },
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const document of ["README.md", "docs/sweep.md", "docs/clusters.md"]) {
    const path = join(root, document);
    writeFileSync(path, withFigures(readFileSync(path, "utf8")));
  }
}
