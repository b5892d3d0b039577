import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Curve,
  CurveFormatError,
  curveToJson,
  parseCurve,
  smooth,
  suggest,
} from "../../../src/finder/index.js";
import { fastaiCurves } from "../recorded.js";

const good = {
  version: 1,
  numIt: 3,
  stop: "completed",
  lr: [1, 2, 3],
  loss: [3, 2, 1],
  smoothed: [3, 2.5, 2],
};

describe("curve.json", () => {
  it("is version 1, with what JSON has no number for as strings", () => {
    const curve: Curve = {
      numIt: 4,
      stop: "nonFinite",
      lr: [0.1, 0.2, 0.4],
      loss: [1, Number.NEGATIVE_INFINITY, Number.NaN],
      smoothed: [1, Number.POSITIVE_INFINITY, Number.NaN],
    };
    expect(curveToJson(curve)).toBe(`{
  "version": 1,
  "numIt": 4,
  "stop": "nonFinite",
  "lr": [0.1,0.2,0.4],
  "loss": [1,"-Infinity","NaN"],
  "smoothed": [1,"Infinity","NaN"]
}
`);
  });

  it("reads back as the same curve, to the last bit", () => {
    const row = fc.record({
      loss: fc.double(),
      smoothed: fc.double(),
      ratio: fc.double({ min: 1.001, max: 3, noNaN: true }),
    });
    const stops = fc.constantFrom("completed", "diverged", "nonFinite", "aborted");
    fc.assert(
      fc.property(fc.array(row, { maxLength: 50 }), stops, (rows, stop) => {
        let rate = 1e-7;
        const lr = rows.map(({ ratio }) => (rate *= ratio));
        // JSON has no minus zero.
        const [loss, smoothed] = [rows.map((r) => r.loss + 0), rows.map((r) => r.smoothed + 0)];
        const curve: Curve = { numIt: 50, stop, lr, loss, smoothed };
        expect(parseCurve(curveToJson(curve))).toEqual(curve);
      }),
    );
  });

  it("may come as text or as the object parsed from it, with fields of others", () => {
    const { version: _, ...curve } = good;
    expect(parseCurve(JSON.stringify(good))).toEqual(curve);
    expect(parseCurve({ ...good, name: "mine" })).toEqual(curve);
  });

  it("may lack stop and smoothed, as a log from elsewhere does", () => {
    const { stop: _, smoothed: __, ...log } = good;
    expect(parseCurve(log)).toMatchObject({ stop: "completed", smoothed: smooth(good.loss) });
    expect(parseCurve({ ...log, numIt: 9 }).stop).toBe("diverged");
    expect(parseCurve({ ...log, loss: [1, 2, "NaN"] }).stop).toBe("nonFinite");
    for (const recorded of fastaiCurves) {
      const { lr } = suggest(parseCurve(recorded)).valley;
      // The original's rate is in float32.
      expect(lr! / recorded.suggestions.valley.lr).toBeCloseTo(1, 6);
    }
  });

  it.each<[unknown, string, Partial<CurveFormatError>]>([
    ["{ not json", "expected JSON (", { field: "curve" }],
    ["", "expected JSON (", { field: "curve" }],
    [[], "expected a curve object, got []", { field: "curve" }],
    [null, "expected a curve object, got null", { field: "curve" }],
    [{ ...good, version: 2 }, "expected version 1, got 2; try a newer lrfind", { field: "version" }],
    [{ ...good, version: undefined }, "expected version 1, got undefined; try {", { field: "version" }],
    [
      { ...good, stop: "tired" },
      'expected stop to be one of completed, diverged, nonFinite, aborted, got "tired"',
      { field: "stop" },
    ],
    [
      { ...good, numIt: 2 },
      "expected numIt to be an integer, at least the 3 points recorded, got 2",
      { field: "numIt" },
    ],
    [{ ...good, numIt: "3" }, "expected numIt to be an integer", { field: "numIt" }],
    [{ ...good, lr: undefined }, "expected lr to be a list, got undefined", { field: "lr" }],
    [{ ...good, lr: [1, 3, 2] }, "expected lr[2] above lr[1], got 2", { field: "lr", index: 2 }],
    [{ ...good, lr: [1, 1, 2] }, "expected lr[1] above lr[0], got 1", { field: "lr", index: 1 }],
    [{ ...good, lr: [0, 1, 2] }, "expected lr[0] > 0, got 0", { field: "lr", index: 0 }],
    [
      { ...good, lr: [1, 2, "Infinity"] },
      "expected lr[2] above lr[1], got Infinity",
      { field: "lr", index: 2 },
    ],
    [{ ...good, lr: [1, "NaN", 2] }, "expected lr[1] above lr[0], got NaN", { field: "lr", index: 1 }],
    [{ ...good, loss: [1, 2] }, "expected loss to have the 3 values of lr, got 2", { field: "loss" }],
    [
      { ...good, smoothed: [1, 2, 3, 4] },
      "expected smoothed to have the 3 values of lr, got 4",
      { field: "smoothed" },
    ],
    [
      { ...good, loss: [1, null, 2] },
      'expected loss[1] to be a number, "NaN", "Infinity" or "-Infinity", got null',
      { field: "loss", index: 1 },
    ],
    [{ ...good, smoothed: [1, 2, "nan"] }, 'got "nan"', { field: "smoothed", index: 2 }],
  ])("says what is wrong: %j", (json, message, fields) => {
    let error: unknown;
    try {
      parseCurve(json);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(CurveFormatError);
    expect(error).toMatchObject({ ...fields, message: expect.stringContaining(message) });
    expect((error as Error).message).toMatch(/^parseCurve: expected .*, got .*; try /s);
  });

  it("suggest checks a hand-made curve the same way", () => {
    expect(() => suggest({ ...good, lr: [3, 2, 1] } as Curve)).toThrow(
      "suggest: expected lr[1] above lr[0], got 2",
    );
    expect(() => suggest(undefined as never)).toThrow("suggest: expected a curve, got undefined");
  });
});
