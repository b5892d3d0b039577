import type { GraphBuilder, Tensor, Value } from "../../onnx/index.js";
import { placeOf, TargetError } from "./loss.js";

/**
 * Targets as float32 in the prediction's shape. The two may differ in dimensions of size 1 ([N] for [N, 1]), but
 * are never broadcast: [N] against [N, N] is a mistake.
 *
 * @throws {TargetError} when the shapes differ otherwise.
 */
export function alignTarget(
  where: string,
  g: GraphBuilder,
  prediction: Value,
  target: Value | undefined,
): Value {
  const essential = (shape: readonly number[]) => String(shape.filter((dim) => dim !== 1));
  if (!target || essential(target.shape) !== essential(prediction.shape)) {
    const got = target ? `[${target.shape.join(", ")}]` : "none";
    throw new TargetError({
      where,
      expected: `targets of the prediction's shape [${prediction.shape.join(", ")}]`,
      got,
    });
  }
  return g.reshape(g.cast(target, "float32"), prediction.shape);
}

/** Checks that all targets are finite and in [low, high]. @throws {TargetError} that names the first that is not. */
export function checkRange(
  where: string,
  target: Tensor | undefined,
  low = Number.NEGATIVE_INFINITY,
  high = Number.POSITIVE_INFINITY,
): void {
  const data = target?.data ?? [];
  for (let i = 0; i < data.length; i++) {
    const value = Number(data[i]);
    if (value >= low && value <= high && Number.isFinite(value)) continue;
    const range = Number.isFinite(low) ? `in [${low}, ${high}]` : "that are finite";
    throw new TargetError({
      where,
      expected: `targets ${range}`,
      got: `${value} at ${placeOf(i, target!.shape)} of the mini-batch`,
    });
  }
}
