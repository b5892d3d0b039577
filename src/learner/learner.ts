import type { DataLoader, DataLoaders } from "../data/index.js";
import type { LrFindOptions, LrFindResult, Suggester, Trainer, Trial } from "../finder/index.js";
import { lrFind } from "../finder/index.js";
import type { GradientTransform, Hyper, Layer, LossFunc, Model, Optimizer, ParamGroup } from "../nn/index.js";
import { modelOf, sgd } from "../nn/index.js";
import type { Metric } from "../nn/metrics/index.js";
import type { SessionOptions } from "../runtime/index.js";
import { LearnerError, NonFiniteLossError } from "./errors.js";
import { Evaluator } from "./evaluator.js";
import { LearnerTrial } from "./learner-trial.js";
import type { LearningRate } from "./learning-rate.js";
import { ratesOf } from "./learning-rate.js";
import type { TrainState } from "./state.js";
import { initialState } from "./state.js";
import { StepRunner } from "./step-runner.js";

/** What a `Learner` is made of. */
export interface LearnerOptions {
  /** Training and validation data. */
  readonly dls: DataLoaders;
  /** A model, or a layer to make one of. */
  readonly model: Model | Layer;
  readonly lossFunc: LossFunc;
  /** @default sgd({ mom: 0.9 }) */
  readonly optFunc?: Optimizer;
  /**
   * Learning rate of `fit` unless it is given another.
   * @default 1e-3
   */
  readonly lr?: LearningRate;
  /** Parameter groups, first layers first. Default: the model's own, or one group. */
  readonly splitter?: (model: Model) => readonly ParamGroup[];
  /** Measures of validation. @default [] */
  readonly metrics?: readonly Metric[];
  /** Weight decay. Default: the optimizer's. */
  readonly wd?: number;
  /** Changes the gradients before the update; clipping, for one. */
  readonly gradientTransform?: GradientTransform;
  /** Seed of the initial weights and of dropout: an integer in [0, 2⁵³). @default 0 */
  readonly seed?: number;
  /** How ONNX Runtime runs: provider and threads. */
  readonly runtime?: SessionOptions;
}

/** What `fit` takes. */
export interface FitOptions {
  /** Learning rate. Default: the learner's. */
  readonly lr?: LearningRate;
  /** Stops the training between two steps; `fit` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each step. */
  readonly onStep?: (step: FitStep) => void;
}

/** One step of `fit`. */
export interface FitStep {
  /** 0-based epoch of this fit. */
  readonly epoch: number;
  /** 0-based step of this epoch. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly lrs: readonly number[];
  /** Loss of the mini-batch before the update. */
  readonly loss: number;
}

/** One finished epoch. */
export interface EpochRecord {
  /** 0-based number in the learner's life. */
  readonly epoch: number;
  /** Mean of the mini-batches' losses, each before its update. */
  readonly trainLoss: number;
  /** Mean loss over the validation set; absent where there is none. */
  readonly validLoss?: number;
  /** Measures of the validation set, by name. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** What validation found. */
export interface Validation {
  /** Mean loss over all items. */
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * Data, a model, a loss and an optimizer, and the loop that trains: fastai's `Learner`.
 *
 * @example
 * ```ts
 * const dls = await imageDataLoadersFromIdx({ images: "images.gz", labels: "labels.gz" });
 * const model = sequential(flatten(), linear(784, 128), relu(), linear(128, 10));
 * await using learn = new Learner({ dls, model, lossFunc: crossEntropy(), metrics: [accuracy] });
 * const { lr } = await learn.lrFind();
 * if (lr !== null) await learn.fit(1, { lr });
 * ```
 *
 * Source: Howard and Gugger (2020), fastai: A Layered API for Deep Learning.
 */
export class Learner implements Trainer, AsyncDisposable {
  readonly dls: DataLoaders;
  readonly model: Model;
  readonly lossFunc: LossFunc;
  readonly optFunc: Optimizer;
  readonly seed: number;
  readonly #options: LearnerOptions;
  readonly #groups: readonly ParamGroup[];
  readonly #steps: StepRunner;
  readonly #evaluator: Evaluator;
  #state: TrainState;
  /** Whether somebody outside may hold the current state, so that its tensors must not be written again. */
  #stateIsShared = true;
  #fitting = false;

  constructor(options: LearnerOptions) {
    this.#options = options;
    this.dls = options.dls;
    this.model = isLayer(options.model) ? modelOf(options.model) : options.model;
    this.lossFunc = options.lossFunc;
    this.optFunc = options.optFunc ?? sgd();
    this.seed = options.seed ?? 0;
    this.#groups = options.splitter?.(this.model) ??
      this.model.paramGroups ?? [{ name: "all", parameters: this.model.parameters.map(({ name }) => name) }];
    ratesOf(options.lr ?? DEFAULT_LR, this.#groups.length, "Learner");
    const { runtime = {}, gradientTransform } = options;
    this.#steps = new StepRunner({
      model: this.model,
      lossFunc: this.lossFunc,
      optimizer: this.optFunc,
      groups: this.#groups,
      runtime,
      ...(gradientTransform ? { gradientTransform } : {}),
    });
    this.#evaluator = new Evaluator(this.model, this.lossFunc, runtime);
    this.#state = initialState(this.model, this.seed);
  }

  /** Names of the parameter groups, first layers first. */
  get paramGroups(): readonly string[] {
    return this.#groups.map(({ name }) => name);
  }

  /** All that training has changed so far: an immutable snapshot. */
  get state(): TrainState {
    this.#stateIsShared = true;
    return this.#state;
  }

  /** Names of the parameters that are trained. */
  get trained(): ReadonlySet<string> {
    return new Set(this.#groups.flatMap(({ parameters }) => parameters));
  }

  /**
   * Trains for `nEpoch` epochs at a constant learning rate.
   *
   * @param nEpoch - A whole number from 0 up.
   * @returns One record per epoch.
   * @throws {NonFiniteLossError} when a loss is NaN or infinite; the learner keeps the state before that step.
   * @throws The signal's reason, when it is aborted; the learner keeps the last finished step.
   */
  async fit(nEpoch: number, options: FitOptions = {}): Promise<EpochRecord[]> {
    if (!Number.isInteger(nEpoch) || nEpoch < 0) {
      throw new LearnerError({
        where: "fit nEpoch",
        expected: "a whole number from 0 up",
        got: String(nEpoch),
      });
    }
    const lrs = ratesOf(options.lr ?? this.#options.lr ?? DEFAULT_LR, this.#groups.length, "fit");
    if (this.#fitting) {
      throw new LearnerError({ where: "fit", expected: "no other fit to be running", got: "one that is" });
    }
    this.#fitting = true;
    try {
      const records: EpochRecord[] = [];
      for (let epoch = 0; epoch < nEpoch; epoch++) records.push(await this.#fitEpoch(epoch, lrs, options));
      return records;
    } finally {
      this.#fitting = false;
    }
  }

  /**
   * Loss and metrics over the validation set.
   *
   * @throws {LearnerError} when the data loaders have none.
   */
  async validate(): Promise<Validation> {
    return this.#validateState(this.state);
  }

  /**
   * Finds a learning rate: a range test from the current state, which it leaves as it is, and what the suggesters
   * read off the curve.
   *
   * @param options - As `lrFind` of "lrfind" takes them.
   */
  lrFind<const S extends readonly Suggester[]>(options?: LrFindOptions<S>): Promise<LrFindResult<S>> {
    return lrFind(this, options);
  }

  /**
   * Begins a mock training, as the finder does. It holds on to the state and drops its own: nothing is copied, and
   * there is nothing to restore. With a seed it has its own order of mini-batches and, where no step has been
   * made, its own initial weights.
   */
  async startTrial(options: { readonly seed?: number; readonly signal?: AbortSignal } = {}): Promise<Trial> {
    const { seed } = options;
    const fresh = seed !== undefined && this.#state.step === 0;
    return new LearnerTrial({
      steps: this.#steps,
      state: fresh ? { ...initialState(this.model, seed), epoch: this.#state.epoch } : this.state,
      loader: seed === undefined ? this.dls.train : this.dls.train.with({ seed }),
      hyper: this.#hyper,
      trained: this.trained,
      seed: seed ?? this.seed,
      groups: this.#groups.length,
      ...(this.dls.valid
        ? { validate: async (state: TrainState) => (await this.#validateState(state)).loss }
        : {}),
    });
  }

  /** Releases ONNX Runtime's sessions. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#steps[Symbol.asyncDispose]();
    await this.#evaluator[Symbol.asyncDispose]();
  }

  get #hyper(): Hyper {
    const { wd = this.optFunc.defaults.wd } = this.#options;
    return { ...this.optFunc.defaults, wd };
  }

  async #fitEpoch(
    epoch: number,
    lrs: readonly number[],
    { signal, onStep }: FitOptions,
  ): Promise<EpochRecord> {
    const loader: DataLoader = this.dls.train;
    const trained = this.trained;
    const hyper = this.#hyper;
    const stepsPerEpoch = loader.batchesPerEpoch;
    let total = 0;
    let recycle: TrainState["tensors"] | undefined;
    for (let step = 0; step < stepsPerEpoch; step++) {
      signal?.throwIfAborted();
      const batch = await loader.batchAt(this.#state.epoch, step);
      const before = this.#state;
      const options = { lrs, hyper, trained, seed: this.seed, ...(recycle ? { recycle } : {}) };
      const { state, loss } = await this.#steps.step(before, batch, options);
      if (!Number.isFinite(loss)) throw new NonFiniteLossError("fit", loss, before.step);
      // Two sets of tensors take turns, unless somebody was given the older one.
      recycle = this.#stateIsShared ? undefined : before.tensors;
      this.#state = state;
      this.#stateIsShared = false;
      total += loss;
      onStep?.({ epoch, step, stepsPerEpoch, lrs, loss });
    }
    this.#state = { ...this.#state, epoch: this.#state.epoch + 1 };
    const validation = this.dls.valid ? await this.#validateState(this.#state) : undefined;
    return {
      epoch: this.#state.epoch - 1,
      trainLoss: total / stepsPerEpoch,
      ...(validation ? { validLoss: validation.loss } : {}),
      metrics: validation?.metrics ?? {},
    };
  }

  async #validateState(state: TrainState): Promise<Validation> {
    const loader = this.dls.valid;
    if (!loader) {
      throw new LearnerError({
        where: "validate",
        expected: "a validation set",
        got: "none",
        hint: "validPct above 0 when making the data loaders",
      });
    }
    const tallies = (this.#options.metrics ?? []).map((metric) => [metric.name, metric.start()] as const);
    let total = 0;
    let count = 0;
    for await (const batch of loader.epoch()) {
      const { prediction, loss } = await this.#evaluator.evaluate(state, batch);
      total += loss * batch.size;
      count += batch.size;
      for (const [, tally] of tallies) tally.add(prediction, batch.targets, loss);
    }
    return {
      loss: total / count,
      metrics: Object.fromEntries(tallies.map(([name, tally]) => [name, tally.value()])),
    };
  }
}

const DEFAULT_LR = 1e-3;

function isLayer(model: Model | Layer): model is Layer {
  return "kind" in model;
}
