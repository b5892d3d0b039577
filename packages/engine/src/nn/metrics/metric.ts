import type { Tensor } from "../../onnx/index.js";
import type { LabelOptions } from "../losses/loss.js";

/** A measure of predictions, gathered mini-batch by mini-batch. */
export interface Metric {
  /** What records call it, different for each metric of a learner. */
  readonly name: string;
  /**
   * Which way is better, for callbacks that watch it. Without it they are to be told: `{ monitor: "mape", better:
   * "smaller" }`.
   */
  readonly better?: "smaller" | "larger";
  /**
   * Starts a new measurement.
   *
   * @param labels - How the loss reads the targets, where they are class indices; the metric counts them alike.
   */
  start(labels?: LabelOptions): MetricTally;
}

/** A mini-batch's loss before the division. */
export interface LossNumbers {
  readonly sum: number;
  /** Items, elements or labels that count, or their weights. */
  readonly weight: number;
}

/** One measurement in progress. */
export interface MetricTally {
  /**
   * Takes a mini-batch.
   *
   * @param prediction - The model's output, [N, …].
   * @param targets - What the output should have been.
   * @param loss - Mean loss over the mini-batch; NaN where its weight is 0.
   * @param parts - What that is the quotient of: the mean over several mini-batches is `Σ sum / Σ weight`.
   */
  add(prediction: Tensor, targets: readonly Tensor[], loss: number, parts: LossNumbers): void;
  /** The measure over all that was added, whatever the mini-batches; NaN when nothing was. */
  value(): number;
}
