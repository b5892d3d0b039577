import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { OptionError } from "../../../src/core/index.js";
import { type DescentOptions, descend, descentToPng, descentToSvg } from "../../../src/plot/index.js";

const square = (w: number) => w * w;

describe("descend", () => {
  test("follows w (1 − 2 lr)^k on w², with the slope given and without", () => {
    for (const lr of [0.02, 0.3, 0.92, 1.06]) {
      const exact = descend({ loss: square, gradient: (w) => 2 * w, lr, start: -2 });
      const measured = descend({ loss: square, lr, start: -2 });
      for (let k = 0; k <= 10; k++) {
        expect(exact.path[k]!.w).toBeCloseTo(-2 * (1 - 2 * lr) ** k, 10);
        // Central differences of a square are exact but for rounding, some 1e-10, which grows as the steps do.
        expect(measured.path[k]!.w).toBeCloseTo(exact.path[k]!.w, 6);
        expect(exact.path[k]!.loss).toBe(square(exact.path[k]!.w));
      }
    }
  });

  // On w² a step multiplies the weight by 1 − 2 lr: past the minimum from 0.5 on, away from it from 1 on.
  test.each([
    [0.02, "creeps"],
    [0.3, "arrives"],
    [0.49, "arrives"],
    [0.92, "bounces"],
    [0.999, "bounces"],
    [1.06, "diverges"],
    [1e200, "diverges"],
  ] as const)("at a rate of %d it %s", (lr, outcome) => {
    expect(descend({ loss: square, lr, start: -2 }).outcome).toBe(outcome);
    expect(descend({ loss: (w) => square(w - 5) + 3, lr, start: 7 }).outcome).toBe(outcome);
  });

  test("the picture spans the bowl that the start lies in", () => {
    const [low, high] = descend({ loss: square, lr: 0.1, start: -2 }).domain;
    expect(low).toBeLessThan(-2);
    expect(high).toBeGreaterThan(2);
    expect(high - low).toBeLessThan(8);
    expect(descend({ loss: square, lr: 0.1, start: -2, domain: [-3, 1] }).domain).toEqual([-3, 1]);
  });
});

describe("a rate that diverges", () => {
  test("is drawn within the axes, as far as three widths of the bowl", async () => {
    const { domain, path } = descend({ loss: square, lr: 1.06, start: -2 });
    for (const { w } of path) expect(w > domain[0] && w < domain[1]).toBe(true);
    expect(await descentToSvg({ loss: square, lr: 1.06, start: -2 })).toContain(">10 steps<");
    // Of a hundred steps, the last lies at 2 · 1.12¹⁰⁰, some 170,000.
    const far = { loss: square, lr: 1.06, start: -2, steps: 100 };
    expect(descend(far).domain[1]).toBeLessThan(12);
    expect(await descentToSvg(far)).toMatch(/>100 steps, \d+ of 101 points outside</);
  });

  test("is said to have left the numbers", async () => {
    expect(await descentToSvg({ loss: (w) => w ** 8, lr: 1, start: 3 })).toContain(
      ">2 steps, then no finite loss, 2 of 3 points outside<",
    );
  });
});

const three: DescentOptions[] = [0.02, 0.92, 1.06].map((lr) => ({ loss: square, lr, start: -2 }));

test("the classic three, as the documentation shows them", async () => {
  const svg = `${await descentToSvg(three)}\n`;
  await expect(svg).toMatchFileSnapshot("references/three.svg");
  expect(readFileSync(join(import.meta.dirname, "../../../../../docs/descent.svg"), "utf8")).toBe(svg);
});

test.each<[string, DescentOptions]>([
  ["a loss without a lowest point", { loss: Math.exp, lr: 1, start: 1 }],
  ["a flat loss", { loss: () => 3, lr: 1, start: 0 }],
  ["a steep one", { loss: (w) => w ** 8, lr: 1, start: 3 }],
  ["one with holes", { loss: (w) => (w > 0 ? Math.log(w) ** 2 : Number.NaN), lr: 0.5, start: 4 }],
  ["tiny weights", { loss: (w) => 1e20 * w * w, lr: 1e-21, start: 1e-10 }],
  ["one step", { loss: square, lr: 0.1, start: 1, steps: 1 }],
])("%s can be drawn", async (_, options) => {
  const svg = await descentToSvg(options);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(svg).toContain('class="start"');
});

test("a title of one's own, and a PNG", async () => {
  expect(await descentToSvg({ ...three[0]!, title: "Mine & yours" })).toContain("Mine &amp; yours");
  const png = await descentToPng(three, { scale: 1 });
  expect(new DataView(png.buffer, png.byteOffset).getUint32(16)).toBe(3 * 380);
});

test.each([
  [{ loss: square, lr: 0, start: 1 }, /lr to be a finite number above 0/],
  [{ loss: square, lr: 0.1 }, /start to be a finite number/],
  [{ loss: 3, lr: 0.1, start: 1 }, /loss to be a function/],
  [
    { loss: () => Number.NaN, lr: 0.1, start: 1 },
    /loss\(start\) to be a finite number, got NaN; try another start/,
  ],
  [{ loss: square, lr: 0.1, start: 1, domain: [2, 1] }, /two weights, the lesser first/],
  [{ loss: square, lr: 0.1, start: 1, step: 3 }, /try steps|try start/],
  [[], /1 to 6 descents/],
  [Array(7).fill(three[0]), /1 to 6 descents/],
])("%j is refused", async (options, message) => {
  const error = await descentToSvg(options as never).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OptionError);
  expect((error as Error).message).toMatch(message);
});
