/** Where a symbol stands, in pixels of the plot (y downwards). */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/**
 * Moves symbols that would cover each other apart, straight up or down, so that each keeps its rate.
 *
 * From left to right each takes the free place nearest to its own: its own, one step up, one down, two up …
 *
 * @param spots - Where the symbols belong.
 * @param options.gap - Size of a step, in pixels; symbols nearer than 0.8 of it, in x and y, are too near.
 * @param options.height - Height of the plot; symbols stay inside where there is room.
 * @returns The places to draw at, in the order of `spots`.
 *
 * @example
 * ```ts
 * spreadMarks([{ x: 9, y: 50 }, { x: 10, y: 50 }], { gap: 16, height: 100 }); // the second at y = 34
 * ```
 */
export function spreadMarks(
  spots: readonly Spot[],
  { gap, height }: { readonly gap: number; readonly height: number },
): Spot[] {
  const placed: Spot[] = [];
  const result: Spot[] = [...spots];
  const isFree = ({ x, y }: Spot) =>
    placed.every((other) => Math.abs(other.x - x) >= 0.8 * gap || Math.abs(other.y - y) >= 0.8 * gap);
  const order = spots.map((_, i) => i).sort((a, b) => spots[a]!.x - spots[b]!.x);
  for (const i of order) {
    const { x, y } = spots[i]!;
    const candidates = Array.from({ length: 2 * spots.length + 1 }, (_, k) => ({
      x,
      y: y + (k % 2 === 1 ? -gap : gap) * Math.ceil(k / 2),
    })).filter((spot) => spot.y >= gap / 2 && spot.y <= height - gap / 2);
    const spot = isFree({ x, y }) ? { x, y } : (candidates.find(isFree) ?? { x, y });
    placed.push(spot);
    result[i] = spot;
  }
  return result;
}
