import type { Hyper } from "@lrfind/engine";
import { arrayOf, type Check, type Checks, either, func, withHint } from "lrfind/core";
import { checkLearnerOptions } from "../../checks.js";
import type { Schedule } from "../schedules/index.js";
import { checkHyperName } from "../step/step-checks.js";
import type { Callback } from "./callback.js";

/** Schedules over a fit. What has none stays as it is. */
export interface ParamSchedules {
  /** Learning rates: one schedule for all parameter groups, or one per group. */
  readonly lr?: Schedule | readonly Schedule[];
  /** Momentum. */
  readonly mom?: Schedule;
  /** Weight decay. */
  readonly wd?: Schedule;
  /** Another hyper-parameter of the optimizer, by its name: "sqrMom", or "ema.decay" in a chain. */
  readonly [hyper: string]: Schedule | readonly Schedule[] | undefined;
}

const schedule = withHint({ ...func, expected: "a schedule" }, "cosineSchedule(0.1, 0)");
const RATES: Check = either(schedule, arrayOf(schedule, { minLength: 1 }));
// These stand for all others: their names are the optimizer's, which the fit knows.
const SCHEDULES: Checks<Pick<ParamSchedules, "lr" | "mom" | "wd">> = {
  lr: RATES,
  mom: schedule,
  wd: schedule,
};

/**
 * Sets hyper-parameters before each step, by schedules of the position in the fit: step i of n in all epochs is at
 * i / n. The fit refuses a name that its optimizer does not have.
 *
 * @example
 * ```ts
 * await learn.fit(4, { cbs: [paramScheduler({ lr: cosineSchedule(0.1, 0) })] });
 * ```
 *
 * Source: fastai's `ParamScheduler`.
 */
export function paramScheduler(schedules: ParamSchedules): Callback {
  const names = Object.keys(Object(schedules)).filter((name) => name !== "lr");
  checkLearnerOptions("paramScheduler", schedules, {
    ...SCHEDULES,
    ...Object.fromEntries(names.map((name) => [name, schedule])),
  });
  const { lr } = schedules;
  const others = names.flatMap((name) => {
    const value = schedules[name] as Schedule | undefined;
    return value ? ([[name, value]] as const) : [];
  });
  return {
    name: "paramScheduler",
    keeps: "nothing",
    order: 60,
    beforeFit({ learner }) {
      for (const [name] of others) checkHyperName("paramScheduler", name, learner.optFunc.defaults);
    },
    beforeBatch(loop) {
      const { position } = loop;
      if (lr) loop.lrs = loop.lrs.map((_, i) => (typeof lr === "function" ? lr : lr[i]!)(position));
      if (others.length === 0) return;
      // One spread: V8 may give what several make a hidden class of its own at each step.
      const hyper: Record<string, number> = { ...loop.hyper };
      for (const [name, value] of others) hyper[name] = value(position);
      loop.hyper = hyper as Hyper;
    },
  };
}
