export { runSweep } from "./run-sweep.js";
export type { RunSweepOptions, SweepEvent, SweepProgress, SweepResult } from "./told.js";
