/**
 * Times training steps, side by side with PyTorch on the same machine: repetitions alternate between us and PyTorch
 * and between 1 and 2 threads; medians, and the better thread count of each side, are compared. Then, for the two
 * small models, TensorFlow.js and jax-js; and for all what ONNX Runtime's own heavy operators take of a step.
 *
 *     npm run bench -- [--only mlp,cnn,resnet18,transformer] [--quick] [--profile] [--without-js]
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type Case, cases } from "./cases.js";
import { jaxStep } from "./jax-steps.js";
import { median } from "./median.js";
import { OurSteps } from "./our-steps.js";
import { profileSteps } from "./profile-steps.js";
import { readResults, withRatio, writeResults } from "./results.js";
import { tfjsStep } from "./tfjs-steps.js";
import { startTorch, type TorchSteps } from "./torch-steps.js";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    "without-js": { type: "boolean", default: false },
  },
});
const wanted = values.only?.split(",") ?? cases.map(({ name }) => name);
const unknown = wanted.filter((name) => !cases.some((bench) => bench.name === name));
if (unknown.length > 0) throw new Error(`--only: expected ${cases.map(({ name }) => name)}, got ${unknown}`);
const chosen = cases.filter(({ name }) => wanted.includes(name));
const repetitions = values.quick ? 5 : 21;
const THREADS = [1, 2] as const;

/** Milliseconds per step: a median over repetitions, at the better number of threads. */
interface Timing {
  readonly ms: number;
  readonly threads: number;
}

/** What is left of a case, in `bench/results/steps.json`. */
interface CaseResult {
  readonly name: string;
  readonly title: string;
  readonly lrfind: Timing;
  readonly pytorch: Timing;
  /** Ours over PyTorch's, of this run and of those before it. */
  readonly ratios: readonly number[];
  /** Milliseconds of frameworks in JavaScript, or why they cannot train it. */
  readonly others: Readonly<Record<string, number | string>>;
}

using torch = await startTorch();
console.log(
  torch
    ? `PyTorch ${torch.version} with ${torch.blas}; Node ${process.version}`
    : "PyTorch is missing: only our own times follow",
);
if (torch?.blas === "reference BLAS") {
  console.log(
    "Its matrix products are many times slower than they should be; try: apt-get install libopenblas0-pthread",
  );
}
console.log(
  `ms per training step, median of ${repetitions} alternating repetitions, the better of 1 and 2 threads\n`,
);
console.log(row("", "lrfind", "PyTorch", "ratio", "to reach"));
const best = new Map<string, number>();
const before: { readonly cases: readonly CaseResult[] } | undefined = readResults("steps");
const results = new Map<string, CaseResult>(before?.cases.map((result) => [result.name, result]));
for (const bench of chosen) {
  const { ours, theirs } = await compare(bench, torch);
  best.set(bench.name, ours.threads);
  const ratio = theirs ? (ours.ms / theirs.ms).toFixed(2) : "-";
  console.log(row(bench.title, show(ours), theirs ? show(theirs) : "-", ratio, bench.target.toFixed(1)));
  if (theirs === undefined) continue;
  const { ratios, others = {} } = results.get(bench.name) ?? {};
  results.set(bench.name, {
    ...{ name: bench.name, title: bench.title, lrfind: ours, pytorch: theirs },
    ...{ ratios: withRatio(ratios, ours.ms / theirs.ms), others },
  });
}

console.log(
  "\nWhat the heavy operators (Conv, MatMul, Gemm) take of a step, under ONNX Runtime's profiler\n",
);
console.log(row("", "step, ms", "heavy, ms", "the rest", "of step"));
for (const bench of chosen) {
  const threads = best.get(bench.name)!;
  const steps = Math.max(values.quick ? 3 : 11, bench.steps);
  const { step, heavy, byOperator } = await profileSteps(bench, { threads, steps });
  const rest = `${((100 * (step - heavy)) / step).toFixed(0)} %`;
  console.log(row(bench.title, step.toFixed(3), heavy.toFixed(3), (step - heavy).toFixed(3), rest));
  if (!values.profile) continue;
  for (const { op, ms, count } of byOperator.slice(0, 16)) {
    console.log(`    ${`${op} x ${count}`.padEnd(32)} ${ms.toFixed(3).padStart(9)} ms`);
  }
}

const small = chosen.filter(({ name }) => name === "mlp" || name === "cnn");
if (!values["without-js"] && small.length > 0) {
  console.log("\nOther frameworks in JavaScript, ms per step\n");
  for (const bench of small) {
    console.log(bench.title);
    await time("TensorFlow.js, cpu", bench, () => tfjsStep(bench, "cpu"));
    await time("TensorFlow.js, wasm", bench, () => tfjsStep(bench, "wasm"));
    await time("jax-js, wasm", bench, () => jaxStep(bench));
  }
}
// A quick run is for a look; what README shows is measured in full.
if (torch && !values.quick) {
  const shown = cases.flatMap(({ name }) => results.get(name) ?? []);
  writeResults("steps", { pytorch: `${torch.version} with ${torch.blas}`, cases: shown });
}

async function compare(bench: Case, pytorch: TorchSteps | undefined) {
  const sides = await Promise.all(THREADS.map((threads) => OurSteps.make(bench, { threads })));
  const ours = THREADS.map(() => [] as number[]);
  const theirs = THREADS.map(() => [] as number[]);
  // The first repetition warms up and does not count.
  for (let repetition = -1; repetition < repetitions; repetition++) {
    for (const [i, threads] of THREADS.entries()) {
      const startedAt = performance.now();
      for (let step = 0; step < bench.steps; step++) await sides[i]!.step();
      const ms = (performance.now() - startedAt) / bench.steps;
      // Idle threads of either side spin for a while before they sleep.
      await sleep(20);
      const torchMs = await pytorch?.run({ case: bench.name, threads, steps: bench.steps });
      await sleep(20);
      if (repetition < 0) continue;
      ours[i]!.push(ms);
      if (torchMs !== undefined) theirs[i]!.push(torchMs);
    }
  }
  for (const side of sides) await side[Symbol.asyncDispose]();
  return { ours: better(ours), theirs: pytorch ? better(theirs) : undefined };
}

function better(times: readonly (readonly number[])[]): Timing {
  const timings = times.map((each, i) => ({ ms: median(each), threads: THREADS[i]! }));
  return timings.reduce((a, b) => (b.ms < a.ms ? b : a));
}

/** Times a framework that may be unable to train this: then its reason is printed. */
async function time(name: string, bench: Case, prepare: () => Promise<() => Promise<number>>): Promise<void> {
  const label = `  ${name}`.padEnd(24);
  try {
    const step = await prepare();
    const startedAt = performance.now();
    await step();
    const first = performance.now() - startedAt;
    // The first step compiles or warms up. Some take seconds for a step: one more of these is enough.
    const count = first > 1000 ? 1 : values.quick ? 2 : 10;
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      const from = performance.now();
      await step();
      times.push(performance.now() - from);
    }
    console.log(`${label}${median(times).toFixed(2).padStart(10)}`);
    remember(bench, name, median(times));
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0]!;
    console.log(`${label}    cannot train ${bench.name}: ${reason}`);
    remember(bench, name, reason);
  }
}

/** Adds another framework's time, or why it has none, to what is left of a case. */
function remember({ name }: Case, framework: string, outcome: number | string): void {
  const known = results.get(name);
  if (known) results.set(name, { ...known, others: { ...known.others, [framework]: outcome } });
}

function show({ ms, threads }: Timing): string {
  return `${ms.toFixed(2)} (${threads})`;
}

function row(title: string, ...columns: string[]): string {
  return title.padEnd(60) + columns.map((column) => column.padStart(13)).join("");
}
