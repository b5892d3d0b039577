import { compile, type TopLevelSpec } from "vega-lite";
import { describe, expect, test } from "vitest";
import { figureSpec, toSvg } from "../../../src/plot/index.js";
import { curveOf, pictureCases, resultOf } from "../recorded.js";

const cases = Object.entries(await pictureCases());

// biome-ignore lint/suspicious/noExplicitAny: a specification is JSON, looked into by path
const layersOf = (spec: unknown): any[] => (spec as any).layer;
// biome-ignore lint/suspicious/noExplicitAny: as above
const marksOf = (spec: unknown): any[] => layersOf(spec).at(-1).data.values;
const legendOf = (spec: unknown): string[] => layersOf(spec).at(-1).encoding.fill.scale.domain;

/** Powers differ in their last digit from one version of V8 to the next. */
const rounded = (_: string, value: unknown) =>
  typeof value === "number" ? Number(value.toPrecision(12)) : value;

describe.each(cases)("%s", (name, result) => {
  test("specification", async () => {
    const spec = `${JSON.stringify(figureSpec(result), rounded, 1)}\n`;
    await expect(spec).toMatchFileSnapshot(`references/${name}.vl.txt`);
  });

  test("SVG", async () => {
    await expect(`${await toSvg(result)}\n`).toMatchFileSnapshot(`references/${name}.svg`);
  });

  test("is plain JSON that Vega-Lite takes without a warning", () => {
    const spec = figureSpec(result);
    const warnings: unknown[] = [];
    const note = (...args: unknown[]) => warnings.push(args);
    const logger = { level: () => logger, error: note, warn: note, info: () => 0, debug: () => 0 };
    compile(spec as TopLevelSpec, { logger: logger as never });
    expect(warnings).toEqual([]);
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
  });

  test("no coordinate of the SVG is NaN or infinite", async () => {
    expect(await toSvg(result)).not.toMatch(/NaN|Infinity|undefined|null/);
  });

  test("names every suggester in the legend, with its rate or none", () => {
    const legend = legendOf(figureSpec(result));
    for (const [suggester, { lr }] of Object.entries(result.suggestions)) {
      const entry = legend.find((label) => label.startsWith(`${suggester} `))!;
      if (lr === null) expect(entry).toBe(`${suggester} none`);
      else expect(Number(entry.split(" ")[1])).toBeCloseTo(lr, 2 - Math.floor(Math.log10(lr)));
    }
  });
});

test("a blow-up does not squash the curve, and the subtitle says so", () => {
  const spec = figureSpec(resultOf(curveOf("letter_deep_sgd-seed0")));
  const [low, high] = layersOf(spec)[2].encoding.y.scale.domain;
  expect(low).toBeGreaterThan(3);
  expect(high).toBeLessThan(3.5);
  expect(JSON.stringify(spec.title)).toContain("the loss rose to 4.364e6");
});

test("dots stand on the smoothed curve at the suggested rate", () => {
  const curve = curveOf("letter_mlp_adamw-seed0");
  const lr = Math.sqrt(curve.lr[60]! * curve.lr[61]!);
  const spec = figureSpec({ curve, suggestions: { minimum: { lr, point: { lr: lr * 10, loss: 0 } } } });
  // Half-way in log rate is half-way in loss.
  expect(marksOf(spec)[0].loss).toBeCloseTo((curve.smoothed[60]! + curve.smoothed[61]!) / 2, 12);
});

test("symbols that would cover each other keep their rates and move apart", async () => {
  const { crowded } = await pictureCases();
  const marks = marksOf(figureSpec(crowded!));
  expect(marks.map(({ lr }) => lr)).toEqual(Object.values(crowded!.suggestions).map(({ lr }) => lr));
  expect(new Set(marks.map(({ symbol }) => symbol.toFixed(3))).size).toBe(5);
});

test("the trimmed ends are the first tenth of the steps asked for and the last five", () => {
  const { lr } = curveOf("fm_mlp_sgd-seed0");
  const [trims] = layersOf(figureSpec(resultOf(curveOf("fm_mlp_sgd-seed0"))));
  expect(trims.data.values).toEqual([
    { from: lr[0], to: lr[10] },
    { from: lr[83], to: lr[88] },
  ]);
});

test("a million points are thinned", () => {
  const n = 1_000_000;
  const lr = Array.from({ length: n }, (_, i) => 1e-7 * 1e8 ** (i / n));
  const loss = lr.map((_, i) => 2 - i / n);
  const curve = { numIt: n, stop: "completed", lr, loss, smoothed: loss } as const;
  const spec = figureSpec({ curve, suggestions: {} });
  for (const { data } of layersOf(spec)) expect(data.values.length).toBeLessThanOrEqual(2001);
});

test.each([640, 1200])("the legend takes at most 45 %% of %i pixels, however long a name is", (width) => {
  const curve = curveOf("fm_mlp_sgd-seed0");
  const found = { lr: 1, point: { lr: 1, loss: 1 } };
  const padding = (name: string) =>
    figureSpec({ curve, suggestions: { [name]: found } }, { width }).padding.right;
  // A character less than fits takes 7 pixels less.
  expect(padding("long".repeat(99))).toBeGreaterThan(0.43 * width);
  expect(padding("long".repeat(99))).toBeLessThanOrEqual(0.45 * width);
  expect(padding("short")).toBeLessThan(0.3 * width);
});

test("a wrong size is refused by name", () => {
  const result = resultOf(curveOf("fm_mlp_sgd-seed0"));
  expect(() => figureSpec(result, { width: 100 })).toThrow(/expected width .* in \[640, 8192\], got 100/);
  expect(() => figureSpec(result, { height: Number.NaN })).toThrow(/expected height .* got NaN/);
});
