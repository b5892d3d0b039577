import { describe, expect, test } from "vitest";
import {
  type Curve,
  edge,
  explain,
  minimum,
  slide,
  smooth,
  steep,
  suggest,
  suggester,
  valley,
} from "../../../src/finder/index.js";
import { recordedTest } from "../../logs/recorded-test.js";

const suggestFuncs = [valley, slide, steep, minimum, edge];

function curveOf(seed: number): Curve {
  const { lr, loss } = recordedTest({ seed });
  return { numIt: lr.length, stop: "completed", lr, loss, smoothed: smooth(loss) };
}

describe.each([1, 2, 3, 4, 5])("of curve %d", (seed) => {
  const curve = curveOf(seed);
  const why = explain(curve, { suggestFuncs });
  const found = suggest(curve, { suggestFuncs });

  test("every suggester says how it came to its rate", () => {
    expect(Object.keys(why)).toEqual(suggestFuncs.map(({ name }) => name));
  });

  test("what is shown leads to the rate that was suggested", () => {
    const { from, to } = why["valley"]!.interval!;
    expect(found.valley.lr).toBeGreaterThanOrEqual(from);
    expect(found.valley.lr).toBeLessThanOrEqual(to);
    expect(why["slide"]!.interval!.from).toBe(found.slide.lr);
    expect(why["steep"]!.places![0]!.lr).toBe(found.steep.lr);
    expect(why["minimum"]!.places![0]!.lr / 10).toBe(found.minimum.lr);
    expect(why["edge"]!.places!.at(-1)!.lr).toBe(found.edge.lr === null ? 0 : found.edge.point.lr);
    const [start, back] = why["edge"]!.levels!;
    const [lowest, at] = why["edge"]!.places!;
    if (back === undefined) return;
    expect(back.loss).toBeCloseTo(lowest!.loss + (start!.loss - lowest!.loss) / 4, 12);
    expect(at!.loss).toBeGreaterThanOrEqual(back.loss);
  });
});

test("a suggester explains exactly where it suggests", () => {
  const columns = [
    [],
    [1],
    [1, 1],
    [2, 1],
    [1, 2],
    Array(40).fill(1),
    Array.from({ length: 40 }, (_, i) => i),
    [Number.NaN, 1, 2],
  ];
  for (const loss of columns as number[][]) {
    const lr = loss.map((_, i) => 1e-4 * 1.2 ** i);
    const curve: Curve = {
      numIt: Math.max(6, loss.length),
      stop: "completed",
      lr,
      loss,
      smoothed: smooth(loss),
    };
    const found = suggest(curve, { suggestFuncs });
    const why = explain(curve, { suggestFuncs });
    for (const { name } of suggestFuncs)
      expect(name in why, `${name} of ${loss}`).toBe(found[name as "edge"].lr !== null);
  }
});

test("one of one's own may explain itself, with its options, or not", () => {
  const mine = suggester("mine", () => ({ lr: 1, point: { lr: 1, loss: 1 } }), {
    defaults: { times: 1 },
    explain: (_, { times }) => ({ text: `${times}` }),
  });
  const silent = suggester("silent", () => ({ lr: 1, point: { lr: 1, loss: 1 } }));
  expect(explain(curveOf(1), { suggestFuncs: [mine.with({ times: 3 }), silent] })).toEqual({
    mine: { text: "3" },
  });
});
