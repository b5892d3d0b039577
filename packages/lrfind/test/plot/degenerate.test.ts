import { describe, expect, it, test } from "vitest";
import { widthOf } from "../../src/draw/index.js";
import { edge, minimum, slide, steep, suggest, valley } from "../../src/finder/index.js";
import { toPng, toSvg, toTerminal } from "../../src/plot/index.js";
import { curveFrom } from "../finder/recorded.js";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const noisy = Array.from({ length: 100 }, (_, i) => 2 + Math.sin(i * i));

/** Curves that a training should not give, and one day does; with what the terminal says first. */
const cases: Record<string, readonly [losses: readonly number[], heading: RegExp]> = {
  "no point": [[], /No step was recorded[\s\S]*No plot: no loss is finite\./],
  "one point": [[2.3], /No plot: one loss makes no curve\./],
  "two points": [[2.3, 2.2], /Completed/],
  constant: [Array(100).fill(2.3), /Completed all 100 steps/],
  "constantly zero": [Array(100).fill(0), /Completed all 100 steps/],
  "constantly tiny": [Array(100).fill(1e-300), /Completed all 100 steps/],
  "NaN at once": [[nan], /No plot: no loss is finite\./],
  "NaN only": [Array(100).fill(nan), /No plot: no loss is finite\./],
  "infinite at once": [[inf, inf], /No plot: no loss is finite\./],
  "NaN after one": [[2.3, nan], /No plot: one loss makes no curve\./],
  negative: [noisy.map((loss) => -loss), /Completed/],
  huge: [[...noisy, 1e300, 1.7e308], /the\s+loss rose to 1\.700e308/],
  noise: [noisy, /Completed/],
};

describe.each(Object.entries(cases))("a curve that is %s", (_, [losses, heading]) => {
  const curve = curveFrom(losses, { numIt: 100 + Math.max(0, losses.length - 100) });
  const suggestions = suggest(curve, { suggestFuncs: [valley, slide, steep, minimum, edge] });
  const result = { curve, suggestions };

  it("is drawn in the terminal at every width, or the text says why not", () => {
    for (const columns of [20, 33, 80, 200]) {
      const text = toTerminal(result, { columns, color: false });
      expect(text).not.toMatch(/NaN|undefined|Infinity/);
      for (const line of text.split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(columns);
    }
    expect(toTerminal(result, { columns: 80, color: false })).toMatch(heading);
  });

  it("is drawn as SVG without a coordinate that is no number", async () => {
    const svg = await toSvg(result);
    expect(svg).toMatch(/^<svg/);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("is drawn as PNG", async () => {
    const png = await toPng(result, { scale: 0.5 });
    expect([...png.subarray(1, 4)]).toEqual([..."PNG"].map((char) => char.charCodeAt(0)));
  });
});

const result = { curve: curveFrom(noisy), suggestions: {} };

test("names and titles of any kind leave an SVG that is XML", async () => {
  const name = '\u001b[31m<b>&"\u0000\u0007学\ud800';
  const svg = await toSvg(
    { ...result, suggestions: { [name]: { lr: 0.1, point: { lr: 0.1, loss: 2 } } } },
    { title: `${name}\ntitle` },
  );
  expect(svg).not.toMatch(/(?![\n\t])\p{Cc}|\p{Cs}/u);
  expect(svg).toContain("&lt;b&gt;&amp;");
  expect(svg).toContain("学 title");
});
