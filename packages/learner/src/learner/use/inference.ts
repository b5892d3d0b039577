import type { LossFunc, Metric, Model, SessionOptions } from "@lrfind/engine";
import { type Check, checkArgument } from "lrfind/core";
import type { DataLoaders } from "../../data/index.js";
import { itemsOf } from "../../data/internal.js";
import { LearnerError } from "../errors.js";
import type { Validation } from "../fit/epoch-record.js";
import type { SessionCache } from "../fit/step/session-cache.js";
import type { TrainState } from "../state.js";
import type { StateCell } from "../state-cell.js";
import type { Prediction, PredictOptions } from "./decode-output.js";
import { decodeOutput, meaningOf, thresholdOf } from "./decode-output.js";
import { Evaluator } from "./evaluator.js";
import type { ExportOptions, ExportResult } from "./export.js";
import { exportTo } from "./export.js";
import type { ConfusionMatrix, TopLoss } from "./interpretation.js";
import { countConfusions, largestLosses } from "./interpretation.js";
import type { Predictions } from "./predictions.js";
import { encodeItem, isTensor, predictAll } from "./predictions.js";
import { checkTta, type TtaOptions, testTimeAugmented } from "./test-time.js";
import type { EvaluationOptions } from "./validate.js";
import { checkClasses, checkEvaluation, evaluationLoader, validateOn } from "./validate.js";

/** What evaluating a model takes. */
export interface InferenceOptions {
  readonly dls: DataLoaders;
  readonly model: Model;
  readonly lossFunc: LossFunc;
  readonly metrics?: readonly Metric[];
  readonly runtime: SessionOptions;
  readonly cell: StateCell;
  readonly sessions: SessionCache;
}

/** The part of a `Learner` that uses the model and leaves it as it is. */
export abstract class Inference implements AsyncDisposable {
  readonly dls: DataLoaders;
  readonly model: Model;
  readonly lossFunc: LossFunc;
  readonly metrics: readonly Metric[];
  /** The current state. */
  protected readonly cell: StateCell;
  /** ONNX Runtime's sessions, for training too. */
  protected readonly sessions: SessionCache;
  readonly #evaluator: Evaluator;

  constructor({ dls, model, lossFunc, metrics = [], runtime, cell, sessions }: InferenceOptions) {
    checkClasses("Learner dls.valid", dls.valid, dls);
    this.dls = dls;
    this.model = model;
    this.lossFunc = lossFunc;
    checkMetricNames(metrics);
    this.metrics = metrics;
    this.cell = cell;
    this.sessions = sessions;
    this.#evaluator = new Evaluator({ model, lossFunc, runtime, sessions });
  }

  /** All that training has changed so far: an immutable snapshot. */
  get state(): TrainState {
    return this.cell.share();
  }

  /** Loss and metrics over the validation set, or another. @throws {LearnerError} when there is none. */
  async validate(options: EvaluationOptions = {}): Promise<Validation> {
    this.sessions.checkOpen("validate");
    checkEvaluation("validate", options);
    return this.validateState(this.state, options);
  }

  /** The model's outputs for the validation set, or another. @throws {LearnerError} when there is none. */
  async getPreds(options: EvaluationOptions = {}): Promise<Predictions> {
    this.sessions.checkOpen("getPreds");
    checkEvaluation("getPreds", options);
    const loader = evaluationLoader("getPreds", options.loader, this.dls);
    return predictAll(loader, this.#evaluator, this.state.tensors, { signal: options.signal });
  }

  /**
   * Predictions for the validation set, or another, averaged over augmented items: `p = (1 − β) Σ pₖ / n + β p₀`, with pₖ
   * those of the k-th augmentation by the data's own augmentations of training, and p₀ that of the item as it is.
   * Probabilities, where the outputs stand for classes or labels, and `ending` says which.
   *
   * @param options - See `TtaOptions`.
   * @throws {LearnerError} when there is no such set, or an option cannot be used.
   *
   * Source: fastai's `Learner.tta`.
   */
  async tta(options: TtaOptions = {}): Promise<Predictions> {
    this.sessions.checkOpen("tta");
    checkTta(options);
    const loader = evaluationLoader("tta", options.loader, this.dls);
    const parts = { ...options, lossFunc: this.lossFunc, vocab: this.dls.vocab };
    return testTimeAugmented(loader, this.#evaluator, this.state.tensors, parts);
  }

  /**
   * What the model makes of one item: a raw one, where the data loaders have a processor; else a tensor of the shape
   * trained on, without the batch dimension.
   *
   * @throws {LearnerError} when the item is neither.
   * @throws {OptionError} when an option cannot be used.
   */
  async predict(item: unknown, options: PredictOptions = {}): Promise<Prediction> {
    this.sessions.checkOpen("predict");
    const threshold = thresholdOf("predict", options);
    const inputs = await encodeItem(item, this.dls);
    const { dtype, shape, data } = await this.#evaluator.predict(this.state.tensors, inputs);
    const output = { dtype, shape: shape.slice(1), data };
    const { lossFunc } = this;
    const { vocab } = this.dls;
    const meaning = meaningOf(output.shape, {
      lossFunc,
      ending: await this.#evaluator.ending(inputs),
      vocab,
    });
    return decodeOutput(output, meaning, { vocab, threshold });
  }

  /**
   * What outputs say, item by item: classes, labels or numbers, as `predict` gives them.
   *
   * @param predictions - What `getPreds` or `tta` gives; or outputs, [items, …], and what the model ends in.
   * @throws {OptionError} when it is none, or an option cannot be used.
   *
   * @example
   * ```ts
   * const preds = await learn.getPreds();
   * learn.decode(preds).map(({ label }) => label); // ["dog", "cat", …]
   * ```
   *
   * Source: fastai's `Learner.get_preds(with_decoded=True)`.
   */
  decode(
    predictions: Pick<Predictions, "predictions" | "ending">,
    options: PredictOptions = {},
  ): Prediction[] {
    this.sessions.checkOpen("decode");
    checkArgument("decode", "predictions", predictions, PREDICTIONS);
    const threshold = thresholdOf("decode", options);
    const { ending, predictions: outputs } = predictions;
    const { vocab } = this.dls;
    const meaning = meaningOf(outputs.shape.slice(1), { lossFunc: this.lossFunc, ending, vocab });
    return itemsOf(outputs).map((output) => decodeOutput(output, meaning, { vocab, threshold }));
  }

  /** The `k` items of the validation set, or another, with the largest losses, largest first. Default: 9. */
  async topLosses(k = 9, options: EvaluationOptions = {}): Promise<TopLoss[]> {
    this.sessions.checkOpen("topLosses");
    checkEvaluation("topLosses", options);
    const loader = evaluationLoader("topLosses", options.loader, this.dls);
    return largestLosses(loader, this.#evaluator, this.state.tensors, { k, signal: options.signal });
  }

  /** How often which class was taken for which, in the validation set or another. @throws {LearnerError} */
  async confusionMatrix(options: EvaluationOptions = {}): Promise<ConfusionMatrix> {
    checkEvaluation("confusionMatrix", options);
    this.sessions.checkOpen("confusionMatrix");
    return countConfusions(await this.getPreds(options), this.dls.vocab, this.lossFunc.labels);
  }

  /**
   * Writes the model as a plain inference `.onnx`, which any ONNX Runtime runs with the outputs of `getPreds` (logits,
   * where the loss takes logits and the model does not end in their softmax), with how items were prepared and how
   * outputs are to be read in its metadata: `loadLearner` predicts from it.
   */
  async export(path: string | URL, options: ExportOptions = {}): Promise<ExportResult> {
    this.sessions.checkOpen("export");
    const { model, state, dls, lossFunc } = this;
    return exportTo(path, { model, state, dls, lossFunc }, options);
  }

  /**
   * Releases ONNX Runtime's sessions. A fit, search or evaluation that is running rejects at its next mini-batch, and
   * so does every later call; disposing twice is harmless.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.sessions[Symbol.asyncDispose]();
  }

  /** Loss and metrics of some state. */
  protected validateState(state: TrainState, options: EvaluationOptions = {}): Promise<Validation> {
    const loader = evaluationLoader("validate", options.loader, this.dls);
    const { metrics, lossFunc } = this;
    return validateOn(loader, this.#evaluator, state.tensors, { metrics, lossFunc, signal: options.signal });
  }
}

const PREDICTIONS: Check = {
  expected: "predictions",
  accepts: (value) => isTensor((Object(value) as Partial<Predictions>).predictions),
  hint: () => "await learn.getPreds()",
};

/** Names that records give to losses. */
const LOSS_NAMES = ["trainLoss", "validLoss"];

/** Checks that no metric would overwrite another, or a loss, in records. @throws {LearnerError} */
function checkMetricNames(metrics: readonly Metric[]): void {
  const names = metrics.map(({ name }) => name);
  const taken = names.find((name, i) => LOSS_NAMES.includes(name) || names.indexOf(name) !== i);
  if (taken === undefined) return;
  throw new LearnerError({
    where: "Learner metrics",
    expected: "metrics with names of their own",
    got: LOSS_NAMES.includes(taken) ? `one named "${taken}", as a loss is` : `two named "${taken}"`,
    hint: `{ ...metric, name: "another name" }`,
  });
}
