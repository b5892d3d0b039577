import type { GraphBuilder, Tensor, Value } from "../../onnx/index.js";

/** A loss: adds to a graph the scalar that training makes small. */
export interface LossFunc {
  readonly name: string;
  /**
   * Adds the loss of a mini-batch, averaged over its items.
   *
   * @param prediction - The model's output, [N, …].
   * @param targets - What the mini-batch says it should have been.
   * @returns A float32 scalar.
   */
  build(g: GraphBuilder, prediction: Value, targets: readonly Value[]): Value;
  /**
   * Checks targets before they are used.
   *
   * @throws {TargetError} when one is out of range.
   */
  check?(prediction: { readonly shape: readonly number[] }, targets: readonly Tensor[]): void;
}

/** A target that the loss cannot take, such as a class index out of range. */
export class TargetError extends Error {
  override readonly name = "TargetError";
}
