import { type Smoothing, unsmooth } from "./unsmooth.js";

/** Fewer losses do not tell noise from shape. */
const FEWEST = 12;

/**
 * Below these, losses count as smoothed: found on 166 recorded range tests of 21 small tasks, and on made-up ones with
 * noise of 0.3 to 25 % of the fall, as they are and smoothed. Of the smoothed ones 2 % are taken for raw, of the raw ones
 * 17 % for smoothed: those that have hardly any noise.
 */
const LIMITS = { "torch-lr-finder": -0.6, fastai: -0.5 } as const;

/**
 * Whose smoothing a finder's stored losses bear, by their looks; null for raw ones.
 *
 * Lightning's bias correction makes the first losses 1/2, 2/3, 3/4, … of the raw ones, which nothing else does. Other
 * smoothing shows in what taking it back leaves: of smoothed losses the raw ones, of raw ones some wild numbers.
 *
 * @param losses - As they were stored, from the first step on.
 * @param columnName - `"losses"` is what fastai's recorder calls them, `"loss"` what the others do.
 */
export function recogniseSmoothing(losses: readonly number[], columnName: string): Smoothing | null {
  if (startsLikeLightning(losses)) return "lightning";
  const by = columnName === "losses" ? "fastai" : "torch-lr-finder";
  return isSmoothed(losses, by) ? by : null;
}

/** Whether losses of a log of whatever kind look like a finder's smoothed ones, beyond doubt. */
export function looksSmoothed(losses: readonly number[]): boolean {
  return losses.length >= 40 && isSmoothed(losses, "fastai") && successive(fallOf(losses)) > -0.2;
}

function isSmoothed(losses: readonly number[], by: keyof typeof LIMITS): boolean {
  const fall = fallOf(losses);
  if (fall.length < FEWEST || !fall.every(Number.isFinite)) return false;
  const range = fall.reduce((a, b) => Math.max(a, b)) - fall.reduce((a, b) => Math.min(a, b));
  const wildness = Math.log10(noiseOf(unsmooth(losses, by).slice(0, fall.length)) / range);
  return wildness - 3 * (successive(fall) + 0.28) < LIMITS[by];
}

/** The losses up to the smallest: behind it they rise, and their rise says nothing of noise. */
function fallOf(losses: readonly number[]): readonly number[] {
  let lowest = 0;
  for (let i = 1; i < losses.length; i++) if (losses[i]! < losses[lowest]!) lowest = i;
  return losses.slice(0, Math.max(30, lowest + 1));
}

/** The standard deviation of a single loss, by the median of what each is apart from the mean of its neighbours. */
function noiseOf(losses: readonly number[]): number {
  const apart = losses
    .slice(2)
    .map((loss, i) => Math.abs(losses[i]! - 2 * losses[i + 1]! + loss) / Math.sqrt(6));
  return 1.4826 * median(apart);
}

/**
 * How far one change goes on in the next, from −1 to 1: −0.5 about where each loss has noise of its own, as what is up
 * comes down; 0 about in a moving average, whose changes have noise of their own.
 */
function successive(losses: readonly number[]): number {
  const changes = losses.slice(1).map((loss, i) => loss - losses[i]!);
  // Without what the whole neighbourhood does, which is the shape of the curve.
  const own = changes.map((change, i) => change - median(changes.slice(Math.max(0, i - 5), i + 6)));
  let together = 0;
  let size = 0;
  for (const [i, change] of own.entries()) {
    size += Math.abs(change);
    const product = change * (own[i + 1] ?? 0);
    together += Math.sign(product) * Math.sqrt(Math.abs(product));
  }
  return size === 0 ? 0 : together / size;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Whether the first losses rise as 1 − 0.98^(i + 1) over 1 − 0.98^(i + 2) does. */
function startsLikeLightning(losses: readonly number[]): boolean {
  const start = losses.slice(0, 8);
  if (start.length < 8 || !start.every((loss) => loss > 0 && Number.isFinite(loss))) return false;
  const x = start.map((_, i) => Math.log((1 - 0.98 ** (i + 1)) / (1 - 0.98 ** (i + 2))));
  const y = start.map(Math.log);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const slope =
    x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0) /
    x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
  return slope > 0.6 && slope < 1.6 && losses[0]! < 0.8 * losses[3]!;
}
