import type { Hyper } from "@lrfind/engine";
import type { Trial } from "lrfind";
import type { Batch, DataLoader } from "../../data/index.js";
import { LearnerError } from "../errors.js";
import type { TrainState } from "../state.js";
import { StateCell } from "../state-cell.js";
import { batchesOfStep, stepsPerEpoch } from "./mini-batches.js";
import { checkRates } from "./step/step-checks.js";
import type { StepRunner } from "./step/step-runner.js";

/** What a mock training starts from. */
export interface LearnerTrialOptions {
  readonly steps: StepRunner;
  readonly state: TrainState;
  readonly loader: DataLoader;
  /** Mini-batches per optimizer step. */
  readonly accumulate: number;
  readonly hyper: Hyper;
  readonly trained: ReadonlySet<string>;
  readonly seed: number;
  /** Number of parameter groups. */
  readonly groups: number;
  /** Ends a step between two of its mini-batches, by throwing the signal's reason. */
  readonly signal: AbortSignal | undefined;
  readonly validate?: (state: TrainState) => Promise<number>;
}

/** A mock training of a `Learner`: it goes from state to state of its own, and forgets them when disposed. */
export class LearnerTrial implements Trial {
  readonly validate?: () => Promise<number>;
  readonly #options: LearnerTrialOptions;
  /** The state that it starts with belongs to the learner: it is never written to. */
  #cell: StateCell | undefined;
  #steps = 0;
  /** Whether a weight is no longer finite. */
  #isBroken = false;
  /** The last step's mini-batches, which nobody else has seen: the next ones may be written over them. */
  #batches: readonly Batch[] = [];

  constructor(options: LearnerTrialOptions) {
    this.#options = options;
    this.#cell = new StateCell(options.state);
    const { validate } = options;
    if (validate) {
      this.validate = async () => {
        const loss = await validate(this.#openCell().current);
        return this.#isBroken ? notFinite(loss) : loss;
      };
    }
  }

  async step(lr: number | readonly number[]): Promise<number> {
    const { steps, loader, accumulate, hyper, trained, seed, groups, signal } = this.#options;
    signal?.throwIfAborted();
    const cell = this.#openCell();
    const lrs = typeof lr === "number" ? new Array<number>(groups).fill(lr) : lr;
    checkRates("step", lrs, groups);
    const perEpoch = stepsPerEpoch(loader, accumulate);
    for (let passed = 0; passed < perEpoch; passed++) {
      const epoch = cell.current.epoch + Math.floor(this.#steps / perEpoch);
      const at = { epoch, step: this.#steps % perEpoch, accumulate };
      const spare = this.#batches;
      this.#batches = [];
      const batches = await batchesOfStep(loader, at, spare);
      const { current, recycle } = cell;
      const outcome = await steps.step(current, batches, { lrs, hyper, trained, seed, recycle, signal });
      this.#batches = batches;
      this.#steps++;
      // Mini-batches whose labels are all ignored have no loss: the step is made with the next ones.
      if (outcome.state === current) continue;
      cell.commit(outcome.state, outcome.made);
      // A network may hide a NaN among its weights from its loss, by max(0, NaN) = 0: it has diverged all the same.
      const loss = this.#isBroken ? notFinite(outcome.loss) : outcome.loss;
      this.#isBroken ||= outcome.nonFinite !== undefined;
      return loss;
    }
    throw new LearnerError({
      where: "step",
      expected: "a label that counts in some mini-batch",
      got: `none in the ${perEpoch} step(s) of an epoch`,
      hint: "the loss's ignoreIndex and weight, and the labels",
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cell = undefined;
  }

  #openCell(): StateCell {
    if (this.#cell) return this.#cell;
    throw new LearnerError({ where: "step", expected: "an open trial", got: "one that has been disposed" });
  }
}

function notFinite(loss: number): number {
  return Number.isFinite(loss) ? Number.NaN : loss;
}
