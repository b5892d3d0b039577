import type { Hyper } from "@lrfind/engine";
import type { DataLoader } from "../../data/index.js";
import { LearnerError } from "../errors.js";
import type { StateCell } from "../state-cell.js";
import { type Callback, CallbackList } from "./callbacks/callback.js";
import type { CallbackState } from "./callbacks/callback-state.js";
import { recording } from "./callbacks/recorder.js";
import type { EpochRecord, Validation } from "./epoch-record.js";
import type { FitHost } from "./host.js";
import type { Recorder } from "./recorder.js";
import type { StepRunner } from "./step/step-runner.js";
import { TrainingLoop } from "./training-loop.js";

/** What all fits of a learner share. */
export interface FitRunnerOptions {
  readonly host: FitHost;
  readonly cell: StateCell;
  readonly steps: StepRunner;
  readonly loader: DataLoader;
  /** Mini-batches per optimizer step. */
  readonly accumulate: number;
  /** Throws once the learner is disposed. */
  readonly checkOpen: (where: string) => void;
}

/** What one fit is told. */
export interface FitOrder {
  readonly where: string;
  readonly nEpoch: number;
  readonly startEpoch: number;
  readonly lrs: readonly number[];
  readonly hyper: Hyper;
  /** Absent where there is nothing to validate on. */
  readonly validate?: () => Promise<Validation>;
  /** Schedules and the like, which are called before those that were given. */
  readonly plan: readonly Callback[];
  readonly given: readonly Callback[];
  /** Called last. */
  readonly reporters: readonly Callback[];
  readonly signal: AbortSignal | undefined;
}

/** Runs a learner's fits, one at a time, and keeps what they leave: the recorder, and what callbacks remember. */
export class FitRunner {
  readonly #options: FitRunnerOptions;
  #recorder: Recorder = recording().recorder;
  /** The fit that is running. */
  #loop: TrainingLoop | undefined;
  /** What the callbacks of the last fit, or of the checkpoint that was loaded, remember. */
  #remembered: readonly CallbackState[] = [];

  constructor(options: FitRunnerOptions) {
    this.#options = options;
  }

  /** What the last fit did, or the one that runs. */
  get recorder(): Recorder {
    return this.#recorder;
  }

  /** What the callbacks of the fit that is running, or of the last one, remember. */
  get callbackStates(): readonly CallbackState[] {
    return this.#loop?.callbackStates() ?? this.#remembered;
  }

  /** Takes what a checkpoint says that callbacks remember; where it says nothing, what is known stays. */
  remember(states: readonly CallbackState[] | undefined): void {
    this.#remembered = states ?? this.#remembered;
  }

  async run({ where, plan, given, reporters, ...order }: FitOrder): Promise<EpochRecord[]> {
    if (this.#loop) {
      throw new LearnerError({ where, expected: "no other fit to be running", got: "one that is" });
    }
    const { host, checkOpen, ...shared } = this.#options;
    const { recorder, callback } = recording();
    this.#recorder = recorder;
    const loop = new TrainingLoop({
      ...{ learner: host, ...shared, ...order },
      callbacks: new CallbackList([callback, ...plan, ...given, ...reporters]),
      recycle: given.every(({ keeps }) => keeps === "nothing"),
      remembered: this.#remembered,
      checkOpen: () => checkOpen(where),
    });
    this.#loop = loop;
    try {
      return await loop.run();
    } finally {
      this.#loop = undefined;
      this.#remembered = loop.callbackStates();
    }
  }
}
