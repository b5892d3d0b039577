import { formatRate } from "../core/index.js";
import { denoise } from "../finder/index.js";
import { LogError } from "./errors.js";
import type { Row } from "./join.js";

/** Fewer than these show no shape. */
const FEWEST_STEPS = 8;
/** A range test goes over several powers of ten; a schedule's warm-up may go over one. */
const LEAST_FACTOR = 10;
/** More rows of one rate than a printer's rounding makes are a schedule's plateau. */
const LONGEST_TIE = 3;

/** A stretch whose rates rise from step to step. */
export interface Stretch {
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
}

interface Tie extends Row {
  /** How many rows have its rate. */
  readonly count: number;
}

/**
 * The longest stretch whose rates rise. Rows of one rate, as few decimals make them, become one with the mean of their
 * losses.
 *
 * @param name - The log's name, for errors.
 * @throws {LogError} of the kind `noRangeTest` where what rises is too short, or only the warm-up of a training.
 */
export function risingStretch(all: readonly Row[], name: string): Stretch {
  const positive = all.filter(({ lr }) => lr > 0 && Number.isFinite(lr));
  const ties = tiesOf(positive);
  const [from, to] = longest(ties);
  const rising = ties.slice(from, to);
  const covered = rising.reduce((sum, { count }) => sum + count, 0);
  check(rising, { all: positive, covered, name });
  const merged = covered - rising.length;
  const cut = positive.length - covered;
  const left = all.length - positive.length;
  return {
    rows: rising,
    notes: [
      ...(left > 0 ? [`${left} ${left === 1 ? "row" : "rows"} with a rate of 0, or none, left out.`] : []),
      ...(merged > 0
        ? [`${merged} rows repeat the rate before them: the mean of their losses is taken.`]
        : []),
      ...(cut > 0
        ? [`Of ${positive.length} rows the ${covered} whose rates rise are taken, ${span(rising)}.`]
        : []),
    ],
  };
}

/** Runs of one rate. */
function tiesOf(rows: readonly Row[]): Tie[] {
  const ties: (Tie & { loss: number; count: number })[] = [];
  for (const row of rows) {
    const last = ties.at(-1);
    if (last?.lr !== row.lr) {
      ties.push({ ...row, count: 1 });
      continue;
    }
    last.count++;
    last.loss += (row.loss - last.loss) / last.count;
  }
  return ties;
}

/** Where the longest rising stretch begins and ends, a plateau at its end left out. */
function longest(ties: readonly Tie[]): readonly [from: number, to: number] {
  let best: readonly [number, number] = [0, 0];
  let from = 0;
  for (let i = 0; i <= ties.length; i++) {
    const rises = i > from && i < ties.length && ties[i]!.lr > ties[i - 1]!.lr;
    if (i === from || rises) continue;
    const last = ties[i - 1]!.count > LONGEST_TIE ? i - 1 : i;
    if (last - from > best[1] - best[0]) best = [from, last];
    from = i;
    i--;
    if (from >= ties.length) break;
  }
  return best;
}

function check(
  rising: readonly Row[],
  { all, covered, name }: { all: readonly Row[]; covered: number; name: string },
): void {
  const low = rising[0]?.lr ?? 1;
  const high = rising.at(-1)?.lr ?? 1;
  const isWarmUp = covered < all.length / 2 || (isLinear(rising) && !turnsUp(rising));
  if (rising.length >= FEWEST_STEPS && high >= LEAST_FACTOR * low * (1 - 1e-9) && !isWarmUp) return;
  throw new LogError("noRangeTest", {
    where: name,
    expected: `a range test: ${FEWEST_STEPS} steps or more whose rate rises over a power of ten or more`,
    got: inWords(rising, { all, covered, isWarmUp }),
    hint: "the log of a learning rate finder: no rate can be read off losses at rates that were not tried",
  });
}

function inWords(
  rising: readonly Row[],
  { all, covered, isWarmUp }: { all: readonly Row[]; covered: number; isWarmUp: boolean },
): string {
  if (all.length === 0) return "no row with a rate above 0 and a loss";
  if (all.length < FEWEST_STEPS) return `${all.length} ${all.length === 1 ? "row" : "rows"}`;
  const rates = new Set(all.map(({ lr }) => lr));
  if (rates.size === 1) return `a training at one rate, ${formatRate(all[0]!.lr)}`;
  const what = `a training of ${all.length} rows`;
  if (rising.length < 2) return `${what} whose rate does not rise`;
  if (isWarmUp && covered >= all.length / 2) {
    return `${what} whose rate rises by equal steps, ${span(rising)}, and whose loss never turns up, as in a warm-up`;
  }
  if (isWarmUp)
    return `${what}: its rate rises for ${covered} of them only (${span(rising)}), as in a warm-up`;
  return `${what} whose rate rises over ${rising.length} steps, ${span(rising)}`;
}

/** Whether rates lie nearer to a straight line over the steps than to a power of them. */
function isLinear(rows: readonly Row[]): boolean {
  const away = (scale: (lr: number) => number) => {
    const [first, last] = [rows[0]!, rows.at(-1)!];
    const [low, high] = [scale(first.lr), scale(last.lr)];
    const reach = last.step - first.step || 1;
    return rows.reduce(
      (most, { step, lr }) =>
        Math.max(most, Math.abs((scale(lr) - low) / (high - low) - (step - first.step) / reach)),
      0,
    );
  };
  return rows.length > 2 && away((lr) => lr) < away(Math.log);
}

/** Whether the loss rises towards the end by more than its noise. */
function turnsUp(rows: readonly Row[]): boolean {
  const denoised = denoise(rows.map(({ loss }) => loss));
  if (denoised === null || rows.some(({ loss }) => !Number.isFinite(loss))) return true;
  const { smooth, start, lowest, standardError } = denoised;
  const rise = smooth.at(-1)! - lowest.loss;
  const fall = start - lowest.loss;
  const fell = fall > Math.max(3 * standardError, 0.1 * Math.abs(start));
  return rise > Math.max(3 * standardError, fell ? 0.25 * fall : 0.5 * Math.abs(start));
}

function span(rising: readonly Row[]): string {
  return `from ${formatRate(rising[0]!.lr)} to ${formatRate(rising.at(-1)!.lr)}`;
}
