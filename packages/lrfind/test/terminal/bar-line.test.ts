import { describe, expect, test } from "vitest";
import { widthOf } from "../../src/draw/index.js";
import { type BarState, barLine, timeLeft } from "../../src/terminal/bar-line.js";

const STATE: BarState = {
  title: "finding a learning rate",
  detail: "lr 0.0229  loss 0.5760",
  done: 40,
  total: 100,
  secondsLeft: 7.2,
};

test.each([
  [200, "finding a learning rate ████████████░░░░░░░░░░░░░░░░░░ 40/100  8 s left  lr 0.0229  loss 0.5760"],
  [80, "finding a learning rate ██████░░░░░░░░ 40/100  8 s left  lr 0.0229  loss 0.5760"],
  [60, "███████░░░░░░░░░░░ 40/100  8 s left  lr 0.0229  loss 0.5760"],
  [40, "40/100  8 s left  lr 0.0229  loss 0.57…"],
])("at %i columns", (columns, line) => {
  expect(barLine(STATE, columns)).toBe(line);
});

test("is never wider than the terminal, whatever it shows", () => {
  for (const title of ["", "t", "学習率を探す", "x".repeat(300)]) {
    for (const detail of ["", "loss 1", "损失 0.5", "y".repeat(300)]) {
      for (const done of [0, 1, 99, 100, 130]) {
        for (const secondsLeft of [Number.NaN, Number.POSITIVE_INFINITY, 0, 59.2, 100, 1e6]) {
          for (const columns of [1, 10, 20, 40, 60, 80, 200]) {
            const line = barLine({ title, detail, done, total: 100, secondsLeft }, columns);
            expect(widthOf(line)).toBeLessThan(Math.max(2, columns));
          }
        }
      }
    }
  }
});

describe("the time left", () => {
  test.each([
    [0, "0 s left"],
    [0.4, "1 s left"],
    [59.5, "60 s left"],
    [61, "2 min left"],
    [3599, "60 min left"],
    [7201, "3 h left"],
    [Number.NaN, ""],
    [Number.POSITIVE_INFINITY, ""],
    [-1, ""],
  ])("%f seconds: %s", (seconds, text) => {
    expect(timeLeft(seconds)).toBe(text);
  });

  test("is not said at the end, nor before it is known", () => {
    expect(barLine({ ...STATE, done: 100 }, 200)).not.toContain("left");
    expect(barLine({ ...STATE, secondsLeft: Number.NaN }, 200)).not.toContain("left");
  });
});
