import { checkColumns } from "../checks.js";
import type { Curve } from "./curve.js";

/** How many points at the end of a curve no suggester but `edge` reads: the loss is already blowing up there. */
const TRIMMED_AT_END = 5;

/**
 * The part of a curve that is worth reading: smoothed, without its first `floor(numIt / 10)` points (the
 * moving average is still settling) and its last 5 (the loss is blowing up), cut at the first value that is
 * not finite.
 *
 * fastai cuts at the first NaN only. An infinite loss is cut too: a slope to or from infinity has no meaning,
 * and in a moving average every value after an infinite one is infinite or NaN as well.
 *
 * @param curve - A recorded curve, of any length.
 * @returns The half-open index interval `[from, to)` that is kept, and the rates and smoothed losses in it;
 *   empty where the curve is too short.
 * @throws {CurveFormatError} for something without a curve's columns.
 *
 * @example
 * ```ts
 * const { from, to, lr, loss } = trimCurve(curve); // 100 of 100 points: from 10, to 95
 * ```
 */
export function trimCurve(curve: Curve): {
  readonly from: number;
  readonly to: number;
  readonly lr: readonly number[];
  readonly loss: readonly number[];
} {
  checkColumns("trimCurve", curve);
  const from = Math.min(Math.floor(curve.numIt / 10), curve.lr.length);
  const end = Math.max(from, curve.lr.length - TRIMMED_AT_END);
  const kept = curve.smoothed.slice(from, end);
  const firstBad = kept.findIndex((loss) => !Number.isFinite(loss));
  const to = firstBad < 0 ? end : from + firstBad;
  return { from, to, lr: curve.lr.slice(from, to), loss: kept.slice(0, to - from) };
}
