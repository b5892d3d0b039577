import { describe, expect, test } from "vitest";
import {
  combineSchedules,
  cosineSchedule,
  flatCos,
  linearSchedule,
  oneCycle,
  oneCycleMomentum,
  sgdr,
  sgdrEpochs,
} from "../../../../src/learner/index.js";

const { cos, PI } = Math;

/** Positions of the steps of a fit of 40, and its end. */
const positions = Array.from({ length: 41 }, (_, i) => i / 40);

/** The cosine annealing of the SGDR paper, equation 5: from `max` at 0 to `min` at 1. */
const annealed = (max: number, min: number, t: number) => min + 0.5 * (max - min) * (1 + cos(PI * t));

describe("simple schedules", () => {
  test("linear is a line", () => {
    for (const p of positions) expect(linearSchedule(2, -3)(p)).toBeCloseTo(2 - 5 * p, 12);
  });

  test("cosine is the annealing of the SGDR paper, up or down", () => {
    for (const p of positions) {
      expect(cosineSchedule(0.1, 1e-6)(p)).toBeCloseTo(annealed(0.1, 1e-6, p), 12);
      expect(cosineSchedule(0.85, 0.95)(p)).toBeCloseTo(annealed(0.85, 0.95, p), 12);
    }
  });
});

describe("combineSchedules", () => {
  test("stretches each schedule over its part, and lets the later one have the border", () => {
    const both = combineSchedules([
      { pct: 0.25, schedule: linearSchedule(0, 1) },
      { pct: 0.75, schedule: linearSchedule(10, 20) },
    ]);
    expect([0, 0.125, 0.25, 0.625, 1].map(both)).toEqual([0, 0.5, 10, 15, 20]);
  });

  test("gives every border that is a whole step to the later part, whatever the parts and the steps", () => {
    // Parts in hundredths, whose sums binary numbers miss: 0.1 + 0.2 lies above 3 / 10.
    for (const n of [10, 20, 50, 100, 700, 1000]) {
      for (let a = 1; a < 99; a++) {
        for (let b = 1; a + b < 100; b += 7) {
          const both = combineSchedules([
            { pct: a / 100, schedule: linearSchedule(0, 1) },
            { pct: b / 100, schedule: linearSchedule(10, 11) },
            { pct: (100 - a - b) / 100, schedule: linearSchedule(20, 21) },
          ]);
          for (const [border, start] of [
            [a, 10],
            [a + b, 20],
          ] as const) {
            if ((border * n) % 100 !== 0) continue;
            const step = (border * n) / 100;
            if (both(step / n) !== start || both((step - 1) / n) >= start) {
              expect.fail(`parts ${a}, ${b} of 100, step ${step} of ${n}: ${both(step / n)}`);
            }
          }
        }
      }
    }
  });

  test("skips a part of nothing, at the start and at the end", () => {
    const only = linearSchedule(0, 1);
    const other = () => Number.NaN;
    for (const segments of [
      [
        { pct: 0, schedule: other },
        { pct: 1, schedule: only },
      ],
      [
        { pct: 1, schedule: only },
        { pct: 0, schedule: other },
      ],
    ]) {
      expect([0, 0.5, 1].map(combineSchedules(segments))).toEqual([0, 0.5, 1]);
    }
  });

  test("refuses parts that are not of one whole", () => {
    const schedule = linearSchedule(0, 1);
    expect(() => combineSchedules([{ pct: 0.5, schedule }])).toThrow(
      "combineSchedules: expected parts in [0, 1] that add up to 1, got [0.5]",
    );
    expect(() =>
      combineSchedules([
        { pct: 1.5, schedule },
        { pct: -0.5, schedule },
      ]),
    ).toThrow("[1.5, -0.5]");
    expect(() => combineSchedules([])).toThrow("got []");
  });
});

describe("oneCycle", () => {
  test("rises by a cosine for pctStart, then falls by one", () => {
    const lrMax = 0.3;
    for (const p of positions) {
      const expected =
        p < 0.25
          ? annealed(lrMax, lrMax / 25, 1 - p / 0.25)
          : annealed(lrMax, lrMax / 1e5, (p - 0.25) / 0.75);
      expect(oneCycle(lrMax)(p)).toBeCloseTo(expected, 12);
    }
  });

  test("takes its own divisors and pctStart", () => {
    const lr = oneCycle(1, { div: 5, divFinal: 100, pctStart: 0.3 });
    expect(lr(0)).toBeCloseTo(0.2, 12);
    expect(lr(0.3)).toBeCloseTo(1, 12);
    expect(lr(1)).toBeCloseTo(0.01, 12);
  });

  test("is at its top on the very step where the rise ends, and never above", () => {
    for (let percent = 1; percent < 100; percent++) {
      const lr = oneCycle(0.3, { pctStart: percent / 100 });
      const flat = flatCos(0.3, { pctStart: percent / 100 });
      for (const n of [100, 300, 1700]) {
        const top = (percent * n) / 100;
        expect(lr(top / n)).toBe(0.3);
        expect(flat(top / n)).toBe(0.3);
        expect(lr((top - 1) / n)).toBeLessThan(0.3);
        expect(lr((top + 1) / n)).toBeLessThan(0.3);
        expect(flat((top + 1) / n)).toBeLessThan(0.3);
      }
    }
  });

  test("moves the momentum the other way", () => {
    for (const p of positions) {
      const expected = p < 0.25 ? annealed(0.95, 0.85, p / 0.25) : annealed(0.85, 0.95, (p - 0.25) / 0.75);
      expect(oneCycleMomentum()(p)).toBeCloseTo(expected, 12);
    }
    expect(oneCycleMomentum([0.9, 0.8, 0.7], 0.5)(0.5)).toBeCloseTo(0.8, 12);
  });
});

describe("flatCos", () => {
  test("stays, then falls by a cosine", () => {
    for (const p of positions) {
      const expected = p < 0.75 ? 0.3 : annealed(0.3, 0.3 / 1e5, (p - 0.75) / 0.25);
      expect(flatCos(0.3)(p)).toBeCloseTo(expected, 12);
    }
  });
});

describe("sgdr", () => {
  test("restarts at the start of each cycle, which is cycleMult times as long as the last", () => {
    // Cycles of 1, 2 and 4 epochs: borders at 1/7 and 3/7.
    const lr = sgdr(0.2, { nCycles: 3, cycleLen: 1 });
    for (const t of [0, 0.1, 0.5, 0.99]) {
      expect(lr(t / 7)).toBeCloseTo(annealed(0.2, 0, t), 12);
      expect(lr((1 + 2 * t) / 7)).toBeCloseTo(annealed(0.2, 0, t), 12);
      expect(lr((3 + 4 * t) / 7)).toBeCloseTo(annealed(0.2, 0, t), 12);
    }
  });

  test("restarts at the first step of each cycle and at no other, for all cycles and steps per epoch", () => {
    for (let nCycles = 1; nCycles <= 10; nCycles++) {
      for (let cycleLen = 1; cycleLen <= 8; cycleLen++) {
        for (const cycleMult of nCycles > 6 ? [1] : [1, 2, 3]) {
          const cycles = { nCycles, cycleLen, cycleMult };
          const epochs = sgdrEpochs(cycles);
          const total = epochs.reduce((a, b) => a + b, 0);
          const lr = sgdr(0.1, cycles);
          for (const stepsPerEpoch of [1, 2, 3, 7, 10, 49, 938]) {
            const n = total * stepsPerEpoch;
            let start = 0;
            for (const length of epochs) {
              const steps = length * stepsPerEpoch;
              const at = (step: number) => lr((start + step) / n);
              const where = `${JSON.stringify({ ...cycles, stepsPerEpoch })}, step ${start}`;
              if (at(0) !== 0.1) expect.fail(`${where}: ${at(0)} is no restart`);
              // The next steps and the last of the cycle, by the paper's equation.
              for (const step of [1, steps >> 1, steps - 1]) {
                const expected = annealed(0.1, 0, step / steps);
                if (step < steps && Math.abs(at(step) - expected) > 1e-12)
                  expect.fail(`${where} + ${step}: ${at(step)}, not ${expected}`);
              }
              start += steps;
            }
          }
        }
      }
    }
  });

  test("counts its epochs, and takes cycles of equal length", () => {
    expect(sgdrEpochs({ nCycles: 3, cycleLen: 2 })).toEqual([2, 4, 8]);
    expect(sgdrEpochs({ nCycles: 3, cycleLen: 2, cycleMult: 1 })).toEqual([2, 2, 2]);
    expect(() => sgdrEpochs({ nCycles: 0, cycleLen: 2 })).toThrow(
      "fitSgdr nCycles: expected a whole number from 1 up, got 0",
    );
  });
});
