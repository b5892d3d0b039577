import { expect, test } from "vitest";
import { epochsWithin, timeLimit } from "../../src/train/time-limit.js";

test.each([
  [40, 100, 40],
  [40, 1.5, 10],
  [40, 0.15, 1],
  [40, 1e-9, 1],
])("of %i epochs of 150 ms, within %f s: %i", (wanted, maxTime, epochs) => {
  expect(epochsWithin(wanted, { stepMs: 10, steps: 10, maxTime })).toBe(epochs);
});

test("ends a fit behind the first epoch where the time is over, and never behind the last", () => {
  const after = (nEpoch: number, epoch: number) => {
    const { callback, stoppedAfter } = timeLimit(1e-9);
    callback.beforeFit!({} as never);
    try {
      callback.afterEpoch!({ nEpoch, record: { epoch } } as never);
    } catch {
      // The end of a fit is thrown.
    }
    return stoppedAfter();
  };
  expect(after(3, 0)).toBe(1);
  expect(after(3, 1)).toBe(2);
  expect(after(3, 2)).toBeUndefined();
});
