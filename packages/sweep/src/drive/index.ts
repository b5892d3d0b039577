export {
  type RunSweepOptions,
  runSweep,
  type SweepEvent,
  type SweepProgress,
  type SweepResult,
} from "./run-sweep.js";
