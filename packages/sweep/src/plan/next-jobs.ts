import type { Config, FitValue, JobSpec, SearchValue } from "../job/index.js";
import { hashOfJob } from "../job/internal.js";
import { type Point, pointsOf, seedsOf } from "./points.js";
import type { FullSpec } from "./sweep-spec.js";

/** A job with its name. */
export interface NamedJob {
  readonly hash: string;
  readonly spec: JobSpec;
}

/** How a point stands. */
export interface Row {
  readonly point: Point;
  /** Its rate, once it is known. */
  readonly lr?: number;
  /** Epochs of its longest training that is over, of all seeds. */
  readonly epochs: number;
  /** The measure that decides, averaged over the seeds; the best epoch's. */
  readonly score?: number;
  /** That of each seed. */
  readonly scores: readonly number[];
  readonly better?: "smaller" | "larger";
  /** Why it is out: a job failed, or no rate was found. */
  readonly failure?: string;
  /** The jobs behind it. */
  readonly jobs: readonly string[];
}

/** What a sweep is to do next, by what is known. */
export interface Step {
  /** Jobs that can begin now: none of them has a result. */
  readonly jobs: readonly NamedJob[];
  /** Whether nothing is left to do once these jobs are over, and none is running. */
  readonly isDone: boolean;
  /** All points, the best first. */
  readonly rows: readonly Row[];
  /** How many points each rung of halving begins with, and their epochs; one rung for the other searches. */
  readonly rungs: readonly { readonly count: number; readonly epochs: number }[];
}

/** What a job's file says beside its task. */
export type JobBase = Pick<JobSpec, "lrfind" | "module" | "moduleHash">;

/** What planning has to know of a job's result: a small part of it, as a sweep may have very many. */
export interface Outcome {
  readonly value?:
    | { readonly kind: "check" }
    | Pick<SearchValue, "kind" | "lr" | "reason">
    | Pick<FitValue, "kind" | "best" | "better">;
  readonly failure?: { readonly message: string };
}

/** What is worked out once for all calls with the same spec and base. */
export class PlanMemo {
  readonly #jobs = new Map<string, NamedJob>();
  #points: readonly Point[] | undefined;

  points(spec: FullSpec): readonly Point[] {
    this.#points ??= pointsOf(spec);
    return this.#points;
  }

  job(key: string, make: () => JobSpec): NamedJob {
    const known = this.#jobs.get(key);
    if (known !== undefined) return known;
    const spec = make();
    const job = { hash: hashOfJob(spec), spec };
    this.#jobs.set(key, job);
    return job;
  }
}

/**
 * What to do next: a function of the spec and of the results alone, so that a sweep goes on where it stood, whoever did the jobs
 * and in whatever order they ended.
 */
export function nextJobs(
  spec: FullSpec,
  base: JobBase,
  results: ReadonlyMap<string, Outcome>,
  memo = new PlanMemo(),
): Step {
  const points = memo.points(spec);
  const rungs = rungsOf(spec, points.length);
  const planner = new Planner(spec, base, results, memo);
  let alive = points.map((point) => planner.row(point, 0));
  const rows = new Map<string, Row>();
  for (const [r, { epochs, count }] of rungs.entries()) {
    // The better a point did on the rung below, the sooner it goes on.
    const chosen =
      r === 0
        ? alive
        : alive
            .filter(({ score }) => score !== undefined)
            .sort(byScore)
            .slice(0, count);
    alive = chosen.map(({ point }) => planner.row(point, epochs));
    for (const row of alive) rows.set(row.point.key, row);
    if (planner.waits) break;
  }
  return {
    jobs: planner.jobs,
    isDone: planner.jobs.length === 0,
    rows: [...rows.values()].sort((a, b) => b.epochs - a.epochs || byScore(a, b)),
    rungs,
  };
}

/** Epochs that grow by eta, and points that shrink by it. */
function rungsOf({ search, epochs, minEpochs, eta }: FullSpec, count: number): Step["rungs"] {
  if (search !== "halving") return [{ count, epochs }];
  const rungs = [];
  let [left, length] = [count, minEpochs];
  while (length < epochs && left > 1) {
    rungs.push({ count: left, epochs: length });
    left = Math.ceil(left / eta);
    length = Math.min(epochs, length * eta);
  }
  return [...rungs, { count: left, epochs }];
}

/** The better score first; what failed, and what is not known, last; equal ones by name, so that order is one. */
function byScore(a: Row, b: Row): number {
  const rank = ({ score, better }: Row) =>
    score === undefined || Number.isNaN(score)
      ? Number.POSITIVE_INFINITY
      : better === "larger"
        ? -score
        : score;
  const [x, y] = [rank(a), rank(b)];
  return x === y ? (a.point.key < b.point.key ? -1 : 1) : x - y;
}

/** Goes through points, and notes the jobs that they want and that have no result. */
class Planner {
  readonly #spec: FullSpec;
  readonly #base: JobBase;
  readonly #results: ReadonlyMap<string, Outcome>;
  readonly #memo: PlanMemo;
  readonly #wanted = new Map<string, NamedJob>();

  constructor(spec: FullSpec, base: JobBase, results: ReadonlyMap<string, Outcome>, memo: PlanMemo) {
    this.#spec = spec;
    this.#base = base;
    this.#results = results;
    this.#memo = memo;
  }

  get jobs(): readonly NamedJob[] {
    return [...this.#wanted.values()];
  }

  /** Whether a result is wanted that is not there yet. */
  get waits(): boolean {
    return this.#wanted.size > 0;
  }

  /** How a point stands after a training of some epochs; 0: before any. */
  row(point: Point, epochs: number): Row {
    const seeds = seedsOf(this.#spec);
    if (epochs === 0) return { point, epochs: 0, scores: [], jobs: [] };
    const jobs: string[] = [];
    const rate = this.#rateOf(point, seeds[0], jobs);
    if (typeof rate === "string") return { point, epochs: 0, scores: [], failure: rate, jobs };
    if (rate === undefined) return { point, epochs: 0, scores: [], jobs };
    const { schedule, monitor } = this.#spec;
    const values = seeds.map((seed) => {
      const task = { kind: "fit", schedule, lr: rate, epochs, monitor } as const;
      return this.#valueOf(this.#job(point.config, seed, task), jobs);
    });
    const failed = values.find((value) => typeof value === "string");
    if (failed !== undefined) return { point, lr: rate, epochs: 0, scores: [], failure: failed, jobs };
    const fits = values.filter((value) => value !== undefined) as Pick<FitValue, "best" | "better">[];
    if (fits.length < seeds.length) return { point, lr: rate, epochs: 0, scores: [], jobs };
    const scores = fits.map(({ best }) => best);
    const score = scores.reduce((a, b) => a + b, 0) / scores.length;
    return { point, lr: rate, epochs, score, scores, better: fits[0]!.better, jobs };
  }

  /** The rate of a point; undefined while its range test is not over, and why where there is none. */
  #rateOf(
    { config, rate }: Point,
    seed: Config[string] | undefined,
    jobs: string[],
  ): number | string | undefined {
    if ("lr" in rate) return rate.lr;
    const { suggestFunc, numIt, runs } = this.#spec.lr as Exclude<FullSpec["lr"], readonly number[]>;
    const job = this.#job(config, seed, { kind: "search", suggestFunc, numIt, runs });
    const value = this.#valueOf(job, jobs);
    if (value === undefined || typeof value === "string") return value;
    const { lr, reason } = value as SearchValue;
    if (lr === null) return `the range test found no rate: ${reason}`;
    return lr * rate.factor;
  }

  #job(config: Config, seed: Config[string] | undefined, task: JobSpec["task"]): NamedJob {
    const { threads } = this.#spec;
    return this.#memo.job(JSON.stringify([config, seed, task]), () => ({
      format: "lrfind-job",
      version: 1,
      ...this.#base,
      threads,
      config: seed === undefined ? config : { ...config, seed },
      task,
    }));
  }

  /** A job's value; undefined, and the job is wanted, where there is no result yet; what went wrong where it failed. */
  #valueOf(job: NamedJob, jobs: string[]): Outcome["value"] | string {
    jobs.push(job.hash);
    const result = this.#results.get(job.hash);
    if (result === undefined) this.#wanted.set(job.hash, job);
    return result?.failure === undefined ? result?.value : result.failure.message;
  }
}
