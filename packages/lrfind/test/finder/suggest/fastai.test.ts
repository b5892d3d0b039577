import { describe, expect, it } from "vitest";
import {
  type Curve,
  divergenceWatch,
  minimum,
  slide,
  smooth,
  steep,
  suggest,
  sweepLr,
  valley,
} from "../../../src/finder/index.js";
import { type FastaiCurve, fastaiCurves } from "../recorded.js";

/** The range of the curves with "narrow" in their name; the others have the default one. */
const NARROW = { start: 1e-5, end: 10 };

// The originals compute in float32; their inputs are ours, rounded to it.
function asFloat32({ numIt, lr, loss, smoothed }: FastaiCurve): Curve {
  return {
    numIt,
    stop: "completed",
    lr: lr.map(Math.fround),
    loss,
    smoothed: smoothed.map(Math.fround),
  };
}

function relativeError(a: number, b: number): number {
  return Math.abs(a - b) / Math.abs(b);
}

describe("96 real curves with the answers of fastai's own code", () => {
  it("are all there", () => expect(fastaiCurves).toHaveLength(96));

  it.each(["minimum", "steep", "valley", "slide"] as const)("%s gives the original's answer", (name) => {
    for (const recorded of fastaiCurves) {
      const found = suggest(asFloat32(recorded), { suggestFuncs: [minimum, steep, valley, slide] })[name];
      const { lr, point } = recorded.suggestions[name];
      if (found.lr === null) expect.fail(`${recorded.name}: ${found.reason}`);
      // Neighbouring rates differ by 20 %, so 1e-6 also means: the same index.
      expect(relativeError(found.lr, lr), recorded.name).toBeLessThan(1e-6);
      expect(relativeError(found.point.lr, point[0]), recorded.name).toBeLessThan(1e-6);
      expect(relativeError(found.point.loss, point[1]), recorded.name).toBeLessThan(1e-6);
    }
  });

  it("have the rates of our exponential sweep", () => {
    for (const { lr, numIt, name } of fastaiCurves) {
      const { start, end } = name.includes("narrow") ? NARROW : { start: 1e-7, end: 10 };
      const ours = lr.map((_, i) => sweepLr("exponential", { start, end, numIt }, i));
      const worst = Math.max(...lr.map((rate, i) => relativeError(ours[i]!, rate)));
      expect(worst, name).toBeLessThan(1e-6);
    }
  });

  it("have the smoothed losses of our smoothing", () => {
    for (const { loss, smoothed, name } of fastaiCurves) {
      const ours = smooth(loss);
      const worst = Math.max(...smoothed.map((value, i) => relativeError(ours[i]!, value)));
      // Both average in double precision.
      expect(worst, name).toBeLessThan(1e-12);
    }
  });

  it("end where our divergence rule ends them", () => {
    for (const { loss, numIt, name } of fastaiCurves) {
      const hasDiverged = divergenceWatch();
      const end = smooth(loss).findIndex((value) => hasDiverged(value));
      // A test that makes all its steps may still diverge in the last one.
      const allowed = loss.length < numIt ? [loss.length - 1] : [-1, numIt - 1];
      expect(allowed, name).toContain(end);
    }
  });
});
