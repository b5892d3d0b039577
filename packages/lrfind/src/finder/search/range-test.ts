import type { Curve, CurvePoint } from "../curve/curve.js";
import type { PointMeasured, SearchEvent } from "../stream/events.js";
import { relay } from "../stream/relay.js";
import { type RangeTestOptions, resolveOptions } from "./options.js";
import type { LrFindResult, SearchResult } from "./result.js";
import { searchEvents } from "./search.js";
import { plainSearch } from "./search-options.js";
import type { Trainer } from "./trainer.js";

/**
 * Trains for some steps at a rate that rises from step to step, records the losses, and takes it all back.
 *
 * The points of a `search` that asks no suggester. Leaving the loop early (`break`, `return`, an exception) takes the
 * training back. `lrFind` keeps the curve and reads suggestions off it.
 *
 * @param trainer - What to train: a `Learner`, an adapter's trainer, or your own.
 * @param options - Range, number of steps, stopping and smoothing; see `RangeTestOptions` for the defaults.
 * @returns An async generator of one point per step, which returns the whole curve with the reason why it
 *   ended. Divergence, a non-finite loss (recorded as the last point) and an abort are such reasons, not errors.
 * @throws LrFindOptionError at once, before any training, for an option that cannot be used.
 * @throws What the trainer throws, after the trial is disposed.
 *
 * @example
 * ```ts
 * for await (const { step, lr, loss } of rangeTest(trainer, { numIt: 200 })) {
 *   console.log(step, lr, loss);
 * }
 *
 * // The curve is the generator's return value, which a for-await loop drops:
 * const test = rangeTest(trainer);
 * let next = await test.next();
 * while (!next.done) next = await test.next();
 * const curve = next.value;
 * ```
 *
 * Source: L. N. Smith, "Cyclical Learning Rates for Training Neural Networks" (WACV 2017, arXiv 1506.01186),
 * §3.3, "LR range test"; the exponential sweep, smoothing and stopping are fastai's.
 */
export function rangeTest(
  trainer: Trainer,
  options: RangeTestOptions = {},
): AsyncGenerator<CurvePoint, Curve, void> {
  const asked = plainSearch(resolveOptions("rangeTest", trainer, options), options);
  return pointsOf(searchEvents("rangeTest", trainer, asked));
}

async function* pointsOf(
  events: AsyncGenerator<SearchEvent, SearchResult, void>,
): AsyncGenerator<CurvePoint, Curve, void> {
  const result = yield* relay(events, (event) => (event.kind === "point" ? pointOf(event) : undefined));
  return (result as LrFindResult).curve;
}

/** The point that an event tells of. */
export function pointOf({ step, lr, lrs, loss, smoothed }: PointMeasured): CurvePoint {
  return { step, lr, ...(lrs === undefined ? {} : { lrs }), loss, smoothed };
}
