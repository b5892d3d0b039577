import { check, losses as lossesCheck } from "../checks.js";

/** Width of the Gaussian, in steps. */
const SIGMA = 2.5;

/** Beyond this many steps a weight is below 1e-21 of the middle one: leaving it out changes no double. */
const REACH = Math.ceil(10 * SIGMA);

/** Fewer points than these carry no shape. */
const FEWEST = 8;

/** The raw losses of a curve without their noise, and how sure one can be of them. */
export interface DenoisedLoss {
  /** How many points came before the first non-finite loss. */
  readonly length: number;
  /** The losses under a symmetric Gaussian: no lag, unlike a moving average. */
  readonly smooth: Float64Array;
  /** Mean of the first fifth of the losses: what the model starts from. */
  readonly start: number;
  /** Index and value of the smallest smooth loss. */
  readonly lowest: { readonly index: number; readonly loss: number };
  /** Standard deviation of a single loss around the smooth one. */
  readonly noise: number;
  /** Standard error of the smooth loss. */
  readonly standardError: number;
}

/**
 * Separates the shape of a curve's raw losses from their mini-batch noise.
 *
 * With r the raw losses up to the first non-finite one, n their number, q = max(5, ⌊n/5⌋), h = max(8, ⌊n/2⌋):
 * r is clipped from above at 2.5 times the median b of its first q (where b > 0), so that a blow-up does not
 * bleed into the steps before it; `g[i] = Σ w_ij r[j] / Σ w_ij`, `w_ij = exp(−((i − j) / 2.5)² / 2)`; the noise
 * is 1.4826 times the median absolute deviation of r − g over the first h, and the standard error of g that
 * noise over `sqrt(2 · 2.5 · sqrt(π))`, the square root of the Gaussian's effective number of points.
 *
 * @param losses - Raw losses, in step order.
 * @returns The parts, or null for fewer than 8 finite losses, or losses so large that their sum overflows.
 *
 * @example
 * ```ts
 * const shape = denoise(curve.loss);
 * const fell = shape !== null && shape.start - shape.lowest.loss > 3 * shape.standardError;
 * ```
 */
export function denoise(losses: readonly number[]): DenoisedLoss | null {
  check("denoise", "losses", losses, lossesCheck);
  const firstBad = losses.findIndex((loss) => !Number.isFinite(loss));
  const length = firstBad < 0 ? losses.length : firstBad;
  if (length < FEWEST) return null;

  const head = Math.max(5, Math.floor(length / 5));
  const half = Math.max(8, Math.floor(length / 2));
  const raw = Float64Array.from(losses.slice(0, length));
  const middle = median(raw.slice(0, head));
  if (middle > 0) {
    const ceiling = 2.5 * middle;
    for (let i = 0; i < length; i++) raw[i] = Math.min(raw[i]!, ceiling);
  }

  const smooth = gaussianMean(raw);
  let lowest = 0;
  for (let i = 1; i < length; i++) if (smooth[i]! < smooth[lowest]!) lowest = i;
  let sum = 0;
  for (let i = 0; i < head; i++) sum += raw[i]!;
  const start = sum / head;
  const noise = 1.4826 * medianAbsoluteDeviation(raw.subarray(0, half), smooth);
  const standardError = noise / Math.sqrt(2 * SIGMA * Math.sqrt(Math.PI));
  if (!Number.isFinite(start) || !Number.isFinite(standardError) || !smooth.every(Number.isFinite))
    return null;
  return { length, smooth, start, lowest: { index: lowest, loss: smooth[lowest]! }, noise, standardError };
}

/** The Gaussian-weighted mean around every value, renormalised where the kernel leaves the array. */
function gaussianMean(values: Float64Array): Float64Array {
  const weights = Float64Array.from({ length: REACH + 1 }, (_, d) => Math.exp(-((d / SIGMA) ** 2) / 2));
  return values.map((_, i) => {
    const to = Math.min(values.length - 1, i + REACH);
    let sum = 0;
    let total = 0;
    for (let j = Math.max(0, i - REACH); j <= to; j++) {
      const weight = weights[Math.abs(i - j)]!;
      sum += weight * values[j]!;
      total += weight;
    }
    return sum / total;
  });
}

/** Median of |d − median(d)|, d = values − centres. */
function medianAbsoluteDeviation(values: Float64Array, centres: Float64Array): number {
  const differences = values.map((value, i) => value - centres[i]!);
  const centre = median(differences.slice());
  return median(differences.map((difference) => Math.abs(difference - centre)));
}

/** Median, the mean of the middle two for an even number; sorts its argument. */
function median(values: Float64Array): number {
  values.sort();
  const half = values.length >> 1;
  return values.length % 2 === 1 ? values[half]! : (values[half - 1]! + values[half]!) / 2;
}
