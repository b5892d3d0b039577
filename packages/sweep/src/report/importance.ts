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
  return axes
    .map((axis): Importance => {
      const random = new RandomSequence({ seed: 0, stream: axis });
      const shares = Array.from({ length: RESAMPLES }, () =>
        shareOf(
          finite.map(() => finite[random.int(finite.length)]!),
          axis,
        ),
      ).sort((a, b) => a - b);
      return {
        axis,
        share: shareOf(finite, axis),
        low: shares[Math.floor(0.05 * RESAMPLES)]!,
        high: shares[Math.ceil(0.95 * RESAMPLES) - 1]!,
      };
    })
    .sort((a, b) => b.share - a.share);
}

function shareOf(points: readonly ScoredPoint[], axis: string): number {
  const mean = meanOf(points.map(({ score }) => score));
  const total = points.reduce((sum, { score }) => sum + (score - mean) ** 2, 0);
  if (total === 0) return 0;
  const groups = new Map<string, number[]>();
  for (const { values, score } of points) {
    const value = values[axis]!;
    groups.set(value, [...(groups.get(value) ?? []), score]);
  }
  let between = 0;
  for (const scores of groups.values()) between += scores.length * (meanOf(scores) - mean) ** 2;
  return Math.min(1, between / total);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
