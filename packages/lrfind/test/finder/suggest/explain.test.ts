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
    const [start, threshold] = why["edge"]!.levels!;
    const [low, at] = why["edge"]!.places!;
    expect(start!.loss).toBeGreaterThan(low!.loss);
    expect(at!.loss).toBeGreaterThanOrEqual(threshold!.loss);
    expect(threshold!.loss).toBeGreaterThan(low!.loss);
    if (threshold!.label === "a quarter back")
      expect(threshold!.loss).toBeCloseTo(low!.loss + (start!.loss - low!.loss) / 4, 12);
  });
});

describe("edge's threshold", () => {
  const why = (loss: readonly number[]) => {
    const curve: Curve = {
      numIt: loss.length,
      stop: "completed",
      lr: loss.map((_, i) => 1e-4 * 1.1 ** i),
      loss,
      smoothed: smooth(loss),
    };
    return explain(curve, { suggestFuncs: [edge] })["edge"]!;
  };
  const ramp = (from: number, to: number, steps: number) =>
    Array.from({ length: steps }, (_, i) => from + ((to - from) * i) / steps);

  test("is a quarter of the fall behind the lowest loss", () => {
    const { levels, places } = why([...ramp(2, 1, 60), ...ramp(1, 3, 40)]);
    expect(levels!.map(({ label }) => label)).toEqual(["start", "a quarter back"]);
    expect(places!.map(({ label }) => label)).toEqual(["lowest", "edge"]);
  });

  test("is lower where the loss is low already, and rises before its lowest place", () => {
    const { levels, places } = why([
      ...ramp(2, 0.2, 50),
      ...ramp(0.2, 0.6, 20),
      ...ramp(0.6, 0.1, 30),
      ...ramp(0.1, 0.2, 10),
    ]);
    expect(levels!.map(({ label }) => label)).toEqual(["start", "risen again"]);
    expect(places!.map(({ label }) => label)).toEqual(["dip", "edge"]);
    expect(places![1]!.loss).toBeGreaterThanOrEqual(levels![1]!.loss);
  });

  test("is none where the loss falls to the end", () => {
    const { levels, text } = why(ramp(2, 1, 60));
    expect(levels!.map(({ label }) => label)).toEqual(["start"]);
    expect(text).toContain("did not come back up");
  });

  test("is what does harm where the loss never fell", () => {
    const { levels, places } = why([...ramp(1, 1.001, 50), ...ramp(1, 3, 20)]);
    expect(levels!.map(({ label }) => label)).toEqual(["start", "harm"]);
    expect(places![0]!.loss).toBeLessThanOrEqual(levels![1]!.loss);
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
