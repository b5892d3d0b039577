/**
 * How long do the suggesters take on a curve of a million points?
 *
 * Run: npx tsx bench/suggest-speed.ts [points]
 */
import {
  type Curve,
  edge,
  minimum,
  slide,
  smooth,
  steep,
  suggest,
  valley,
} from "../packages/lrfind/src/finder/index.js";

const points = Number(process.argv[2] ?? 1_000_000);
const lr = Array.from({ length: points }, (_, i) => 1e-7 * 1e8 ** (i / points));
const loss = lr.map((rate, i) => 2 - Math.min(1.5, 3 * rate) + Math.max(0, rate - 2) + 0.1 * Math.sin(i * i));
const curve: Curve = { numIt: points, stop: "completed", lr, loss, smoothed: smooth(loss) };

const all = [minimum, steep, valley, slide, edge] as const;
for (const func of all)
  console.log(
    func.name.padEnd(8),
    ms(() => suggest(curve, { suggestFuncs: [func] })),
  );
console.log(
  "all five",
  ms(() => suggest(curve, { suggestFuncs: all })),
);

/** Median wall time of three calls. */
function ms(call: () => unknown): string {
  const times = [0, 1, 2].map(() => {
    const startedAt = performance.now();
    call();
    return performance.now() - startedAt;
  });
  return `${times
    .sort((a, b) => a - b)[1]!
    .toFixed(0)
    .padStart(6)} ms`;
}
