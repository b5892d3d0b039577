import type { Hyper } from "@lrfind/engine";
import type {
  DefaultSuggestFuncs,
  LrFindOptions,
  SearchResult,
  Suggester,
  Trainer,
  TrainerInfo,
  Trial,
} from "lrfind";
import { abortSignal, boolean, integer } from "lrfind/core";
import { check, checkLearnerOptions } from "./checks.js";
import type { Callback } from "./fit/callbacks/index.js";
import { stepReporter } from "./fit/callbacks/step-reporter.js";
import type { EpochRecord } from "./fit/epoch-record.js";
import { fineTunePlans, flatCosPlan, oneCyclePlan, sgdrPlan } from "./fit/fit-schedules.js";
import { lrFindUnfrozen } from "./fit/frozen-search.js";
import { LearnerTrial } from "./fit/learner-trial.js";
import { DEFAULT_MOMENTA, sgdrEpochs } from "./fit/schedules/index.js";
import { startHyper, startRates } from "./fit/start-values.js";
import { checkEpochs } from "./fit/training-loop.js";
import { LearnerBase } from "./learner-base.js";
import type * as Options from "./learner-options.js";
import type { LearningRate } from "./learning-rate.js";
import { checkFit } from "./option-checks.js";
import { displayedFit } from "./show-fit.js";
import { displayed, showSearch } from "./show-search.js";
import type { TrainState } from "./state.js";
import { initialState } from "./state.js";
import { infoOf } from "./summary.js";

/**
 * Data, a model, a loss and an optimizer, and the loop that trains: fastai's `Learner`.
 *
 * @example
 * ```ts
 * const dls = await imageDataLoadersFromIdx({ images: "images.gz", labels: "labels.gz" });
 * const model = sequential(flatten(), linear(784, 128), relu(), linear(128, 10));
 * await using learn = new Learner({ dls, model, lossFunc: crossEntropy(), metrics: [accuracy] });
 * await learn.fitOneCycle(4, { lrMax: await learn.lrFind() });
 * await learn.save("trained.safetensors");
 * ```
 *
 * Source: Howard and Gugger (2020), fastai: A Layered API for Deep Learning.
 */
export class Learner extends LearnerBase implements Trainer {
  /** What this is, for a search's result: the optimizer, how many numbers it trains, and lrfind's version. */
  get info(): TrainerInfo {
    return infoOf(this);
  }

  /**
   * Trains for `nEpoch` epochs at a constant learning rate.
   *
   * @param nEpoch - A whole number from 0 up.
   * @returns One record per epoch.
   * @throws {NonFiniteLossError} when a loss is NaN or infinite; the learner keeps the state before that step.
   * @throws What a callback throws, or the signal's reason when it is aborted; the learner keeps the last finished
   *   step.
   */
  async fit(nEpoch: number, options: Options.FitOptions = {}): Promise<EpochRecord[]> {
    checkFit("fit", options);
    return this.#fit(nEpoch, options, "fit");
  }

  /** Trains by the one-cycle policy: the rate rises to `lrMax` and falls again, the momentum the other way. */
  async fitOneCycle(nEpoch: number, options: Options.FitOneCycleOptions = {}): Promise<EpochRecord[]> {
    this.sessions.checkOpen("fitOneCycle");
    checkFit("fitOneCycle", options);
    const { lrMax, moms = this.options.moms ?? DEFAULT_MOMENTA } = options;
    const hasMomentum = this.optFunc.defaults.mom !== 0;
    const plan = oneCyclePlan(this.#rates(lrMax, "fitOneCycle"), { ...options, moms, hasMomentum });
    return this.#fit(
      nEpoch,
      { ...options, ...(lrMax === undefined ? {} : { lr: lrMax }) },
      "fitOneCycle",
      plan,
    );
  }

  /** Trains at a constant rate that falls by half a cosine at the end. */
  async fitFlatCos(nEpoch: number, options: Options.FitFlatCosOptions = {}): Promise<EpochRecord[]> {
    this.sessions.checkOpen("fitFlatCos");
    checkFit("fitFlatCos", options);
    return this.#fit(
      nEpoch,
      options,
      "fitFlatCos",
      flatCosPlan(this.#rates(options.lr, "fitFlatCos"), options),
    );
  }

  /**
   * Trains with warm restarts: `nCycles` cycles, the first `cycleLen` epochs long, in each of which the rate falls from
   * `lrMax` to 0 by half a cosine.
   */
  async fitSgdr(
    nCycles: number,
    cycleLen: number,
    options: Options.FitSgdrOptions = {},
  ): Promise<EpochRecord[]> {
    this.sessions.checkOpen("fitSgdr");
    checkFit("fitSgdr", options);
    const { lrMax, cycleMult = 2 } = options;
    const cycles = { nCycles, cycleLen, cycleMult };
    const nEpoch = sgdrEpochs(cycles).reduce((a, b) => a + b, 0);
    return this.#fit(
      nEpoch,
      { ...options, ...(lrMax === undefined ? {} : { lr: lrMax }) },
      "fitSgdr",
      sgdrPlan(this.#rates(lrMax, "fitSgdr"), cycles),
    );
  }

  /**
   * Fine-tunes a pretrained model: `freezeEpochs` epochs of one-cycle for the last parameter group alone, at `baseLr`;
   * then `epochs` for all groups, at rates from `baseLr / 2 / lrMult` for the first to `baseLr / 2` for the last.
   *
   * `startEpoch` counts the epochs of both: with `freezeEpochs: 1`, 1 goes on with the first epoch for all groups.
   *
   * @returns The records of both.
   * @throws {LearnerError} when there is only one parameter group.
   *
   * Source: fastai's `fine_tune`.
   */
  async fineTune(epochs: number, options: Options.FineTuneOptions = {}): Promise<EpochRecord[]> {
    this.sessions.checkOpen("fineTune");
    checkFit("fineTune", options);
    const { freezeEpochs, startEpoch, frozen, unfrozen } = fineTunePlans(options);
    checkEpochs(epochs, 0);
    checkEpochs(freezeEpochs, 0, "fineTune freezeEpochs");
    checkEpochs(freezeEpochs + epochs, startEpoch);
    this.#hyper(options.wd, "fineTune");
    this.freeze();
    // Right after the last frozen epoch its fit has still to end: trackers give back the best weights then.
    const first = startEpoch > freezeEpochs ? [] : await this.fitOneCycle(freezeEpochs, frozen);
    this.unfreeze();
    return displayedFit([...first, ...(await this.fitOneCycle(epochs, unfrozen))], this.recorder);
  }

  /**
   * Finds a learning rate: a range test from the current state, which it leaves as it is, and what the suggesters
   * read off the curve. Frozen groups stay frozen; `groups: "each"` goes through the others.
   *
   * @param options - As `lrFind` of "lrfind" takes them.
   * @param options.show - Whether a bar on standard error shows how far it is, and the plot, what each suggester found, and
   *   what speaks against it, are printed at its end; in Node alone. Default: false.
   */
  async lrFind<
    const Funcs extends readonly Suggester[] = DefaultSuggestFuncs,
    const Groups extends "together" | "each" = "together",
  >(
    options?: LrFindOptions<Funcs, Groups> & { readonly show?: boolean },
  ): Promise<SearchResult<Funcs, Groups>> {
    this.sessions.checkOpen("lrFind");
    const { show, ...others } = Object(options) as NonNullable<typeof options>;
    if (show !== undefined) check("lrFind", "show", show, boolean);
    // What is no object is refused by the search, in its words.
    const asked = typeof options === "object" ? (others as LrFindOptions<Funcs, Groups>) : options;
    const search = (given: LrFindOptions<Funcs, Groups> | undefined) =>
      lrFindUnfrozen(this, this.groups.frozen, given);
    const result = await (show ? showSearch(search, asked ?? {}) : search(asked));
    return displayed(result);
  }

  /**
   * Begins a mock training, as the finder does. It holds on to the state and drops its own: nothing is copied, and
   * there is nothing to restore. With a seed it has its own order of mini-batches and, where no step has been
   * made, its own initial weights. Callbacks do not take part.
   */
  async startTrial(options: { readonly seed?: number; readonly signal?: AbortSignal } = {}): Promise<Trial> {
    this.sessions.checkOpen("startTrial");
    checkLearnerOptions<typeof options>("startTrial", options, {
      seed: integer({ min: 0 }),
      signal: abortSignal,
    });
    const { seed, signal } = options;
    signal?.throwIfAborted();
    const fresh = seed !== undefined && this.cell.current.step === 0;
    const validate = async (state: TrainState) =>
      (await this.validateState(state, signal ? { signal } : {})).loss;
    return new LearnerTrial({
      steps: this.steps,
      state: fresh ? { ...initialState(this.model, seed), epoch: this.cell.current.epoch } : this.state,
      loader: seed === undefined ? this.dls.train : this.dls.train.with({ seed }),
      accumulate: this.options.accumulate ?? 1,
      hyper: this.#hyper(undefined, "startTrial"),
      trained: this.trained,
      seed: seed ?? this.seed,
      groups: this.paramGroups.length,
      signal,
      ...(this.dls.valid ? { validate } : {}),
    });
  }

  async #fit(
    nEpoch: number,
    options: Options.FitOptions,
    where: string,
    ...plan: readonly Callback[]
  ): Promise<EpochRecord[]> {
    this.sessions.checkOpen(where);
    const { startEpoch = 0, signal, onStep, wd } = options;
    checkEpochs(nEpoch, startEpoch);
    const evaluation = signal ? { signal } : {};
    const validate = () => this.validateState(this.cell.current, evaluation);
    const records = await this.fits.run({
      ...{ where, nEpoch, startEpoch, plan, signal },
      lrs: this.#rates(options.lr, where),
      hyper: this.#hyper(wd, where),
      ...(this.dls.valid ? { validate } : {}),
      given: [...(this.options.cbs ?? []), ...(options.cbs ?? [])],
      reporters: onStep ? [stepReporter(onStep)] : [],
    });
    return displayedFit(records, this.recorder);
  }

  #rates(lr: LearningRate | undefined, where: string): readonly number[] {
    return startRates(where, this.options, this.paramGroups.length, lr);
  }

  #hyper(wd: number | undefined, where: string): Hyper {
    return startHyper(where, this.options, this.optFunc, wd);
  }
}
