import type { Hyper, Layer, Model, Optimizer } from "@lrfind/engine";
import { adam, modelOf } from "@lrfind/engine";
import type {
  DefaultSuggestFuncs,
  LrFindOptions,
  SearchResult,
  Suggester,
  Trainer,
  TrainerInfo,
  Trial,
} from "lrfind";
import { abortSignal, checkArgument, integer } from "lrfind/core";
import type { FileSource } from "../data/index.js";
import { boolean, check, checkLearnerOptions, path as pathCheck } from "./checks.js";
import { refuse } from "./errors.js";
import type { Callback, Recorder } from "./fit/callbacks/index.js";
import { stepReporter } from "./fit/callbacks/step-reporter.js";
import type { EpochRecord } from "./fit/epoch-record.js";
import { FitRunner } from "./fit/fit-runner.js";
import { fineTunePlans, flatCosPlan, oneCyclePlan, sgdrPlan } from "./fit/fit-schedules.js";
import { lrFindUnfrozen } from "./fit/frozen-search.js";
import type { FitHost } from "./fit/host.js";
import { LearnerTrial } from "./fit/learner-trial.js";
import { DEFAULT_MOMENTA, sgdrEpochs } from "./fit/schedules/index.js";
import { SessionCache } from "./fit/session-cache.js";
import { checkHyper } from "./fit/step-checks.js";
import { StepRunner } from "./fit/step-runner.js";
import { checkEpochs } from "./fit/training-loop.js";
import type * as Options from "./learner-options.js";
import type { LearningRate } from "./learning-rate.js";
import { ratesOf } from "./learning-rate.js";
import { checkFit, checkLearner } from "./option-checks.js";
import { ParameterGroups } from "./parameter-groups.js";
import type { TrainState } from "./state.js";
import { initialState } from "./state.js";
import { StateCell } from "./state-cell.js";
import type { RestoreOptions } from "./store/index.js";
import { loadState, saveState } from "./store/index.js";
import { fixedLines, formatSummary, infoOf, layersOf } from "./summary.js";
import { describeData } from "./use/export.js";
import { Inference } from "./use/inference.js";

const DEFAULT_LR = 1e-3;
const DEFAULT_MAX_SESSIONS = 32;

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
export class Learner extends Inference implements FitHost, Trainer {
  readonly optFunc: Optimizer;
  readonly seed: number;
  readonly #options: Options.LearnerOptions;
  readonly #groups: ParameterGroups;
  readonly #steps: StepRunner;
  readonly #accumulate: number;
  readonly #fits: FitRunner;

  /**
   * @param options - See `LearnerOptions`.
   * @throws {LearnerError} when something that it needs is missing, an option does not exist (such as `bs`, `optimizer` or
   *   `learningRate`), or has a value that cannot be used: a function where its result is wanted, for one.
   */
  constructor(options: Options.LearnerOptions) {
    checkLearner(options);
    const { runtime = {}, gradientTransform, accumulate = 1, trainBn = true, wdBnBias = false } = options;
    const { maxSessions = DEFAULT_MAX_SESSIONS } = options;
    checkArgument("Learner", "maxSessions", maxSessions, integer({ min: 1 }), refuse);
    const model = isLayer(options.model) ? modelOf(options.model) : options.model;
    super({
      ...options,
      model,
      runtime,
      cell: new StateCell(initialState(model, options.seed ?? 0)),
      sessions: new SessionCache(maxSessions),
    });
    this.#options = options;
    this.optFunc = options.optFunc ?? adam();
    this.seed = options.seed ?? 0;
    const rules = { trainBn, wdBnBias };
    this.#groups = new ParameterGroups(this.model, options.splitter?.(this.model), rules);
    this.#rates(undefined, "Learner");
    this.#hyper(undefined, "Learner");
    this.#accumulate = accumulate;
    this.#steps = new StepRunner({
      model: this.model,
      lossFunc: this.lossFunc,
      optimizer: this.optFunc,
      groups: this.#groups.groups,
      decayed: this.#groups.decayed,
      runtime,
      sessions: this.sessions,
      ...(gradientTransform ? { gradientTransform } : {}),
    });
    this.#fits = new FitRunner({
      ...{ host: this, cell: this.cell, steps: this.#steps, loader: this.dls.train, accumulate },
      checkOpen: (where) => this.sessions.checkOpen(where),
    });
  }

  /** Names of the parameter groups, first layers first. */
  get paramGroups(): readonly string[] {
    return this.#groups.groups.map(({ name }) => name);
  }

  /** What this is, for a search's result: the optimizer, how many numbers it trains, and lrfind's version. */
  get info(): TrainerInfo {
    return infoOf(this);
  }

  /** Names of the parameters that are trained. */
  get trained(): ReadonlySet<string> {
    return this.#groups.trained;
  }

  /** What the last fit did, or the one that runs. */
  get recorder(): Recorder {
    return this.#fits.recorder;
  }

  /** Freezes all parameter groups but the last. @throws {LearnerError} when there is only one. */
  freeze(): void {
    this.sessions.checkOpen("freeze");
    this.#groups.freeze();
  }

  /**
   * Freezes the groups before the n-th and thaws the others; a negative `n` counts from the end. Normalisation's
   * parameters stay in training, unless `trainBn` is false.
   *
   * @throws {LearnerError} when that would leave no group to train.
   */
  freezeTo(n: number): void {
    this.sessions.checkOpen("freezeTo");
    this.#groups.freezeTo(n);
  }

  /** Thaws all parameter groups. */
  unfreeze(): void {
    this.sessions.checkOpen("unfreeze");
    this.#groups.freezeTo(0);
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
    const { lrMax, moms = this.#options.moms ?? DEFAULT_MOMENTA } = options;
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
    return [...first, ...(await this.fitOneCycle(epochs, unfrozen))];
  }

  /**
   * Finds a learning rate: a range test from the current state, which it leaves as it is, and what the suggesters
   * read off the curve. Frozen groups stay frozen; `groups: "each"` goes through the others.
   *
   * @param options - As `lrFind` of "lrfind" takes them.
   */
  async lrFind<
    const Funcs extends readonly Suggester[] = DefaultSuggestFuncs,
    const Groups extends "together" | "each" = "together",
  >(options?: LrFindOptions<Funcs, Groups>): Promise<SearchResult<Funcs, Groups>> {
    this.sessions.checkOpen("lrFind");
    return lrFindUnfrozen(this, this.#groups.frozen, options);
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
      steps: this.#steps,
      state: fresh ? { ...initialState(this.model, seed), epoch: this.cell.current.epoch } : this.state,
      loader: seed === undefined ? this.dls.train : this.dls.train.with({ seed }),
      accumulate: this.#accumulate,
      hyper: this.#hyper(undefined, "startTrial"),
      trained: this.trained,
      seed: seed ?? this.seed,
      groups: this.paramGroups.length,
      signal,
      ...(this.dls.valid ? { validate } : {}),
    });
  }

  /** A table of the layers with their parameters, and which are trained; buffers of an imported model, and rows that stay. */
  summary(): string {
    this.sessions.checkOpen("summary");
    return formatSummary(layersOf(this.model, this.#groups), fixedLines(this.model));
  }

  /**
   * Saves parameters, buffers, optimizer state and counters as a safetensors file, atomically: a fit that is resumed
   * from it goes on bit for bit. Which groups are frozen is not saved.
   *
   * Folders on the way to the file are made. What the callbacks of the fit that is running, or of the last one, remember
   * is saved too.
   *
   * @throws {LearnerError} when the file cannot be written; the old file is then as it was.
   */
  async save(path: string | URL): Promise<void> {
    this.sessions.checkOpen("save");
    check("save", "path", path, pathCheck);
    const callbacks = this.#fits.callbackStates;
    const description = describeData(this.dls);
    await saveState(path, this.state, { optimizer: this.optFunc, description, callbacks });
  }

  /**
   * Takes the state from a file that `save` wrote (its path, or its bytes in any form: see `FileSource`).
   *
   * @throws {LearnerError} when the file is cut short, foreign, of another model or optimizer, or without part of the
   *   optimizer's state; the learner is then as it was.
   */
  async load(source: FileSource, options: RestoreOptions = {}): Promise<void> {
    this.sessions.checkOpen("load");
    checkLearnerOptions<RestoreOptions>("load", options, { weightsOnly: boolean, freshOptimizer: boolean });
    const current = this.cell.current;
    const context = { model: this.model, optimizer: this.optFunc, current };
    const { state, callbacks } = await loadState(source, context, options);
    this.cell.replace(state);
    this.#fits.remember(callbacks);
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
    return this.#fits.run({
      ...{ where, nEpoch, startEpoch, plan, signal },
      lrs: this.#rates(options.lr, where),
      hyper: this.#hyper(wd, where),
      ...(this.dls.valid ? { validate } : {}),
      given: [...(this.#options.cbs ?? []), ...(options.cbs ?? [])],
      reporters: onStep ? [stepReporter(onStep)] : [],
    });
  }

  #rates(lr: LearningRate | undefined, where: string): readonly number[] {
    // Only what is left out has a default: null is the rate of a search that found none.
    const { lr: own = DEFAULT_LR } = this.#options;
    return ratesOf(lr === undefined ? own : lr, this.paramGroups.length, where);
  }

  #hyper(wd: number | undefined, where: string): Hyper {
    const { defaults } = this.optFunc;
    const { wd: own = defaults.wd } = this.#options;
    const hyper = { ...defaults, wd: wd === undefined ? own : wd };
    checkHyper(where, hyper, { hint: "0.01, say" });
    return hyper;
  }
}

function isLayer(model: Model | Layer): model is Layer {
  return "kind" in model;
}
