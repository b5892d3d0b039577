import { RandomSequence } from "@lrfind/engine";

/** How much of what scores differ by goes with an axis. */
export interface Importance {
  readonly axis: string;
  /** The share of the variance that the means of its values have: η², from 0 to 1. */
  readonly share: number;
  /** Nine of ten shares of resampled points lie between these. */
  readonly low: number;
  readonly high: number;
}

/** A point's values by axis, and its score. */
export interface ScoredPoint {
  readonly values: Readonly<Record<string, string>>;
  readonly score: number;
}

const RESAMPLES = 400;
/** Fewer points than these say nothing of an axis. */
const FEWEST = 4;

/**
 * The importance of each axis with more than one value: η² = Σ nᵥ (mean of v − mean)² / Σ (score − mean)², over the values v of the
 * axis, the largest first. Its uncertainty is that of the points: resampled with replacement, from a fixed seed.
 *
 * Source: Fisher, Statistical Methods for Research Workers (1925), for η²; Efron and Tibshirani, An Introduction to the Bootstrap
 * (1993), §13.3, for percentiles.
 */
export function importancesOf(points: readonly ScoredPoint[]): readonly Importance[] {
  const finite = points.filter(({ score }) => Number.isFinite(score));
  if (finite.length < FEWEST) return [];
  const axes = Object.keys(finite[0]!.values).filter(
    (axis) => new Set(finite.map(({ values }) => values[axis])).size > 1,
  );
  const scores = Float64Array.from(finite, ({ score }) => score);
  const all = Int32Array.from(finite, (_, i) => i);
  const chosen = new Int32Array(finite.length);
  return axes
    .map((axis): Importance => {
      const random = new RandomSequence({ seed: 0, stream: axis });
      const groups = groupsOf(finite, axis);
      const shares = Float64Array.from({ length: RESAMPLES }, () => {
        for (let i = 0; i < chosen.length; i++) chosen[i] = random.int(finite.length);
        return shareOf(scores, groups, chosen);
      }).sort();
      return {
        axis,
        share: shareOf(scores, groups, all),
        low: shares[Math.floor(0.05 * RESAMPLES)]!,
        high: shares[Math.ceil(0.95 * RESAMPLES) - 1]!,
      };
    })
    .sort((a, b) => b.share - a.share);
}

/** For each point the number of its value. */
function groupsOf(points: readonly ScoredPoint[], axis: string): Int32Array {
  const numbers = new Map<string, number>();
  return Int32Array.from(points, ({ values }) => {
    const value = values[axis]!;
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    return number;
  });
}

/** η² of the chosen points. */
function shareOf(scores: Float64Array, groups: Int32Array, chosen: Int32Array): number {
  const mean = chosen.reduce((sum, i) => sum + scores[i]!, 0) / chosen.length;
  // Deviations from the mean, not scores: their sums lose no digits where the scores are alike.
  const sums: number[] = [];
  const counts: number[] = [];
  let total = 0;
  for (const i of chosen) {
    const group = groups[i]!;
    const deviation = scores[i]! - mean;
    sums[group] = (sums[group] ?? 0) + deviation;
    counts[group] = (counts[group] ?? 0) + 1;
    total += deviation ** 2;
  }
  if (total === 0) return 0;
  const between = sums.reduce((sum, one, group) => sum + one ** 2 / counts[group]!, 0);
  return Math.min(1, between / total);
}
