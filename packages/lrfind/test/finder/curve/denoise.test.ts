import { expect, test } from "vitest";
import { RandomSequence } from "../../../../engine/src/random/index.js";
import { denoise } from "../../../src/finder/index.js";

/** The mean of the middle two, which are one value for an odd number: by places alone. */
function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const last = sorted.length - 1;
  return (sorted[Math.floor(last / 2)]! + sorted[Math.ceil(last / 2)]!) / 2;
}

// Odd and even numbers of values in the first half and in the first fifth, and 1 and 2 left over by threes.
test.each([16, 17, 18, 20, 22, 24, 30, 40])(
  "noise and start of %i losses are those of their definition",
  (n) => {
    const random = new RandomSequence({ seed: n, stream: "denoise" });
    const losses = Array.from({ length: n }, (_, i) => (i < 3 ? 9 : 2) + random.uniform());
    const shape = denoise(losses);
    if (shape === null) expect.fail("losses that can be read");
    const head = Math.max(5, Math.floor(n / 5));
    const ceiling = 2.5 * medianOf(losses.slice(0, head));
    const clipped = losses.map((loss) => Math.min(loss, ceiling));
    const differences = clipped
      .slice(0, Math.max(8, Math.floor(n / 2)))
      .map((loss, i) => loss - shape.smooth[i]!);
    const centre = medianOf(differences);
    const noise = 1.4826 * medianOf(differences.map((difference) => Math.abs(difference - centre)));
    expect(shape.noise).toBeCloseTo(noise, 12);
    expect(shape.standardError).toBeCloseTo(noise / Math.sqrt(2 * 2.5 * Math.sqrt(Math.PI)), 12);
    expect(shape.start).toBeCloseTo(clipped.slice(0, head).reduce((sum, loss) => sum + loss, 0) / head, 12);
  },
);
