import type { Optimizer } from "@lrfind/engine";
import type { FileSource } from "../../data/index.js";
import type { RestoreOptions } from "../store/index.js";
import type { Inference } from "../use/inference.js";
import type { Recorder } from "./recorder.js";

/**
 * What hosts a fit, as its callbacks see it: the `Learner` that trains, without what would begin another fit. It evaluates,
 * predicts and exports as the Learner does.
 */
export interface FitHost extends Inference {
  readonly optFunc: Optimizer;
  readonly seed: number;
  /** Names of the parameter groups, first layers first. */
  readonly paramGroups: readonly string[];
  /** Names of the parameters that are trained. */
  readonly trained: ReadonlySet<string>;
  /** What this fit has done so far. */
  readonly recorder: Recorder;
  /** Freezes all parameter groups but the last. */
  freeze(): void;
  /** Freezes the groups before the n-th and thaws the others. */
  freezeTo(n: number): void;
  /** Thaws all parameter groups. */
  unfreeze(): void;
  /** A table of the layers. */
  summary(): string;
  /** Saves what a fit is resumed from, atomically. */
  save(path: string | URL): Promise<void>;
  /** Takes the state from a file that `save` wrote. */
  load(source: FileSource, options?: RestoreOptions): Promise<void>;
  /** Puts an average of the weights into their place; what it gives puts them back. */
  useAverage(name?: string): () => void;
}
