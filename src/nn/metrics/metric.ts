import type { Tensor } from "../../onnx/index.js";

/** A measure of predictions, gathered mini-batch by mini-batch. */
export interface Metric {
  readonly name: string;
  /** Starts a new measurement. */
  start(): MetricTally;
}

/** One measurement in progress. */
export interface MetricTally {
  /**
   * Takes a mini-batch.
   *
   * @param prediction - The model's output, [N, …].
   * @param targets - What the output should have been.
   * @param loss - Mean loss over the mini-batch's items.
   */
  add(prediction: Tensor, targets: readonly Tensor[], loss: number): void;
  /** The measure over all that was added, whatever the mini-batches; NaN when nothing was. */
  value(): number;
}
