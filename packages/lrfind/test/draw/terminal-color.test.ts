import { expect, test } from "vitest";
import { terminalColor } from "../../src/draw/index.js";

// The colours of xterm's palette, which terminals agree on: 16 + 36 r + 6 g + b, and greys 8, 18, … 238 from 232.
test.each([
  [0, 0, 0, 16],
  [255, 255, 255, 231],
  [128, 128, 128, 244],
  [8, 8, 8, 232],
  [255, 0, 0, 196],
  [0, 255, 0, 46],
  [0, 0, 255, 21],
  [95, 135, 175, 67],
])("(%d, %d, %d) is colour %d", (red, green, blue, number) => {
  expect(terminalColor(red, green, blue)).toBe(number);
});
