/** How far beyond the interesting part of the curve the axis reaches, as a fraction of that part's height. */
const HEADROOM = 0.4;

/** The losses that the picture shows, and whether some lie outside. */
export interface LossRange {
  /** Lowest and highest loss on the axis. */
  readonly domain: readonly [number, number];
  /** The lowest and highest finite loss measured, drawn or not. */
  readonly extent: readonly [number, number] | undefined;
  /** True where the smoothed curve leaves the axis at the top. */
  readonly cutAbove: boolean;
}

/**
 * Chooses the loss axis so that a blow-up does not squash the part one reads.
 *
 * The interesting part is the smoothed loss up to its minimum, with the raw losses there less their most
 * extreme 2 % at either end; the first fifth of the curve always belongs to it. The axis shows that part and
 * 40 % of its height above it. What rises further is cut, and the caller is told.
 *
 * @param smoothed - Smoothed losses, in order of the rates; non-finite ones are passed over.
 * @param raw - Raw losses of the same steps (may be empty).
 * @returns The axis; `[0, 1]` where nothing finite was measured.
 *
 * @example
 * ```ts
 * lossRange([2, 1.5, 1, 900], [2, 1.5, 1, 900]).cutAbove; // true: the axis ends near 2.4, not at 900
 * ```
 */
export function lossRange(smoothed: readonly number[], raw: readonly number[]): LossRange {
  const measured = [...smoothed.filter(Number.isFinite), ...raw.filter(Number.isFinite)];
  if (measured.length === 0) return { domain: [0, 1], extent: undefined, cutAbove: false };
  let [low, high] = extentOf(measured);
  const extent = [low, high] as const;

  const until = Math.max(indexOfMinimum(smoothed) + 1, Math.ceil(smoothed.length / 5));
  const core = smoothed.slice(0, until).filter(Number.isFinite);
  const rawCore = raw
    .slice(0, until)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const spared = Math.floor(rawCore.length / 50);
  const [coreLow, coreHigh] = extentOf([...core, ...rawCore.slice(spared, rawCore.length - spared)]);
  const height = coreHigh - coreLow;

  if (height > 0 && Number.isFinite(height)) {
    high = Math.min(high, coreHigh + HEADROOM * height);
    low = Math.max(low, coreLow - HEADROOM * height);
  }
  // A curve that is flat to rounding still needs an axis with two ends, as wide as the loss is large.
  const size = Math.max(Math.abs(low), Math.abs(high));
  const isFlat = high - low <= 1e-12 * Math.max(size, 1e-100);
  const margin = isFlat ? (size > 1e-100 ? size / 10 : 1) : 0.04 * (high - low);
  const cutAbove = smoothed.some((loss) => Number.isFinite(loss) && loss > high);
  return { domain: [low - margin, high + margin], extent, cutAbove };
}

/** Lowest and highest of finite numbers; a loop, since a spread of a million arguments overflows the stack. */
function extentOf(values: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function indexOfMinimum(values: readonly number[]): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i]!) && (best < 0 || values[i]! < values[best]!)) best = i;
  }
  return best;
}
