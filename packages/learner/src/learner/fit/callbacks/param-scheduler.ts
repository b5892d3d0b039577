import { arrayOf, type Checks, either, func, withHint } from "lrfind/core";
import { checkLearnerOptions } from "../../checks.js";
import type { Schedule } from "../schedules/index.js";
import type { Callback } from "./callback.js";

/** Schedules over a fit. What has none stays as it is. */
export interface ParamSchedules {
  /** Learning rates: one schedule for all parameter groups, or one per group. */
  readonly lr?: Schedule | readonly Schedule[];
  /** Momentum. */
  readonly mom?: Schedule;
  /** Weight decay. */
  readonly wd?: Schedule;
}

const schedule = withHint({ ...func, expected: "a schedule" }, "cosineSchedule(0.1, 0)");
const SCHEDULES: Checks<ParamSchedules> = {
  lr: either(schedule, arrayOf(schedule, { minLength: 1 })),
  mom: schedule,
  wd: schedule,
};

/**
 * Sets hyper-parameters before each step, by schedules of the position in the fit: step i of n in all epochs is at
 * i / n.
 *
 * @example
 * ```ts
 * await learn.fit(4, { cbs: [paramScheduler({ lr: cosineSchedule(0.1, 0) })] });
 * ```
 *
 * Source: fastai's `ParamScheduler`.
 */
export function paramScheduler(schedules: ParamSchedules): Callback {
  checkLearnerOptions("paramScheduler", schedules, SCHEDULES);
  const { lr, mom, wd } = schedules;
  return {
    name: "paramScheduler",
    keeps: "nothing",
    order: 60,
    beforeBatch(loop) {
      const { position } = loop;
      if (lr) loop.lrs = loop.lrs.map((_, i) => (typeof lr === "function" ? lr : lr[i]!)(position));
      loop.hyper = {
        ...loop.hyper,
        ...(mom ? { mom: mom(position) } : {}),
        ...(wd ? { wd: wd(position) } : {}),
      };
    },
  };
}
