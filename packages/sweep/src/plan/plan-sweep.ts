import { nextJobs, type Row, type Step } from "./next-jobs.js";
import { type FullSpec, fullSpec, type SweepSpec } from "./sweep-spec.js";

/** What a sweep would try. */
export interface SweepPlan {
  /** The spec with its defaults. */
  readonly spec: FullSpec;
  /** All combinations that it begins with; their rates hang on range tests, where it makes them. */
  readonly rows: readonly Row[];
  /** How many of them are trained for how many epochs: one stage, or those of halving. */
  readonly rungs: Step["rungs"];
}

/**
 * What a sweep would try, without doing any of it.
 *
 * @param spec - See `SweepSpec`.
 * @throws {SweepError} when it cannot be used, naming the field.
 *
 * @example
 * ```ts
 * const { rows } = planSweep({ model: "./learner.js", axes: { batchSize: [16, 64] } });
 * console.log(rows.length); // 6: two batch sizes, three rates each
 * ```
 */
export function planSweep(spec: SweepSpec): SweepPlan {
  const full = fullSpec(spec, "planSweep");
  const { rows, rungs } = nextJobs(full, { lrfind: "", module: "", moduleHash: "" }, new Map());
  return { spec: full, rows, rungs };
}
