/**
 * Writes the figures of the speed section of README from what the benchmarks left in `bench/results/`.
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

const FIGURES: Readonly<Record<string, () => string>> = {
  steps: stepsTable,
  process: processLine,
  cost: costLine,
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
  const path = join(root, "README.md");
  writeFileSync(path, withFigures(readFileSync(path, "utf8")));
}
