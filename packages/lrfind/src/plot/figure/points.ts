/** More points than this per line are thinned evenly: no screen shows them, and an SVG would be huge. */
const MAX_POINTS = 2000;

/** Losses far off the axis, brought near: renderers choke on coordinates like 1e300, and clipping hides them. */
export function nearby([low, high]: readonly [number, number]): (loss: number) => number {
  const reach = 50 * (high - low);
  return (loss) => Math.min(high + reach, Math.max(low - reach, loss));
}

/** Every k-th element and the last, so that at most MAX_POINTS + 1 remain. */
export function thinned<T>(rows: readonly T[]): T[] {
  const stride = Math.ceil(rows.length / MAX_POINTS);
  return rows.filter((_, i) => stride <= 1 || i % stride === 0 || i === rows.length - 1);
}
