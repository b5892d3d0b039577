import type {
  GradientTransform,
  Layer,
  LossFunc,
  Metric,
  Model,
  Optimizer,
  ParamGroup,
  SessionOptions,
} from "@lrfind/engine";
import type { DataLoaders } from "../data/index.js";
import type { Callback } from "./fit/callbacks/index.js";
import type { FlatCosOptions, Momenta, OneCycleOptions } from "./fit/schedules/index.js";
import type { FoundRate, LearningRate } from "./learning-rate.js";

/** What a `Learner` is made of. */
export interface LearnerOptions {
  /** Training and validation data. */
  readonly dls: DataLoaders;
  /** A model, or a layer to make one of. */
  readonly model: Model | Layer;
  readonly lossFunc: LossFunc;
  /** @default adam() */
  readonly optFunc?: Optimizer;
  /**
   * Learning rate of `fit` and its kin unless they are given another.
   * @default 1e-3
   */
  readonly lr?: LearningRate;
  /** Parameter groups, first layers first. Default: the model's own, or one group. */
  readonly splitter?: (model: Model) => readonly ParamGroup[];
  /** Measures of validation. @default [] */
  readonly metrics?: readonly Metric[];
  /** Callbacks of every fit. @default [] */
  readonly cbs?: readonly Callback[];
  /** Weight decay. Default: the optimizer's. */
  readonly wd?: number;
  /**
   * Momentum at the start, the middle and the end of `fitOneCycle`.
   * @default [0.95, 0.85, 0.95]
   */
  readonly moms?: Momenta;
  /**
   * Whether weight decay applies to biases and normalisation's parameters too.
   * @default false
   */
  readonly wdBnBias?: boolean;
  /**
   * Whether normalisation's parameters are trained in frozen groups too. Batch-norm takes the mini-batch's statistics
   * in training, frozen or not, and moves its running ones.
   * @default true
   */
  readonly trainBn?: boolean;
  /**
   * Mini-batches for one optimizer step, which is that of one large mini-batch of all their items, whatever their sizes
   * and how many labels count in each (but batch-norm sees each by itself); the last step of an epoch takes what is left.
   * Steps, rates and schedules count optimizer steps.
   * @default 1
   */
  readonly accumulate?: number;
  /** Changes the gradients before the update; clipping, for one. */
  readonly gradientTransform?: GradientTransform;
  /** Seed of the initial weights and of dropout: an integer in [0, 2⁵³). @default 0 */
  readonly seed?: number;
  /**
   * Sessions that are kept: ONNX Runtime has one for each shape of mini-batch, for training and evaluating, with and
   * without frozen groups. The one that was not used for the longest is released first; it is made anew, at the cost of
   * building its graph, when its shape comes again. From 1 up.
   * @default 32
   */
  readonly maxSessions?: number;
  /** How ONNX Runtime runs: provider and threads. */
  readonly runtime?: SessionOptions;
}

/** What every kind of fit takes. */
export interface CommonFitOptions {
  /** Weight decay. Default: the learner's. */
  readonly wd?: number;
  /** Callbacks of this fit, beside the learner's. */
  readonly cbs?: readonly Callback[];
  /** Stops the training between two steps; the fit then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called after each step; what it returns is waited for, and what it throws ends the fit. */
  readonly onStep?: (step: FitStep) => unknown;
  /**
   * The epoch to begin with, to go on with a fit that was interrupted after this many: schedules are entered there, and
   * callbacks get back what they remember (the learner's last fit's, or that of the checkpoint that was loaded).
   * @default 0
   */
  readonly startEpoch?: number;
}

/** What `fit` takes. */
export interface FitOptions extends CommonFitOptions {
  /** Learning rate. Default: the learner's. */
  readonly lr?: LearningRate;
}

/** What `fitOneCycle` takes. */
export interface FitOneCycleOptions extends CommonFitOptions, OneCycleOptions {
  /** The largest learning rate. Default: the learner's `lr`. */
  readonly lrMax?: LearningRate;
  /**
   * Momentum at the start, at the largest rate, and at the end. Default: the learner's `moms`. Without effect on an
   * optimizer whose momentum is 0.
   */
  readonly moms?: Momenta;
}

/** What `fitFlatCos` takes. */
export interface FitFlatCosOptions extends FitOptions, FlatCosOptions {}

/** What `fitSgdr` takes. */
export interface FitSgdrOptions extends CommonFitOptions {
  /** The learning rate at the start of each cycle. Default: the learner's `lr`. */
  readonly lrMax?: LearningRate;
  /**
   * Each cycle is this many times as long as the one before.
   * @default 2
   */
  readonly cycleMult?: number;
}

/** What `fineTune` takes; what is not named here goes to both of its fits. */
export interface FineTuneOptions extends Omit<FitOneCycleOptions, "lrMax"> {
  /**
   * Learning rate of the last group while the others are frozen; half of it is the largest afterwards. May be what
   * `lrFind` returned.
   * @default 2e-3
   */
  readonly baseLr?: number | FoundRate;
  /**
   * Epochs with all groups but the last frozen.
   * @default 1
   */
  readonly freezeEpochs?: number;
  /**
   * Afterwards the first group's rate is the last one's divided by this.
   * @default 100
   */
  readonly lrMult?: number;
  /**
   * `pctStart` after unfreezing.
   * @default 0.3
   */
  readonly pctStart?: number;
  /**
   * `div` after unfreezing.
   * @default 5
   */
  readonly div?: number;
}

/** One step of a fit. */
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
