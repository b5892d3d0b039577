export type { Row } from "./next-jobs.js";
export { planSweep, type SweepPlan } from "./plan-sweep.js";
export type { Point, Rate } from "./points.js";
export {
  type Axis,
  defineSweep,
  type FullSpec,
  type Interval,
  type RangeTestRates,
  type SweepSpec,
} from "./sweep-spec.js";
