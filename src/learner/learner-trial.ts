import type { DataLoader } from "../data/index.js";
import type { Trial } from "../finder/index.js";
import type { Hyper } from "../nn/index.js";
import { LearnerError } from "./errors.js";
import { ratesOf } from "./learning-rate.js";
import type { TrainState } from "./state.js";
import type { StepRunner } from "./step-runner.js";

/** What a mock training starts from. */
export interface LearnerTrialOptions {
  readonly steps: StepRunner;
  readonly state: TrainState;
  readonly loader: DataLoader;
  readonly hyper: Hyper;
  readonly trained: ReadonlySet<string>;
  readonly seed: number;
  /** Number of parameter groups. */
  readonly groups: number;
  readonly validate?: (state: TrainState) => Promise<number>;
}

/** A mock training of a `Learner`: it goes from state to state of its own, and forgets them when disposed. */
export class LearnerTrial implements Trial {
  readonly validate?: () => Promise<number>;
  readonly #options: LearnerTrialOptions;
  #state: TrainState | undefined;
  #steps = 0;
  /** Tensors of the trial's last but one state. */
  #recycle: TrainState["tensors"] | undefined;

  constructor(options: LearnerTrialOptions) {
    this.#options = options;
    this.#state = options.state;
    const { validate } = options;
    if (validate) this.validate = () => validate(this.#openState());
  }

  async step(lr: number | readonly number[]): Promise<number> {
    const { steps, loader, hyper, trained, seed, groups } = this.#options;
    const before = this.#openState();
    const lrs = typeof lr === "number" ? new Array<number>(groups).fill(lr) : lr;
    if (lrs.length !== groups) ratesOf(lrs, groups, "step");
    const epoch = before.epoch + Math.floor(this.#steps / loader.batchesPerEpoch);
    const batch = await loader.batchAt(epoch, this.#steps % loader.batchesPerEpoch);
    const recycle = this.#recycle;
    const { state, loss } = await steps.step(before, batch, {
      lrs,
      hyper,
      trained,
      seed,
      ...(recycle ? { recycle } : {}),
    });
    // The state that the trial was given belongs to the learner: it is never written to.
    this.#recycle = before === this.#options.state ? undefined : before.tensors;
    this.#state = state;
    this.#steps++;
    return loss;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#state = undefined;
    this.#recycle = undefined;
  }

  #openState(): TrainState {
    if (this.#state) return this.#state;
    throw new LearnerError({ where: "step", expected: "an open trial", got: "one that has been disposed" });
  }
}
