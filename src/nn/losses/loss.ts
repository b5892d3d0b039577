import { LrfindError } from "../../core/index.js";
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

/** Targets that the loss cannot take, such as a class index out of range. */
export class TargetError extends LrfindError {
  override readonly name = "TargetError";
}

/** The place of a flat index in a tensor, as an error message says it: "item 3", or "item 3, position [0, 2]". */
export function placeOf(index: number, shape: readonly number[]): string {
  const rest = shape.slice(1);
  const place: number[] = [];
  let remainder = index;
  for (let d = rest.length - 1; d >= 0; d--) {
    place.unshift(remainder % rest[d]!);
    remainder = Math.floor(remainder / rest[d]!);
  }
  const item = `item ${remainder}`;
  return rest.length > 0 ? `${item}, position [${place.join(", ")}]` : item;
}
