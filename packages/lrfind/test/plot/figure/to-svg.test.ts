import { describe, expect, test } from "vitest";
import { toSvg } from "../../../src/plot/index.js";
import { curveOf, pictureCases, resultOf } from "../recorded.js";

const cases = Object.entries(await pictureCases());

/** The tags of a class, with their attributes. */
const tagsOf = (svg: string, name: string): Record<string, string>[] =>
  [...svg.matchAll(new RegExp(`<[a-zA-Z]+ class="${name}"([^>]*)>`, "g"))].map(([, attributes = ""]) =>
    Object.fromEntries(
      [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!]),
    ),
  );
const textsOf = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);
const legendOf = (svg: string) => textsOf(svg.slice(svg.indexOf('class="legend"')));
/** Where a translated element stands. */
const placeOf = ({ transform = "" }: Record<string, string>) =>
  transform.match(/-?[\d.]+/g)!.map(Number) as [x: number, y: number];
/** The width of the plot's area. */
const plotOf = (svg: string) => {
  const [, width, height] = /<clipPath id="plot0"><rect width="([\d.]+)" height="([\d.]+)"/.exec(svg)!;
  return { width: Number(width), height: Number(height) };
};

describe.each(cases)("%s", (name, result) => {
  test("SVG", async () => {
    await expect(`${await toSvg(result)}\n`).toMatchFileSnapshot(`references/${name}.svg`);
  });

  test("no coordinate of the SVG is NaN or infinite", async () => {
    expect(await toSvg(result)).not.toMatch(/NaN|Infinity|undefined|null/);
  });

  test("names every suggester in the legend, with its rate or none", async () => {
    const legend = legendOf(await toSvg(result));
    for (const [suggester, { lr }] of Object.entries(result.suggestions)) {
      const entry = legend.find((label) => label.startsWith(`${suggester} `))!;
      if (lr === null) expect(entry).toBe(`${suggester} none`);
      else expect(Number(entry.split(" ")[1])).toBeCloseTo(lr, 2 - Math.floor(Math.log10(lr)));
    }
  });
});

test("a blow-up does not squash the curve, and the subtitle says so", async () => {
  const svg = await toSvg(resultOf(curveOf("letter_deep_sgd-seed0")));
  const losses = textsOf(svg)
    .filter((text) => /^\d\.\d+$/.test(text))
    .map(Number);
  expect(Math.max(...losses)).toBeGreaterThan(3);
  expect(Math.max(...losses)).toBeLessThan(3.5);
  expect(svg).toContain("the loss rose to 4.364e6");
});

test("dots stand on the smoothed curve at the suggested rate", async () => {
  const curve = curveOf("letter_mlp_adamw-seed0");
  const lr = Math.sqrt(curve.lr[60]! * curve.lr[61]!);
  const svg = await toSvg({ curve, suggestions: { minimum: { lr, point: { lr: lr * 10, loss: 0 } } } });
  const line = tagsOf(svg, "trimmed")[0]!
    ["d"]!.match(/-?[\d.]+,-?[\d.]+/g)!
    .map((p) => p.split(",").map(Number));
  const [x, y] = placeOf(tagsOf(svg, "dot")[0]!);
  // Half-way in log rate is half-way in loss; coordinates have two decimals.
  expect(x).toBeCloseTo((line[60]![0]! + line[61]![0]!) / 2, 1);
  expect(y).toBeCloseTo((line[60]![1]! + line[61]![1]!) / 2, 1);
});

test("symbols that would cover each other keep their rates and move apart", async () => {
  const { crowded } = await pictureCases();
  const svg = await toSvg(crowded!);
  const symbols = tagsOf(svg, "symbol").map(placeOf);
  expect(symbols.map(([x]) => x)).toEqual(tagsOf(svg, "dot").map((dot) => placeOf(dot)[0]));
  expect(new Set(symbols.map(([, y]) => y)).size).toBe(5);
});

test("the trimmed ends are the first tenth of the steps asked for and the last five", async () => {
  const { lr } = curveOf("fm_mlp_sgd-seed0");
  const svg = await toSvg(resultOf(curveOf("fm_mlp_sgd-seed0")));
  const { width } = plotOf(svg);
  const at = (rate: number) => (width * Math.log(rate / lr[0]!)) / Math.log(lr.at(-1)! / lr[0]!);
  const found = tagsOf(svg, "trim").map(({ x, width }) => [Number(x), Number(x) + Number(width)]);
  const expected = [
    [0, at(lr[10]!)],
    [at(lr[83]!), at(lr[88]!)],
  ];
  expect(found.length).toBe(2);
  for (const [i, end] of expected.entries()) {
    for (const side of [0, 1]) expect(found[i]![side]).toBeCloseTo(end[side]!, 1);
  }
});

test("a million points are thinned", async () => {
  const n = 1_000_000;
  const lr = Array.from({ length: n }, (_, i) => 1e-7 * 1e8 ** (i / n));
  const loss = lr.map((_, i) => 2 - i / n);
  const curve = { numIt: n, stop: "completed", lr, loss, smoothed: loss } as const;
  const svg = await toSvg({ curve, suggestions: {} });
  for (const name of ["raw", "trimmed", "smoothed"]) {
    expect(tagsOf(svg, name)[0]!["d"]!.split("L").length).toBeLessThanOrEqual(2001);
  }
  expect(svg.length).toBeLessThan(400_000);
});

test.each([640, 1200])(
  "the legend takes at most 45 %% of %i pixels, however long a name is",
  async (width) => {
    const curve = curveOf("fm_mlp_sgd-seed0");
    const found = { lr: 1, point: { lr: 1, loss: 1 } };
    const legend = async (name: string) =>
      width - 72 - plotOf(await toSvg({ curve, suggestions: { [name]: found } }, { width })).width;
    // A character less than fits takes at most 11 pixels less.
    expect(await legend("long".repeat(99))).toBeGreaterThan(0.43 * width);
    expect(await legend("long".repeat(99))).toBeLessThanOrEqual(0.45 * width + 1);
    expect(await legend("short")).toBeLessThan(0.3 * width);
  },
);

test("two findings have two areas, one under the other", async () => {
  const finding = resultOf(curveOf("fm_mlp_sgd-seed0"));
  const svg = await toSvg({ groups: [finding, finding] }, { height: 400 });
  expect(svg).toContain('viewBox="0 0 880 800"');
  expect(svg.match(/clipPath id="\w+"/g)).toEqual(['clipPath id="plot0"', 'clipPath id="plot1"']);
});

test("a wrong size is refused by name", async () => {
  const result = resultOf(curveOf("fm_mlp_sgd-seed0"));
  await expect(toSvg(result, { width: 100 })).rejects.toThrow(/expected width .* in \[640, 8192\], got 100/);
  await expect(toSvg(result, { height: Number.NaN })).rejects.toThrow(/expected height .* got NaN/);
});
