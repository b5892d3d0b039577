import type { Command } from "commander";
import { number } from "./flags.js";

/** Adds `lrfind sweep SPEC`. */
export function addSweep(program: Command, run: (spec: string, command: Command) => Promise<void>): void {
  program
    .command("sweep")
    .argument("<spec>", "a module whose default export is a sweep (defineSweep), or the same as JSON")
    .summary("compare batch sizes, optimizers, …, each at its own rates")
    .description(
      "Makes a range test for each combination, trains around its answer, and says which is best. The same command goes on after an end of any kind.",
    )
    .option("-o, --out <folder>", "where the sweep is kept", "lrfind-sweep")
    .option("--workers <count>", "jobs at a time (default: the cores over the threads of a job)", number)
    .option("--max-time <seconds>", "most seconds that it may take", number)
    .option("--retry-failed", "do jobs that failed before again")
    .option("--json", "print what came out as JSON")
    .option("--dry-run", "say what would be tried, and run nothing")
    .action((spec: string, _, command: Command) => run(spec, command))
    .addHelpText("before", `${SWEEP_EXAMPLES}\n`);
}

/** Adds `lrfind job JOB`. */
export function addJob(program: Command, run: (job: string, command: Command) => Promise<void>): void {
  program
    .command("job")
    .argument("<job>", "a job's file, as a sweep writes it")
    .summary("do one job of a sweep: for queues and clusters")
    .description("Does one job of a sweep in this process, and writes its result, whole or not at all.")
    .option("-o, --out <file>", "the result", "result.json")
    .action((job: string, _, command: Command) => run(job, command))
    .addHelpText("before", `${JOB_EXAMPLES}\n`);
}

const SWEEP_EXAMPLES = `Examples:
  lrfind sweep sweep.ts                     on all cores; results in lrfind-sweep/
  lrfind sweep sweep.json --max-time 3600   what an hour is enough for; the same command goes on
  lrfind sweep sweep.ts --dry-run           what would be tried

A sweep is a module:
  import { defineSweep } from "@lrfind/sweep";
  export default defineSweep({ model: "./learner.ts", axes: { batchSize: [16, 64], wd: [0, 0.1] } });
and learner.ts exports by default a function that makes a Learner of ({ batchSize, wd }).
`;

const JOB_EXAMPLES = `Examples:
  lrfind job lrfind-sweep/jobs/3f2a9c1d5e6b7a80.json -o result.json
`;
