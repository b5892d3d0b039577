import { expect, test } from "vitest";
import { relativeError, runWithGradients, values } from "../../numeric.js";

test.each([
  { full: [70_000, 2], small: [2] },
  { full: [65_536, 2], small: [1, 2] },
  { full: [5, 4, 3], small: [3] },
  { full: [5, 4, 3], small: [1, 4, 3] },
  { full: [5, 1, 3], small: [1, 3] },
  { full: [5, 4, 3], small: [1, 1] },
  { full: [5, 4, 3], small: [4, 1] },
  { full: [5, 4, 3], small: [5, 1, 3] },
])("a value of shape $small, broadcast to $full, gets the sum of the gradients", async ({ full, small }) => {
  const { gradients } = await runWithGradients(
    (g, [x, b]) => g.add(x!, b!),
    [values(full), values(small, 1)],
  );
  // Plain loops in double precision over the gradient of the full tensor.
  const expected = new Float64Array(gradients[1]!.data.length);
  const padded = [...full.slice(0, full.length - small.length).map(() => 1), ...small];
  gradients[0]!.data.forEach((value: number | bigint, i: number) => {
    let rest = i;
    let index = 0;
    let stride = 1;
    for (let d = full.length - 1; d >= 0; d--) {
      const at = rest % full[d]!;
      rest = Math.floor(rest / full[d]!);
      if (padded[d] !== 1) index += at * stride;
      stride *= padded[d]!;
    }
    expected[index]! += Number(value);
  });
  expect(gradients[1]!.shape).toEqual(small);
  // A float32 sum of 70 000 terms of both signs that nearly cancel.
  expect(relativeError(gradients[1]!.data as Float32Array, expected)).toBeLessThan(1e-3);
});
