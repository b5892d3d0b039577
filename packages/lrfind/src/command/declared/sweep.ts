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
    .option("--redis <url>", "hand the jobs to a queue on a Redis server: lrfind worker does them")
    .option("--queue <name>", "the queue's name (default: lrfind)")
    .option("--slurm", "hand the jobs to a cluster with Slurm")
    .option("--slurm-arg <arg>", "what else sbatch is told: --slurm-arg=--time=60; may be repeated", repeated)
    .option("--ray <url>", "hand the jobs to a Ray cluster: its dashboard's address")
    .option("--max-time <seconds>", "most seconds that it may take", number)
    .option("--retry-failed", "do jobs that failed before again")
    .option("--lock <file>", "pin what was found in this file, beside the spec", "lrfind.lock.json")
    .option("--no-lock", "write no lock")
    .option("--locked", "say what the lock pins, and run nothing: an error where spec or module changed")
    .option("--tensorboard <folder>", "write what was measured as runs that TensorBoard opens")
    .option("--csv <file>", "write all jobs as a table")
    .option("--json", "print what came out as JSON")
    .option("--dry-run", "say what would be tried, and run nothing")
    .action((spec: string, _, command: Command) => run(spec, command))
    .addHelpText("before", `${SWEEP_EXAMPLES}\n`);
}

/** An option that may be given several times. */
function repeated(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** Adds `lrfind worker`. */
export function addWorker(program: Command, run: (command: Command) => Promise<void>): void {
  program
    .command("worker")
    .summary("do the jobs of sweeps on a queue")
    .description(
      "Takes jobs from a queue on a Redis server until it is stopped. Run it in a copy of the project.",
    )
    .option("--redis <url>", "the server's address")
    .option("--queue <name>", "the queue's name (default: lrfind)")
    .option("--from <folder>", "the project's folder (default: the current one)")
    .option("--workers <count>", "jobs at a time (default: the cores over the threads of a job)", number)
    .option("--threads <count>", "threads of a job, for the default of --workers", number)
    .action((_, command: Command) => run(command))
    .addHelpText("before", `${WORKER_EXAMPLES}\n`);
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
  lrfind sweep sweep.ts --redis redis://host:6379      jobs for every lrfind worker at that queue
  lrfind sweep sweep.ts --slurm --slurm-arg=--time=60  a job array on a cluster
  lrfind sweep sweep.ts --locked            what the last one found, without running anything

A sweep is a module:
  import { defineSweep } from "@lrfind/sweep";
  export default defineSweep({ model: "./learner.ts", axes: { batchSize: [16, 64], wd: [0, 0.1] } });
and learner.ts exports by default a function that makes a Learner of ({ batchSize, wd }).
`;

const WORKER_EXAMPLES = `Examples:
  lrfind worker --redis redis://host:6379
  lrfind worker --redis rediss://:password@host:6379 --workers 4
`;

const JOB_EXAMPLES = `Examples:
  lrfind job lrfind-sweep/jobs/3f2a9c1d5e6b7a80.json -o result.json
`;
